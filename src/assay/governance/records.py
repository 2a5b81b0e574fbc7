"""Records as they are and as they were: how they are read, and a few of them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assay.governance.events import Event
from assay.governance.fold import Record, fold
from assay.governance.projection import changes


class Records(Protocol):
    """Where folded records are read; a journal is one."""

    def record(self, kind: str, key: str, *, at: int | None = None) -> Record | None:
        """A record as it is now, or as it was before the event of index `at`."""
        ...

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), in key order."""
        ...


class FoldedRecords:
    """The records that events fold to, each with the indices at which it changed."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], list[tuple[int, Record]]] = {}

    def apply(self, event: Event, index: int) -> None:
        """Fold one more event, later than those before."""
        for change in changes(fold, event, index, self.record):
            record = change.record
            self._versions.setdefault((record.kind, record.key), []).append((index, record))

    def record(self, kind: str, key: str, *, at: int | None = None) -> Record | None:
        """A record as it is now, or as it was before the event of index `at`."""
        versions = self._versions.get((kind, key), [])
        standing = [record for index, record in versions if at is None or index < at]
        return standing[-1] if standing else None

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), in key order."""
        for known, key in sorted(self._versions):
            record = self.record(known, key, at=at) if known == kind else None
            if record is not None and parent in {None, record.parent}:
                yield record
