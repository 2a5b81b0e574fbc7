"""Reading records in SQL: as they are, as they were, and all that they ever were."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from assay.adapters.sql.database import Database
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import records
from assay.governance.fold import Record
from assay.governance.projection import parse_value

Live = Callable[[Connection], int]
"""Which projection is read in a transaction."""

_PAGE: Final = 500

_NEWEST: Final = (
    select(records.c.valid_from, records.c.parent, records.c.value)
    .where(
        records.c.projection == bindparam("projection"),
        records.c.kind == bindparam("kind"),
        records.c.key == bindparam("key"),
    )
    .order_by(records.c.valid_from.desc())
    .limit(1)
)
_LATEST: Final = Statement(_NEWEST)
_LATEST_AT: Final = Statement(_NEWEST.where(records.c.valid_from < bindparam("at")))


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored record, and the event since which it holds."""

    record: Record
    valid_from: int


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
            rows = _listing(frozenset(wanted)).rows(connection, wanted)
        yield from (_record(kind, *row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def record_history(database: Database, live: Live) -> Generator[tuple[int, Record]]:
    """Every change of a record with the index of its event, by index, kind and key.

    Raises:
        JournalDamaged: a version does not hold until the next one of its record begins, or an
            index disagrees with its table.
    """
    columns = records.c.valid_from, records.c.kind, records.c.key, records.c.parent, records.c.value
    with database.reading() as connection:
        database.check_integrity(connection)
        projection = live(connection)
        broken = connection.execute(_broken_range(projection)).first()
        if broken is not None:
            raise database.damaged(
                f"The {broken.kind} {broken.key!r} as of entry {broken.valid_from} does not hold "
                "until its next change."
            )
        query = (
            select(*columns)
            .where(records.c.projection == projection)
            .order_by(records.c.valid_from, records.c.kind, records.c.key)
            .execution_options(yield_per=_PAGE)
        )
        with connection.execute(query) as result:
            for page in result.partitions():
                database.check_unchanged()
                yield from ((index, _record(kind, *rest)) for index, kind, *rest in page)


def find_standing(
    connection: Connection, projection: int, kind: str, key: str, *, at: int | None = None
) -> Standing | None:
    """A record with the event since which it holds, now or when there were `at` entries."""
    parameters: dict[str, object] = {"projection": projection, "kind": kind, "key": key}
    if at is None:
        rows = _LATEST.rows(connection, parameters)
    else:
        rows = _LATEST_AT.rows(connection, {**parameters, "at": at})
    if not rows:
        return None
    ((valid_from, parent, value),) = rows
    return Standing(_record(kind, key, parent, value), valid_from)


def finder(connection: Connection, projection: int) -> Callable[[str, str], Standing | None]:
    """What finds the records that stand, within a transaction."""

    def find(kind: str, key: str) -> Standing | None:
        return find_standing(connection, projection, kind, key)

    return find


@cache
def _listing(parameters: frozenset[str]) -> Statement:
    """A page of a kind's records; the parameters that are given narrow it."""
    query = select(records.c.key, records.c.parent, records.c.value).where(
        records.c.projection == bindparam("projection"), records.c.kind == bindparam("kind")
    )
    if "after" in parameters:
        query = query.where(records.c.key > bindparam("after"))
    if "parent" in parameters:
        query = query.where(records.c.parent == bindparam("parent"))
    if "at" in parameters:
        stands = or_(records.c.valid_to.is_(None), records.c.valid_to >= bindparam("at"))
        query = query.where(and_(records.c.valid_from < bindparam("at"), stands))
    else:
        query = query.where(records.c.valid_to.is_(None))
    return Statement(query.order_by(records.c.key).limit(_PAGE))


def _broken_range(projection: int) -> Select[int, str, str]:
    later = records.alias("later")
    begins = (
        select(func.min(later.c.valid_from))
        .where(
            later.c.projection == records.c.projection,
            later.c.kind == records.c.kind,
            later.c.key == records.c.key,
            later.c.valid_from > records.c.valid_from,
        )
        .scalar_subquery()
    )
    return (
        select(records.c.valid_from, records.c.kind, records.c.key)
        .where(records.c.projection == projection, records.c.valid_to.is_distinct_from(begins))
        .order_by(records.c.valid_from)
        .limit(1)
    )


def _record(kind: str, key: str, parent: str, value: bytes) -> Record:
    return Record(
        kind=kind, key=key, parent=parent, value=parse_value(value, where=f"{kind} {key}")
    )
