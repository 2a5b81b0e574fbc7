"""Checkpoints kept outside, and proofs handed out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.adapters.anchors import AnchorUnreachable, FileAnchor, GitNotesAnchor
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.app.log.anchoring import anchor_checkpoint
from assay.app.log.inclusion import NoSuchEntry, prove_entry
from assay.app.log.publishing import JournalBehind, LogForked
from assay.app.log.verification import PublishingRefused
from assay.app.ports import Anchor
from assay.errors import VerificationFailed
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.checkpoint import open_checkpoint
from assay.tlog.merkle import leaf_hash
from assay.tlog.offline_proof import parse_offline_proof
from assay.tlog.proofs import InclusionFailed, verify_inclusion

Story = Callable[[int], list[Event]]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
OTHER = Ed25519Signer.from_seed("example.org/log", b"o" * 32)


def _git(folder: Path, *words: str) -> bytes:
    return subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words],
        cwd=folder,
        check=True,
        capture_output=True,
    ).stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one commit."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
    _git(tmp_path, "init", "-q", ".")
    _git(tmp_path, "commit", "-q", "--allow-empty", "-m", "First")
    return tmp_path


@pytest.fixture(params=["file", "git"])
def anchor(request: pytest.FixtureRequest, repository: Path) -> Anchor:
    """Each place that keeps checkpoints."""
    if request.param == "git":
        return GitNotesAnchor(repository, origin=SIGNER.name)
    return FileAnchor(repository / "checkpoint.txt")


def _journal(events: list[Event]) -> MemoryJournal:
    journal = MemoryJournal(fold=fold)
    journal.append(events, expected={})
    return journal


def test_a_kept_checkpoint_is_the_signed_note(anchor: Anchor, story: Story) -> None:
    """Byte for byte, so that others can verify it; a newer one takes its place."""
    assert list(anchor.kept()) == []
    journal = _journal(story(5))
    for size in (5, 5, 9):
        journal.append(story(9)[5:], expected={}) if size == 9 else None
        assert anchor_checkpoint(journal, SIGNER, anchor).size == size
        (note,) = anchor.kept()
        checkpoint = open_checkpoint(note, origin=SIGNER.name, verifiers=[SIGNER.verifier])
        assert (checkpoint.size, checkpoint.root) == (size, journal.head().root)


def test_what_was_kept_must_be_a_beginning(anchor: Anchor, story: Story) -> None:
    """A log that was cut, rewritten or signed by another key contradicts what is kept."""
    anchor_checkpoint(_journal(story(9)), SIGNER, anchor)
    before = list(anchor.kept())
    with pytest.raises(JournalBehind):
        anchor_checkpoint(_journal(story(5)), SIGNER, anchor)
    with pytest.raises(LogForked):
        anchor_checkpoint(_journal(story(12)[1:]), SIGNER, anchor)
    with pytest.raises(PublishingRefused):
        anchor_checkpoint(_journal(story(9)), OTHER, anchor)
    assert list(anchor.kept()) == before


def test_a_damaged_note_is_an_error(tmp_path: Path, story: Story) -> None:
    """A file that holds something else is not written over."""
    (tmp_path / "notes.txt").write_text("shopping list\n")
    with pytest.raises(VerificationFailed):
        anchor_checkpoint(_journal(story(2)), SIGNER, FileAnchor(tmp_path / "notes.txt"))
    assert (tmp_path / "notes.txt").read_text() == "shopping list\n"


def test_notes_of_every_commit_are_held_against_the_journal(repository: Path, story: Story) -> None:
    """A note on an earlier commit still counts after the next commit."""
    anchor = GitNotesAnchor(repository, origin=SIGNER.name)
    anchor_checkpoint(_journal(story(9)), SIGNER, anchor)
    _git(repository, "commit", "-q", "--allow-empty", "-m", "Second")
    with pytest.raises(JournalBehind):
        anchor_checkpoint(_journal(story(5)), SIGNER, anchor)
    anchor_checkpoint(_journal(story(12)), SIGNER, anchor)
    assert len(list(anchor.kept())) == 2


def test_places_out_of_reach_have_a_remedy(tmp_path: Path) -> None:
    """No repository, no folder: the error says where and what to do."""
    for anchor in (
        GitNotesAnchor(tmp_path, origin="log"),
        FileAnchor(tmp_path / "absent" / "file"),
    ):
        with pytest.raises(AnchorUnreachable) as caught:
            anchor.keep(b"note")
        assert caught.value.where
        assert caught.value.remedy


@pytest.mark.parametrize("size", [1, 2, 7, 300])
def test_a_proof_verifies_without_the_log(story: Story, size: int) -> None:
    """From the file alone, with the entry and the key."""
    journal = _journal(story(size))
    for index in {0, size // 2, size - 1}:
        proof = parse_offline_proof(prove_entry(journal, SIGNER, index).to_bytes())
        checkpoint = open_checkpoint(
            proof.checkpoint, origin=SIGNER.name, verifiers=[SIGNER.verifier]
        )
        verify_inclusion(
            index=proof.index,
            size=checkpoint.size,
            leaf_hash=leaf_hash(story(size)[index].entry()),
            proof=proof.hashes,
            root=checkpoint.root,
        )
        with pytest.raises(InclusionFailed):
            verify_inclusion(
                index=proof.index,
                size=checkpoint.size,
                leaf_hash=leaf_hash(b"another"),
                proof=proof.hashes,
                root=checkpoint.root,
            )


@pytest.mark.parametrize("index", [-1, 3, 1 << 70])
def test_an_entry_that_does_not_exist_has_no_proof(story: Story, index: int) -> None:
    """The error says how many there are."""
    with pytest.raises(NoSuchEntry, match="has 3"):
        prove_entry(_journal(story(3)), SIGNER, index)
