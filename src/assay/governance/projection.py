"""What a store of records keeps: the changes that a fold makes, in their one stored form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from assay.errors import VerificationFailed
from assay.evidence.canonical import Json, canonical
from assay.governance.events import Event
from assay.governance.fold import Lookup, Record

Fold = Callable[[Event, int, Lookup], tuple[Record, ...]]


class DamagedRecord(VerificationFailed):
    """A stored record's value is not a JSON object."""

    code = "journal.damaged-record"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as a store gives it back, and its value in canonical bytes."""

    record: Record
    value: bytes

    @classmethod
    def of(cls, record: Record) -> Stored:
        """A record in its stored form: lists are lists, whatever sequence the fold used."""
        value = canonical(record.value)
        kept = Record(
            kind=record.kind, key=record.key, parent=record.parent, value=json.loads(value)
        )
        return cls(kept, value)


def changes(fold: Fold, event: Event, index: int, lookup: Lookup) -> list[Stored]:
    """The records that an event changes, by kind and key.

    Every store, and every proof that a store is right, keeps exactly these: a record that
    stands as the fold says already is no change, and of two in one event the last counts.
    """
    latest = {(record.kind, record.key): Stored.of(record) for record in fold(event, index, lookup)}
    return [
        stored
        for (kind, key), stored in sorted(latest.items(), key=lambda item: item[0])
        if lookup(kind, key) != stored.record
    ]


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
