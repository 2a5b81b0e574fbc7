"""A whole journal folded in memory, and written in bulk.

Versions of records are added in the order of events, which is that of their table. Names are
not: each would change a page of its own in an index. So they are held, and written sorted.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, select

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.names import Names, is_child
from assay.adapters.sql.records import Standing
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import children, places, records, subjects
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold, Stored, folded

_REMEMBERED: Final = 50_000
"""Records, those that changed last, that are looked up in memory."""

_HELD: Final = 500_000
"""New records whose names are held, in about 250 MB; then they are written."""

_ONE: Final = Statement(
    select(records.c.parent, records.c.value)
    .where(records.c.projection == bindparam("projection"), records.c.place == bindparam("place"))
    .order_by(records.c.valid_from.desc())
    .limit(1)
)

Check = Callable[[Connection], None]
Row = tuple[Any, ...]


class Filling:
    """The records that a whole journal folds to, as they are written.

    Of each record it remembers at which place its versions are; those that changed lately and
    are of a kind that the fold ever asks for are kept whole.

    Args:
        database: in which they are written.
        projection: to which they belong.
        fold: what makes records of events.
        check: refuses to write on if another has taken over; run in each transaction.
        chunk: rows to a transaction.
    """

    def __init__(
        self, database: Database, projection: int, fold: Fold, *, check: Check, chunk: int
    ) -> None:
        self._database = database
        self._projection = projection
        self._fold = fold
        self._check = check
        self._chunk = chunk
        self._asked: set[str] = set()
        self._recent: OrderedDict[Names, Stored] = OrderedDict()
        self._places: dict[bytes, int] = {}
        self._counts: Counter[str] = Counter()
        self._versions: list[Row] = []
        self._unwritten: dict[int, Row] = {}
        self._named: list[Row] = []
        self._below: list[Row] = []
        self._moved: set[Row] = set()

    def take(self, told: Iterable[tuple[int, Event]]) -> None:
        """Fold events, each with its index, and write the versions that they make."""
        counts, fold, lookup = self._counts, self._fold, self._lookup
        for index, event in told:
            counts[event.subject] += 1
            for record in folded(fold, event, index, lookup):
                self._keep(record, index)
            if len(self._versions) >= self._chunk:
                self._write_versions()
                if len(self._named) >= _HELD:
                    self._write_names()

    def finish(self) -> None:
        """Write what is still held; nothing is taken after that."""
        self._write_versions()
        self._write_names()
        for row in self._moved:
            self._write_moved(row)
        own, counts = self._projection, self._counts
        self._write(subjects, [(own, name, counts[name]) for name in sorted(counts)])

    def _keep(self, record: Record, index: int) -> None:
        names = record.kind, record.key
        known = self._recent.get(names)
        if known is not None and known.tells(record):
            return
        made = Stored(record)
        number = _digest(*names)
        place = self._places.get(number)
        if place is None:
            place = self._places[number] = len(self._places) + 1
            self._name(made, place)
        else:
            standing = known or self._read(names, place)
            if standing.equals(made):
                return
            if standing.parent != made.parent:
                check_names([made.parent])
                self._moved.add(self._child(made, place))
        row = self._projection, place, index, *names, made.parent, made.value
        self._versions.append(row)
        self._unwritten[place] = row
        if record.kind in self._asked:
            self._remember(made)

    def _name(self, made: Stored, place: int) -> None:
        check_names((*made.names, made.parent))
        self._named.append((self._projection, *made.names, place))
        if made.parent:
            self._below.append(self._child(made, place))

    def _child(self, made: Stored, place: int) -> Row:
        kind, key = made.names
        return self._projection, kind, made.parent, key, place

    def _remember(self, made: Stored) -> None:
        self._recent[made.names] = made
        self._recent.move_to_end(made.names)
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _lookup(self, kind: str, key: str) -> Record | None:
        self._asked.add(kind)
        known = self._recent.get((kind, key))
        if known is not None:
            return known.made  # The events were read from bytes, so there is no tuple in it.
        place = self._places.get(_digest(kind, key))
        return None if place is None else self._read((kind, key), place).record

    def _read(self, names: Names, place: int) -> Standing:
        unwritten = self._unwritten.get(place)
        if unwritten is not None:
            return Standing(*names, unwritten[-2], place, unwritten[-1])
        with self._database.reading() as connection:
            where = {"projection": self._projection, "place": place}
            ((parent, value),) = _ONE.rows(connection, where)
        return Standing(*names, parent, place, value)

    def _write_versions(self) -> None:
        self._write(records, self._versions)
        self._versions.clear()
        self._unwritten.clear()

    def _write_names(self) -> None:
        for table, rows in (places, self._named), (children, self._below):
            rows.sort()
            self._write(table, rows)
            rows.clear()

    def _write_moved(self, row: Row) -> None:
        """List a record under a parent that is not its first, unless it was there before."""
        with self._database.writing() as connection:
            self._check(connection)
            if not is_child(connection, *row[:-1]):
                self._database.insert(connection, children, [row])

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self._chunk):
            with self._database.writing() as connection:
                self._check(connection)
                self._database.insert(connection, table, rows[start : start + self._chunk])


def _digest(kind: str, key: str) -> bytes:
    """A record's names in few bytes: millions of them are remembered."""
    return sha256(f"{kind}\0{key}".encode()).digest()[:16]
