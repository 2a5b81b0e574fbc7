"""Where a version comes from is stated, signed, packed and verified."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.packed import TEXTS, VERIFIER, a_story, packed, payload_of, repository, restated

from assay import bootstrap
from assay.app.judging.replay import find_version
from assay.app.life.provenance import Training, state_provenance
from assay.app.packs.unpacking.problems import PackLinkBroken
from assay.app.packs.verification import verify_pack
from assay.app.services import Services
from assay.cli import exits
from assay.cli.run import run
from assay.evidence.statements import PROVENANCE, TRAINING, Resource, provenance_payload, subjects
from assay.governance.events import PROVENANCE_STATED, parse_entry

TRAINED = Training(
    builder="https://ci.example/train.yaml",
    invocation="run-7",
    parameters={"seed": "1"},
    started=datetime(2026, 3, 1, 9, tzinfo=UTC),
    finished=datetime(2026, 3, 1, 10, tzinfo=UTC),
)


@pytest.fixture
def stated() -> Services:
    services = a_story()
    version = find_version(services, "credit", "1.0.0")
    state_provenance(services, version, TRAINED, actor="ada")
    return services


def _index(services: Services) -> int:
    kinds = [parse_entry(entry.data).type for entry in services.journal.entries()]
    return kinds.index(PROVENANCE_STATED)


def test_a_pack_carries_it(stated: Services) -> None:
    """As SLSA provenance about the version and its model, signed by the log's key."""
    files = packed(stated)
    verify_pack(files, verifiers=[VERIFIER])
    statement = payload_of(files, _index(stated))
    assert statement["predicateType"] == PROVENANCE
    assert [item["name"] for item in statement["subject"]] == ["version", "model"]
    definition, run_details = (
        statement["predicate"][name] for name in ("buildDefinition", "runDetails")
    )
    assert definition["buildType"] == TRAINING
    assert definition["externalParameters"] == {"seed": "1"}
    assert run_details["builder"] == {"id": TRAINED.builder}
    assert run_details["metadata"] == {
        "invocationId": "run-7",
        "startedOn": "2026-03-01T09:00:00.000000Z",
        "finishedOn": "2026-03-01T10:00:00.000000Z",
    }


def test_an_entry_cannot_name_another_builder(stated: Services) -> None:
    """What the log says and what the statement says are one thing."""

    def change(statement: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        statement["predicate"]["runDetails"]["builder"]["id"] = "https://elsewhere.example"

    with pytest.raises(PackLinkBroken, match="builder"):
        verify_pack(restated(packed(stated), _index(stated), change), verifiers=[VERIFIER])


def test_what_is_not_told_is_left_out() -> None:
    """No field stands there empty."""
    payload = json.loads(
        provenance_payload(
            subjects=subjects("a" * 64, None),
            parameters={},
            dependencies=[Resource(name="code", digest={"gitCommit": "b" * 40})],
            builder="https://ci.example",
        )
    )
    assert payload["predicate"]["runDetails"]["metadata"] == {}
    (code,) = payload["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert code == {"name": "code", "digest": {"gitCommit": "b" * 40}}


def test_it_is_stated_from_the_command_line(tmp_path: Path, capsys) -> None:
    """The ingredients are the version's own components."""
    text = TEXTS["assay.yaml"]
    training = text.replace("policy: policy.yaml", "  training: holdout.csv\npolicy: policy.yaml")
    repository(tmp_path, assay=training)
    manifest = str(tmp_path / "assay.yaml")
    bootstrap.gate(manifest, actor="ada")
    words = ["provenance", "-m", manifest, "--as", "ada", "--builder", "https://ci.example"]
    assert run([*words, "--parameter", "seed"]) == exits.USAGE
    assert run([*words, "--parameter", "seed=1", "--started", "2026-03-01"]) == exits.OK
    statement = capsys.readouterr().out.split()[-1]
    with bootstrap.open_workspace(tmp_path) as services:
        (record,) = services.journal.records("provenance")
        assert record.key == statement
        digests = record.value["digests"]
        assert isinstance(digests, dict)
        envelope = json.loads(services.blobs.get(str(digests["envelope"])))
    said = json.loads(base64.b64decode(envelope["payload"]))
    (data,) = said["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert data["name"] == "training_data"
    assert set(data["digest"]) == {"sha256"}
    assert run(["verify", "-w", str(tmp_path), "--state"]) == exits.OK
