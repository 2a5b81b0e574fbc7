"""A journal and a blob store in memory: whole adapters, for tests and for trying things out.

Nothing here outlives the process; everything else that the ports promise holds.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Final

from assay.adapters.appending import check_names, check_revisions, check_times
from assay.adapters.blobs import BlobAbsent, check_digest
from assay.adapters.tile_store import CHECKPOINT, TileAbsent, TileConflict
from assay.app.ports import CheckpointReplaced, Entry, EntryPage, Head
from assay.errors import InvalidArgument
from assay.evidence.canonical import digest as sha256
from assay.governance.events import Event, parse_entry
from assay.governance.fold import Names, Record
from assay.governance.projection import Fold, changes
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.tiles import Tile

_PUBLISHING = threading.Lock()

_PAGE: Final = 500

Versions = dict[Names, list[tuple[int, Record]]]


class MemoryJournal:
    """A journal in lists, safe for threads.

    Args:
        fold: what makes records of events.
    """

    def __init__(self, *, fold: Fold) -> None:
        self._fold = fold
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._edge = Frontier()
        self._time: datetime | None = None
        self._subjects: Counter[str] = Counter()
        self._versions: Versions = {}
        self._checkpoints: dict[int, bytes] = {}

    def append(self, events: Sequence[Event], *, expected: Mapping[str, int]) -> tuple[int, ...]:
        """Append in order, all or nothing; see the port for what it promises."""
        data = [event.entry() for event in events]
        check_names([event.subject for event in events])
        with self._lock:
            check_times(events, since=self._time)
            check_revisions(expected, self._subjects)
            first = len(self._entries)
            changed = self._folded(events, first)
            added = [
                Entry(index=first + offset, data=item, leaf_hash=leaf_hash(item))
                for offset, item in enumerate(data)
            ]
            self._entries += added
            self._edge = self._edge.extend(entry.leaf_hash for entry in added)
            self._time = events[-1].time
            self._subjects.update(event.subject for event in events)
            for key, versions in changed.items():
                self._versions.setdefault(key, []).extend(versions)
        return tuple(entry.index for entry in added)

    def head(self) -> Head:
        """The committed head."""
        with self._lock:
            return Head(size=self._edge.size, root=self._edge.root, time=self._time)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Committed entries from `start`, in order."""
        index = start
        while index < len(self._entries):
            yield self._entries[index]
            index += 1

    def pages(self, start: int = 0) -> Iterator[EntryPage]:
        """Committed entries from `start`, in pages."""
        source = self.entries(start)
        while page := list(islice(source, _PAGE)):
            yield EntryPage(
                tuple(entry.index for entry in page),
                tuple(entry.data for entry in page),
                tuple(entry.leaf_hash for entry in page),
            )

    def index_at(self, time: datetime) -> int:
        """How many entries are not later than an instant."""
        return bisect_right(self._entries, time, key=lambda entry: parse_entry(entry.data).time)

    def frontier(self, size: int) -> Frontier:
        """The right edge of the tree at a committed size."""
        if not 0 <= size <= len(self._entries):
            raise InvalidArgument(f"No {size} entries are committed.")
        return Frontier().extend(entry.leaf_hash for entry in self._entries[:size])

    def revision(self, subject: str) -> int:
        """How many events a subject has."""
        return self._subjects[subject]

    def subjects(self) -> Iterator[tuple[str, int]]:
        """Every subject with its count of events, by name."""
        return iter(sorted(self._subjects.items()))

    def record(
        self, kind: str, key: str, parent: str = "", /, *, at: int | None = None
    ) -> Record | None:
        """A record below a parent, now or when the journal had `at` entries."""
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

    def history(self) -> Generator[tuple[int, Record]]:
        """Every change of a record with the index of its event, by index and names."""
        every = [change for versions in self._versions.values() for change in versions]
        every.sort(key=lambda change: (change[0], change[1].names))
        yield from every

    def rebuild(self) -> int:
        """Fold every entry anew, and put what comes out in place of what is there."""
        with self._lock:
            standing, self._versions = self._versions, {}
            try:
                events = [parse_entry(entry.data) for entry in self._entries]
                standing = self._folded(events, 0)
            finally:
                self._versions = standing
        return len(events)

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint note of a committed size."""
        with self._lock:
            if not 0 <= size <= len(self._entries):
                raise InvalidArgument(f"No {size} entries are committed.")
            self._checkpoints[size] = note

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Every kept checkpoint (size, note), by ascending size."""
        return iter(sorted(self._checkpoints.items()))

    def last_checkpoint(self) -> tuple[int, bytes] | None:
        """The kept checkpoint (size, note) of the largest size."""
        return max(self._checkpoints.items(), default=None)

    def _folded(self, events: Sequence[Event], first: int) -> Versions:
        # Kept apart until every event was folded: a fold that raises leaves nothing behind.
        changed: Versions = {}

        def standing(kind: str, key: str, parent: str = "") -> Record | None:
            new = changed.get((kind, parent, key))
            return new[-1][1] if new else self.record(kind, key, parent)

        for index, event in enumerate(events, first):
            for change in changes(self._fold, event, index, standing):
                check_names(change.names)
                changed.setdefault(change.names, []).append((index, change.record))
        return changed


class MemoryBlobs:
    """Content by SHA-256 in a dictionary."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep content and return its digest (hex)."""
        digest = sha256(data)
        self._contents[digest] = bytes(data)
        return digest

    def get(self, digest: str) -> bytes:
        """The content; raises BlobAbsent or MalformedDigest."""
        check_digest(digest)
        if digest not in self._contents:
            raise BlobAbsent(f"No content with SHA-256 {digest} is stored.")
        return self._contents[digest]

    def has(self, digest: str) -> bool:
        """Whether the content is present; raises MalformedDigest."""
        check_digest(digest)
        return digest in self._contents

    def erase(self, digest: str) -> None:
        """Take content away; raises MalformedDigest."""
        check_digest(digest)
        self._contents.pop(digest, None)


class MemoryTiles:
    """A published log in a dictionary, safe for threads that publish at once.

    Args:
        published: what is there; two stores with the same one are two ways to one place.
    """

    def __init__(self, published: dict[str, bytes] | None = None) -> None:
        self.published: dict[str, bytes] = {} if published is None else published
        self._read_last: bytes | None = None

    @contextmanager
    def locked(self) -> Generator[None]:
        """Wait for nobody; see `set_checkpoint`."""
        yield

    def checkpoint(self) -> bytes | None:
        """The published note, or None before the first."""
        self._read_last = self.published.get(CHECKPOINT)
        return self._read_last

    def set_checkpoint(self, note: bytes) -> None:
        """Publish a note in place of the one that was read last; raises CheckpointReplaced."""
        with _PUBLISHING:
            if self.published.get(CHECKPOINT) != self._read_last:
                raise CheckpointReplaced("Another one published meanwhile.")
            self.published[CHECKPOINT] = self._read_last = note

    def read(self, tile: Tile) -> bytes:
        """A tile's or bundle's bytes; raises TileAbsent."""
        try:
            return self.published[tile.path]
        except KeyError as error:
            raise TileAbsent("A tile of the published log is missing.", where=tile.path) from error

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Keep tiles or bundles; raises TileConflict where other bytes are."""
        for tile, data in tiles:
            if self.published.setdefault(tile.path, bytes(data)) != data:
                raise TileConflict("A tile is there with other bytes.", where=tile.path)

    def drop_partial(self, tiles: Iterable[Tile]) -> None:
        """Take away what was kept of these full tiles while they were not full."""
        for tile in tiles:
            for name in [name for name in self.published if name.startswith(f"{tile.path}.p/")]:
                self.published.pop(name, None)
