"""A pack of one workspace becomes evidence in another, once, and is judged there anew."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.packed import (
    SIGNER,
    TEXTS,
    VERIFIER,
    a_pack,
    a_story,
    copied,
    packed,
    reforged,
    repository,
    workspace,
)

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.plugins import find_checks
from assay.adapters.project import LocalProject, RecordedTexts
from assay.app.judging.replay import Recorded
from assay.app.life.approval import ApprovalRefused, approve_version
from assay.app.log.beginning import begin_workspace
from assay.app.log.rotating import rotate_key
from assay.app.log.verification import verify_journal
from assay.app.log.verifying.problems import StatementRejected
from assay.app.packs.pulling import PullRefused, judge, pull
from assay.app.packs.recomputing import recompute_journal
from assay.app.packs.unpacking.problems import PackProblem
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.app.people.people import name_of
from assay.app.services import Services
from assay.documents.packs.layout import Audience
from assay.errors import VerificationFailed
from assay.governance import events
from assay.governance.events import parse_entry
from assay.governance.fold import EVIDENCE, RECEIVED, VERSION, fold
from assay.governance.verification import VerificationReport

HUB = Ed25519Signer.from_seed("hub.example", b"h" * 32)
THIRD = Ed25519Signer.from_seed("third.example", b"3" * 32)


def _hub() -> Services:
    services = replace(
        workspace(), journal=MemoryJournal(fold=fold), blobs=MemoryBlobs(), signer=HUB
    )
    begin_workspace(services)
    return services


@cache
def _pulled() -> Services:
    services = _hub()
    pull(services, a_pack(), verifiers=[VERIFIER], actor="hugo")
    return services


@pytest.fixture
def hub() -> Services:
    """Another workspace, which has taken in the pack."""
    return copied(_pulled())


@pytest.fixture
def project(tmp_path: Path) -> LocalProject:
    """The manifest and the policy of that place."""
    return repository(tmp_path)


def verified(services: Services) -> VerificationReport:
    return verify_journal(
        services.journal,
        origin=HUB.name,
        verifiers=[HUB.verifier],
        blobs=services.blobs,
        fold=fold,
        state=True,
    )


def types(services: Services) -> list[str]:
    return [parse_entry(entry.data).type for entry in services.journal.entries()]


def version_in(services: Services):
    (version,) = services.journal.records(VERSION)
    return version


def test_each_statement_becomes_one_entry(hub: Services) -> None:
    """With the same id, the same content, and a proof of the entry that it comes from."""
    told = types(hub)
    origin = a_story()
    ids = [
        event.digests["statement"]
        for event in (parse_entry(entry.data) for entry in origin.journal.entries())
        if "statement" in event.digests
    ]
    assert told.count(events.STATEMENT_RECEIVED) == len(ids) == 6
    (evidence,) = hub.journal.records(EVIDENCE)
    assert evidence.key == ids[0]
    assert {item.key for item in hub.journal.records(RECEIVED)} == set(ids[1:])
    report = verified(hub)
    assert (report.statements, report.absent_count) == (6, 0)


def test_pulling_again_adds_nothing(hub: Services) -> None:
    """The same pack, or a later one that tells the same."""
    before = types(hub)
    again = pull(hub, a_pack(), verifiers=[VERIFIER], actor="hugo")
    assert (again.received, again.known) == (0, 6)
    assert types(hub) == before


def test_others_decisions_count_for_nothing(hub: Services, project: LocalProject) -> None:
    """The version stands where every new one stands, and waits for people of this place."""
    version = version_in(hub)
    assert (version.value["stage"], version.value["decision"]) == ("development", None)
    report = judge(hub, project, version, actor="hugo")
    assert report.decision.outcome.value == "hold"
    assert {item.role for item in report.decision.awaiting} == {"validator", "approver"}


def test_it_is_judged_by_the_policy_of_the_place(hub: Services, tmp_path: Path) -> None:
    """A stricter policy denies what was allowed elsewhere, from the same tallies."""
    stricter = TEXTS["policy.yaml"].replace("at_least: 0.60", "at_least: 0.99")
    report = judge(hub, repository(tmp_path, policy=stricter), version_in(hub), actor="hugo")
    assert report.decision.outcome.value == "deny"
    assert version_in(hub).value["decision"] is not None
    assert verified(hub).statements == 7


def test_the_author_stays_the_author(hub: Services, project: LocalProject) -> None:
    """Ada made it over there, and is known here under the same id; she cannot approve it."""
    version = version_in(hub)
    assert name_of(hub, str(version.value["author"])) == "ada"
    judge(hub, project, version, actor="hugo")
    with pytest.raises(ApprovalRefused, match="author"):
        approve_version(
            hub, project, version_in(hub), actor="ada", role="validator", reason="Mine."
        )


def test_an_author_who_is_known_here_is_recognised() -> None:
    """Whoever has worked at this place before keeps the id of this place."""
    services = _hub()
    pull(services, a_pack(), verifiers=[VERIFIER], actor="ada")
    version = version_in(services)
    introduced = [event for event in types(services) if event == events.PERSON_REGISTERED]
    assert len(introduced) == 1
    assert name_of(services, str(version.value["author"])) == "ada"


def test_figures_follow_here_too(hub: Services, project: LocalProject) -> None:
    """Everything that was received, and what was decided on it, is derived again."""
    judge(hub, project, version_in(hub), actor="hugo")
    recorded = Recorded(
        records=hub.journal, blobs=hub.blobs, texts=RecordedTexts(), catalogue=find_checks()
    )
    found = recompute_journal(recorded, verifiers=[HUB.verifier])
    assert (found.decisions, found.skipped) == (1, ())
    assert found.measurements > 0


def test_a_pack_of_this_place_tells_where_it_comes_from(
    hub: Services, project: LocalProject
) -> None:
    """It verifies by this place's key alone, with the other log's proofs inside."""
    judge(hub, project, version_in(hub), actor="hugo")
    files = packed(hub)
    pack = verify_pack(files, verifiers=[HUB.verifier])
    assert sum(item.event.type == events.STATEMENT_RECEIVED for item in pack.entries) == 6
    found = recompute_pack(
        files,
        pack,
        verifiers=[HUB.verifier],
        texts=RecordedTexts(),
        catalogue=find_checks(),
    )
    assert found.decisions == 1
    with pytest.raises(VerificationFailed):
        verify_pack(files, verifiers=[VERIFIER])


def test_what_passed_through_one_place_reaches_a_third(
    hub: Services, project: LocalProject
) -> None:
    """The first log's evidence comes with its own proof, the hub's decision with the hub's."""
    judge(hub, project, version_in(hub), actor="hugo")
    third = replace(_hub(), signer=THIRD, journal=MemoryJournal(fold=fold))
    begin_workspace(third)
    assert pull(third, packed(hub), verifiers=[HUB.verifier], actor="tom").received == 7
    (evidence,) = third.journal.records(EVIDENCE)
    assert evidence.value["received"]["origin"] == SIGNER.name  # type: ignore[index, call-overload]
    assert judge(third, project, version_in(third), actor="tom").decision.outcome.value == "hold"
    report = verify_journal(
        third.journal,
        origin=THIRD.name,
        verifiers=[THIRD.verifier],
        blobs=third.blobs,
        fold=fold,
        state=True,
    )
    assert report.statements == 8
    assert pull(third, a_pack(), verifiers=[VERIFIER], actor="tom").received == 0


class TestRefused:
    """Nothing is recorded then."""

    def test_by_another_key(self) -> None:
        services = _hub()
        with pytest.raises(VerificationFailed):
            pull(services, a_pack(), verifiers=[HUB.verifier], actor="hugo")
        assert types(services) == [events.WORKSPACE_OPENED]

    def test_changed(self) -> None:
        services = _hub()
        files = a_pack()
        name = next(name for name in files if name.startswith("contents/tallies/"))
        with pytest.raises(PackProblem):
            pull(services, {**files, name: b"{}"}, verifiers=[VERIFIER], actor="hugo")
        assert types(services) == [events.WORKSPACE_OPENED]

    def test_public(self) -> None:
        """Without tallies nothing could be judged."""
        services = _hub()
        with pytest.raises(PullRefused, match="public"):
            pull(services, a_pack(Audience.PUBLIC), verifiers=[VERIFIER], actor="hugo")
        assert types(services) == [events.WORKSPACE_OPENED]

    def test_of_this_very_log(self) -> None:
        with pytest.raises(PullRefused, match="this very log"):
            pull(a_story(), a_pack(), verifiers=[VERIFIER], actor="hugo")

    def test_judging_another_system(self, hub: Services, tmp_path: Path) -> None:
        manifest = TEXTS["assay.yaml"].replace("id: credit", "id: claims")
        with pytest.raises(PullRefused, match="claims"):
            judge(hub, repository(tmp_path, assay=manifest), version_in(hub), actor="hugo")


class TestFound:
    """Whoever writes to the receiving journal cannot change what was received."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"produced":"supplied"', '"produced":"computed"'),
            ('"index":4', '"index":5'),
            (str(SIGNER.key), str(Ed25519Signer.from_seed(SIGNER.name, b"x" * 32).key)),
            ('"origin":"test.assay.local"', '"origin":"test.example"'),
        ],
        ids=["reworded", "another-entry", "another-key", "another-log"],
    )
    def test_a_changed_entry(self, hub: Services, old: str, new: str) -> None:
        """Even before any checkpoint is compared: the other log's proof says otherwise."""
        journal = MemoryJournal(fold=fold)
        for entry in hub.journal.entries():
            data = entry.data
            if b'"type":"statement.received"' in data and b"evidence.recorded" in data:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            journal.append([parse_entry(data)], expected={})
        with pytest.raises(StatementRejected):
            verified(replace(hub, journal=journal))

    def test_a_pack_that_changed_it(self, hub: Services, project: LocalProject) -> None:
        """The hub's own key does not help the hub to change what another log has said."""
        judge(hub, project, version_in(hub), actor="hugo")
        files = packed(hub)
        name = next(
            name
            for name, data in files.items()
            if name.startswith("entries/") and b"evidence.recorded" in data
        )
        entry = files[name].replace(b'"produced":"supplied"', b'"produced":"computed"')
        assert entry != files[name]
        forged = _relogged_by_hub(files, {name: entry})
        with pytest.raises(PackProblem):
            verify_pack(forged, verifiers=[HUB.verifier])


def _relogged_by_hub(files, edits):
    """As `tests.packed.reforged`, by the hub's key."""
    import tests.packed as packs

    kept = packs.SIGNER
    packs.SIGNER = HUB
    try:
        return packs.resealed(reforged(files, edits), HUB)
    finally:
        packs.SIGNER = kept


def test_a_log_that_was_handed_on_is_pulled_by_its_first_key() -> None:
    """Statements name the key of their time, the proof that of the pack."""
    origin = a_story()
    second = Ed25519Signer.from_seed(SIGNER.name, b"2" * 32)
    rotate_key(origin, second, actor="ada")
    services = _hub()
    files = packed(replace(origin, signer=second, key_revision=1))
    assert pull(services, files, verifiers=[VERIFIER], actor="hugo").received == 6
    assert verified(services).statements == 6


def test_the_helper_of_these_tests_changes_nothing_by_itself(hub: Services) -> None:
    """Otherwise the forgeries above would be found for a reason of their own."""
    files = packed(hub)
    assert _relogged_by_hub(files, {}).keys() == files.keys()
    verify_pack(_relogged_by_hub(files, {}), verifiers=[HUB.verifier])
