"""Writing records in SQL: every version that one had, in the order of events."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from assay.adapters.appending import check_names
from assay.adapters.sql.database import Database
from assay.adapters.sql.memory import Memory
from assay.adapters.sql.names import Found, find_names, last_place
from assay.adapters.sql.records import Standing, find_standing
from assay.adapters.sql.tables import lists, places, records
from assay.governance.events import Event
from assay.governance.fold import Names, Record
from assay.governance.projection import Fold, Stored, folded


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
            names = record.names
            standing = self._now.get(names) or self._before.get(names)
            if standing is not None and standing.tells(record):
                continue
            made = Stored(record, index)
            if standing is None or not standing.equals(made):
                check_names(names)
                self._now[names] = made
                self._made.append((index, made))

    def write(self, database: Database) -> None:
        """Write what changed, in as many statements however many events there were."""
        unknown = [names for names in self._now if self._before.get(names) is None]
        found = find_names(self._connection, self._projection, unknown)
        made = self._changes(found)
        if not made:
            return
        new = self._number([names for names in unknown if found[names].place is None])
        begun = _begun(found, new)
        known = new | {names: was.place for names, was in self._before.items() if was}
        own = self._projection
        for table, rows in (
            (lists, [(own, *below, number) for below, number in sorted(begun.items())]),
            (places, sorted(_place(own, *item, found, begun) for item in new.items())),
            (records, [(own, known[item.names], at, *item.names, item.value) for at, item in made]),
        ):
            if rows:
                database.insert(self._connection, table, rows)
        self._remember(known)

    def _changes(self, found: Mapping[Names, Found]) -> list[tuple[int, Stored]]:
        """What was made and did not stand already, once the records nobody asked for are read."""
        unread = {names for names, where in found.items() if where.place is not None}
        for names in unread:
            self._before[names] = find_standing(self._connection, self._projection, names)
        changes: list[tuple[int, Stored]] = []
        for index, item in self._made:
            standing = self._before[item.names] if item.names in unread else None
            unread.discard(item.names)  # A later change of it was compared with this one.
            if standing is None or not standing.equals(item):
                changes.append((index, item))
        return changes

    def _number(self, new: list[Names]) -> dict[Names, int]:
        last = self._memory.last
        if last is None:
            last = last_place(self._connection, self._projection)
        self._memory.last = last + len(new)
        return {names: place for place, names in enumerate(new, last + 1)}

    def _remember(self, known: Mapping[Names, int]) -> None:
        """Leave the memory as things stand now."""
        memory = self._memory
        for names, standing in self._before.items():
            if names not in self._now and names[0] in memory.asked:
                memory.put(names, standing)
        for names, item in self._now.items():
            if item.made.plain:
                memory.forget(names)  # The event that tells it is not at hand later.
            elif names[0] in memory.asked:
                memory.put(names, Standing(names, known[names], item.value))

    def _lookup(self, kind: str, key: str, parent: str = "", /) -> Record | None:
        names = kind, parent, key
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
        return find_standing(self._connection, self._projection, names)


def _begun(found: Mapping[Names, Found], new: Mapping[Names, int]) -> dict[tuple[str, str], int]:
    """The lists that begin with new records, by kind and parent: each with its number."""
    begun: dict[tuple[str, str], int] = {}
    for names, place in new.items():
        if found[names].list is None:
            begun.setdefault(names[:2], place)
    return begun


def _place(
    projection: int,
    names: Names,
    place: int,
    found: Mapping[Names, Found],
    begun: Mapping[tuple[str, str], int],
) -> tuple[int, int, str, int]:
    number = found[names].list
    return projection, begun[names[:2]] if number is None else number, names[2], place
