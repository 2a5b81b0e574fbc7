"""Folding a journal anew beside the records that stand, and putting those in their place.

Nobody waits for it but at the very end: what was appended meanwhile is caught up, and the
last of it under the head's lock, in the transaction that makes the new records the read ones.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Table, delete, select, tuple_

from assay.adapters.sql.database import Database, JournalBusy
from assay.adapters.sql.heads import Heads
from assay.adapters.sql.projection import Changed
from assay.adapters.sql.records import Standing, find_standing
from assay.adapters.sql.subjects import count_events
from assay.adapters.sql.tables import projections, records, subjects
from assay.app.ports import Entry
from assay.governance.events import parse_entry
from assay.governance.projection import Fold

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
        self._recent: OrderedDict[tuple[str, str], Standing] = OrderedDict()
        self._known: set[int] = set()
        self.size = 0

    def take(self, entries: Entries) -> None:
        """Fold the next entries, in a transaction of their own."""
        some = list(islice(entries(self.size), _CHUNK))
        with self._database.writing() as connection:
            self._demand_own(connection)
            self._fold_all(connection, some)

    def catch_up(self, connection: Connection, entries: Entries, size: int) -> None:
        """Fold what is left up to a size, within a transaction."""
        self._demand_own(connection)
        self._fold_all(connection, list(islice(entries(self.size), size - self.size)))

    def _fold_all(self, connection: Connection, some: list[Entry]) -> None:
        def find(kind: str, key: str) -> Standing | None:
            return self._find(connection, kind, key)

        changed = Changed(self._projection, self._fold, find)
        touched: list[str] = []
        for entry in some:
            event = parse_entry(entry.data)
            changed.apply(event, entry.index)
            touched.append(event.subject)
        changed.write(self._database, connection)
        count_events(connection, self._projection, touched, {})
        self._remember(changed)
        self.size += len(some)

    def _find(self, connection: Connection, kind: str, key: str) -> Standing | None:
        found = self._recent.get((kind, key))
        if found is None and hash((kind, key)) in self._known:
            found = find_standing(connection, self._projection, kind, key)
        return found

    def _remember(self, changed: Changed) -> None:
        for place, standing in changed.standing():
            self._recent[place] = standing
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
