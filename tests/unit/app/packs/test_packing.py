"""What goes into a pack, for whom, and that the same state gives the same bytes."""

import json
from dataclasses import replace

import pytest
from tests.packed import VERIFIER, live, packed

from assay.adapters.archives import write_archive
from assay.adapters.memory import MemoryBlobs
from assay.app.judging.gate import gate_version
from assay.app.judging.measuring import check_version
from assay.app.log.recording import Change, record
from assay.app.packs.verification import verify_pack
from assay.documents.packs.layout import Audience
from assay.governance import events
from assay.governance.events import PersonId, parse_entry


def indices(files):
    return [entry["index"] for entry in json.loads(files["index.json"])["entries"]]


def contents(files, state=None):
    found = json.loads(files["index.json"])["contents"]
    return {item["name"] for item in found if item.get("missing") == state}


def declare(services, system, count=1):
    """Events about another system."""
    changes = [
        Change(
            type=events.SYSTEM_DECLARED,
            subject=f"system/{system}",
            body={"system": system, "tier": "low", "tier_source": f"declared {number}"},
            digests={"manifest": services.blobs.put(b"")},
        )
        for number in range(count)
    ]
    if changes:
        record(services, changes, actor=PersonId("x"), at=services.clock.now(), expected={})


def test_the_same_state_gives_the_same_bytes(services, project):
    """Packing twice gives one zip, byte for byte, and changes nothing in the log."""
    live(services, project)
    size = services.journal.head().size
    assert write_archive(packed(services)) == write_archive(packed(services))
    assert services.journal.head().size == size


def test_everything_about_the_version_is_in_it(services, project):
    """The whole story, with its people, statements and contents; then it verifies."""
    live(services, project)
    files = packed(services)
    kinds = [parse_entry(files[f"entries/{index}.json"]).type for index in indices(files)]
    assert kinds == [parse_entry(entry.data).type for entry in services.journal.entries()]
    assert len([name for name in files if name.startswith("statements/")]) == 6
    assert contents(files) == {
        *("evaluation_set", "manifest", "policy", "policy_source", "profile", "reason"),
        *("recipe", "tallies"),
    }
    assert verify_pack(files, verifiers=[VERIFIER]).name == "1.0.0"


def test_nothing_else_is_in_it(services, project, rewrite):
    """Other systems, other versions, and people who had no part stay out."""
    gate_version(services, project, actor="ada")
    declare(services, "other")
    rewrite("model.json", "[1]", "[2]")
    rewrite("assay.yaml", "name: 1.0.0", "name: 2.0.0")
    gate_version(services, project, actor="zoe")
    of_first, of_second = packed(services), packed(services, version="2.0.0")
    assert [parse_entry(of_first[f"entries/{index}.json"]).type for index in indices(of_first)] == [
        events.WORKSPACE_OPENED,
        events.PERSON_REGISTERED,
        events.SYSTEM_DECLARED,
        events.VERSION_REGISTERED,
        events.EVIDENCE_RECORDED,
        events.DECISION_MADE,
    ]
    # Ada declared the system, so she is in both; the other system is in neither.
    assert set(indices(of_first)) & set(indices(of_second)) == {0, 1, 2}
    for files in (of_first, of_second):
        verify_pack(files, verifiers=[VERIFIER])


def test_a_public_pack_keeps_back_what_is_confidential(services, project):
    """Tallies, names and reasons are digests there; the auditor's pack has them."""
    live(services, project)
    files = packed(services, Audience.PUBLIC)
    assert contents(files, "withheld") == {"evaluation_set", "profile", "reason", "tallies"}
    assert contents(files) == {"manifest", "policy", "policy_source", "recipe"}
    for name in ("profile", "reason", "tallies"):
        confidential = packed(services)
        (data, *_) = [data for file, data in confidential.items() if f"/{name}/" in file]
        assert not any(data in carried for carried in files.values())
    pack = verify_pack(files, verifiers=[VERIFIER])
    assert pack.audience is Audience.PUBLIC


def test_content_of_an_unknown_kind_is_not_public(services, project):
    """A new kind of content stays at home until someone says that it is public."""
    gate_version(services, project, actor="ada")
    change = Change(
        type=events.SYSTEM_DECLARED,
        subject="system/credit",
        body={"system": "credit", "tier": "high", "tier_source": "declared"},
        digests={"manifest": services.blobs.put(b""), "novelty": services.blobs.put(b"new")},
    )
    record(services, [change], actor=PersonId("x"), at=services.clock.now(), expected={})
    assert "novelty" in contents(packed(services))
    assert "novelty" in contents(packed(services, Audience.PUBLIC), "withheld")


def test_erased_content_is_said_to_be_absent(services, project):
    """What the store no longer has is named, and everything else still verifies."""
    live(services, project)
    whole = packed(services)
    kept = MemoryBlobs()
    for entry in services.journal.entries():
        for name, digest in parse_entry(entry.data).digests.items():
            if name not in {"statement", "reason", "tallies"}:
                kept.put(services.blobs.get(digest))
    files = packed(replace(services, blobs=kept))
    assert contents(files, "absent") == {"reason", "tallies"}
    assert len(whole) - len(files) == 3
    verify_pack(files, verifiers=[VERIFIER])


def test_a_version_that_was_only_measured_can_be_packed(services, project):
    """Evidence without a decision is evidence all the same."""
    check_version(services, project, actor="ada")
    pack = verify_pack(packed(services), verifiers=[VERIFIER])
    assert events.DECISION_MADE not in {item.event.type for item in pack.entries}


@pytest.mark.parametrize("more", [0, 1, 250, 251, 1300])
def test_proofs_hold_however_long_the_log_is(services, project, more):
    """Entries are proved in logs within one tile, of exactly one, and of several."""
    declare(services, "other", more)
    gate_version(services, project, actor="ada")
    declare(services, "another", more % 7)
    pack = verify_pack(packed(services), verifiers=[VERIFIER])
    assert pack.checkpoint.size == services.journal.head().size
