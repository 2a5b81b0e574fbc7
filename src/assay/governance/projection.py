"""What a store of records keeps: the changes that a fold makes, in their one stored form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from assay.errors import VerificationFailed
from assay.evidence.canonical import recomposed
from assay.governance.events import Event, read_entry
from assay.governance.fold import Lookup, Names, Record, stamped
from assay.governance.upcasting import upcast

_INDEX: Final = re.compile(rb"0|[1-9][0-9]{0,17}")
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode

Fold = Callable[[Event, int, Lookup], tuple[Record, ...]]


class DamagedRecord(VerificationFailed):
    """A stored record's value is not a JSON object."""

    code = "journal.damaged-record"


class Stored:
    """A record that a fold made, in the form in which a store keeps it.

    Attributes:
        made: the record as the fold made it: where an event was told with tuples, so is this.
        value: canonical bytes of the record's value, or of its event's index where the record
            is plain.
    """

    __slots__ = ("_kept", "made", "value")

    def __init__(self, made: Record, index: int) -> None:
        self.made = made
        self.value = b"%d" % index if made.plain else recomposed(made.value)
        self._kept: Record | None = None

    @property
    def names(self) -> Names:
        """Its kind, parent and key."""
        return self.made.names

    @property
    def record(self) -> Record:
        """The record as a store gives it back: lists are lists, whatever the fold used.

        Read from its bytes when it is first asked for; most records never are.
        """
        if self._kept is None:
            spelled = recomposed(self.made.value) if self.made.plain else self.value
            self._kept = replace(self.made, value=_decode(spelled))
        return self._kept

    def tells(self, record: Record) -> bool:
        """Whether it is of that record, which has its names; it may be even if it tells not."""
        return not record.plain and self.made == record

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
        made = Stored(record, index)
        # A tuple is no list until it is stored, so what differs may yet be the same.
        if standing is None or standing != made.record:
            found.append(made)
    return found


def telling_event(value: bytes) -> int | None:
    """The index of the event that alone tells a plain record, None for another's stored bytes."""
    return int(value) if type(value) is bytes and _INDEX.fullmatch(value) else None


def told_record(names: Names, index: int, entry: bytes) -> Record:
    """A plain record from the bytes of its event.

    Raises:
        VerificationFailed: they are not those of an event.
    """
    kind, parent, key = names
    value = stamped(upcast(read_entry(entry)), index)
    return Record(kind=kind, parent=parent, key=key, value=value, plain=True)


def parse_record(names: Names, data: bytes) -> Record:
    """A record from its stored bytes.

    Raises:
        DamagedRecord: they are not bytes, or not those of a JSON object.
    """
    kind, parent, key = names
    where = f"{kind} {key}"
    if type(data) is not bytes:
        raise DamagedRecord("A stored record is not bytes.", where=where)
    try:
        return Record(kind=kind, parent=parent, key=key, value=_decode(data))
    except (ValueError, RecursionError) as error:
        raise DamagedRecord("A stored record is not a JSON object.", where=where) from error
