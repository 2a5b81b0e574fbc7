"""Records as they are and as they were: how they are read, and a few of them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assay.governance.events import Event
from assay.governance.fold import DECISION, VERSION, Names, Record, fold
from assay.governance.projection import changes


class Records(Protocol):
    """Where folded records are read; a journal is one."""

    def record(
        self, kind: str, key: str, parent: str = "", /, *, at: int | None = None
    ) -> Record | None:
        """A record below a parent as it is now, or as it was before the event of index `at`."""
        ...

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), by parent and key."""
        ...


def read_version(records: Records, key: str, *, at: int | None = None) -> Record | None:
    """The record of a version by the key that `version_key` makes."""
    system, _, _ = key.rpartition("/")
    return records.record(VERSION, key, system, at=at)


def last_decision(records: Records, version: Record, *, at: int | None = None) -> Record | None:
    """The record of the decision that a version's own names as its last."""
    key = version.value.get("decision")
    return records.record(DECISION, key, version.key, at=at) if isinstance(key, str) else None


class FoldedRecords:
    """The records that events fold to, each with the indices at which it changed."""

    def __init__(self) -> None:
        self._versions: dict[Names, list[tuple[int, Record]]] = {}

    def apply(self, event: Event, index: int) -> None:
        """Fold one more event, later than those before."""
        for change in changes(fold, event, index, self.record):
            record = change.record
            self._versions.setdefault(record.names, []).append((index, record))

    def record(
        self, kind: str, key: str, parent: str = "", /, *, at: int | None = None
    ) -> Record | None:
        """A record below a parent as it is now, or as it was before the event of index `at`."""
        versions = self._versions.get((kind, parent, key), [])
        standing = [record for index, record in versions if at is None or index < at]
        return standing[-1] if standing else None

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), by parent and key."""
        for known, below, key in sorted(self._versions):
            if known == kind and parent in {None, below}:
                record = self.record(kind, key, below, at=at)
                if record is not None:
                    yield record
