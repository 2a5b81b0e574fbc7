"""What stores keep of records, and what need not be asked of a fold for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assay.evidence.canonical import Json, canonical
from assay.governance import events
from assay.governance.events import SHAPES, Event, PersonId, read_entry
from assay.governance.fold import Names, Record, fold
from assay.governance.projection import Stored, changes, telling_event, told_record

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _event(type_: str, schema: int, *, at: int) -> Event:
    """An event as it is read from its bytes; whatever it names has the same name."""
    fields, digests = SHAPES[type_, schema]
    told: Json = {"type": events.EVIDENCE_RECORDED, "body": {"a": ["b"]}, "actor": "p", "time": "t"}
    event = Event(
        type=type_,
        schema=schema,
        time=NOON + timedelta(seconds=at),
        actor=PersonId(f"p-{at}"),
        subject="system/x",
        body={name: told if name == "event" else "x" for name in fields},
        digests=dict.fromkeys(digests, f"{at:064x}"),
    )
    return read_entry(event.entry())


@pytest.mark.parametrize("last", sorted(SHAPES), ids=str)
def test_a_record_of_what_was_read_is_as_it_is_stored(last: tuple[str, int]) -> None:
    """On whatever stands: canonical bytes, or the event that tells just what the fold made."""
    state: dict[Names, Record] = {}

    def lookup(kind: str, key: str, parent: str = "", /) -> Record | None:
        return state.get((kind, parent, key))

    for index, shape in enumerate([*sorted(SHAPES), last]):
        event = _event(*shape, at=index)
        for record in fold(event, index, lookup):
            stored = Stored(record, index)
            kept = record if telling_event(stored.value) is None else None
            assert record.plain == (kept is None)
            assert (kept or told_record(record.names, index, event.entry())) == record
            assert stored.value == (canonical(record.value) if kept else b"%d" % index)
            assert stored.record == record == stored.made
            state[record.names] = record
    assert len(state) > 20


def test_what_stands_already_is_no_change() -> None:
    """Neither the same again, nor a tuple where a list is stored."""

    def fold_always(_event: Event, _index: int, _lookup: object) -> tuple[Record, ...]:
        return (Record(kind="k", key="a", value={"list": (1, 2)}),)

    event = _event(events.SYSTEM_REVIEWED, 1, at=0)
    (made,) = changes(fold_always, event, 0, lambda *_: None)
    assert changes(fold_always, event, 1, lambda *_: made.record) == []
    assert changes(fold_always, event, 1, lambda *_: made.made) == []
    moved = Record(kind="k", key="a", parent="p", value=made.made.value)
    assert len(changes(fold_always, event, 1, lambda *_: moved)) == 1
