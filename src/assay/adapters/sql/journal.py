"""The journal in SQL: events, their tree's right edge, and records, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, bindparam, insert, select, update

from assay.adapters.appending import check_times
from assay.adapters.sql.checkpoints import (
    checkpoint_pages,
    keep_checkpoint,
    last_checkpoint,
    stored_frontier,
)
from assay.adapters.sql.database import Database
from assay.adapters.sql.projection import Projection, read_record, record_history, record_pages
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.subjects import count_events, read_revisions, subject_pages
from assay.adapters.sql.tables import entries, heads
from assay.app.ports import Entry, Head
from assay.errors import EnvironmentUnavailable, InvalidArgument
from assay.evidence.instants import instant_text, parse_instant
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold
from assay.tlog.merkle import Frontier, leaf_hash

_PAGE: Final = 500

_STANDING: Final = select(heads.c.size, heads.c.frontier, heads.c.time).where(
    heads.c.id == bindparam("space")
)
_HEAD: Final = Statement(_STANDING)
_LOCKED_HEAD: Final = Statement(_STANDING.with_for_update())
"""SQLite has no such clause and needs none: a writer holds the whole database already."""

_MOVE_HEAD: Final = Statement(
    update(heads)
    .where(heads.c.id == bindparam("of_space"))
    .values(size=bindparam("grown"), frontier=bindparam("edge"), time=bindparam("last"))
)
_INSERT: Final = Statement(insert(entries), columns=["space", "index", "data", "leaf_hash"])
_ENTRIES: Final = Statement(
    select(entries.c["index"], entries.c.data, entries.c.leaf_hash)
    .where(entries.c.space == bindparam("space"), entries.c["index"] >= bindparam("start"))
    .order_by(entries.c["index"])
    .limit(_PAGE)
)


class SpaceMissing(EnvironmentUnavailable):
    """The database has no journal of that space."""

    code = "journal.space-missing"


@dataclass(frozen=True, slots=True)
class _Head:
    edge: Frontier
    time: datetime | None


class SqlJournal:
    """A journal of one space, in a database that may hold many.

    Args:
        database: with its tables made.
        fold: what makes records of events.
        space: whose journal it is.
        create: whether to begin an empty journal for a space that has none.
    """

    def __init__(self, database: Database, *, fold: Fold, space: str, create: bool) -> None:
        self._database = database
        self._fold = fold
        self._space = self._find_space(space, create=create)

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
        with self._database.writing() as connection:
            head = self._head(connection, lock=True)
            check_times(events, since=head.time)
            touched = (event.subject for event in events)
            count_events(connection, self._space, touched, expected)
            projection = Projection(connection, self._space, self._fold)
            indices = range(head.edge.size, head.edge.size + len(events))
            for index, event in zip(indices, events, strict=True):
                projection.apply(event, index)
            rows = [
                {"space": self._space, "index": index, "data": item, "leaf_hash": leaf}
                for index, item, leaf in zip(indices, data, leaves, strict=True)
            ]
            _INSERT.run(connection, rows)
            projection.write()
            self._move_head(connection, head.edge.extend(leaves), events[-1].time)
        return tuple(indices)

    def head(self) -> Head:
        """The committed head."""
        with self._database.reading() as connection:
            head = self._head(connection)
        return Head(size=head.edge.size, root=head.edge.root, time=head.time)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Committed entries from `start`, in order, exactly as stored (not yet trusted)."""
        while True:
            with self._database.reading() as connection:
                rows = _ENTRIES.rows(connection, {"space": self._space, "start": start})
            for index, data, leaf in rows:
                if type(index) is not int or type(data) is not bytes or type(leaf) is not bytes:
                    raise self._database.damaged(f"Entry {start} is not stored as bytes.")
                yield Entry(index=index, data=data, leaf_hash=leaf)
                start = index + 1
            if len(rows) < _PAGE:
                return

    def frontier(self, size: int) -> Frontier:
        """The right edge at a committed size, as stored (not yet trusted)."""
        with self._database.reading() as connection:
            return stored_frontier(connection, self._space, size, database=self._database)

    def revision(self, subject: str) -> int:
        """How many events a subject has."""
        with self._database.reading() as connection:
            return read_revisions(connection, self._space, [subject]).get(subject, 0)

    def subjects(self) -> Iterator[tuple[str, int]]:
        """Every subject with its count of events, by name."""
        return subject_pages(self._database, self._space)

    def record(self, kind: str, key: str, *, at: int | None = None) -> Record | None:
        """A record as it is now, or as it was when the journal had `at` entries."""
        with self._database.reading() as connection:
            return read_record(connection, self._space, kind, key, at=at)

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Records of a kind (below a parent), in key order."""
        return record_pages(self._database, self._space, kind, parent=parent, at=at)

    def history(self) -> Iterator[tuple[int, Record]]:
        """Every change of a record with the index of its event, by index, kind and key."""
        return record_history(self._database, self._space)

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint note of a committed size; durable when it returns."""
        with self._database.writing() as connection:
            if not 0 <= size <= self._head(connection, lock=True).edge.size:
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

    def _find_space(self, name: str, *, create: bool) -> int:
        wanted = select(heads.c.id).where(heads.c.space == name)
        with self._database.reading() as connection:
            found: int | None = connection.scalar(wanted)
        if found is None and create:
            with self._database.writing() as connection:
                found = connection.scalar(wanted)  # Unless another process was faster.
                if found is None:
                    connection.execute(insert(heads).values(space=name, size=0, frontier=b""))
                    found = connection.scalar(wanted)
        if found is None:
            raise SpaceMissing(f"There is no journal of {name!r}.", where=self._database.where)
        return found

    def _head(self, connection: Connection, *, lock: bool = False) -> _Head:
        query = _LOCKED_HEAD if lock else _HEAD
        try:
            ((size, edge, time),) = query.rows(connection, {"space": self._space})
            return _Head(Frontier.from_bytes(size, edge), time and parse_instant(time))
        except (TypeError, ValueError) as error:
            raise self._database.damaged("The journal's head is not one.") from error

    def _move_head(self, connection: Connection, edge: Frontier, time: datetime) -> None:
        moved = {"grown": edge.size, "edge": edge.to_bytes(), "last": instant_text(time)}
        _MOVE_HEAD.run(connection, [{"of_space": self._space, **moved}])
