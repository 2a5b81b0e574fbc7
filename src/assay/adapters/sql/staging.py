"""Records folded in bulk: kept in the order in which they came, then written sorted.

Rows that go into an index in its own order fill page after page; in the order of events, each
would change a page of its own for every index. The rows lie in temporary tables of one
connection, which no log of the database repeats and nobody else sees.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    literal,
    select,
)

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import NAME, records, subjects
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold, Stored, changes, parse_value

_REMEMBERED: Final = 50_000
"""Records, those that changed last, that are looked up in memory."""

_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")

_temporary: Final = MetaData()

_staged: Final = Table(
    "staged",
    _temporary,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    Column("kind", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("parent", NAME, nullable=False),
    Column("value", LargeBinary, nullable=False),
    prefixes=["TEMPORARY"],
)
"""Every version of every record, in the order of events."""

_ordered: Final = Table(
    "ordered",
    _temporary,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    Column("staged", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    prefixes=["TEMPORARY"],
)
"""Their order in `records`, and until when each holds."""

_counted: Final = Table(
    "counted",
    _temporary,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    Column("subject", NAME, nullable=False),
    Column("revision", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)

_ONE: Final = Statement(
    select(_staged.c.parent, _staged.c.value).where(_staged.c.id == bindparam("number"))
)


class Staging:
    """The records that a whole journal folds to, before they are written.

    Of each record it remembers where its last version is staged; those that changed lately
    are kept whole.

    Args:
        database: for its ways to insert.
        connection: kept for as long as this is used.
        fold: what makes records of events.
    """

    def __init__(self, database: Database, connection: Connection, fold: Fold) -> None:
        self._database = database
        self._connection = connection
        self._fold = fold
        self._recent: OrderedDict[tuple[str, str], Stored] = OrderedDict()
        self._places: dict[bytes, int] = {}
        self._counts: Counter[str] = Counter()
        self._rows: list[tuple[object, ...]] = []
        self._size = 0
        with database.aside(connection):
            _temporary.drop_all(connection)  # Left by a rebuild before, on this connection.
            _temporary.create_all(connection)

    def take(self, told: Iterable[tuple[int, Event]]) -> None:
        """Fold events, each with its index, and stage what they change."""
        for index, event in told:
            self._counts[event.subject] += 1
            for change in changes(self._fold, event, index, self._lookup):
                self._stage(change, index)
        with self._database.aside(self._connection):
            self._database.insert(self._connection, _staged, self._rows)
        self._rows.clear()
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def arrange(self) -> None:
        """Put in order what was staged; nothing is taken after that."""
        place = _staged.c.kind, _staged.c.key
        until = func.lead(_staged.c.valid_from).over(
            partition_by=place, order_by=_staged.c.valid_from
        )
        number = func.row_number().over(order_by=(*place, _staged.c.valid_from))
        names = sorted(self._counts)
        rows = [(number, name, self._counts[name]) for number, name in enumerate(names, 1)]
        every = select(number, _staged.c.id, until)
        with self._database.aside(self._connection):
            into = insert(_ordered).from_select(["id", "staged", "valid_to"], every)
            self._connection.execute(into)
            self._database.insert(self._connection, _counted, rows)

    def insertions(self, projection: int, *, chunk: int) -> Iterator[Insert]:
        """What writes a projection's rows in their order, so many at a time."""
        own = literal(projection).label("projection")
        version = (
            select(
                own,
                _staged.c.kind,
                _staged.c.key,
                _staged.c.valid_from,
                _ordered.c.valid_to,
                _staged.c.parent,
                _staged.c.value,
            )
            .join(_ordered, _ordered.c.staged == _staged.c.id)
            .order_by(_ordered.c.id)
        )
        for start in range(0, self._size, chunk):
            some = version.where(_ordered.c.id.between(start + 1, start + chunk))
            yield insert(records).from_select(list(records.columns.keys()), some)
        count = select(own, _counted.c.subject, _counted.c.revision).order_by(_counted.c.id)
        for start in range(0, len(self._counts), chunk):
            few = count.where(_counted.c.id.between(start + 1, start + chunk))
            yield insert(subjects).from_select(list(subjects.columns.keys()), few)

    def _lookup(self, kind: str, key: str) -> Record | None:
        recent = self._recent.get((kind, key))
        if recent is not None:
            return recent.record
        number = self._places.get(_digest(kind, key))
        if number is None:
            return None
        ((parent, value),) = _ONE.rows(self._connection, {"number": number})
        where = f"{kind} {key}"
        return Record(kind=kind, key=key, parent=parent, value=parse_value(value, where=where))

    def _stage(self, change: Stored, index: int) -> None:
        kind, key = change.place
        check_names((kind, key, change.parent))
        self._size += 1
        self._rows.append((self._size, kind, key, index, change.parent, change.value))
        self._recent[kind, key] = change
        self._recent.move_to_end((kind, key))
        self._places[_digest(kind, key)] = self._size


def _digest(kind: str, key: str) -> bytes:
    """A record's place in few bytes: millions of them are remembered."""
    return hashlib.sha256(f"{kind}\0{key}".encode()).digest()[:16]
