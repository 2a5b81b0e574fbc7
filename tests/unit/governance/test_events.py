"""An event has one spelling, a bounded size, and a shape that never changes."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InvalidArgument, VerificationFailed
from assay.governance import events
from assay.governance.events import EVENT_BYTES_MAX, SHAPES, Event, PersonId, parse_entry

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
DIGEST = "a" * 64


def event(**changes: object) -> Event:
    values: dict[str, object] = {
        "type": events.VERSION_PROMOTED,
        "time": AT,
        "actor": PersonId("0011223344556677"),
        "subject": "version/credit/abc",
        "body": {"system": "credit", "version": "abc", "stage": "production", "decision": DIGEST},
        "digests": {},
    }
    return Event(**(values | changes))  # type: ignore[arg-type]


def test_the_bytes_of_an_event_are_fixed_for_ever():
    """These bytes were written by the first release; they must be written and read for ever."""
    assert event().entry() == (
        b'{"actor":"0011223344556677","body":{"decision":"' + DIGEST.encode() + b'",'
        b'"stage":"production","system":"credit","version":"abc"},"digests":{},"schema":1,'
        b'"subject":"version/credit/abc","time":"2026-03-01T12:00:00.123456Z",'
        b'"type":"version.promoted"}'
    )


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_type_reads_back_as_written(shape):
    """parse(render(event)) is the event, for every type and schema there has been."""
    kind, schema = shape
    fields, digests = SHAPES[shape]
    original = event(
        type=kind,
        schema=schema,
        body={name: f"value of {name}" for name in fields},
        digests=dict.fromkeys(digests, DIGEST),
    )
    assert parse_entry(original.entry()) == original


def test_instants_are_written_in_utc():
    """The same instant in another zone gives the same bytes."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert event(time=elsewhere).entry() == event().entry()


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "version.forgotten"},
        {"schema": 2},
        {"body": {"system": "credit"}},
        {"type": events.APPROVAL_GIVEN},
        {"body": {"system": "c", "version": "a", "stage": 0.5, "decision": "d"}},
    ],
    ids=["type", "schema", "fields", "digests", "float"],
)
def test_what_has_no_shape_is_not_written(changes):
    """An unknown type or schema, missing fields or digests, and floats are refused."""
    with pytest.raises(InvalidArgument):
        event(**changes).entry()


def test_an_event_fits_in_a_tile_bundle():
    """Larger content belongs in the blob store: an entry's length has 16 bits."""
    body = {"system": "x" * EVENT_BYTES_MAX, "version": "", "stage": "", "decision": ""}
    with pytest.raises(InvalidArgument, match="blob store"):
        event(body=body).entry()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b",", b", ", 1),
        lambda data: data.replace(b'"schema":1', b'"schema":1.0'),
        lambda data: data.replace(b'"schema":1', b'"schema":true'),
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: b"[" * 100_000,
        lambda data: data.replace(b"123456Z", b"123456+00:00"),
        lambda data: data.replace(b"123456Z", b"123456"),
        lambda data: data.replace(b"123456Z", b"1234560Z"),
        lambda data: data.replace(b"2026-03-01T12", b"0001-01-01T00").replace(b"Z", b"+23:59"),
        lambda data: data.replace(b'"2026-03-01T12:00:00.123456Z"', b"1772366400"),
        lambda data: b'{"type":1}',
        lambda data: b"\xff" + data,
    ],
)
def test_any_other_spelling_is_refused(change):
    """Only the one spelling is an entry; nothing else is repaired or guessed."""
    with pytest.raises(VerificationFailed):
        parse_entry(change(event().entry()))


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=4))
def test_random_json_is_refused_without_a_traceback(raw):
    """Whatever mapping comes, the answer is an event or VerificationFailed."""
    with pytest.raises(VerificationFailed):
        parse_entry(json.dumps(raw).encode())


@pytest.mark.parametrize("many", [[], {}, ["production"]])
def test_a_field_of_one_value_holds_no_list(many):
    """Names and keys are made of such fields; neither is written nor read with a list there."""
    odd = event(body={**event().body, "stage": many})
    with pytest.raises(InvalidArgument, match="'stage'"):
        odd.entry()
    data = event().entry().replace(b'"production"', json.dumps(many).encode())
    with pytest.raises(VerificationFailed, match="'stage'"):
        parse_entry(data)
