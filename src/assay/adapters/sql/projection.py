"""Writing records in SQL: every version that one had, with the range for which it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, update

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.records import Standing
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import records
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold, Stored, changes

Find = Callable[[str, str], Standing | None]
"""The stored record of a kind and key."""

_VALID_TO: Final = list(records.columns.keys()).index("valid_to")

_CLOSE: Final = Statement(
    update(records)
    .where(
        records.c.projection == bindparam("in_projection"),
        records.c.kind == bindparam("of_kind"),
        records.c.key == bindparam("of_key"),
        records.c.valid_from == bindparam("since"),
    )
    .values(valid_to=bindparam("until"))
)


Place = tuple[str, str]
"""A record's kind and key."""


class Now(NamedTuple):
    """A record that was changed: its stored form, the event since when, its row of the table."""

    stored: Stored
    valid_from: int
    row: list[object]


class Changed:
    """The records that a row of events changes: folded in order, written once at the end.

    Args:
        projection: to which they belong.
        fold: what makes records of events.
        find: the records that stood before.
    """

    def __init__(self, projection: int, fold: Fold, find: Find) -> None:
        self._projection = projection
        self._fold = fold
        self._find = find
        self._before: dict[Place, Standing | None] = {}
        self._now: dict[Place, Now] = {}
        self._past: list[list[object]] = []
        self._closed: list[dict[str, object]] = []

    def apply(self, event: Event, index: int) -> None:
        """Fold one event."""
        for change in changes(self._fold, event, index, self._lookup):
            self._replace(change, index)

    def write(self, database: Database, connection: Connection) -> None:
        """Write what changed, in two statements however many events there were."""
        if self._closed:
            _CLOSE.run(connection, self._closed)
        rows = [*self._past, *(now.row for now in self._now.values())]
        if rows:
            database.insert(connection, records, rows)

    def _lookup(self, kind: str, key: str) -> Record | None:
        place = kind, key
        now = self._now.get(place)
        if now is not None:
            return now.stored.record
        if place not in self._before:
            check_names(place)
            self._before[place] = self._find(kind, key)
        before = self._before[place]
        return before.record if before else None

    def _replace(self, change: Stored, index: int) -> None:
        place = change.place
        now = self._now.get(place)
        if now is not None:
            now.row[_VALID_TO] = index
            self._past.append(now.row)
        else:
            check_names([change.parent])
            self._close(self._before[place], index)
        row: list[object] = [self._projection, *place, index, None, change.parent, change.value]
        self._now[place] = Now(change, index, row)

    def _close(self, before: Standing | None, index: int) -> None:
        if before is not None:
            self._closed.append(
                {
                    "in_projection": self._projection,
                    "of_kind": before.record.kind,
                    "of_key": before.record.key,
                    "since": before.valid_from,
                    "until": index,
                }
            )
