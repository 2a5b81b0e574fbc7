"""What a model's command may use before it is stopped."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

WALL_SECONDS: Final = 600


def _cpu_seconds() -> int:
    # All processors for all the time: one process never needs more, and one that escapes ends.
    return WALL_SECONDS * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on a command; all but the first hold for each of its processes.

    Attributes:
        wall_seconds: how long it may take.
        cpu_seconds: processor time, of all threads together.
        memory_bytes: private memory that can be written to. Address space is not limited:
            numerical libraries reserve much of it and use little.
        file_bytes: the size of a file that it writes.
        threads: processes and threads that live at once; counted only where the command has
            a namespace of its own, since elsewhere the user's other programs count too, and
            never for root.
    """

    wall_seconds: float = WALL_SECONDS
    cpu_seconds: int = field(default_factory=_cpu_seconds)
    memory_bytes: int = 4 << 30
    file_bytes: int = 4 << 30
    threads: int = 4096

    def resources(self, *, own_namespace: bool) -> dict[str, int]:
        """The limits that the system keeps, by the names of `resource`."""
        limits = {
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
        }
        return {**limits, "RLIMIT_NPROC": self.threads} if own_namespace else limits
