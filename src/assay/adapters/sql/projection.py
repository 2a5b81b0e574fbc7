"""Writing records in SQL: every version that one had, in the order of events."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.memory import Memory
from assay.adapters.sql.names import Names, find_places, is_child, last_place
from assay.adapters.sql.records import Standing, find_standing
from assay.adapters.sql.tables import children, places, records
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.projection import Fold, Stored, folded

Child = tuple[str, str, str]
"""A record's kind, parent and key."""


class Changed:
    """The records that a row of events changes: folded in order, written once at the end.

    A record that the fold does not ask for is not read before then, when all such are looked
    for together; what turns out to stand already is no change.

    Args:
        connection: within a transaction that holds the head.
        projection: to which they belong.
        fold: what makes records of events.
        memory: what is known of the records that stand.
    """

    def __init__(self, connection: Connection, projection: int, fold: Fold, memory: Memory) -> None:
        self._connection = connection
        self._projection = projection
        self._fold = fold
        self._memory = memory
        self._before: dict[Names, Standing | None] = {}
        self._now: dict[Names, Stored] = {}
        self._made: list[tuple[int, Stored]] = []

    def apply(self, event: Event, index: int) -> None:
        """Fold one event."""
        for record in folded(self._fold, event, index, self._lookup):
            names = record.kind, record.key
            standing = self._now.get(names) or self._before.get(names)
            if standing is not None and standing.tells(record):
                continue
            made = Stored(record)
            if standing is None or not standing.equals(made):
                check_names((*names, made.parent))
                self._now[names] = made
                self._made.append((index, made))

    def write(self, database: Database) -> None:
        """Write what changed, in as many statements however many events there were."""
        made = self._changes()
        if not made:
            return
        known = {names: standing.place for names, standing in self._before.items() if standing}
        new = self._number([names for names in self._now if names not in known])
        known |= new
        below = self._below(made)
        own = self._projection
        for table, rows in (
            (places, [(own, *names, new[names]) for names in sorted(new)]),
            (children, [(own, *child, known[child[0], child[2]]) for child in sorted(below)]),
            (records, [_row(own, known[item.names], index, item) for index, item in made]),
        ):
            if rows:
                database.insert(self._connection, table, rows)
        self._remember(known)

    def _changes(self) -> list[tuple[int, Stored]]:
        """What was made and did not stand already, once the records nobody asked for are read."""
        unread = [names for names in self._now if names not in self._before]
        found = find_places(self._connection, self._projection, unread)
        for names in found:
            self._before[names] = find_standing(self._connection, self._projection, *names)
        changes: list[tuple[int, Stored]] = []
        for index, item in self._made:
            standing = self._before[item.names] if found.pop(item.names, None) else None
            if standing is None or not standing.equals(item):
                changes.append((index, item))
        return changes

    def _number(self, new: list[Names]) -> dict[Names, int]:
        if not new:
            return {}
        last = last_place(self._connection, self._projection)
        return {names: place for place, names in enumerate(new, last + 1)}

    def _below(self, made: list[tuple[int, Stored]]) -> set[Child]:
        """Under which parents records are to be listed that are not yet."""
        below: set[Child] = set()
        for _, item in made:
            kind, key = item.names
            standing = self._before.get(item.names)
            if not item.parent or (standing and standing.parent == item.parent):
                continue
            child = kind, item.parent, key
            if standing is None or not is_child(self._connection, self._projection, *child):
                below.add(child)
        return below

    def _remember(self, known: Mapping[Names, int]) -> None:
        """Leave the memory as things stand now."""
        now = {
            names: Standing(*names, item.parent, known[names], item.value)
            for names, item in self._now.items()
        }
        for names, standing in {**self._before, **now}.items():
            self._memory.put(names, standing)

    def _lookup(self, kind: str, key: str) -> Record | None:
        names = kind, key
        self._memory.asked.add(kind)
        now = self._now.get(names)
        if now is not None:
            return now.record
        if names not in self._before:
            self._before[names] = self._standing(names)
        before = self._before[names]
        return before.record if before else None

    def _standing(self, names: Names) -> Standing | None:
        if names in self._memory.records:
            return self._memory.records[names]
        check_names(names)
        return find_standing(self._connection, self._projection, *names)


def _row(projection: int, place: int, index: int, made: Stored) -> tuple[object, ...]:
    return projection, place, index, *made.names, made.parent, made.value
