"""What a store of records keeps: the changes that a fold makes, in their one stored form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from assay.errors import VerificationFailed
from assay.evidence.canonical import Json, recomposed
from assay.governance.events import Event
from assay.governance.fold import Lookup, Record

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode

Fold = Callable[[Event, int, Lookup], tuple[Record, ...]]


class DamagedRecord(VerificationFailed):
    """A stored record's value is not a JSON object."""

    code = "journal.damaged-record"


class Stored:
    """A record that a fold made, in the form in which a store keeps it.

    Attributes:
        names: its kind, parent and key.
        made: the record as the fold made it: where an event was told with tuples, so is this.
        value: canonical bytes of the record's value.
    """

    __slots__ = ("_kept", "made", "names", "value")

    def __init__(self, made: Record) -> None:
        self.names = made.names
        self.made = made
        self.value = recomposed(made.value)
        self._kept: Record | None = None

    @property
    def record(self) -> Record:
        """The record as a store gives it back: lists are lists, whatever the fold used.

        Read from its bytes when it is first asked for; most records never are.
        """
        if self._kept is None:
            self._kept = replace(self.made, value=_decode(self.value))
        return self._kept

    def tells(self, record: Record) -> bool:
        """Whether it is of that record, which has its names; it may be even if it tells not."""
        return self.made == record

    def equals(self, other: Stored) -> bool:
        """Whether a store would keep the same of both, which have the same names."""
        return self.value == other.value


def folded(fold: Fold, event: Event, index: int, lookup: Lookup) -> Iterable[Record]:
    """The records that an event is about, by their names; of two in one event the last counts.

    Some may stand already as the fold says; those are no changes.
    """
    made = fold(event, index, lookup)
    if len(made) < 2:
        return made
    latest = {record.names: record for record in made}
    return [latest[names] for names in sorted(latest)]


def changes(fold: Fold, event: Event, index: int, lookup: Lookup) -> list[Stored]:
    """The records that an event changes, by their names.

    Every store, and every proof that a store is right, keeps exactly these: a record that
    stands as the fold says already is no change.
    """
    found: list[Stored] = []
    for record in folded(fold, event, index, lookup):
        standing = lookup(record.kind, record.key, record.parent)
        if standing == record:
            continue
        made = Stored(record)
        # A tuple is no list until it is stored, so what differs may yet be the same.
        if standing is None or standing != made.record:
            found.append(made)
    return found


def parse_value(data: bytes, *, where: str) -> Mapping[str, Json]:
    """A record's value from its stored bytes.

    Raises:
        DamagedRecord: they are not bytes, or not those of a JSON object.
    """
    if type(data) is not bytes:
        raise DamagedRecord("A stored record is not bytes.", where=where)
    try:
        return _decode(data)
    except (ValueError, RecursionError) as error:
        raise DamagedRecord("A stored record is not a JSON object.", where=where) from error
