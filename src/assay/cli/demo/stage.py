"""Where the demo is played: it prints each command, runs it for real, and says why."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from assay.cli.output import columns, paint
from assay.errors import NotEvaluated

Run = Callable[[list[str]], int]
"""Runs one command of the program and returns its exit code."""

REPORTS: Final = Path("reports")


class Diverged(NotEvaluated):
    """A command of the demo ended otherwise than its story says."""

    code = "demo.diverged"


class Stage:
    """Prints narration and commands, and runs the commands in the current folder."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._style = paint(sys.stdout)
        self._reports = 0

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        print(f"\n{self._style(f'── {title} ' + '─' * (columns() - len(title) - 4), 'bold')}")

    def say(self, text: str) -> None:
        """Narrate, wrapped to the terminal."""
        print(f"\n{textwrap.fill(text, columns(), break_on_hyphens=False)}\n", flush=True)

    def python(self, script: str) -> None:
        """Run a script of the folder with this interpreter.

        Raises:
            Diverged: it failed.
        """
        self.show(f"python {script}")
        # One thread: the models are too small for more to help.
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        ended = subprocess.run(  # noqa: S603 - a script that the demo itself laid out
            [sys.executable, script], check=False, capture_output=True, text=True, env=environment
        )
        print(ended.stdout, end="", flush=True)
        if ended.returncode != 0:
            raise Diverged(f"{script} failed.", where=script, remedy=ended.stderr.strip())

    def assay(self, *arguments: str, ends: int) -> None:
        """Run a command of the program, as its users do.

        Raises:
            Diverged: its exit code is not `ends`.
        """
        command = shlex.join(["assay", *arguments])
        self.show(command)
        code = self._run(list(arguments))
        sys.stderr.flush()
        print(self._style(f"(exit {code})", "faint"), flush=True)
        if code != ends:
            raise Diverged(
                f"`{command}` ended with exit code {code}, and the story needs {ends}.",
                remedy="Other versions of the packages in environment.txt may give other figures; "
                "what is printed above is what they gave.",
            )

    def judged(self, *arguments: str, ends: int) -> Any:
        """Run a command that prints a gate's report; return the report's JSON twin."""
        return self.recorded(*arguments, "--format", "text", ends=ends)

    def recorded(self, *arguments: str, ends: int) -> Any:
        """Run a command that writes a gate's report as JSON; return that."""
        self._reports += 1
        REPORTS.mkdir(exist_ok=True)
        path = REPORTS / f"{self._reports}.json"
        self.assay(*arguments, "--format", f"json={path}", ends=ends)
        return json.loads(path.read_text(encoding="utf-8"))

    def show(self, command: str) -> None:
        """Print a command as one would type it."""
        print(self._style(f"$ {command}", "bold"), flush=True)
