"""One command in its own group of processes: bounded, watched, and ended with all it started."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from assay.adapters.predictor.isolation import Isolation
from assay.adapters.predictor.limits import Limits
from assay.errors import NotEvaluated

SHOWN_BYTES: Final = 2000
"""How much of the end of a command's output is kept."""

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_POLL_SECONDS: Final = 0.05
_DRAIN_SECONDS: Final = 1.0
_SIGNALLED: Final = 128
_MEMORY_WORDS: Final = ("memoryerror", "bad_alloc", "cannot allocate", "outofmemory")
_SUPPLY: Final = "or score the rows beforehand and name their column in `score`."


class CommandMissing(NotEvaluated):
    """There is no such program."""

    code = "predict.command-missing"


class CommandFailed(NotEvaluated):
    """The command ended with another status than 0."""

    code = "predict.failed"


class CommandTimedOut(NotEvaluated):
    """The command took too long, by the clock or by the processor's time."""

    code = "predict.timeout"


class CommandOutOfMemory(NotEvaluated):
    """The command wanted more memory than it may have."""

    code = "predict.out-of-memory"


def find_program(name: str, folder: Path, *, where: str) -> str:
    """The absolute path of a program: below the folder if it has a slash, else on PATH.

    Raises:
        CommandMissing: it is not there, or may not be executed.
    """
    found = shutil.which(folder / name if os.sep in name else name)
    if found is None:
        raise CommandMissing(
            f"The program {name!r} is not there, or may not be executed.",
            where=where,
            remedy="Activate the environment that has it, or write its path from the "
            "manifest's folder, such as ./score.sh.",
        )
    return os.path.abspath(found)  # noqa: PTH100 - a virtual environment's link stays a link


def run_command(
    command: Sequence[str],
    *,
    folder: Path,
    room: Path,
    environment: Mapping[str, str],
    limits: Limits,
    isolation: Isolation,
    where: str,
) -> None:
    """Run a command to its end; nothing that it started lives on.

    A process that leaves its group can escape only where `isolation` has no own processes.

    Args:
        command: an absolute path, and arguments.
        folder: the working directory.
        room: the command's private folder, removed at once should this program be killed.
        environment: all of it.
        limits: what it may use.
        isolation: what it is put into.
        where: the command as its author wrote it, for messages.

    Raises:
        NotEvaluated: it did not end by itself with status 0; the end of its output is shown.
    """
    resources = json.dumps(limits.resources(own_namespace=isolation.own_processes))
    script = [sys.executable, "-I", "-S", str(_LAUNCHER), resources, str(room)]
    launch = [*isolation.prefix, *script, *command]
    with _group(launch, folder, environment) as process, _Output(process) as output:
        ended = _watch(process, output, seconds=limits.wall_seconds)
        _kill(process)
        output.drain()
    if not ended:
        took = f"was stopped after {limits.wall_seconds:g} seconds"
        raise _timed_out(took, output.text(), where)
    if process.returncode != 0:
        raise _failure(process.returncode, output.text(), limits, where)


@contextmanager
def _group(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Generator[subprocess.Popen[bytes]]:
    # Nothing is written to the input: that it closes tells the launcher that we are gone.
    with subprocess.Popen(  # noqa: S603 - the manifest's command is run on purpose, no shell
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The group keeps its number as long as a member lives, even one that nobody waits for.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class _Output:
    """The last bytes that a process and its children write, read as they come."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.closed = False
        self._stream: IO[bytes] = process.stdout  # type: ignore[assignment]  # it is a pipe
        self._tail = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stream, selectors.EVENT_READ)

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def read(self, seconds: float) -> None:
        """Take what is there, waiting for it no longer than that."""
        if not self._selector.select(seconds):
            return
        chunk = os.read(self._stream.fileno(), 1 << 16)
        self.closed = not chunk
        self._tail += chunk
        del self._tail[:-SHOWN_BYTES]

    def drain(self) -> None:
        """Take what is left of processes that are being killed."""
        end = time.monotonic() + _DRAIN_SECONDS
        while not self.closed and time.monotonic() < end:
            self.read(_POLL_SECONDS)

    def text(self) -> str:
        """The last lines, fit for a terminal."""
        text = self._tail.decode("utf-8", "replace").strip()
        return "".join(
            c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text
        )


def _watch(process: subprocess.Popen[bytes], output: _Output, *, seconds: float) -> bool:
    """Whether the process ends in time; its output is read meanwhile."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if output.closed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(left)
        else:
            output.read(min(left, _POLL_SECONDS))
        if process.poll() is not None:
            return True
    return False


def _failure(code: int, output: str, limits: Limits, where: str) -> NotEvaluated:
    status = code if code > 0 else _SIGNALLED - code  # a signal ended the launcher itself
    if status == _SIGNALLED + signal.SIGXCPU:
        took = f"used more than {limits.cpu_seconds} seconds of processor time"
        return _timed_out(took, output, where)
    # Nobody but the system kills with this signal here, and it does so for want of memory.
    killed = status == _SIGNALLED + signal.SIGKILL
    if killed or any(word in output.lower() for word in _MEMORY_WORDS):
        limit = f"{limits.memory_bytes / (1 << 30):.3g} GiB"
        return CommandOutOfMemory(
            f"The command seems to have run out of memory; each of its processes may have {limit}."
            f"{_shown(output)}",
            where=where,
            remedy=f"Let it score the rows in batches, {_SUPPLY}",
        )
    return CommandFailed(
        f"The command ended with {_status(status)}.{_shown(output)}",
        where=where,
        remedy="Run it by hand, with ASSAY_ROWS naming the rows and ASSAY_SCORES a file to write.",
    )


def _timed_out(took: str, output: str, where: str) -> CommandTimedOut:
    return CommandTimedOut(
        f"The command {took}.{_shown(output)}",
        where=where,
        remedy=f"Make it faster, or evaluate fewer rows, {_SUPPLY}",
    )


def _status(status: int) -> str:
    try:
        return f"signal {signal.Signals(status - _SIGNALLED).name}"
    except ValueError:
        return f"status {status}"


def _shown(output: str) -> str:
    return f" Its last words:\n{output}" if output else " It wrote nothing to the terminal."
