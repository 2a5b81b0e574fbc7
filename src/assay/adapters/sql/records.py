"""Reading records in SQL: as they are, as they were, and all that they ever were."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache
from typing import Final

import msgspec
from sqlalchemy import (
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
from assay.adapters.sql.tables import entries, lists, places, projections, records
from assay.governance.fold import Names, Record
from assay.governance.projection import Stored, parse_record, telling_event, told_record

Live = Callable[[Connection], int]
"""Which projection is read in a transaction."""

_PAGE: Final = 2_000
"""Records that are read at once: few enough to hold, so many that asking costs little."""

_HERE: Final = and_(
    records.c.projection == places.c.projection,
    records.c.place == places.c.place,
    # Names are compared again, so that a list that was tampered with hides, but never forges.
    records.c.kind == lists.c.kind,
    records.c.parent == lists.c.parent,
    records.c.key == places.c.key,
)
_LISTED: Final = and_(places.c.projection == lists.c.projection, places.c.list == lists.c.list)

_NEWEST: Final = (
    select(records.c.place, records.c.value)
    .select_from(lists)
    .join(places, _LISTED)
    .join(records, _HERE)
    .where(
        lists.c.projection == bindparam("projection"),
        lists.c.kind == bindparam("kind"),
        lists.c.parent == bindparam("parent"),
        places.c.key == bindparam("key"),
    )
    .order_by(records.c.valid_from.desc())
    .limit(1)
)
_LATEST: Final = Statement(_NEWEST)
_LATEST_AT: Final = Statement(_NEWEST.where(records.c.valid_from < bindparam("at")))


_ENTRY: Final = Statement(
    select(entries.c.data)
    .select_from(projections)
    .join(entries, entries.c.space == projections.c.space)
    .where(projections.c.id == bindparam("projection"), entries.c["index"] == bindparam("number"))
)


class Standing(msgspec.Struct, gc=False):
    """A stored record.

    Attributes:
        names: its kind, parent and key.
        place: where its versions are.
        value: its bytes, or its event's index.
        entry: the event's bytes, where that is what the value is.
    """

    names: Names
    place: int
    value: bytes
    entry: bytes | None = None
    _said: Record | None = None

    @property
    def record(self) -> Record:
        """What they say, read when it is first asked for."""
        if self._said is None:
            self._said = _record(self.names, self.value, self.entry)
        return self._said

    def tells(self, record: Record) -> bool:
        """Whether that record, which has its names, stands already."""
        return not record.plain and self.record == record

    def equals(self, made: Stored) -> bool:
        """Whether a fold made what stands already."""
        return self.value == made.value


def read_record(
    connection: Connection, projection: int, names: Names, *, at: int | None = None
) -> Record | None:
    """A record as it is, or as it was when the journal had `at` entries."""
    found = find_standing(connection, projection, names, at=at)
    return found.record if found else None


def record_pages(
    database: Database, live: Live, kind: str, *, parent: str | None, at: int | None
) -> Iterator[Record]:
    """Records of a kind (below a parent) by parent and key; each page as of its reading."""
    past = {} if at is None else {"at": at}
    wanted: dict[str, object] = {"kind": kind, **past}
    if parent is not None:
        wanted["parent"] = parent
    while True:
        with database.reading() as connection:
            projection = wanted["projection"] = live(connection)
            rows = _listing(frozenset(wanted)).rows(connection, wanted)
            found = [((kind, *names), value) for *names, value in rows if value is not None]
            told = read_telling(connection, projection, [value for _, value in found])
        yield from (_record(*item, entry) for item, entry in zip(found, told, strict=True))
        if len(rows) == _PAGE:  # The rest of the list that the page ended in comes first.
            wanted = {"kind": kind, "parent": rows[-1][0], "key_after": rows[-1][1], **past}
        elif parent is None and "parent" in wanted:
            wanted = {"kind": kind, "parent_after": wanted["parent"], **past}
        else:
            return


def record_history(database: Database, live: Live) -> Generator[tuple[int, Record]]:
    """Every change of a record with the index of its event, by index and names.

    Raises:
        JournalDamaged: a record is not listed, or two are as one, or an index disagrees with
            its table.
    """
    names = records.c.kind, records.c.parent, records.c.key
    with database.reading() as connection:
        database.check_integrity(connection)
        projection = live(connection)
        for query in (_unlisted(projection), _confused(projection)):
            lost = connection.execute(query).first()
            if lost is not None:
                raise database.damaged(f"The {lost.kind} {lost.key!r} is not where it is listed.")
        history = (
            select(records.c.valid_from, *names, records.c.value)
            .where(records.c.projection == projection)
            .order_by(records.c.valid_from, *names)
            .execution_options(yield_per=_PAGE)
        )
        with connection.execute(history) as result:
            for page in result.partitions():
                database.check_unchanged()
                told = read_telling(connection, projection, [row.value for row in page])
                for (index, kind, parent, key, value), entry in zip(page, told, strict=True):
                    if entry is None and telling_event(value) is not None:
                        # That the entry is missing is for whoever walks the entries to say.
                        yield index, Record(kind=kind, parent=parent, key=key, plain=True)
                    else:
                        yield index, _record((kind, parent, key), value, entry)


def find_standing(
    connection: Connection, projection: int, names: Names, *, at: int | None = None
) -> Standing | None:
    """A record now, or when there were `at` entries."""
    kind, parent, key = names
    asked = {"projection": projection, "kind": kind, "parent": parent, "key": key}
    if at is None:
        rows = _LATEST.rows(connection, asked)
    else:
        rows = _LATEST_AT.rows(connection, {**asked, "at": at})
    if not rows:
        return None
    ((place, value),) = rows
    (entry,) = read_telling(connection, projection, [value])
    return Standing(names, place, value, entry)


def read_telling(
    connection: Connection, projection: int, values: Sequence[bytes]
) -> list[bytes | None]:
    """The entry that tells each plain record of a list, by what is stored; None for others."""
    numbers = [telling_event(value) for value in values]
    asked = [{"projection": projection, "number": it} for it in numbers if it is not None]
    found = iter(_ENTRY.each(connection, asked) if asked else ())
    return [None if number is None else _data(next(found)) for number in numbers]


@cache
def _listing(parameters: frozenset[str]) -> Statement:
    """A page of a kind's names, each with its record's value.

    The value is null for a name that has no version (yet), or whose latest is another record's.
    It is looked up name by name: a join would leave a server to choose, and by its statistics
    it reads every record of every kind.

    Args:
        parameters: the names of those that limit it: "at"; "parent", and "key_after" within
            its list; or "parent_after".
    """
    latest = select(case((_HERE, records.c.value))).where(
        records.c.projection == places.c.projection, records.c.place == places.c.place
    )
    if "at" in parameters:
        latest = latest.where(records.c.valid_from < bindparam("at"))
    latest = latest.order_by(records.c.valid_from.desc()).limit(1)
    query = (
        select(lists.c.parent, places.c.key, latest.correlate(lists, places).scalar_subquery())
        .select_from(lists)
        .join(places, _LISTED)
        .where(lists.c.projection == bindparam("projection"), lists.c.kind == bindparam("kind"))
    )
    if "parent" in parameters:
        query = query.where(lists.c.parent == bindparam("parent"))
    if "key_after" in parameters:
        query = query.where(places.c.key > bindparam("key_after"))
    if "parent_after" in parameters:
        query = query.where(lists.c.parent > bindparam("parent_after"))
    return Statement(query.order_by(lists.c.parent, places.c.key).limit(_PAGE))


def _unlisted(projection: int) -> Select[str, str]:
    """A version of a record that the tables of names do not lead to."""
    led = select(places.c.place).select_from(lists).join(places, _LISTED).where(_HERE)
    return (
        select(records.c.kind, records.c.key)
        .where(records.c.projection == projection, not_(led.correlate(records).exists()))
        .limit(1)
    )


def _confused(projection: int) -> Select[str, str]:
    """A record that shares its place with one of another name."""
    names = records.c.kind, records.c.parent, records.c.key
    return (
        select(func.min(records.c.kind).label("kind"), func.min(records.c.key).label("key"))
        .where(records.c.projection == projection)
        .group_by(records.c.place)
        .having(or_(*(func.min(name) != func.max(name) for name in names)))
        .limit(1)
    )


def _record(names: Names, value: bytes, entry: bytes | None) -> Record:
    number = telling_event(value)
    if number is None or entry is None:
        return parse_record(names, value)
    return told_record(names, number, entry)


def _data(rows: Sequence[tuple[bytes]]) -> bytes | None:
    """An entry's bytes; none where the entry is missing, or SQLite was made to store no bytes."""
    return next((data for (data,) in rows if type(data) is bytes), None)
