"""How far the platform can close a process off: Linux namespaces, by util-linux's `unshare`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import Final

_NO_NETWORK: Final = ("--map-current-user", "--net")
_OWN_PROCESSES: Final = ("--pid", "--fork", "--kill-child", "--mount-proc")
_PROBE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What a command is put into.

    Attributes:
        prefix: words in front of the command; none where the platform can do nothing.
        own_processes: whether it sees no other process, and none of its own outlives it.
    """

    prefix: tuple[str, ...] = ()
    own_processes: bool = False

    @property
    def network_closed(self) -> bool:
        """Whether no network can be reached, this machine's own services included."""
        return bool(self.prefix)


@cache
def isolation() -> Isolation:
    """The closest that works here; tried once, since containers often forbid what exists."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return Isolation()
    for flags, own_processes in ((_NO_NETWORK + _OWN_PROCESSES, True), (_NO_NETWORK, False)):
        prefix = (unshare, *flags, "--")
        if _works(prefix):
            return Isolation(prefix=prefix, own_processes=own_processes)
    return Isolation()


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603 - fixed words, no shell
            [*prefix, sys.executable, "-I", "-S", "-c", ""],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
