"""Folding a journal anew beside the records that stand, and putting those in their place.

Nobody waits for it but at the very end: what was appended meanwhile is caught up, and the
last of it under the head's lock, in the transaction that makes the new records the read ones.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Final

from sqlalchemy import Connection, Table, delete, select, tuple_

from assay.adapters.sql.database import Database, JournalBusy
from assay.adapters.sql.filling import Filling
from assay.adapters.sql.heads import Heads
from assay.adapters.sql.memory import Memory
from assay.adapters.sql.projection import Changed
from assay.adapters.sql.subjects import count_events
from assay.adapters.sql.tables import lists, places, projections, records, subjects
from assay.app.ports import EntryPage
from assay.governance.events import Event, read_entry
from assay.governance.projection import Fold
from assay.tlog.merkle import leaf_hash

Pages = Callable[[int], Iterator[EntryPage]]

_CHUNK: Final = 40_000
"""Entries, or rows, to a transaction: others can append between two of them."""

_FEW: Final = 500
"""Entries that may be caught up while everybody waits."""


def rebuild(database: Database, heads: Heads, pages: Pages, fold: Fold) -> int:
    """Make a space's records anew from its entries; how many entries were folded.

    A rebuild that is killed leaves rows that nobody reads, which the next one removes.

    Raises:
        JournalBusy: another rebuild of the space began, and took over.
        VerificationFailed: an entry is not an event.
    """
    _sweep(database)
    with database.alone() as connection:
        projection = heads.begin_projection(connection)
    building = _Building(database, projection, fold)
    building.fill(pages)
    while _size(database, heads) - building.size > _FEW:
        with database.writing() as connection:
            building.catch_up(connection, pages, building.size + _CHUNK)
    with database.writing() as connection:
        head = heads.claim(connection)
        building.catch_up(connection, pages, head.edge.size)
        heads.replace_projection(connection, projection)
    _sweep(database)
    database.survey()
    return building.size


class _Building:
    """A projection that is being built, beside the one that is read.

    Attributes:
        size: how many entries were folded into it so far.
    """

    def __init__(self, database: Database, projection: int, fold: Fold) -> None:
        self._database = database
        self._projection = projection
        self._fold = fold
        self.size = 0

    def fill(self, pages: Pages) -> None:
        """Fold what there is in memory, and write it in bulk."""
        filling = Filling(
            self._database, self._projection, self._fold, check=self._demand_own, chunk=_CHUNK
        )
        with _without_collector():
            for page in pages(0):
                events = map(self._read, page.indices, page.data, page.leaf_hashes)
                filling.take(zip(page.indices, events, strict=True))
                self.size += len(page)
            filling.finish()

    def catch_up(self, connection: Connection, pages: Pages, size: int) -> None:
        """Fold further entries up to a size, as an append does, within a transaction."""
        self._demand_own(connection)
        changed = Changed(connection, self._projection, self._fold, Memory())
        touched: list[str] = []
        for entry in islice(chain.from_iterable(pages(self.size)), size - self.size):
            event = self._read(entry.index, entry.data, entry.leaf_hash)
            changed.apply(event, entry.index)
            touched.append(event.subject)
        changed.write(self._database)
        if touched:
            count_events(connection, self._projection, touched, {})
        self.size += len(touched)

    def _read(self, index: int, data: bytes, leaf: bytes) -> Event:
        if leaf_hash(data) != leaf:
            raise self._database.damaged(f"Entry {index} has not the hash stored with it.")
        return read_entry(data)

    def _demand_own(self, connection: Connection) -> None:
        own = select(projections.c.id).where(projections.c.id == self._projection)
        if connection.scalar(own.with_for_update()) is None:
            raise JournalBusy(
                "Another rebuild began meanwhile, and goes on instead of this one.",
                where=self._database.where,
                remedy="Wait for the other.",
            )


@contextmanager
def _without_collector() -> Generator[None]:
    """Look for no cycles meanwhile: a fold makes none, and each search goes through all it kept.

    That takes a fifth of the time. What other threads leave in cycles is found afterwards.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _size(database: Database, heads: Heads) -> int:
    with database.reading() as connection:
        return heads.read(connection).edge.size


def _sweep(database: Database) -> None:
    """Remove the rows of projections that are no more, a few at a time."""
    for table, key in (
        (records, (records.c.place, records.c.valid_from)),
        (places, (places.c.list, places.c.key)),
        (lists, (lists.c.kind, lists.c.parent)),
        (subjects, (subjects.c.subject,)),
    ):
        while gone := _gone(database, table):
            some = select(*key).where(table.c.projection == gone).limit(_CHUNK)
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
