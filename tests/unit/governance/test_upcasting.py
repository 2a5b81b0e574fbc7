"""Old events reach the fold in their present schema, whatever is stored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from assay.adapters.sql.sqlite import open_sqlite
from assay.governance import events, upcasting
from assay.governance.events import SHAPES, Event, PersonId, parse_entry
from assay.governance.fold import fold
from assay.governance.records import read_version
from assay.governance.upcasting import UPCASTERS, upcast

Story = Callable[[int], list[Event]]

RELEASED = Path(__file__).parents[2] / "vectors/data/journals/0.1.0.sqlite"


def _any_of(kind: str, schema: int) -> Event:
    fields, digests = SHAPES[kind, schema]
    return Event(
        type=kind,
        schema=schema,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        actor=PersonId("p-1"),
        subject="system/a",
        body={name: name for name in fields},
        digests=dict.fromkeys(digests, "0" * 64),
    )


@pytest.mark.parametrize(("kind", "schema"), sorted(UPCASTERS))
def test_an_upcaster_leads_to_the_next_schema(kind: str, schema: int) -> None:
    """What it gives is an event of that shape, and keeps what was said."""
    old = _any_of(kind, schema)
    new = upcast(old)
    assert new.schema > schema
    assert parse_entry(new.entry()) == new
    assert {name: new.body[name] for name in old.body} == old.body
    assert (new.time, new.actor, new.subject) == (old.time, old.actor, old.subject)


def test_an_event_of_the_last_schema_is_as_it_was(story: Story) -> None:
    """Nothing is done to what needs nothing."""
    for event in story(2):
        assert upcast(event) is event


def test_upcasters_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event of the first schema passes through each on its way to the last."""
    passed: list[int] = []

    def step(event: Event) -> Event:
        passed.append(event.schema)
        return event

    monkeypatch.setattr(upcasting, "UPCASTERS", {("x", 1): step, ("x", 2): step})
    old = replace(_any_of(events.SYSTEM_DECLARED, 1), type="x")
    assert upcast(old).schema == 3
    assert passed == [1, 2]


def test_what_a_release_recorded_folds_by_way_of_upcasters(tmp_path: Path) -> None:
    """A promotion of 0.1.0, in its own schema, moves its version as a present one does."""
    shutil.copy(RELEASED, tmp_path / "journal.sqlite")
    with open_sqlite(tmp_path / "journal.sqlite", fold=fold) as journal:
        told = [parse_entry(entry.data) for entry in journal.entries()]
        (old,) = (event for event in told if event.type == events.VERSION_PROMOTED)
        assert old.schema == 1
        version = read_version(journal, f"{old.body['system']}/{old.body['version']}")
        assert version is not None
        assert version.value["stage"] == old.body["stage"]
        assert journal.rebuild() == len(told)
        assert [parse_entry(entry.data) for entry in journal.entries()] == told
