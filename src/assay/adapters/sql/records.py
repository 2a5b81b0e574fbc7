"""Reading records in SQL: as they are, as they were, and all that they ever were."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
)

from assay.adapters.sql.database import Database
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import children, places, records
from assay.governance.fold import Record
from assay.governance.projection import Stored, parse_value

Live = Callable[[Connection], int]
"""Which projection is read in a transaction."""

_PAGE: Final = 2_000
"""Records that are read at once: few enough to hold, so many that asking costs little."""

_FOUND: Final = and_(
    records.c.projection == places.c.projection,
    records.c.place == places.c.place,
    # Names are compared again, so that a list that was tampered with hides, but never forges.
    records.c.kind == places.c.kind,
    records.c.key == places.c.key,
)
_LISTED: Final = and_(
    records.c.projection == children.c.projection,
    records.c.place == children.c.place,
    records.c.kind == children.c.kind,
    records.c.key == children.c.key,
    records.c.parent == children.c.parent,
)

_NEWEST: Final = (
    select(records.c.place, records.c.parent, records.c.value)
    .select_from(places)
    .join(records, _FOUND)
    .where(
        places.c.projection == bindparam("projection"),
        places.c.kind == bindparam("kind"),
        places.c.key == bindparam("key"),
    )
    .order_by(records.c.valid_from.desc())
    .limit(1)
)
_LATEST: Final = Statement(_NEWEST)
_LATEST_AT: Final = Statement(_NEWEST.where(records.c.valid_from < bindparam("at")))


@dataclass(frozen=True)
class Standing:
    """A stored record.

    Attributes:
        kind: of the record.
        key: of the record.
        parent: of the record.
        place: where its versions are.
        value: its bytes.
    """

    kind: str
    key: str
    parent: str
    place: int
    value: bytes

    @cached_property
    def record(self) -> Record:
        """What they say."""
        return _record(self.kind, self.key, self.parent, self.value)

    def tells(self, record: Record) -> bool:
        """Whether that record, which has its names, stands already."""
        return self.record == record

    def equals(self, made: Stored) -> bool:
        """Whether a fold made what stands already."""
        return self.value == made.value and self.parent == made.parent


def read_record(
    connection: Connection, projection: int, kind: str, key: str, *, at: int | None = None
) -> Record | None:
    """A record as it is, or as it was when the journal had `at` entries."""
    found = find_standing(connection, projection, kind, key, at=at)
    return found.record if found else None


def record_pages(
    database: Database, live: Live, kind: str, *, parent: str | None, at: int | None
) -> Iterator[Record]:
    """Records of a kind (below a parent) in key order; each page as of its reading."""
    after: str | None = None
    while True:
        wanted: dict[str, object] = {"kind": kind}
        said = {"parent": parent, "at": at, "after": after}
        wanted |= {name: value for name, value in said.items() if value is not None}
        with database.reading() as connection:
            wanted["projection"] = live(connection)
            rows = _listing(frozenset(wanted), below=bool(parent)).rows(connection, wanted)
        yield from (
            _record(kind, key, parent, value) for key, parent, value in rows if value is not None
        )
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def record_history(database: Database, live: Live) -> Generator[tuple[int, Record]]:
    """Every change of a record with the index of its event, by index, kind and key.

    Raises:
        JournalDamaged: a record is not listed, or two are as one, or an index disagrees with
            its table.
    """
    columns = records.c.valid_from, records.c.kind, records.c.key, records.c.parent, records.c.value
    with database.reading() as connection:
        database.check_integrity(connection)
        projection = live(connection)
        for query in (_unlisted(projection), _confused(projection)):
            lost = connection.execute(query).first()
            if lost is not None:
                raise database.damaged(f"The {lost.kind} {lost.key!r} is not where it is listed.")
        history = (
            select(*columns)
            .where(records.c.projection == projection)
            .order_by(records.c.valid_from, records.c.kind, records.c.key)
            .execution_options(yield_per=_PAGE)
        )
        with connection.execute(history) as result:
            for page in result.partitions():
                database.check_unchanged()
                yield from ((index, _record(kind, *rest)) for index, kind, *rest in page)


def find_standing(
    connection: Connection, projection: int, kind: str, key: str, *, at: int | None = None
) -> Standing | None:
    """A record now, or when there were `at` entries."""
    parameters: dict[str, object] = {"projection": projection, "kind": kind, "key": key}
    if at is None:
        rows = _LATEST.rows(connection, parameters)
    else:
        rows = _LATEST_AT.rows(connection, {**parameters, "at": at})
    if not rows:
        return None
    ((place, parent, value),) = rows
    return Standing(kind, key, parent, place, value)


@cache
def _listing(parameters: frozenset[str], *, below: bool) -> Statement:
    """A page of a kind's names, below a parent or all, each with its parent and value.

    The value is null for a name that has no version (yet), or whose latest is another record's
    or stands elsewhere. It is looked up name by name: a join would leave a server to choose, and
    by its statistics it reads every record of every kind.
    """
    names = children if below else places
    named = [records.c.kind == names.c.kind, records.c.key == names.c.key]
    if "parent" in parameters:
        named.append(records.c.parent == bindparam("parent"))
    columns: list[ColumnElement[Any]] = [names.c.key]
    for wanted in (records.c.parent, case((and_(*named), records.c.value))):
        latest = select(wanted).where(
            records.c.projection == names.c.projection, records.c.place == names.c.place
        )
        if "at" in parameters:
            latest = latest.where(records.c.valid_from < bindparam("at"))
        columns.append(latest.order_by(records.c.valid_from.desc()).limit(1).scalar_subquery())
    query = select(*columns).where(
        names.c.projection == bindparam("projection"), names.c.kind == bindparam("kind")
    )
    if below:
        query = query.where(children.c.parent == bindparam("parent"))
    if "after" in parameters:
        query = query.where(names.c.key > bindparam("after"))
    return Statement(query.order_by(names.c.key).limit(_PAGE))


def _unlisted(projection: int) -> Select[str, str]:
    """A version of a record that the tables of names do not lead to."""

    def leads(table: Any, found: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(table.c.place).where(found).exists()

    listed = and_(leads(places, _FOUND), or_(records.c.parent == "", leads(children, _LISTED)))
    return (
        select(records.c.kind, records.c.key)
        .where(records.c.projection == projection, not_(listed))
        .limit(1)
    )


def _confused(projection: int) -> Select[str, str]:
    """A record that shares its place with one of another name."""
    kind, key = func.min(records.c.kind), func.min(records.c.key)
    return (
        select(kind.label("kind"), key.label("key"))
        .where(records.c.projection == projection)
        .group_by(records.c.place)
        .having(or_(kind != func.max(records.c.kind), key != func.max(records.c.key)))
        .limit(1)
    )


def _record(kind: str, key: str, parent: str, value: bytes) -> Record:
    return Record(
        kind=kind, key=key, parent=parent, value=parse_value(value, where=f"{kind} {key}")
    )
