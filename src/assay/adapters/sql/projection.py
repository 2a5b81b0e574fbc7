"""Records in SQL: every version that one had, with the range of events for which it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from assay.adapters.sql.database import Database
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import records
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold, Stored, changes, parse_value

_PAGE: Final = 500

_NEWEST: Final = (
    select(records.c.valid_from, records.c.parent, records.c.value)
    .where(
        records.c.space == bindparam("space"),
        records.c.kind == bindparam("kind"),
        records.c.key == bindparam("key"),
    )
    .order_by(records.c.valid_from.desc())
    .limit(1)
)
_LATEST: Final = Statement(_NEWEST)
_LATEST_AT: Final = Statement(_NEWEST.where(records.c.valid_from < bindparam("at")))
_INSERT: Final = Statement(insert(records), columns=[column.name for column in records.columns])
_CLOSE: Final = Statement(
    update(records)
    .where(
        records.c.space == bindparam("in_space"),
        records.c.kind == bindparam("of_kind"),
        records.c.key == bindparam("of_key"),
        records.c.valid_from == bindparam("since"),
    )
    .values(valid_to=bindparam("until"))
)


def read_record(
    connection: Connection, space: int, kind: str, key: str, *, at: int | None = None
) -> Record | None:
    """A record as it is, or as it was when the journal had `at` entries."""
    latest = _latest(connection, space, kind, key, at=at)
    return latest.record if latest else None


def record_pages(
    database: Database, space: int, kind: str, *, parent: str | None, at: int | None
) -> Iterator[Record]:
    """Records of a kind (below a parent) in key order; each page as of its reading."""
    after: str | None = None
    while True:
        query = _listing(space, kind, parent=parent, at=at, after=after)
        with database.reading() as connection:
            rows = connection.execute(query).all()
        yield from (_record(kind, *row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1].key


def record_history(database: Database, space: int) -> Iterator[tuple[int, Record]]:
    """Every change of a record with the index of its event, by index, kind and key.

    Raises:
        JournalDamaged: a version does not hold until the next one of its record begins, or an
            index disagrees with its table.
    """
    columns = records.c.valid_from, records.c.kind, records.c.key, records.c.parent, records.c.value
    query = (
        select(*columns)
        .where(records.c.space == space)
        .order_by(records.c.valid_from, records.c.kind, records.c.key)
        .execution_options(yield_per=_PAGE)
    )
    with database.reading() as connection:
        database.check_integrity(connection)
        broken = connection.execute(_broken_range(space)).first()
        if broken is not None:
            raise database.damaged(
                f"The {broken.kind} {broken.key!r} as of entry {broken.valid_from} does not hold "
                "until its next change."
            )
        for page in connection.execute(query).partitions():
            database.check_unchanged()
            yield from ((index, _record(kind, *rest)) for index, kind, *rest in page)


@dataclass(slots=True)
class _Standing:
    """What is known of a record within a transaction; `record` None if there is none."""

    record: Record | None
    valid_from: int = -1
    stored: bool = False
    """Whether the version is a row already, not a change of this transaction."""


@dataclass(slots=True)
class Projection:
    """The records that one transaction changes: folded in order, written once at its end."""

    connection: Connection
    space: int
    fold: Fold
    _standing: dict[tuple[str, str], _Standing] = field(default_factory=dict)
    _rows: dict[tuple[str, str, int], dict[str, object]] = field(default_factory=dict)
    _closed: list[dict[str, object]] = field(default_factory=list)

    def apply(self, event: Event, index: int) -> None:
        """Fold one event."""
        for change in changes(self.fold, event, index, self._lookup):
            self._replace(change, index)

    def write(self) -> None:
        """Write what changed, in two statements however many events there were."""
        if self._closed:
            _CLOSE.run(self.connection, self._closed)
        if self._rows:
            _INSERT.run(self.connection, list(self._rows.values()))

    def _lookup(self, kind: str, key: str) -> Record | None:
        standing = self._standing.get((kind, key))
        if standing is None:
            standing = _latest(self.connection, self.space, kind, key) or _Standing(None)
            self._standing[kind, key] = standing
        return standing.record

    def _replace(self, change: Stored, index: int) -> None:
        kind, key = change.record.kind, change.record.key
        self._lookup(kind, key)
        before = self._standing[kind, key]
        if before.stored:
            self._closed.append(
                {
                    "in_space": self.space,
                    "of_kind": kind,
                    "of_key": key,
                    "since": before.valid_from,
                    "until": index,
                }
            )
        elif before.record is not None:
            self._rows[kind, key, before.valid_from]["valid_to"] = index
        self._rows[kind, key, index] = {
            "space": self.space,
            "kind": kind,
            "key": key,
            "valid_from": index,
            "valid_to": None,
            "parent": change.record.parent,
            "value": change.value,
        }
        self._standing[kind, key] = _Standing(change.record, index)


def _latest(
    connection: Connection, space: int, kind: str, key: str, *, at: int | None = None
) -> _Standing | None:
    parameters: dict[str, object] = {"space": space, "kind": kind, "key": key}
    if at is None:
        rows = _LATEST.rows(connection, parameters)
    else:
        rows = _LATEST_AT.rows(connection, {**parameters, "at": at})
    if not rows:
        return None
    ((valid_from, parent, value),) = rows
    return _Standing(_record(kind, key, parent, value), valid_from, stored=True)


def _listing(
    space: int, kind: str, *, parent: str | None, at: int | None, after: str | None
) -> Select[str, str, bytes]:
    query = select(records.c.key, records.c.parent, records.c.value).where(
        records.c.space == space, records.c.kind == kind
    )
    if after is not None:
        query = query.where(records.c.key > after)
    if parent is not None:
        query = query.where(records.c.parent == parent)
    if at is None:
        query = query.where(records.c.valid_to.is_(None))
    else:
        stands = or_(records.c.valid_to.is_(None), records.c.valid_to >= at)
        query = query.where(and_(records.c.valid_from < at, stands))
    return query.order_by(records.c.key).limit(_PAGE)


def _broken_range(space: int) -> Select[int, str, str]:
    later = records.alias("later")
    begins = (
        select(func.min(later.c.valid_from))
        .where(
            later.c.space == records.c.space,
            later.c.kind == records.c.kind,
            later.c.key == records.c.key,
            later.c.valid_from > records.c.valid_from,
        )
        .scalar_subquery()
    )
    return (
        select(records.c.valid_from, records.c.kind, records.c.key)
        .where(records.c.space == space, records.c.valid_to.is_distinct_from(begins))
        .order_by(records.c.valid_from)
        .limit(1)
    )


def _record(kind: str, key: str, parent: str, value: bytes) -> Record:
    return Record(
        kind=kind, key=key, parent=parent, value=parse_value(value, where=f"{kind} {key}")
    )
