"""Erased content is gone, and the log, its proofs and its packs say so and still verify."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.packed import SIGNER, VERIFIER, Ticking, a_story, packed, reforged, repository

from assay.app.judging.gate import gate_version
from assay.app.log.erasing import (
    LiveContent,
    NotErasable,
    NothingToErase,
    erase,
    retained,
)
from assay.app.log.verification import verify_journal
from assay.app.packs.unpacking.problems import PackedEntryRejected, PackIndexDiffers
from assay.app.packs.verification import verify_pack
from assay.app.people.people import name_of
from assay.app.services import Services
from assay.documents.log import LogLine
from assay.documents.packs.layout import Audience
from assay.documents.packs.verification import PackVerification, render_pack_verification
from assay.documents.verification import WorkspaceVerification, render_verification
from assay.errors import VerificationFailed
from assay.governance.erasure import Ground
from assay.governance.events import BLOB_ERASED, parse_entry
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport


@pytest.fixture
def services() -> Services:
    """A version that was approved by Ben and Cleo, and promoted."""
    return a_story()


def verified(services: Services) -> VerificationReport:
    return verify_journal(
        services.journal,
        origin=SIGNER.name,
        verifiers=[VERIFIER],
        blobs=services.blobs,
        fold=fold,
        state=True,
    )


def said(services: Services) -> str:
    found = WorkspaceVerification(
        origin="o", key="k", key_given=True, report=verified(services), recomputation=None
    )
    return render_verification(found)


def digests(services: Services, name: str) -> list[str]:
    """The digests that entries call so, in order."""
    entries = [parse_entry(entry.data) for entry in services.journal.entries()]
    return [event.digests[name] for event in entries if name in event.digests]


def test_a_persons_name_and_words_go_and_nothing_else(services: Services) -> None:
    """Their profile and the reason that they wrote; the id, the approval and the proof stay."""
    before = verified(services)
    erased = erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    assert [item.name for item in erased] == ["profile", "reason"]
    after = verified(services)
    assert (after.erased_count, after.absent_count, after.lingering) == (2, 0, ())
    assert after.statements == before.statements
    assert after.size == before.size + 3  # Dora is introduced, and two tombstones
    names = [name_of(services, item.key) for item in services.journal.records("person")]
    assert "ben" not in names
    assert {"ada", "cleo", "dora"} <= set(names)
    assert all(not services.blobs.has(item.content) for item in erased)
    text = said(services)
    assert "profile" in text
    assert "erased on 2026-03-01 (at a person's request; entry " in text


def test_a_person_is_found_by_id_once_the_name_is_gone(services: Services) -> None:
    """Erasing again does nothing more, and leaves no second tombstone."""
    first = erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    size = services.journal.head().size
    profile = first[0].content
    (person,) = (
        item.key
        for item in services.journal.records("person")
        if item.value["digests"] == {"profile": profile}
    )
    assert erase(services, person, ground=Ground.ORDER, actor="dora") == first
    assert services.journal.head().size == size


def test_what_a_standing_decision_rests_on_needs_a_second_word(services: Services) -> None:
    """Its tallies, for instance; and even then the log and the pack verify."""
    (tallies,) = digests(services, "tallies")
    with pytest.raises(LiveContent, match=r"1\.0\.0"):
        erase(services, tallies, ground=Ground.RETENTION, actor="dora")
    assert services.blobs.has(tallies)
    assert verified(services).erased_count == 0
    (erased,) = erase(services, tallies, ground=Ground.RETENTION, actor="dora", confirmed=True)
    assert (erased.content, erased.name) == (tallies, "tallies")
    assert verified(services).erased_count == 1


@pytest.mark.parametrize("audience", Audience)
def test_a_pack_tells_what_was_erased(services: Services, audience: Audience) -> None:
    """It carries the tombstone with its proof, and verifies without the content."""
    (tallies,) = digests(services, "tallies")
    erase(services, tallies, ground=Ground.ORDER, actor="dora", confirmed=True)
    erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    pack = verify_pack(packed(services, audience), verifiers=[VERIFIER])
    states = {item.digest: item.state for item in pack.contents}
    assert states[tallies] == "erased"
    assert "absent" not in states.values()
    kinds = [item.event.type for item in pack.entries]
    assert kinds.count(BLOB_ERASED) == 3
    text = render_pack_verification(PackVerification(pack=pack, key_given=True, recomputation=None))
    assert f"tallies {tallies[:12]}…, erased on 2026-03-01 (by order of an authority;" in text
    assert "Erased by right" in packed(services, audience)["README.md"].decode()


def test_whoever_erased_may_be_erased_too(services: Services) -> None:
    """The pack then speaks of Dora's tombstones, and of that of her own name."""
    erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    erase(services, "dora", ground=Ground.REQUEST, actor="emil")
    pack = verify_pack(packed(services), verifiers=[VERIFIER])
    assert sum(item.state == "erased" for item in pack.contents) == 3


def test_a_pack_cannot_call_erased_what_is_only_left_out(services: Services) -> None:
    """Without a tombstone in the log it is absent, and the index must say so."""
    files = packed(services)
    name = next(name for name in files if name.startswith("contents/tallies/"))
    files[name.replace("tallies", "tallies")] = files[name]
    del files[name]
    index = files["index.json"].replace(b'"file": "' + name.encode(), b'"missing": "erased')
    with pytest.raises(VerificationFailed):
        verify_pack({**files, "index.json": index}, verifiers=[VERIFIER])


def test_a_tombstone_of_other_content_does_not_belong(services: Services) -> None:
    """A pack is about one version; what its entries do not name is not spoken of."""
    erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    files = packed(services)
    name = next(
        name for name, data in files.items() if b"blob.erased" in data and "entries/" in name
    )
    content = parse_entry(files[name]).body["content"]
    other = files[name].replace(str(content).encode(), b"0" * 64)
    with pytest.raises((PackedEntryRejected, PackIndexDiffers)):
        verify_pack(reforged(files, {name: other}), verifiers=[VERIFIER])


def test_signed_statements_stay(services: Services) -> None:
    """In them people are opaque ids, and without them nothing could be proved."""
    envelope = digests(services, "envelope")[0]
    with pytest.raises(NotErasable):
        erase(services, envelope, ground=Ground.MISTAKE, actor="dora", confirmed=True)


@pytest.mark.parametrize("wanted", ["0" * 64, "nobody", ""])
def test_what_nobody_names_cannot_be_erased(services: Services, wanted: str) -> None:
    """Neither content nor a person."""
    with pytest.raises(NothingToErase):
        erase(services, wanted, ground=Ground.REQUEST, actor="dora")


def test_an_erasure_that_died_is_seen_and_completed(services: Services) -> None:
    """The tombstone is committed first; until the content is gone, verifying says so."""
    died = replace(services, blobs=_Stubborn(services))
    with pytest.raises(OSError, match="died"):
        erase(died, "ben", ground=Ground.REQUEST, actor="dora")
    report = verified(services)
    assert len(report.lingering) == 2
    assert f"erase {report.lingering[0]} again" in said(services)
    erase(services, report.lingering[0], ground=Ground.REQUEST, actor="dora")
    erase(services, report.lingering[1], ground=Ground.REQUEST, actor="dora")
    assert verified(services).lingering == ()


class _Stubborn:
    """Blobs whose erasing process dies."""

    def __init__(self, services: Services) -> None:
        self._blobs = services.blobs

    def __getattr__(self, name: str):
        return getattr(self._blobs, name)

    def put(self, data: bytes) -> str:
        return self._blobs.put(data)

    def get(self, digest: str) -> bytes:
        return self._blobs.get(digest)

    def has(self, digest: str) -> bool:
        return self._blobs.has(digest)

    def erase(self, digest: str) -> None:
        raise OSError("died")


def test_erased_content_may_come_again_by_right(services: Services, tmp_path: Path) -> None:
    """The same policy judged by again is stored again, and that is no leftover."""
    policy = digests(services, "policy_source")[0]
    erase(services, policy, ground=Ground.MISTAKE, actor="dora", confirmed=True)
    gate_version(services, repository(tmp_path), actor="ada")
    report = verified(services)
    assert services.blobs.has(policy)
    assert (report.lingering, report.absent_count) == ((), 0)


def test_content_lost_without_a_word_is_not_called_erased(services: Services) -> None:
    """Whoever deletes a blob by hand leaves no tombstone."""
    services.blobs.erase(digests(services, "tallies")[0])
    report = verified(services)
    assert (report.erased_count, report.absent_count) == (0, 1)
    assert "absent without a word of erasure" in said(services)


class TestRetention:
    """What may go by its age, kind by kind."""

    def test_nothing_is_due_before_its_time(self, services: Services) -> None:
        """Nor where no time is set."""
        assert retained(services, {}) == ()
        assert retained(services, {"tallies": 1, "document": 1}) == ()

    def test_what_is_due_is_listed_oldest_first(self, services: Services) -> None:
        """From the day an entry last named it; and what decisions rest on is marked."""
        clock = Ticking()
        clock.time = clock.time.replace(year=2036)
        later = replace(services, clock=clock)
        days = {"tallies": 3650, "profile": 365, "document": 30, "envelope": 1}
        due = retained(later, days)
        names = [item.content.name for item in due]
        assert set(names) == {"tallies", "profile", "document.model_card"}
        assert [item.due for item in due] == sorted(item.due for item in due)
        held = {item.content.name: item.content.holds for item in due}
        assert held["tallies"] == ("1.0.0",)
        assert held["profile"] == ()
        erase(later, "ben", ground=Ground.RETENTION, actor="dora")
        assert len(retained(later, days)) == len(due) - 1


def test_the_log_shows_tombstones(services: Services) -> None:
    """`assay log` lists an erasure like any other entry."""
    (first, _) = erase(services, "ben", ground=Ground.REQUEST, actor="dora")
    event = parse_entry(next(services.journal.entries(first.index)).data)
    line = LogLine(index=first.index, event=event, actor="dora")
    assert (line.event.type, line.event.subject) == (BLOB_ERASED, f"blob/{first.content}")
