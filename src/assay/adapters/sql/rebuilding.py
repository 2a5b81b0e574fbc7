"""Folding a journal anew beside the records that stand, and putting those in their place.

Nobody waits for it but at the very end: what was appended meanwhile is caught up, and the
last of it under the head's lock, in the transaction that makes the new records the read ones.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Table, delete, select, tuple_

from assay.adapters.sql.database import Database, JournalBusy
from assay.adapters.sql.heads import Heads
from assay.adapters.sql.projection import Changed, Now, Place
from assay.adapters.sql.records import Standing, find_standing
from assay.adapters.sql.subjects import count_events
from assay.adapters.sql.tables import projections, records, subjects
from assay.app.ports import Entry
from assay.governance.events import Event, read_entry
from assay.governance.projection import Fold
from assay.tlog.merkle import leaf_hash

Entries = Callable[[int], Iterator[Entry]]

_CHUNK: Final = 20_000
"""Entries to a transaction: on SQLite others can append between two of them."""

_REMEMBERED: Final = 50_000
_SWEPT: Final = 20_000


def rebuild(database: Database, heads: Heads, entries: Entries, fold: Fold) -> int:
    """Make a space's records anew from its entries; how many entries were folded.

    A rebuild that is killed leaves rows that nobody reads, which the next one removes.

    Raises:
        JournalBusy: another rebuild of the space began, and took over.
        VerificationFailed: an entry is not an event.
    """
    _sweep(database)
    with database.alone() as connection:
        projection = heads.begin_projection(connection)
    folding = _Folding(database, projection, fold)
    while folding.size < _size(database, heads):
        folding.take(entries)
    folding.count()
    with database.writing() as connection:
        head = heads.claim(connection)
        folding.catch_up(connection, entries, head.edge.size)
        heads.replace_projection(connection, projection)
    _sweep(database)
    return folding.size


class _Folding:
    """A projection that is being built.

    Records that changed lately are remembered, and of every other one that it exists: most
    that an event makes are new, and need not be looked for.
    """

    def __init__(self, database: Database, projection: int, fold: Fold) -> None:
        self._database = database
        self._projection = projection
        self._fold = fold
        self._recent: OrderedDict[Place, Now] = OrderedDict()
        self._known: set[int] = set()
        self._counts: Counter[str] = Counter()
        self.size = 0

    def take(self, entries: Entries) -> None:
        """Fold the next entries, in a transaction of their own."""
        some = list(islice(entries(self.size), _CHUNK))
        with self._database.writing() as connection:
            self._demand_own(connection)
            self._fold_all(connection, some)

    def count(self) -> None:
        """Write how many events each subject has had so far."""
        rows = [(self._projection, name, count) for name, count in self._counts.items()]
        self._counts.clear()
        with self._database.writing() as connection:
            self._demand_own(connection)
            self._database.insert(connection, subjects, rows)

    def catch_up(self, connection: Connection, entries: Entries, size: int) -> None:
        """Fold what is left up to a size, within a transaction."""
        self._demand_own(connection)
        self._fold_all(connection, list(islice(entries(self.size), size - self.size)))
        count_events(self._database, connection, self._projection, self._counts.elements(), {})

    def _fold_all(self, connection: Connection, some: list[Entry]) -> None:
        def find(kind: str, key: str) -> Standing | None:
            return self._find(connection, kind, key)

        changed = Changed(self._projection, self._fold, find)
        for entry in some:
            event = self._read(entry)
            changed.apply(event, entry.index)
            self._counts[event.subject] += 1
        changed.write(self._database, connection)
        self._remember(changed)
        self.size += len(some)

    def _read(self, entry: Entry) -> Event:
        if leaf_hash(entry.data) != entry.leaf_hash:
            raise self._database.damaged(f"Entry {entry.index} has not the hash stored with it.")
        return read_entry(entry.data)

    def _find(self, connection: Connection, kind: str, key: str) -> Standing | None:
        recent = self._recent.get((kind, key))
        if recent is not None:
            return Standing(recent.stored.record, recent.valid_from)
        if hash((kind, key)) in self._known:
            return find_standing(connection, self._projection, kind, key)
        return None

    def _remember(self, changed: Changed) -> None:
        for place, now in changed.standing():
            self._recent[place] = now
            self._recent.move_to_end(place)
            self._known.add(hash(place))
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _demand_own(self, connection: Connection) -> None:
        own = select(projections.c.id).where(projections.c.id == self._projection)
        if connection.scalar(own.with_for_update()) is None:
            raise JournalBusy(
                "Another rebuild began meanwhile, and goes on instead of this one.",
                where=self._database.where,
                remedy="Wait for the other.",
            )


def _size(database: Database, heads: Heads) -> int:
    with database.reading() as connection:
        return heads.read(connection).edge.size


def _sweep(database: Database) -> None:
    """Remove the rows of projections that are no more, a few at a time."""
    for table, key in (
        (records, (records.c.kind, records.c.key, records.c.valid_from)),
        (subjects, (subjects.c.subject,)),
    ):
        while gone := _gone(database, table):
            some = select(*key).where(table.c.projection == gone).limit(_SWEPT)
            with database.writing() as connection:
                connection.execute(
                    delete(table).where(table.c.projection == gone, tuple_(*key).in_(some))
                )


def _gone(database: Database, table: Table) -> int | None:
    """A projection that has rows in a table, and is neither read nor being built."""
    known = select(projections.c.id)
    query = select(table.c.projection).where(table.c.projection.not_in(known)).limit(1)
    with database.reading() as connection:
        return connection.scalar(query)
