"""What a store of records keeps: the changes that a fold makes, in their one stored form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import cast

from assay.errors import VerificationFailed
from assay.evidence.canonical import Json, canonical
from assay.governance.events import Event
from assay.governance.fold import Lookup, Record

Fold = Callable[[Event, int, Lookup], tuple[Record, ...]]


class DamagedRecord(VerificationFailed):
    """A stored record's value is not a JSON object."""

    code = "journal.damaged-record"


class Stored:
    """A record that a fold made, in the form in which a store keeps it.

    Attributes:
        value: canonical bytes of the record's value.
    """

    __slots__ = ("_kept", "_made", "value")

    def __init__(self, made: Record) -> None:
        self._made = made
        self._kept: Record | None = None
        self.value = canonical(made.value)

    @property
    def place(self) -> tuple[str, str]:
        """Its kind and key."""
        return self._made.kind, self._made.key

    @property
    def parent(self) -> str:
        """The key that it is listed under."""
        return self._made.parent

    @property
    def record(self) -> Record:
        """The record as a store gives it back: lists are lists, whatever the fold used.

        Read from its bytes when it is first asked for; most records never are.
        """
        if self._kept is None:
            self._kept = Record(
                kind=self._made.kind,
                key=self._made.key,
                parent=self._made.parent,
                value=json.loads(self.value),
            )
        return self._kept


def changes(fold: Fold, event: Event, index: int, lookup: Lookup) -> list[Stored]:
    """The records that an event changes, by kind and key.

    Every store, and every proof that a store is right, keeps exactly these: a record that
    stands as the fold says already is no change, and of two in one event the last counts.
    """
    latest = {(record.kind, record.key): record for record in fold(event, index, lookup)}
    found: list[Stored] = []
    for place in sorted(latest):
        standing, made = lookup(*place), latest[place]
        if standing is None or standing != made:
            stored = Stored(made)
            # A tuple is no list until it is stored, so what differs may yet be the same.
            if standing is None or standing != stored.record:
                found.append(stored)
    return found


def parse_value(data: bytes, *, where: str) -> Mapping[str, Json]:
    """A record's value from its stored bytes.

    Raises:
        DamagedRecord: they are not bytes, or not those of a JSON object.
    """
    if type(data) is not bytes:
        raise DamagedRecord("A stored record is not bytes.", where=where)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedRecord("A stored record is not JSON.", where=where) from error
    if not isinstance(value, dict):
        raise DamagedRecord("A stored record is not a JSON object.", where=where)
    return cast(Mapping[str, Json], value)
