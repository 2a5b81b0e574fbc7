"""Runs one command within limits, and does not let it outlive whoever asked for it.

This is a script for an interpreter of its own, isolated and without packages, so it knows
nothing of Assay. Limits are set in the fork of a process with one thread, which is safe, as it
would not be in the caller's. Where the command has its own process namespace, this is process 1
there: it buries orphans, and when it ends, so does every other process.

Usage: launcher.py LIMITS ROOM PROGRAM [ARGUMENT...], with LIMITS as JSON, such as
{"RLIMIT_CPU": 60}, and ROOM the command's private folder. Standard input is a pipe on which
nothing is written: it closes when the caller ends, and should it be killed, the command is too,
and its folder, with its copy of people's data, is removed.
The exit status is the command's, or 128 and the number of the signal that ended it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

_CANNOT_EXECUTE: Final = 126
_SIGNALLED: Final = 128


def main(limits: Mapping[str, int], room: str, command: Sequence[str]) -> int:
    """Run the command and return the exit status to end with."""
    child = os.fork()
    if child == 0:
        _become(limits, command)
    threading.Thread(target=_end_with_caller, args=[room], daemon=True).start()
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _SIGNALLED - code


def _become(limits: Mapping[str, int], command: Sequence[str]) -> NoReturn:
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for name, limit in limits.items():
            _limit(getattr(resource, name), limit)
        os.execv(command[0], list(command))  # noqa: S606 - the point of it: no shell
    except (OSError, ValueError) as error:
        os.write(2, f"{command[0]} cannot be executed: {error}\n".encode())
    os._exit(_CANNOT_EXECUTE)


def _limit(which: int, limit: int) -> None:
    _, most = resource.getrlimit(which)
    # The soft limit on time sends a signal that says why; the hard one, a second on, kills.
    hard = limit + (which == resource.RLIMIT_CPU)
    if most != resource.RLIM_INFINITY:
        limit, hard = min(limit, most), min(hard, most)
    resource.setrlimit(which, (limit, hard))


def _end_with_caller(room: str) -> None:
    while os.read(0, 1):
        pass
    shutil.rmtree(room, ignore_errors=True)
    os.kill(0, signal.SIGKILL)  # the process group
    os._exit(_SIGNALLED + signal.SIGKILL)  # process 1 of a namespace is not killed from within


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]))
