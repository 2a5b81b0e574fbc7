"""What every journal promises: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from assay.adapters.appending import JournalConflict
from assay.adapters.memory import MemoryJournal
from assay.adapters.sql import filling, rebuilding, records
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.app.ports import Journal
from assay.errors import InvalidArgument
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.events import Event
from assay.governance.fold import EVIDENCE, SYSTEM, VERSION, Lookup, Names, Record, fold
from assay.governance.projection import Fold
from assay.tlog.merkle import EMPTY_ROOT, leaf_hash, tree_root

Story = Callable[[int], list[Event]]
Make = Callable[[Fold], Journal]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """A maker of empty journals of one kind, given the fold."""
    opened: list[SqlJournal] = []

    def make_sqlite(fold: Fold) -> Journal:
        opened.append(open_sqlite(tmp_path / f"{len(opened)}.sqlite", fold=fold))
        return opened[-1]

    def make_postgres(fold: Fold) -> Journal:
        # A space of its own is as good as a database of its own, and shows that it is.
        url, space = (
            request.getfixturevalue("postgres").shared,
            f"{request.node.name}-{len(opened)}",
        )
        opened.append(open_postgres(url, fold=fold, space=space))
        return opened[-1]

    makers = {"sqlite": make_sqlite, "postgres": make_postgres}
    yield makers.get(request.param, lambda fold: MemoryJournal(fold=fold))
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(make: Make) -> Journal:
    """An empty journal with the fold that Assay uses."""
    return make(fold)


def test_new_journal_is_empty(journal: Journal) -> None:
    """Nothing is in it, and its root is that of the empty tree."""
    head = journal.head()
    assert (head.size, head.root, head.time) == (0, EMPTY_ROOT, None)
    assert list(journal.entries()) == []
    assert list(journal.checkpoints()) == []
    assert journal.last_checkpoint() is None
    assert list(journal.history()) == []
    assert list(journal.subjects()) == []


def test_entries_are_exactly_what_was_appended(journal: Journal, story: Story) -> None:
    """Indices count from 0 without gaps; data are the event's bytes; the hash is the RFC's."""
    told = story(10)
    assert journal.append(told[:4], expected={}) == (0, 1, 2, 3)
    assert journal.append(told[4:], expected={}) == (4, 5, 6, 7, 8, 9)
    entries = list(journal.entries())
    assert [entry.index for entry in entries] == list(range(10))
    assert [entry.data for entry in entries] == [event.entry() for event in told]
    assert [entry.leaf_hash for entry in entries] == [leaf_hash(e.entry()) for e in told]
    assert list(journal.entries(7)) == entries[7:]
    assert list(journal.entries(10)) == []


def test_head_commits_to_every_entry(journal: Journal, story: Story) -> None:
    """However the events were batched, the root is that over all leaves."""
    told = story(23)
    for start, end in [(0, 1), (1, 8), (8, 23)]:
        journal.append(told[start:end], expected={})
        head = journal.head()
        assert (head.size, head.time) == (end, told[end - 1].time)
        assert head.root == tree_root(leaf_hash(event.entry()) for event in told[:end])


def test_frontier_is_that_of_any_committed_size(journal: Journal, story: Story) -> None:
    """The right edge can be had for every size up to the head's, whatever was signed."""
    told = story(20)
    journal.append(told, expected={})
    journal.add_checkpoint(7, b"note")
    for size in range(21):
        edge = journal.frontier(size)
        assert edge.size == size
        assert edge.root == tree_root(leaf_hash(event.entry()) for event in told[:size])


def test_many_pages_of_entries_keep_their_order(journal: Journal, story: Story) -> None:
    """More entries than one read fetches come whole and in order."""
    journal.append(story(1203), expected={})
    assert [entry.index for entry in journal.entries(3)] == list(range(3, 1203))
    pages = list(journal.pages(3))
    assert all(pages)
    assert [entry for page in pages for entry in page] == list(journal.entries(3))
    assert list(journal.pages(1203)) == []
    assert [index for index, _ in journal.history()] == sorted(
        index for index, _ in journal.history()
    )


def test_lists_of_many_pages_are_whole(
    journal: Journal, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they are and as they were, also where a page ends among names of later records."""
    told = story(60)
    journal.append(told, expected={})
    folded = MemoryJournal(fold=fold)
    folded.append(told, expected={})
    monkeypatch.setattr(records, "_PAGE", 3)
    records._listing.cache_clear()
    try:
        for at in (None, 1, 20, 41):
            for parent in (None, "system-1"):
                found = list(journal.records(VERSION, parent=parent, at=at))
                assert found == list(folded.records(VERSION, parent=parent, at=at))
    finally:
        records._listing.cache_clear()


def test_revision_counts_a_subjects_events(journal: Journal, story: Story) -> None:
    """Each event of a subject raises its revision by one, in one batch or in many."""
    told = story(25)
    journal.append(told, expected={})
    subject = told[0].subject
    count = sum(event.subject == subject for event in told)
    assert journal.revision(subject) == count > 1
    assert journal.revision("system/never") == 0
    counted = {event.subject: 0 for event in told}
    for event in told:
        counted[event.subject] += 1
    assert dict(journal.subjects()) == counted
    assert [name for name, _ in journal.subjects()] == sorted(counted)


def test_subject_that_moved_on_is_a_conflict(journal: Journal, story: Story) -> None:
    """Of two writers that read the same state, the second is refused and changes nothing."""
    told = story(6)
    subject = told[0].subject
    journal.append(told[:1], expected={subject: 0})
    with pytest.raises(JournalConflict) as caught:
        journal.append(told[1:2], expected={subject: 0})
    assert caught.value.code == "journal.conflict"
    assert caught.value.remedy
    assert journal.head().size == 1
    journal.append(told[1:2], expected={subject: 1, "system/never": 0})
    assert journal.head().size == 2


def test_conflict_may_be_about_a_subject_that_is_only_read(journal: Journal, story: Story) -> None:
    """What a change rests on is guarded too, not only what it writes."""
    told = story(2)
    with pytest.raises(JournalConflict):
        journal.append(told, expected={"system/other": 1})
    assert journal.head().size == 0


def test_times_never_run_backwards(journal: Journal, story: Story) -> None:
    """An event before the head's time is refused, within a batch and between batches."""
    told = story(3)
    early = replace(told[2], time=told[0].time - timedelta(microseconds=1))
    with pytest.raises(InvalidArgument):
        journal.append([*told, early], expected={})
    assert journal.head().size == 0
    journal.append(told, expected={})
    with pytest.raises(InvalidArgument):
        journal.append([early], expected={})
    journal.append([replace(early, time=told[2].time)], expected={})
    assert journal.head().size == 4


def test_nothing_is_no_append(journal: Journal) -> None:
    """An append without events is a defect of the caller."""
    with pytest.raises(InvalidArgument):
        journal.append([], expected={})


def test_records_are_those_of_the_fold_as_of_every_size(journal: Journal, story: Story) -> None:
    """Folding one event at a time by hand gives the records as of each size."""
    told = story(40)
    journal.append(told[:11], expected={})
    journal.append(told[11:], expected={})
    state: dict[Names, Record] = {}

    def lookup(kind: str, key: str, parent: str = "", /) -> Record | None:
        return state.get((kind, parent, key))

    past = [dict(state)]
    for index, event in enumerate(told):
        for record in fold(event, index, lookup):
            state[record.names] = record
        past.append(dict(state))
    for at, then in enumerate(past):
        for kind, parent, key in state:
            assert journal.record(kind, key, parent, at=at) == then.get((kind, parent, key))
        for kind in (SYSTEM, VERSION):
            expected = [then[found] for found in sorted(then) if found[0] == kind]
            assert list(journal.records(kind, at=at)) == expected
    for record in state.values():
        assert journal.record(record.kind, record.key, record.parent) == record
    versions = [state[key] for key in sorted(state) if key[0] == VERSION]
    assert list(journal.records(VERSION)) == versions
    below = [record for record in versions if record.parent == "system-1"]
    assert list(journal.records(VERSION, parent="system-1")) == below != []
    assert list(journal.records(VERSION, parent="system-1", at=40)) == below
    assert list(journal.records("unknown")) == []


def test_records_of_many_pages_keep_their_order(make: Make, story: Story) -> None:
    """More records than one read fetches come in key order, the empty key first."""

    def fold_every(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
        return (Record(kind="k", key=f"{index:05}" if index else "", value={"i": index}),)

    journal = make(fold_every)
    journal.append(story(1100), expected={})
    found = [record.value["i"] for record in journal.records("k")]
    assert found == list(range(1100))


def test_history_tells_every_change_once(make: Make, story: Story) -> None:
    """A record folded again as it stands is no change; of two in one event the last counts."""

    def fold_sometimes(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
        before = lookup("k", "a")
        seen = before.value["seen"] if before else None
        again = Record(kind="k", key="a", value={"seen": index // 4})
        return (
            Record(kind="k", key="b", value={"seen": seen}),
            Record(kind="k", key="a", value={"seen": "overruled"}),
            again,
        )

    journal = make(fold_sometimes)
    told = story(12)
    for start in range(0, 12, 5):
        journal.append(told[start : start + 5], expected={})
    assert [(i, r.key, r.value["seen"]) for i, r in journal.history()] == [
        (0, "a", 0),
        (0, "b", None),
        (1, "b", 0),
        (4, "a", 1),
        (5, "b", 1),
        (8, "a", 2),
        (9, "b", 2),
    ]


def _measured(number: int, *, at: Event) -> Event:
    """Evidence about one version, whose statement is one of three."""
    statement = str(number % 3) * 64
    return replace(
        at,
        type=events.EVIDENCE_RECORDED,
        subject="version/credit/v",
        body={
            "system": "credit",
            "version": "v",
            "dataset": f"rows of {number}",
            "produced": "2026-01-01T00:00:00.000000Z",
            "documents": {"card": ["text", {"é": number}]},
        },
        digests=dict.fromkeys(("statement", "envelope", "recipe", "tallies"), statement),
    )


def test_what_an_event_tells_alone_is_read_from_it(journal: Journal, story: Story) -> None:
    """Evidence stands as its latest event told it, then and now, in lists and in the history."""
    told = [_measured(number, at=at) for number, at in enumerate(story(8))]
    journal.append(told[:5], expected={})
    journal.append(told[5:], expected={})
    for rebuilt in (False, True):
        if rebuilt:
            journal.rebuild()
        history = list(journal.history())
        assert [index for index, _ in history] == list(range(8))
        for index, record in history:
            (made,) = fold(told[index], index, lambda *_: None)
            assert record == made
        for at in (None, 8, 6, 4):
            last = [record for index, record in history if at is None or index < at][-3:]
            expected = sorted(last, key=lambda record: record.key)
            assert list(journal.records(EVIDENCE, at=at)) == expected
            assert list(journal.records(EVIDENCE, parent="credit/v", at=at)) == expected
            for record in expected:
                assert journal.record(EVIDENCE, record.key, "credit/v", at=at) == record


def test_records_read_the_same_whatever_sequence_the_fold_used(make: Make, story: Story) -> None:
    """A tuple is stored as a list, and is a list for the fold's next look-up too."""
    seen: list[object] = []

    def fold_tuples(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
        before = lookup("k", "a")
        seen.append(before.value["items"] if before else None)
        return (Record(kind="k", key="a", value={"items": (index, ("x",))}),)

    journal = make(fold_tuples)
    journal.append(story(2), expected={})
    record = journal.record("k", "a")
    assert record is not None
    assert record.value == {"items": [1, ["x"]]}
    assert seen[-1] == [0, ["x"]]


def _restless(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    """Records of one key below several parents, that stay the same, and that count on."""
    told: dict[str, Json] = {"told": (index % 2, [event.actor]), "steady": {"a": (1, 2)}}
    place = index * 7 % 5
    standing = lookup("counted", str(place), f"p{place % 2}")
    count = 1 + (cast(int, standing.value["count"]) if standing else 0)
    return (
        Record(kind="unasked", key=str(place), parent=f"p{index % 3}", value=told),
        Record(kind="steady", key=str(place), value={"steady": told["steady"]}),
        Record(kind="overruled", key="", value={"index": -1}),
        Record(kind="overruled", key="", parent="p0", value={"index": index // 4}),
        Record(kind="counted", key=str(place), parent=f"p{place % 2}", value={"count": count}),
        *(Record(kind="new", key=str(index), parent="p1") for _ in range(index % 2)),
    )


@pytest.mark.parametrize("rebuilt", [False, True], ids=["appended", "rebuilt"])
def test_records_of_any_order_are_those_of_single_appends(
    make: Make, story: Story, monkeypatch: pytest.MonkeyPatch, rebuilt: bool
) -> None:
    """However events are batched, every list at every size is what one at a time gives."""
    monkeypatch.setattr(rebuilding, "_CHUNK", 11)
    monkeypatch.setattr(filling, "_HELD", 3)
    monkeypatch.setattr(filling, "_REMEMBERED", 2)
    told, alone, journal = story(60), MemoryJournal(fold=_restless), make(_restless)
    for event in told:
        alone.append([event], expected={})
    for start, end in [(0, 1), (1, 2), (2, 20), (20, 21), (21, 60)]:
        journal.append(told[start:end], expected={})
    if rebuilt:
        journal.rebuild()
    assert list(journal.history()) == list(alone.history())
    for at in (None, *range(0, 61, 4)):
        for kind in ("unasked", "steady", "overruled", "counted", "new"):
            for parent in (None, "", "p0", "p1", "p2"):
                found = list(journal.records(kind, parent=parent, at=at))
                assert found == list(alone.records(kind, parent=parent, at=at))


def test_fold_that_raises_leaves_nothing_behind(make: Make, story: Story) -> None:
    """An append is all or nothing."""

    def fold_until(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
        if index == 3:
            raise RuntimeError("defect")
        return (Record(kind="k", key="a", value={"i": index}),)

    journal = make(fold_until)
    told = story(5)
    journal.append(told[:2], expected={})
    before = journal.head(), list(journal.history()), list(journal.subjects())
    with pytest.raises(RuntimeError):
        journal.append(told[2:], expected={})
    assert (journal.head(), list(journal.history()), list(journal.subjects())) == before
    assert journal.append(told[2:3], expected={}) == (2,)


def test_event_without_canonical_form_leaves_nothing_behind(journal: Journal, story: Story) -> None:
    """One bad event in a batch refuses the batch."""
    told = story(3)
    with pytest.raises(InvalidArgument):
        journal.append([told[0], replace(told[1], type="unknown"), told[2]], expected={})
    assert journal.head().size == 0


def test_checkpoints_are_kept_by_size(journal: Journal, story: Story) -> None:
    """Notes come by ascending size; a note of the same size takes the other's place."""
    journal.append(story(5), expected={})
    for size, note in [(5, b"five"), (0, b"zero"), (3, b"three"), (3, b"three, cosigned")]:
        journal.add_checkpoint(size, note)
    assert list(journal.checkpoints()) == [(0, b"zero"), (3, b"three, cosigned"), (5, b"five")]
    assert journal.last_checkpoint() == (5, b"five")


@pytest.mark.parametrize("size", [-1, 6])
def test_checkpoint_of_what_is_not_committed_is_refused(
    journal: Journal, story: Story, size: int
) -> None:
    """A size beyond the head cannot have been signed."""
    journal.append(story(5), expected={})
    with pytest.raises(InvalidArgument):
        journal.add_checkpoint(size, b"note")


def test_index_at_counts_what_is_not_later(journal: Journal, story: Story) -> None:
    """The state as of an instant includes what happened at that very instant."""
    told = story(700)
    same = [replace(event, time=told[300].time) for event in told[300:310]]
    told = [*told[:300], *same, *told[310:]]
    assert journal.index_at(told[0].time) == 0
    journal.append(told, expected={})
    moment = timedelta(microseconds=1)
    assert journal.index_at(told[0].time - moment) == 0
    assert journal.index_at(told[0].time) == 1
    assert journal.index_at(told[300].time - moment) == 300
    assert journal.index_at(told[300].time) == 310
    assert journal.index_at(told[-1].time + moment) == 700


def test_rebuilt_records_are_those_that_stood(journal: Journal, story: Story) -> None:
    """Folding everything anew changes nothing, and appending goes on from it."""
    told = story(120)
    assert journal.rebuild() == 0
    journal.append(told[:100], expected={})
    before = list(journal.history()), list(journal.subjects()), journal.head()
    assert journal.rebuild() == 100
    assert (list(journal.history()), list(journal.subjects()), journal.head()) == before
    journal.append(told[100:], expected={told[0].subject: journal.revision(told[0].subject)})
    assert journal.rebuild() == 120
    assert journal.head().size == 120


def test_rebuild_takes_up_what_the_fold_says_now(make: Make, story: Story) -> None:
    """Records come of the fold alone, whatever stood before."""
    said = ["before"]

    def fold_as_told(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
        return (Record(kind="k", key=str(index % 3), value={"said": said[0], "index": index}),)

    journal = make(fold_as_told)
    journal.append(story(7), expected={})
    said[0] = "now"
    journal.rebuild()
    assert [record.value for record in journal.records("k", at=3)] == [
        {"said": "now", "index": index} for index in range(3)
    ]
    assert [record.value["index"] for record in journal.records("k")] == [6, 4, 5]


def test_fold_that_raises_leaves_the_records_as_they_stood(make: Make, story: Story) -> None:
    """A rebuild that fails puts nothing in anything's place, and can be tried again."""
    defect = [False]

    def fold_or_fail(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
        if defect[0] and index == 4:
            raise RuntimeError("defect")
        return (Record(kind="k", key="a", value={"index": index}),)

    journal = make(fold_or_fail)
    told = story(8)
    journal.append(told[:6], expected={})
    before = list(journal.history())
    defect[0] = True
    with pytest.raises(RuntimeError):
        journal.rebuild()
    assert list(journal.history()) == before
    defect[0] = False
    journal.append(told[6:], expected={})
    assert journal.rebuild() == 8


@pytest.mark.parametrize("name", ["system/a\0b", "system/" + "x" * 1100, "system/\ud800"])
def test_name_that_not_every_database_keeps_is_refused(
    journal: Journal, make: Make, story: Story, name: str
) -> None:
    """NUL, a lone surrogate or a name too long to index is refused before anything is written."""
    (event,) = story(1)
    with pytest.raises(InvalidArgument):
        journal.append([replace(event, subject=name)], expected={})

    def fold_named(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
        return (Record(kind="k", key=name, value={}),)

    other = make(fold_named)
    with pytest.raises(InvalidArgument):
        other.append([event], expected={})
    assert (journal.head().size, other.head().size) == (0, 0)
    assert journal.revision(name) == 0
    assert journal.record(SYSTEM, name) is None
    assert list(journal.records(VERSION, parent=name)) == []


def test_names_are_ordered_by_their_bytes(make: Make, story: Story) -> None:
    """Whatever language a server speaks, keys come in the order of their code points."""
    names = ["a", "B", "b", "A", "ä", "z", "_", "\U0001f600", "\uffff", "a b", "a-b", "aa"]

    def fold_named(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
        return (Record(kind="k", key=names[index], value={}),)

    journal = make(fold_named)
    told = [replace(event, subject=name) for event, name in zip(story(12), names, strict=True)]
    journal.append(told, expected={})
    assert [record.key for record in journal.records("k")] == sorted(names)
    assert [name for name, _ in journal.subjects()] == sorted(names)
