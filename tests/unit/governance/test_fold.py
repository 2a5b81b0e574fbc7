"""Records follow from events alone."""

from datetime import UTC, datetime

from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import DECISION, VERSION, Names, Record, fold, version_key

AT = datetime(2026, 3, 1, tzinfo=UTC)
STATEMENT = "5" * 64


def folded(*happened: Event) -> dict[tuple[str, str], Record]:
    records: dict[Names, Record] = {}

    def lookup(kind: str, key: str, parent: str = "", /) -> Record | None:
        return records.get((kind, parent, key))

    for index, event in enumerate(happened):
        records.update({record.names: record for record in fold(event, index, lookup)})
    return {(kind, key): record for (kind, _, key), record in records.items()}


def event(kind: str, body: dict[str, str | None], **digests: str) -> Event:
    return Event(type=kind, time=AT, actor=PersonId("p"), subject="s", body=body, digests=digests)


REGISTERED = event(
    events.VERSION_REGISTERED,
    {"system": "credit", "version": "v", "name": "1.0", "author": "p", "components": None},
    manifest="0" * 64,
)
DECIDED = event(
    events.DECISION_MADE,
    {"system": "credit", "version": "v", "outcome": "allow"},
    statement=STATEMENT,
)
PROMOTED = event(
    events.VERSION_PROMOTED,
    {"system": "credit", "version": "v", "stage": "production", "decision": STATEMENT},
)


def test_a_version_knows_its_latest_decision_and_stage():
    """A version begins in development without a decision; events move it on."""
    key = version_key("credit", "v")
    begun = folded(REGISTERED)[VERSION, key].value
    assert (begun["stage"], begun["decision"]) == ("development", None)
    later = folded(REGISTERED, DECIDED, PROMOTED)
    assert later[VERSION, key].value["stage"] == "production"
    assert later[VERSION, key].value["decision"] == STATEMENT
    assert later[DECISION, STATEMENT].parent == key


def test_an_event_about_an_unknown_version_amends_nothing():
    """The fold is total: a log written elsewhere cannot make it raise."""
    assert folded(PROMOTED) == {}


def test_records_say_who_when_and_where_in_the_journal():
    """Every record carries its actor, time and index, so a page can prove it."""
    value = folded(REGISTERED)[VERSION, version_key("credit", "v")].value
    assert (value["actor"], value["time"], value["index"]) == (
        "p",
        "2026-03-01T00:00:00.000000Z",
        0,
    )
