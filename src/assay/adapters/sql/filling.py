"""A whole journal folded in memory, and written in bulk.

Versions of records are added in the order of events, which is that of their table. Names are
not: each would change a page of its own in an index. So they are held, and written sorted.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, select

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.records import Standing, read_telling
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import lists, places, records, subjects
from assay.governance.events import Event
from assay.governance.fold import Names, Record
from assay.governance.projection import Fold, Stored, folded

_REMEMBERED: Final = 50_000
"""Records, those that changed last, that are looked up in memory."""

_HELD: Final = 500_000
"""New records whose names are held, in about 250 MB; then they are written."""

_ONE: Final = Statement(
    select(records.c.value)
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
        self._recent: OrderedDict[Names, tuple[Stored, int]] = OrderedDict()
        self._lists: dict[bytes, int] = {}
        self._places: dict[bytes, int] = {}
        self._counts: Counter[str] = Counter()
        self._versions: list[Row] = []
        self._unwritten: dict[int, Stored] = {}
        self._begun: list[Row] = []
        self._named: list[Row] = []

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
        own, counts = self._projection, self._counts
        self._write(subjects, [(own, name, counts[name]) for name in sorted(counts)])

    def _keep(self, record: Record, index: int) -> None:
        names = record.names
        known, place = self._recent.get(names) or (None, 0)
        if known is not None and known.tells(record):
            return
        made = Stored(record, index)
        standing: Stored | Standing | None = known
        if standing is None:
            place, is_new = self._settle(names)
            standing = None if is_new else self._read(names, place)
        if standing is not None and standing.equals(made):
            return
        self._versions.append((self._projection, place, index, *names, made.value))
        self._unwritten[place] = made
        if record.kind in self._asked:
            self._remember(names, made, place)

    def _settle(self, names: Names) -> tuple[int, bool]:
        """The place of a record, and whether it is a new one, with a list if the first there."""
        kind, parent, key = names
        below = _digest(kind, parent)
        number = self._lists.get(below)
        free = len(self._places) + 1
        if number is None:
            number = self._lists[below] = free
            self._begun.append((self._projection, kind, parent, number))
        place = self._places.setdefault(_digest(number, key), free)
        if place != free:
            return place, False
        check_names(names)
        self._named.append((self._projection, number, key, place))
        return place, True

    def _remember(self, names: Names, made: Stored, place: int) -> None:
        self._recent[names] = made, place
        self._recent.move_to_end(names)
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _lookup(self, kind: str, key: str, parent: str = "", /) -> Record | None:
        self._asked.add(kind)
        names = kind, parent, key
        known, _ = self._recent.get(names) or (None, 0)
        if known is not None:
            return known.made  # The events were read from bytes, so there is no tuple in it.
        number = self._lists.get(_digest(kind, parent))
        place = None if number is None else self._places.get(_digest(number, key))
        return None if place is None else self._read(names, place).record

    def _read(self, names: Names, place: int) -> Stored | Standing:
        unwritten = self._unwritten.get(place)
        if unwritten is not None:
            return unwritten
        with self._database.reading() as connection:
            where = {"projection": self._projection, "place": place}
            ((value,),) = _ONE.rows(connection, where)
            (entry,) = read_telling(connection, self._projection, [value])
        return Standing(names, place, value, entry)

    def _write_versions(self) -> None:
        self._write(records, self._versions)
        self._versions.clear()
        self._unwritten.clear()

    def _write_names(self) -> None:
        for table, rows in (lists, self._begun), (places, self._named):
            rows.sort()
            self._write(table, rows)
            rows.clear()

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self._chunk):
            with self._database.writing() as connection:
                self._check(connection)
                self._database.insert(connection, table, rows[start : start + self._chunk])


def _digest(first: str | int, second: str) -> bytes:
    """A pair of names in few bytes: millions of them are remembered."""
    return blake2b(f"{first}\0{second}".encode(), digest_size=16).digest()
