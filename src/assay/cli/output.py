"""What the terminal shows: painted text, errors, progress, and reports in several formats."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

import typer

from assay.errors import AssayError, EnvironmentUnavailable

Renderer = Callable[[], str]

_CODES: Final = {"bad": "31", "unsure": "33", "good": "32", "faint": "2", "bold": "1"}


class ReportUnwritable(EnvironmentUnavailable):
    """A report cannot be written to the file that was named for it."""

    code = "report.unwritable"


def paint(stream: TextIO) -> Callable[[str, str], str]:
    """Painting for a stream: colours on a terminal that wants them, else plain text."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return lambda text, _style: text
    return lambda text, style: f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def columns() -> int:
    """How wide text may be: the terminal's width, within what reads well."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))


def emit(wanted: Sequence[str], renderers: Mapping[str, Renderer]) -> None:
    """Write a report in each wanted format, `NAME` to standard output or `NAME=FILE`.

    Raises:
        ReportUnwritable: a file cannot be written; those before it are.
    """
    for item in wanted or ("text",):
        name, _, file = item.partition("=")
        text = renderers[name]()
        if not file:
            sys.stdout.write(text)
            continue
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportUnwritable(
                f"The report cannot be written: {error.strerror}.",
                where=file,
                remedy="Name a file in a folder that exists. What the command recorded stands.",
            ) from error


def show_error(error: AssayError) -> None:
    """Print an error on standard error: its code and place, what is wrong, what to do."""
    style = paint(sys.stderr)
    problems: Sequence[AssayError] = getattr(error, "problems", ()) or (error,)
    for problem in problems:
        place = f"  {problem.where}" if problem.where is not None else ""
        lines = [f"{style(problem.code, 'bad')}{place}", f"  {problem.what}"]
        if problem.remedy:
            lines.append(f"  {problem.remedy}")
        sys.stderr.write("\n".join(lines) + "\n")


def show_misuse(error: typer.TyperException) -> None:
    """Print what was wrong with the command line, with the command's usage where it has one."""
    show: Callable[[], None] | None = getattr(error, "show", None)
    if show is None:
        sys.stderr.write(f"{error.format_message()}\n")
    else:
        show()


class Progress:
    """A line on standard error: redrawn on a terminal after a second, every 10 s elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._next = self._started + (1.0 if self._terminal else 10.0)
        self._drawn = False

    def __call__(self, fraction: float) -> None:
        """Show the fraction done, if it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.1 if self._terminal else 10.0)
        start, end = ("\r", "") if self._terminal else ("", "\n")
        sys.stderr.write(f"{start}{self._label}: {fraction:4.0%}{end}")
        sys.stderr.flush()
        self._drawn = True

    def close(self) -> None:
        """Clear the line on a terminal."""
        if self._drawn and self._terminal:
            sys.stderr.write("\r\x1b[K")
