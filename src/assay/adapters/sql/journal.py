"""The journal in SQL: events, their tree's right edge, and records, in one transaction."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from types import TracebackType
from typing import Final, Self

from sqlalchemy import bindparam, select

from assay.adapters.appending import can_be_kept, check_names, check_times
from assay.adapters.sql.checkpoints import (
    checkpoint_pages,
    keep_checkpoint,
    last_checkpoint,
    stored_frontier,
)
from assay.adapters.sql.database import Database
from assay.adapters.sql.heads import Heads
from assay.adapters.sql.memory import Memories
from assay.adapters.sql.projection import Changed
from assay.adapters.sql.rebuilding import rebuild
from assay.adapters.sql.records import read_record, record_history, record_pages
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.subjects import count_events, read_revisions, subject_pages
from assay.adapters.sql.tables import entries
from assay.app.ports import Entry, EntryPage, Head
from assay.errors import InvalidArgument
from assay.governance.events import Event, parse_entry
from assay.governance.fold import Record
from assay.governance.projection import Fold
from assay.tlog.merkle import Frontier, leaf_hash

_PAGE: Final = 1_000

_ENTRIES: Final = Statement(
    select(entries.c["index"], entries.c.data, entries.c.leaf_hash)
    .where(entries.c.space == bindparam("space"), entries.c["index"] >= bindparam("start"))
    .order_by(entries.c["index"])
    .limit(_PAGE)
)
_ENTRY: Final = Statement(
    select(entries.c.data).where(
        entries.c.space == bindparam("space"), entries.c["index"] == bindparam("number")
    )
)


class SqlJournal:
    """A journal of one space, in a database that may hold many.

    Attributes:
        where: its database, without secrets.

    Args:
        database: with its tables made.
        fold: what makes records of events.
        fold_version: of the fold; records that an earlier version made are made anew.
        space: whose journal it is.
        read_only: whether nothing may be changed.
        create: whether to begin an empty journal for a space that has none.

    Raises:
        SpaceMissing: it has none, and none may be begun.
        ProjectionTooNew: a later version of the fold made its records.
    """

    def __init__(
        self,
        database: Database,
        *,
        fold: Fold,
        fold_version: int,
        space: str,
        read_only: bool,
        create: bool,
    ) -> None:
        self.where = database.where
        self._database = database
        self._fold = fold
        self._heads = Heads.of(database, space, fold_version=fold_version, create=create)
        self._space = self._heads.space
        self._memories = Memories()
        if not read_only and self._heads.outdated():
            self.rebuild()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def append(self, events: Sequence[Event], *, expected: Mapping[str, int]) -> tuple[int, ...]:
        """Append in order in one transaction; see the port for what it promises."""
        data = [event.entry() for event in events]  # Before the lock is taken, not under it.
        leaves = [leaf_hash(item) for item in data]
        check_names([event.subject for event in events])
        with self._database.writing() as connection:
            head = self._heads.locked(connection)
            check_times(events, since=head.time)
            touched = (event.subject for event in events)
            count_events(connection, head.projection, touched, expected)
            memory = self._memories.at(head)
            changed = Changed(connection, head.projection, self._fold, memory)
            indices = range(head.edge.size, head.edge.size + len(events))
            for index, event in zip(indices, events, strict=True):
                changed.apply(event, index)
            spaces = repeat(self._space, len(events))
            rows = list(zip(spaces, indices, data, leaves, strict=True))
            self._database.insert(connection, entries, rows)
            changed.write(self._database)
            self._heads.move(connection, head.edge.extend(leaves), events[-1].time)
        self._memories.keep(memory, projection=head.projection, size=indices.stop)
        return tuple(indices)

    def head(self) -> Head:
        """The committed head."""
        with self._database.reading() as connection:
            head = self._heads.read(connection)
        return Head(size=head.edge.size, root=head.edge.root, time=head.time)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Committed entries from `start`, in order, exactly as stored (not yet trusted)."""
        for page in self.pages(start):
            yield from page

    def pages(self, start: int = 0) -> Iterator[EntryPage]:
        """The same in pages; what is not stored as bytes ends them."""
        full = True
        while full:
            with self._database.reading() as connection:
                rows = _ENTRIES.rows(connection, {"space": self._space, "start": start})
            full = len(rows) == _PAGE
            if rows:
                page = EntryPage(*zip(*rows, strict=True))
                sound = _sound(page)
                if sound:
                    yield page[:sound]
                    start = page.indices[sound - 1] + 1
                if sound < len(page):
                    raise self._database.damaged(f"Entry {start} is not stored as bytes.")

    def index_at(self, time: datetime) -> int:
        """How many entries are not later than an instant; found by halving, as times ascend."""
        with self._database.reading() as connection:
            size = self._heads.read(connection).edge.size

            def time_of(index: int) -> datetime:
                rows = _ENTRY.rows(connection, {"space": self._space, "number": index})
                if not rows or type(rows[0][0]) is not bytes:
                    raise self._database.damaged(f"Entry {index} is missing.")
                return parse_entry(rows[0][0]).time

            return bisect_right(range(size), time, key=time_of)

    def frontier(self, size: int) -> Frontier:
        """The right edge at a committed size, as stored (not yet trusted)."""
        with self._database.reading() as connection:
            return stored_frontier(connection, self._space, size, database=self._database)

    def revision(self, subject: str) -> int:
        """How many events a subject has."""
        if not can_be_kept(subject):
            return 0
        with self._database.reading() as connection:
            live = self._heads.live(connection)
            return read_revisions(connection, live, [subject]).get(subject, 0)

    def subjects(self) -> Iterator[tuple[str, int]]:
        """Every subject with its count of events, by name."""
        return subject_pages(self._database, self._heads.live)

    def record(
        self, kind: str, key: str, parent: str = "", /, *, at: int | None = None
    ) -> Record | None:
        """A record below a parent, now or when the journal had `at` entries."""
        names = kind, parent, key
        if not all(map(can_be_kept, names)):
            return None
        with self._database.reading() as connection:
            return read_record(connection, self._heads.live(connection), names, at=at)

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), by parent and key."""
        if not (can_be_kept(kind) and can_be_kept(parent or "")):
            return iter(())
        return record_pages(self._database, self._heads.live, kind, parent=parent, at=at)

    def history(self) -> Generator[tuple[int, Record]]:
        """Every change of a record with the index of its event, by index and names."""
        return record_history(self._database, self._heads.live)

    def rebuild(self) -> int:
        """Fold every entry anew beside the records that stand, then put those in their place."""
        return rebuild(self._database, self._heads, self.pages, self._fold)

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint note of a committed size; durable when it returns."""
        with self._database.writing() as connection:
            if not 0 <= size <= self._heads.locked(connection).edge.size:
                raise InvalidArgument(f"No {size} entries are committed.")
            edge = stored_frontier(connection, self._space, size, database=self._database)
            keep_checkpoint(connection, self._space, edge, note)

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Every kept checkpoint (size, note), by ascending size."""
        return checkpoint_pages(self._database, self._space)

    def last_checkpoint(self) -> tuple[int, bytes] | None:
        """The kept checkpoint of the largest size."""
        with self._database.reading() as connection:
            return last_checkpoint(connection, self._space)


def _sound(page: EntryPage) -> int:
    """How many of the first entries are numbers and bytes, which SQLite does not enforce."""
    columns = (page.indices, int), (page.data, bytes), (page.leaf_hashes, bytes)
    if all(set(map(type, column)) == {kind} for column, kind in columns):
        return len(page)
    return next(
        place
        for place in range(len(page))
        if any(type(column[place]) is not kind for column, kind in columns)
    )
