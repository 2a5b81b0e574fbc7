"""A log under one key after another: who may sign what, and what readers accept."""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.packed import (
    SIGNER,
    VERIFIER,
    a_story,
    canonical_json,
    copied,
    live,
    packed,
    repository,
    resealed,
    workspace,
)

from assay.adapters.anchors import FileAnchor
from assay.adapters.appending import JournalConflict
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.adapters.tile_store import TileFolder
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.log.anchoring import anchor_checkpoint
from assay.app.log.publishing import publish_tiles
from assay.app.log.rotating import finish_rotation, rotate_key
from assay.app.log.verification import PublishingRefused, publish_checkpoint, verify_journal
from assay.app.log.verifying.problems import (
    CheckpointRejected,
    KeyRotationRejected,
    StatementRejected,
)
from assay.app.packs.packing import pack_version
from assay.app.packs.unpacking.problems import (
    PackedEntryRejected,
    PackedStatementRejected,
    PackKeyDiffers,
)
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.app.services import Services
from assay.documents.packs.files import pem
from assay.documents.packs.layout import Audience
from assay.errors import VerificationFailed
from assay.governance import events
from assay.governance.events import KEY_SUBJECT, Event, PersonId
from assay.governance.fold import fold
from assay.tlog.note import parse_note
from assay.tlog.rotation import hand_over

SECOND = Ed25519Signer.from_seed(SIGNER.name, b"2" * 32)
THIRD = Ed25519Signer.from_seed(SIGNER.name, b"3" * 32)
TEAM = Ed25519Signer.from_seed("team.example", b"t" * 32)


def handed(services: Services, new: Ed25519Signer, *, actor: str = "ada") -> Services:
    """The workspace as it is opened after its log was handed on."""
    rotate_key(services, new, actor=actor)
    return replace(services, signer=new, key_revision=services.journal.revision(KEY_SUBJECT))


def verified(services: Services, *signers: Ed25519Signer, threshold: int = 1):
    return verify_journal(
        services.journal,
        origin=SIGNER.name,
        verifiers=[signer.verifier for signer in signers],
        blobs=services.blobs,
        fold=fold,
        state=True,
        threshold=threshold,
    )


def _checkpoints(services: Services) -> dict[int, bytes]:
    """The checkpoints that the journal keeps, to be taken away."""
    journal = services.journal
    assert isinstance(journal, MemoryJournal)
    return journal._checkpoints


@pytest.fixture
def services() -> Services:
    """A version that lived under the first key."""
    return a_story()


@cache
def _rotated() -> Services:
    services = a_story()
    with tempfile.TemporaryDirectory() as folder:
        project = repository(Path(folder))
        for new in (SECOND, THIRD):
            services = handed(services, new)
            gate_version(services, project, actor="ada")
    return services


@pytest.fixture
def rotated() -> Services:
    """The same after two rotations, gated again after each."""
    return copied(_rotated())


@pytest.mark.parametrize("trusted", [SIGNER, SECOND, THIRD])
def test_each_key_leads_to_the_whole_log(rotated: Services, trusted: Ed25519Signer) -> None:
    """The first key leads forward, the last one vouches for what was before it."""
    report = verified(rotated, trusted)
    assert report.keys == tuple(str(item.key) for item in (SIGNER, SECOND, THIRD))
    assert report.signed == report.size
    assert report.statements == 8


def test_a_checkpoint_of_the_handover_has_both_signatures(services: Services) -> None:
    """So it continues what the old key signed, and the new one begins with it."""
    handed(services, SECOND)
    last = services.journal.last_checkpoint()
    assert last is not None
    ids = [line.key_id for line in parse_note(last[1]).signatures]
    assert ids == [SECOND.key.key_id, SIGNER.key.key_id]


def test_a_strangers_key_is_refused(rotated: Services) -> None:
    """A key that never was the log's verifies nothing."""
    with pytest.raises(CheckpointRejected):
        verified(rotated, TEAM)


def test_a_rotated_key_signs_no_later_checkpoint_unnoticed(rotated: Services) -> None:
    """Whoever kept the old key can sign, and every reader of the log sees it."""
    rotated.journal.append([_promoted(rotated)], expected={})
    note = parse_note(rotated.journal.last_checkpoint()[1])  # type: ignore[index]
    head = rotated.journal.head()
    text = f"{SIGNER.name}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"
    rotated.journal.add_checkpoint(
        head.size, replace(note, text=text, signatures=()).signed(SIGNER).to_bytes()
    )
    for trusted in (SIGNER, THIRD):
        with pytest.raises(CheckpointRejected):
            verified(rotated, trusted)
    with pytest.raises(PublishingRefused):
        publish_checkpoint(rotated.journal, THIRD)


def _promoted(services: Services) -> Event:
    time = services.journal.head().time
    assert time is not None
    return Event(
        type=events.CLOCK_SET_BACK,
        time=time,
        actor=PersonId("p"),
        subject="workspace",
        body={"observed": "x", "held": "y"},
    )


def test_a_rotated_key_signs_no_later_statement_unnoticed(
    rotated: Services, tmp_path: Path
) -> None:
    """A statement must be signed by the key in force at its entry."""
    both = replace(rotated, signer=SIGNER, cosigners=(THIRD,))
    gate_version(both, repository(tmp_path), actor="ada")
    assert verified(rotated, SIGNER).statements == 9  # the key in force signed, too
    alone = replace(rotated, signer=_Split(THIRD, SIGNER))
    gate_version(alone, repository(tmp_path), actor="ada")
    with pytest.raises(StatementRejected):
        verified(rotated, SIGNER)


class _Split(Ed25519Signer):
    """Signs checkpoints by one key, and statements by another."""

    def __init__(self, log: Ed25519Signer, statements: Ed25519Signer) -> None:
        self._log, self._statements = log, statements
        self.key = log.key

    def sign(self, message: bytes) -> bytes:
        signer = self._statements if message.startswith(b"DSSEv1") else self._log
        return signer.sign(message)


@pytest.mark.parametrize(
    "body",
    [
        hand_over(SECOND, THIRD),
        replace(hand_over(SIGNER, SECOND), by_old=bytes(64)),
        replace(hand_over(SIGNER, SECOND), by_new=bytes(64)),
    ],
    ids=["by-a-stranger", "not-vouched-for", "not-accepted"],
)
def test_a_handover_that_nobody_signed_is_named(services: Services, body) -> None:
    """An attacker with the database alone can write such an entry, and it is found."""
    time = services.journal.head().time
    assert time is not None
    texts = {"old": str(body.old), "new": str(body.new)}
    texts |= {name: base64.b64encode(getattr(body, name)).decode() for name in ("by_old", "by_new")}
    event = Event(
        type=events.KEY_ROTATED,
        time=time,
        actor=PersonId("p"),
        subject=KEY_SUBJECT,
        body=texts,
    )
    (index,) = services.journal.append([event], expected={})
    with pytest.raises(KeyRotationRejected) as found:
        verified(services, SIGNER)
    assert found.value.index == index


def test_a_key_comes_into_force_once(services: Services) -> None:
    """Handing a log back to an earlier key would revive what was to be ended."""
    back = handed(handed(services, SECOND), SIGNER)
    with pytest.raises(KeyRotationRejected, match="in force before"):
        verified(back, SIGNER)


def test_a_trusted_key_that_signed_nothing_proves_nothing(services: Services) -> None:
    """The last key vouches for what was before it only by a signature over it."""
    last = services.journal.last_checkpoint()
    assert last is not None
    handed(services, SECOND)
    _checkpoints(services).clear()
    _checkpoints(services)[last[0]] = last[1]
    with pytest.raises(KeyRotationRejected, match="signed nothing"):
        verified(services, SECOND)


def test_whoever_opened_the_workspace_before_cannot_go_on(
    services: Services, tmp_path: Path
) -> None:
    """A gate that ran while the key was replaced records nothing under the old one."""
    handed(services, SECOND)
    with pytest.raises(JournalConflict):
        gate_version(services, repository(tmp_path), actor="ada")
    assert verified(services, SIGNER).keys[-1] == str(SECOND.key)


def test_a_rotation_that_died_is_made_good(services: Services) -> None:
    """The entry is there and no checkpoint yet: the next command signs it by both keys."""
    assert not finish_rotation(services.journal, old=SIGNER, new=SECOND)
    handed(services, SECOND)
    _checkpoints(services).popitem()
    assert finish_rotation(services.journal, old=SIGNER, new=SECOND)
    assert verified(services, SIGNER).signed == services.journal.head().size


def test_what_was_published_and_anchored_before_goes_on(services: Services, tmp_path: Path) -> None:
    """The old key's checkpoints are still this log's; a stranger's are not."""
    tiles, anchor = TileFolder(tmp_path / "log"), FileAnchor(tmp_path / "kept")
    before = publish_tiles(services.journal, SIGNER, tiles).checkpoint
    anchor_checkpoint(services.journal, SIGNER, anchor)
    after = handed(services, SECOND)
    publication = publish_tiles(after.journal, SECOND, tiles)
    assert publication.added == after.journal.head().size - before.size > 0
    assert anchor_checkpoint(after.journal, SECOND, anchor) == publication.checkpoint
    forged = parse_note(tiles.checkpoint() or b"")
    tiles.set_checkpoint(replace(forged, signatures=()).signed(THIRD).to_bytes())
    with pytest.raises(PublishingRefused):
        publish_tiles(after.journal, SECOND, tiles)


class TestPacks:
    """A pack carries the handovers of its log, and proves them."""

    @pytest.mark.parametrize("trusted", [SIGNER, SECOND, THIRD])
    def test_each_key_leads_to_the_pack(self, rotated: Services, trusted: Ed25519Signer) -> None:
        """Statements of each time are signed by the key of their time."""
        files = packed(rotated)
        pack = verify_pack(files, verifiers=[trusted.verifier])
        assert pack.key == str(THIRD.key)
        kinds = [item.event.type for item in pack.entries]
        assert kinds.count(events.KEY_ROTATED) == 2
        found = recompute_pack(
            files,
            pack,
            verifiers=[trusted.verifier],
            texts=RecordedTexts(),
            catalogue=find_checks(),
        )
        assert found.decisions == 5

    def test_a_strangers_key_does_not(self, rotated: Services) -> None:
        """However many keys the pack speaks of."""
        with pytest.raises(PackKeyDiffers):
            verify_pack(packed(rotated), verifiers=[TEAM.verifier])

    def test_an_older_pack_is_the_older_keys(self, services: Services) -> None:
        """A later key says nothing about a pack that does not speak of it."""
        files = packed(services)
        verify_pack(files, verifiers=[VERIFIER])
        with pytest.raises(PackKeyDiffers):
            verify_pack(files, verifiers=[SECOND.verifier])

    def test_an_old_key_packs_nothing_later(self, rotated: Services) -> None:
        """Signed by the key of before, the log's later entries included, it is refused."""
        version = find_version(rotated, "credit", "1.0.0")
        stale = replace(rotated, signer=SIGNER)
        with pytest.raises(PublishingRefused):
            pack_version(stale, version, audience=Audience.AUDITOR)
        files = dict(pack_version(rotated, version, audience=Audience.AUDITOR).files)
        files["log.vkey"], files["log.pem"] = f"{SIGNER.key}\n".encode(), pem(SIGNER.key)
        with pytest.raises(VerificationFailed):
            verify_pack(resealed(files), verifiers=[VERIFIER])


@cache
def _joint() -> Services:
    services = replace(workspace(), cosigners=(TEAM,))
    with tempfile.TemporaryDirectory() as folder:
        live(services, repository(Path(folder)))
    return services


class TestSeveralSigners:
    """A team's key signs beside the log's, and readers may demand both."""

    @pytest.fixture
    def joint(self) -> Services:
        return copied(_joint())

    def test_both_signed(self, joint: Services) -> None:
        """Every statement and the last checkpoint carry both signatures."""
        _checkpoints(joint).pop(1)  # signed at the beginning, by the log's key alone
        assert verified(joint, SIGNER, TEAM, threshold=2).statements == 6
        files = packed(joint)
        verify_pack(files, verifiers=[VERIFIER, TEAM.verifier], threshold=2)
        verify_pack(files, verifiers=[VERIFIER])

    def test_one_alone_is_not_two(self, services: Services) -> None:
        """The same key twice counts once."""
        with pytest.raises(CheckpointRejected):
            verified(services, SIGNER, TEAM, threshold=2)
        with pytest.raises(CheckpointRejected):
            verified(services, SIGNER, SIGNER, threshold=2)
        with pytest.raises(VerificationFailed):
            verify_pack(packed(services), verifiers=[VERIFIER, TEAM.verifier], threshold=2)

    def test_a_statement_of_one_is_found(self, joint: Services, tmp_path: Path) -> None:
        """Checkpoints by both do not stand in for a statement by both."""
        _checkpoints(joint).pop(1)
        lone = replace(joint, cosigners=())
        gate_version(lone, repository(tmp_path), actor="ada")
        _checkpoints(joint).popitem()
        with pytest.raises(StatementRejected):
            verified(joint, SIGNER, TEAM, threshold=2)

    def test_the_team_stays_when_the_log_is_handed_on(self, joint: Services) -> None:
        """Only the log's own key gives way."""
        _checkpoints(joint).pop(1)
        after = handed(joint, SECOND)
        report = verified(after, SIGNER, TEAM, threshold=2)
        assert report.keys == (str(SIGNER.key), str(TEAM.key), str(SECOND.key))


def test_a_rotation_in_a_pack_that_is_none_is_named(rotated: Services) -> None:
    """An entry cannot be changed, and one logged with other signatures is not believed."""
    files = packed(rotated)
    name = next(
        name
        for name, data in files.items()
        if b"key.rotated" in data and name.endswith(".json") and name.startswith("entries/")
    )
    entry = json.loads(files[name])
    entry["body"]["by_old"] = base64.b64encode(bytes(64)).decode()
    files[name] = canonical_json(entry)
    with pytest.raises((PackedEntryRejected, PackKeyDiffers, PackedStatementRejected)):
        verify_pack(files, verifiers=[VERIFIER])
