"""Records that an append left behind, known to the next one if nobody wrote in between."""

from __future__ import annotations

from collections import deque
from typing import Final

from assay.adapters.sql.heads import StoredHead
from assay.adapters.sql.records import Standing
from assay.governance.fold import Names

_BYTES: Final = 16 * 1024 * 1024
"""After which what was used longest ago is forgotten."""

_OVERHEAD: Final = 256
"""Bytes for a record beside its value, or for the knowledge that there is none."""


class Memory:
    """Records as they stand at a head; whoever holds it is the only one to use it.

    Attributes:
        records: what is known, None where it is known that there is no such record.
        last: the last place that is taken, None if that is not known.
        asked: the kinds that the fold has ever asked for; no other is worth to remember.
    """

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.records: dict[Names, Standing | None] = {}
        self.last: int | None = None
        self._bytes = 0

    def put(self, names: Names, standing: Standing | None) -> None:
        """Take note of how a record of a kind that is asked for stands."""
        self.forget(names)
        self.records[names] = standing
        self._bytes += _size(standing)

    def trim(self) -> None:
        """Forget what was used longest ago."""
        while self._bytes > _BYTES:
            self.forget(next(iter(self.records)))

    def forget(self, names: Names) -> None:
        """Know nothing of a record any more."""
        if names in self.records:
            self._bytes -= _size(self.records.pop(names))


class Memories:
    """The memory of one journal object between two of its appends, safe for threads."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, int, Memory]] = deque(maxlen=1)

    def at(self, head: StoredHead) -> Memory:
        """What is known of the records at a head that is locked: nothing if it has moved."""
        try:
            projection, size, memory = self._kept.pop()
        except IndexError:
            return Memory()
        same = (projection, size) == (head.projection, head.edge.size)
        return memory if same else Memory()

    def keep(self, memory: Memory, *, projection: int, size: int) -> None:
        """Keep what is known once the transaction that moved the head to a size is committed."""
        memory.trim()
        self._kept.append((projection, size, memory))


def _size(standing: Standing | None) -> int:
    return _OVERHEAD + (len(standing.value) if standing else 0)
