"""Writing records in SQL: every version that one had, with the range for which it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

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
        self._before: dict[tuple[str, str], Standing | None] = {}
        self._now: dict[tuple[str, str], Standing] = {}
        self._rows: dict[tuple[str, str, int], dict[str, object]] = {}
        self._closed: list[dict[str, object]] = []

    def apply(self, event: Event, index: int) -> None:
        """Fold one event."""
        for change in changes(self._fold, event, index, self._lookup):
            self._replace(change, index)

    def write(self, database: Database, connection: Connection) -> int:
        """Write what changed, in two statements however many events there were; the rows."""
        if self._closed:
            _CLOSE.run(connection, self._closed)
        if self._rows:
            database.insert(connection, records, list(self._rows.values()))
        return len(self._rows)

    def standing(self) -> Iterator[tuple[tuple[str, str], Standing]]:
        """Each record that was changed, as it stands now."""
        return iter(self._now.items())

    def _lookup(self, kind: str, key: str) -> Record | None:
        place = kind, key
        now = self._now.get(place)
        if now is None:
            if place not in self._before:
                check_names(place)
                self._before[place] = self._find(kind, key)
            now = self._before[place]
        return now.record if now else None

    def _replace(self, change: Stored, index: int) -> None:
        record = change.record
        place = record.kind, record.key
        if place in self._now:
            self._rows[*place, self._now[place].valid_from]["valid_to"] = index
        else:
            check_names([record.parent])
            self._close(self._before[place], index)
        self._rows[*place, index] = {
            "projection": self._projection,
            "kind": record.kind,
            "key": record.key,
            "valid_from": index,
            "valid_to": None,
            "parent": record.parent,
            "value": change.value,
        }
        self._now[place] = Standing(record, index)

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
