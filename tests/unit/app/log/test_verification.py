"""Verifying a journal: what is proved, what is found, and where."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from assay.adapters.blobs import LocalBlobs
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.sql.database import JournalDamaged
from assay.adapters.sql.sqlite import open_sqlite
from assay.app.log.verification import PublishingRefused, publish_checkpoint, verify_journal
from assay.app.log.verifying.problems import (
    CheckpointRejected,
    ContentDamaged,
    EntryChanged,
    EntryMalformed,
    EntryMissing,
    EntryStray,
    HistoryRewritten,
    JournalProblem,
    StateDiffers,
    StatementRejected,
    TimeRunsBackwards,
)
from assay.app.ports import BlobStore, Head, Journal
from assay.errors import VerificationFailed
from assay.evidence.envelopes import seal
from assay.evidence.statements import Statement, statement_id, subjects
from assay.governance import events
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.governance.projection import DamagedRecord
from assay.governance.verification import VerificationReport
from assay.tlog.checkpoint import Checkpoint
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.note import Note

Story = Callable[[int], list[Event]]
Evidence = tuple[MemoryJournal, LocalBlobs, Event]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
OTHER = Ed25519Signer.from_seed("example.org/log", b"o" * 32)

GHOST = """INSERT INTO {} SELECT projection, {} FROM records WHERE valid_from = 3"""

OF_VERSIONS = "list IN (SELECT list FROM lists WHERE kind = 'version')"

ONE_PLACE = [
    "UPDATE records SET place = 999 WHERE kind = 'version'",
    f"UPDATE places SET place = 999 WHERE {OF_VERSIONS}",
]
"""Every version as if it were one record."""


def _ghost(index: int) -> tuple[str, ...]:
    """A record of no event, listed as every other is."""
    return (
        GHOST.format("lists", "kind, 'ghost', 999"),
        GHOST.format("places", "999, key, 999"),
        GHOST.format("records", f"999, {index}, kind, 'ghost', key, value"),
    )


@pytest.fixture
def path(tmp_path: Path, story: Story) -> Path:
    """A journal of 21 entries in SQLite, signed at 9 and at 20 of them."""
    path = tmp_path / "journal.sqlite"
    told = story(21)
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:9], expected={})
        publish_checkpoint(journal, SIGNER)
        journal.append(told[9:20], expected={})
        publish_checkpoint(journal, SIGNER)
        journal.append(told[20:], expected={})
    return path


def _verify(journal: Journal, blobs: BlobStore | None = None) -> VerificationReport:
    return verify_journal(
        journal,
        origin=SIGNER.name,
        verifiers=[SIGNER.verifier],
        blobs=blobs or MemoryBlobs(),
        fold=fold,
        state=True,
    )


def _verify_file(path: Path) -> VerificationReport:
    with open_sqlite(path, fold=fold, read_only=True) as journal:
        return _verify(journal)


def _tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_report_says_what_was_proved(path: Path, story: Story) -> None:
    """Sizes, roots, checkpoints, and what no signature covers yet."""
    report = _verify_file(path)
    leaves = [leaf_hash(event.entry()) for event in story(21)]
    assert (report.size, report.root) == (21, Frontier().extend(leaves).root)
    assert (report.checkpoints, report.signed, report.unsigned) == (2, 20, 1)
    # Events about a version change its record and its system's line in the portfolio.
    assert report.changes == 42
    assert (report.contents, report.statements) == (0, 0)


def test_absent_content_is_reported_not_hidden(path: Path) -> None:
    """Content that is not stored is counted and named, but entries still verify."""
    report = _verify_file(path)
    assert report.absent_count == 14
    assert len(set(report.absent)) == len(report.absent) == 7


def test_empty_journal_verifies() -> None:
    """A journal without entries has nothing to prove, and says so."""
    journal = MemoryJournal(fold=fold)
    report = _verify(journal)
    assert (report.size, report.checkpoints, report.unsigned) == (0, 0, 0)
    publish_checkpoint(journal, SIGNER)
    assert _verify(journal).checkpoints == 1


@pytest.mark.parametrize(
    ("statement", "problem", "index"),
    [
        (
            "UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE \"index\" = 4",
            EntryChanged,
            4,
        ),
        ('UPDATE entries SET leaf_hash = zeroblob(32) WHERE "index" = 13', EntryChanged, 13),
        ('DELETE FROM entries WHERE "index" = 7', EntryMissing, 7),
        ('DELETE FROM entries WHERE "index" >= 18', EntryMissing, 18),
        ('UPDATE entries SET "index" = 99 WHERE "index" = 5', EntryMissing, 5),
        (
            'INSERT INTO entries SELECT space, 21, data, leaf_hash FROM entries WHERE "index" = 20',
            EntryStray,
            21,
        ),
        ("UPDATE checkpoints SET note = zeroblob(9) WHERE size = 9", CheckpointRejected, 9),
        ("UPDATE checkpoints SET frontier = zeroblob(64) WHERE size = 9", CheckpointRejected, 9),
        ("UPDATE checkpoints SET size = 10 WHERE size = 9", CheckpointRejected, 10),
        ("UPDATE checkpoints SET size = -1 WHERE size = 9", CheckpointRejected, -1),
        ("UPDATE checkpoints SET size = 25 WHERE size = 20", EntryMissing, 21),
        (
            "UPDATE heads SET frontier = CAST(zeroblob(32) || substr(frontier, 33) AS BLOB)",
            HistoryRewritten,
            20,
        ),
    ],
)
def test_tampering_with_the_log_is_located(
    path: Path, statement: str, problem: type[JournalProblem], index: int
) -> None:
    """Whatever was changed, taken away or put in, the first bad entry is named."""
    _tamper(path, statement)
    with pytest.raises(problem) as caught:
        _verify_file(path)
    assert caught.value.index == index
    assert str(index) in str(caught.value)


def test_entry_rewritten_with_its_hash_does_not_lead_to_the_signed_root(
    path: Path, story: Story
) -> None:
    """An attacker who also fixes the stored hash is found by the next signature."""
    other = structs.replace(story(13)[12], subject="system/another").entry()
    _tamper(
        path,
        f"UPDATE entries SET data = x'{other.hex()}', leaf_hash = x'{leaf_hash(other).hex()}'"
        ' WHERE "index" = 12',
    )
    with pytest.raises(HistoryRewritten) as caught:
        _verify_file(path)
    assert caught.value.index == 9


def test_journal_cut_back_with_its_head_is_shorter_than_what_was_signed(
    path: Path, story: Story
) -> None:
    """Removing the newest entries and setting the head back is found by the checkpoint."""
    edge = Frontier().extend(leaf_hash(event.entry()) for event in story(15))
    _tamper(
        path,
        'DELETE FROM entries WHERE "index" >= 15',
        f"UPDATE heads SET size = 15, frontier = x'{edge.to_bytes().hex()}'",
    )
    with pytest.raises(EntryMissing) as caught:
        _verify_file(path)
    assert caught.value.index == 15


@pytest.mark.parametrize(
    ("statements", "index"),
    [
        (["DELETE FROM records WHERE valid_from = 3"], 3),
        (["UPDATE records SET value = '{}' WHERE valid_from = 4"], None),
        (["UPDATE records SET value = CAST('{}' AS BLOB) WHERE valid_from = 4"], 4),
        (["UPDATE records SET value = CAST('4' AS BLOB) WHERE valid_from = 4"], 4),
        (["UPDATE records SET value = CAST('999' AS BLOB) WHERE valid_from = 4"], 4),
        (["UPDATE records SET parent = 'system-9' WHERE valid_from = 4"], None),
        (["UPDATE records SET key = 'system-9' WHERE valid_from = 6"], None),
        (["UPDATE records SET place = 998 WHERE valid_from = 4 AND kind = 'version'"], None),
        (["UPDATE records SET valid_from = 104 WHERE valid_from = 4 AND kind = 'version'"], 4),
        ([f"DELETE FROM places WHERE {OF_VERSIONS}"], None),
        (["UPDATE places SET place = place + 1"], None),
        (["DELETE FROM lists WHERE kind = 'version'"], None),
        (["UPDATE lists SET list = list + 1 WHERE kind = 'version'"], None),
        (["UPDATE lists SET kind = 'ghost' WHERE kind = 'version'"], None),
        ([f"UPDATE places SET key = 'ghost-' || key WHERE {OF_VERSIONS}"], None),
        (ONE_PLACE, None),
        (_ghost(2), 2),
        (_ghost(30), 21),
        (["UPDATE subjects SET revision = revision + 1 WHERE subject = 'system/system-1'"], 21),
        (["INSERT INTO subjects SELECT projection, 'system/ghost', 1 FROM subjects LIMIT 1"], 21),
    ],
)
def test_tampering_with_the_tables_is_found(
    path: Path, statements: Sequence[str], index: int | None
) -> None:
    """A record that the entries do not fold to is found, with the entry where it matters."""
    _tamper(path, *statements)
    with pytest.raises(VerificationFailed) as caught:
        _verify_file(path)
    if index is None:
        assert isinstance(caught.value, JournalDamaged | DamagedRecord)
    else:
        assert isinstance(caught.value, StateDiffers)
        assert caught.value.index == index


def test_without_state_only_the_log_is_checked(path: Path) -> None:
    """Tables are compared when that is asked for, and the report says whether it was."""
    _tamper(path, "DELETE FROM records")
    with open_sqlite(path, fold=fold, read_only=True) as journal:
        report = verify_journal(
            journal,
            origin=SIGNER.name,
            verifiers=[SIGNER.verifier],
            blobs=MemoryBlobs(),
            fold=fold,
        )
    assert report.changes is None


class Scripted(MemoryJournal):
    """A journal that also takes entries which no honest writer would append."""

    def force(self, data: bytes) -> None:
        """Put bytes into the log with a right hash and root."""
        leaf = leaf_hash(data)
        self._entries.append(
            dataclasses.replace(self._entries[0], index=self._edge.size, data=data)
        )
        self._entries[-1] = dataclasses.replace(self._entries[-1], leaf_hash=leaf)
        self._edge = self._edge.extend([leaf])

    def change(self, index: int) -> None:
        """Flip a bit of an entry, beside a hash that stays."""
        data = self._entries[index].data
        self._entries[index] = dataclasses.replace(self._entries[index], data=data[:-1] + b"|")


class Shared(MemoryJournal):
    """A journal to which somebody else adds, and signs, right after it was first looked at."""

    def __init__(self, told: Sequence[Event]) -> None:
        super().__init__(fold=fold)
        self.append(told[:2], expected={})
        self._theirs = list(told[2:])

    def head(self) -> Head:
        found = super().head()
        self._others_act()
        return found

    def last_checkpoint(self) -> tuple[int, bytes] | None:
        found = super().last_checkpoint()
        self._others_act()
        return found

    def _others_act(self) -> None:
        theirs, self._theirs = self._theirs, []
        if theirs:
            self.append(theirs, expected={})
            publish_checkpoint(self, SIGNER)


def test_what_others_sign_meanwhile_is_no_loss_of_entries(story: Story) -> None:
    """Neither to who signs at that moment nor to who verifies."""
    assert publish_checkpoint(Shared(story(5)), SIGNER).size == 5
    report = _verify(Shared(story(5)))
    assert (report.size, report.signed) == (2, 0)


def test_pages_are_cut_at_what_was_signed(story: Story) -> None:
    """Wherever checkpoints fall in the pages that are read, all of them are met."""
    journal, told = MemoryJournal(fold=fold), story(1_100)
    sizes = [1, 2, 499, 500, 501, 1_000, 1_099, 1_100]
    for start, end in zip([0, *sizes], sizes, strict=False):
        journal.append(told[start:end], expected={})
        publish_checkpoint(journal, SIGNER)
    report = _verify(journal)
    assert (report.size, report.signed, report.checkpoints) == (1_100, 1_100, len(sizes))


def test_the_first_of_several_faults_in_a_page_is_named(story: Story) -> None:
    """An entry without its hash does not hide what is wrong with one before it."""
    journal, told = Scripted(fold=fold), story(600)
    journal.append(told[:2], expected={})
    journal.force(told[2].entry().replace(b'{"actor"', b'{ "actor"'))
    journal.append(told[3:], expected={})
    for index in (40, 30, 550):
        journal.change(index)
    with pytest.raises(EntryMalformed) as malformed:
        _verify(journal)
    assert malformed.value.index == 2
    sound = Scripted(fold=fold)
    sound.append(told, expected={})
    sound.change(550)
    sound.change(520)
    with pytest.raises(EntryChanged) as changed:
        _verify(sound)
    assert changed.value.index == 520


def test_entry_that_is_no_event_is_named(story: Story) -> None:
    """A log may commit to bytes that are no event; they are found though every hash is right."""
    journal = Scripted(fold=fold)
    journal.append(story(2), expected={})
    journal.force(story(3)[2].entry().replace(b'{"actor"', b'{ "actor"'))
    with pytest.raises(EntryMalformed) as caught:
        _verify(journal)
    assert caught.value.index == 2


def test_time_that_runs_backwards_is_named(story: Story) -> None:
    """A back-dated entry is found though every hash is right."""
    journal = Scripted(fold=fold)
    journal.append(story(3)[2:], expected={})
    journal.force(story(2)[1].entry())
    with pytest.raises(TimeRunsBackwards) as caught:
        _verify(journal)
    assert caught.value.index == 1


def test_checkpoint_by_another_key_is_rejected(path: Path) -> None:
    """A checkpoint of the same name that another key signed is not this log's."""
    with open_sqlite(path, fold=fold) as journal:
        head = journal.head()
        text = str(Checkpoint(origin=SIGNER.name, size=head.size, root=head.root))
        journal.add_checkpoint(head.size, Note(text=text).signed(OTHER).to_bytes())
        with pytest.raises(CheckpointRejected):
            _verify(journal)
        with pytest.raises(PublishingRefused):
            publish_checkpoint(journal, SIGNER)


@pytest.fixture
def evidence(tmp_path: Path, story: Story) -> Evidence:
    """A journal whose last event names a signed statement and other content, all stored."""
    version = "a" * 64
    payload = Statement(
        subjects=subjects(version, "b" * 64),
        predicate_type="https://example.org/t/v1",
        predicate={},
    ).payload()
    blobs = LocalBlobs(tmp_path / "blobs")
    event = Event(
        type=events.EVIDENCE_RECORDED,
        time=story(2)[1].time,
        actor=story(1)[0].actor,
        subject=f"version/s/{version}",
        body={
            "system": "s",
            "version": version,
            "dataset": "c" * 64,
            "produced": "supplied",
            "documents": {},
        },
        digests={
            "statement": statement_id(payload),
            "envelope": blobs.put(seal(payload, SIGNER)),
            "recipe": blobs.put(b"recipe"),
            "tallies": blobs.put(b"tallies"),
        },
    )
    journal = MemoryJournal(fold=fold)
    journal.append(story(1), expected={})
    return journal, blobs, event


def test_statements_and_content_are_verified(evidence: Evidence) -> None:
    """What events name is counted once it was found intact and signed."""
    journal, blobs, event = evidence
    journal.append([event, event], expected={})
    report = _verify(journal, blobs)
    assert (report.contents, report.statements, report.absent_count) == (6, 2, 1)


@pytest.mark.parametrize("name", ["recipe", "envelope"])
def test_damaged_content_is_named(evidence: Evidence, tmp_path: Path, name: str) -> None:
    """Content that was changed in the store is found at the entry that names it."""
    journal, blobs, event = evidence
    journal.append([event], expected={})
    digest = event.digests[name]
    file = tmp_path / "blobs" / "sha256" / digest[:2] / digest
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ContentDamaged) as caught:
        _verify(journal, blobs)
    assert caught.value.index == 1
    assert digest in str(caught.value)


@pytest.mark.parametrize("case", ["other key", "other statement", "other version", "no envelope"])
def test_statement_that_does_not_fit_is_named(evidence: Evidence, case: str) -> None:
    """A statement must be signed by a trusted key, be the one named, and be of that version."""
    journal, blobs, event = evidence
    version = "d" * 64 if case == "other version" else "a" * 64
    payload = Statement(
        subjects=subjects(version, "b" * 64),
        predicate_type="https://example.org/t/v2",
        predicate={},
    ).payload()
    content = seal(payload, OTHER if case == "other key" else SIGNER)
    if case == "no envelope":
        content = b"{}"
    named = event.digests["statement"] if case == "other statement" else statement_id(payload)
    digests = {**event.digests, "envelope": blobs.put(content), "statement": named}
    journal.append([structs.replace(event, digests=digests)], expected={})
    with pytest.raises(StatementRejected) as caught:
        _verify(journal, blobs)
    assert caught.value.index == 1


def test_publishing_again_signs_nothing_new(path: Path) -> None:
    """A head that is signed already is not signed again."""
    with open_sqlite(path, fold=fold) as journal:
        first = publish_checkpoint(journal, SIGNER)
        kept = list(journal.checkpoints())
        assert publish_checkpoint(journal, SIGNER) == first
        assert list(journal.checkpoints()) == kept
        assert first.size == 21


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE \"index\" = 20",
        'DELETE FROM entries WHERE "index" = 20',
        "UPDATE heads SET frontier = CAST(zeroblob(32) || substr(frontier, 33) AS BLOB)",
        "UPDATE checkpoints SET frontier = zeroblob(64) WHERE size = 20",
        "UPDATE heads SET size = 16, frontier = substr(frontier, 1, 32)",
    ],
)
def test_nothing_is_signed_that_does_not_continue_what_was(path: Path, statement: str) -> None:
    """A rewritten, shortened or inconsistent journal gets no signature."""
    _tamper(path, statement)
    with open_sqlite(path, fold=fold) as journal:
        before = list(journal.checkpoints())
        with pytest.raises(PublishingRefused):
            publish_checkpoint(journal, SIGNER)
        assert list(journal.checkpoints()) == before


def test_only_new_entries_are_hashed_to_publish(path: Path) -> None:
    """Consistency rests on the edge that was signed, so old entries are not read again."""
    _tamper(path, "UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE \"index\" = 3")
    with open_sqlite(path, fold=fold) as journal:
        assert publish_checkpoint(journal, SIGNER).size == 21
        with pytest.raises(EntryChanged):
            _verify(journal)
