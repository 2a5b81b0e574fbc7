"""Other tools' reports are judged, recorded whole, and derived again without their files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.packed import TEXTS, VERIFIER, packed, repository, workspace

from assay.adapters.keys import Ed25519Signer
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version, latest_decision, recorded_case
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.errors import ConfigurationError, NotEvaluated
from assay.evidence.envelopes import seal
from assay.evidence.statements import TEST_RESULT, Resource, Statement
from assay.policy.judging import Verdict

CI = Ed25519Signer.from_seed("ci.example", b"c" * 32)

EVIDENCE = """\
evidence:
  unit-tests: {path: reports/junit.xml, format: junit}
  scan: {path: reports/scan.sarif, format: sarif}
  build: {path: reports/build.json, format: test-result, signers: [keys/ci.pub]}
"""
RULES = """\
  no-failed-tests: {check: external.failed_tests, with: {of: unit-tests}, at_most: 0}
  enough-tests: {check: external.tests, with: {of: unit-tests}, at_least: 2}
  no-findings: {check: external.findings, with: {of: scan}, at_most: 0}
  few-notes: {check: external.findings, with: {of: scan, level: note}, at_most: 5}
  built: {check: external.passed, with: {of: build}}
approvals:
"""
JUNIT = "<testsuite><testcase name='a'/><testcase name='b'/>{}</testsuite>"
SCAN = {
    "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{"level": "note"}]}],
}
NAMES = ("no-failed-tests", "enough-tests", "no-findings", "few-notes", "built")


def result(digest: str, word: str = "PASSED") -> bytes:
    statement = Statement(
        subjects=(Resource.sha256(digest, name="model"),),
        predicate_type=TEST_RESULT,
        predicate={"result": word, "configuration": []},
    )
    return seal(statement.payload(), CI)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with three reports of other tools, all good."""
    found = repository(
        tmp_path,
        assay=TEXTS["assay.yaml"] + EVIDENCE,
        policy=TEXTS["policy.yaml"].replace("approvals:\n", RULES),
    )
    for folder in ("reports", "keys"):
        (tmp_path / folder).mkdir()
    (tmp_path / "keys/ci.pub").write_text(str(CI.verifier.key))
    (tmp_path / "reports/junit.xml").write_text(JUNIT.format(""))
    (tmp_path / "reports/scan.sarif").write_text(json.dumps(SCAN))
    model = hashlib.sha256((tmp_path / "model.json").read_bytes()).hexdigest()
    (tmp_path / "reports/build.json").write_bytes(result(model))
    return found


def verdicts(report: GateReport) -> dict[str, Verdict]:
    judged = {item.requirement.id: item.verdict for item in report.decision.judgements}
    return {name: judged[name] for name in NAMES}  # type: ignore[index]


def gated(project: Project, services: Services | None = None) -> dict[str, Verdict]:
    return verdicts(gate_version(services or workspace(), project, actor="ada"))


def test_good_reports_pass(project: Project):
    """Tests, a scan and a signed result are facts like any other."""
    assert set(gated(project).values()) == {Verdict.PASS}


@pytest.mark.parametrize(
    ("file", "data", "changed"),
    [
        ("junit.xml", JUNIT.format("<testcase><error/></testcase>"), {"no-failed-tests": "fail"}),
        (
            "junit.xml",
            "<testsuite/>",
            {"no-failed-tests": "missing", "enough-tests": "fail"},
        ),
        ("junit.xml", None, {"no-failed-tests": "missing", "enough-tests": "missing"}),
        ("scan.sarif", json.dumps(SCAN).replace("note", "error"), {"no-findings": "fail"}),
        (
            "scan.sarif",
            json.dumps(SCAN).replace('"results"', '"other"'),
            {"no-findings": "missing", "few-notes": "missing"},
        ),
        ("build.json", result("0" * 64).decode(), {"built": "missing"}),
        ("build.json", None, {"built": "missing"}),
    ],
)
def test_bad_and_absent_reports(project: Project, file, data, changed):
    """A report that is not there, or does not count, is missing; a bad one fails."""
    path = project.root / "reports" / file
    path.unlink()
    if data is not None:
        path.write_text(data)
    found = {name: verdict for name, verdict in gated(project).items() if verdict != "pass"}
    assert found == changed


def test_a_result_that_failed_or_that_another_signed(project: Project):
    """FAILED by a trusted key fails; PASSED by another key is missing, with the reason."""
    model = hashlib.sha256((project.root / "model.json").read_bytes()).hexdigest()
    path = project.root / "reports/build.json"
    path.write_bytes(result(model, "FAILED"))
    assert gated(project)["built"] is Verdict.FAIL
    path.write_bytes(result(model))
    other = Ed25519Signer.from_seed("ci.example", b"o" * 32)
    (project.root / "keys/ci.pub").write_text(str(other.verifier.key))
    report = gate_version(workspace(), project, actor="ada")
    built = next(i for i in report.decision.judgements if i.requirement.id == "built")
    assert built.verdict is Verdict.MISSING
    assert "is not to be trusted: 0 trusted keys signed" in built.measurement.reason  # type: ignore[union-attr]


def test_a_malformed_report_is_not_evaluated(project: Project):
    """What is not in its format is no evidence of anything: exit 4, with the place."""
    (project.root / "reports/junit.xml").write_text("<testsuite>\n<oops")
    with pytest.raises(NotEvaluated) as caught:
        gated(project)
    assert str(caught.value.where) == "reports/junit.xml:2:1"


@pytest.mark.parametrize(
    "line",
    [
        "unit-tests: {path: reports/junit.xml, format: test-result}",
        "unit-tests: {path: reports/junit.xml, format: junit, signers: [keys/ci.pub]}",
        "unit-tests: {path: ../junit.xml, format: junit}",
        "unit-tests: {path: reports/junit.xml, format: xunit}",
        "unit-tests: {path: r.json, format: test-result, signers: [keys/ci.pub], threshold: 2}",
    ],
)
def test_the_manifest_is_strict_about_reports(tmp_path: Path, line):
    """A test result needs signers, others have none; paths stay inside."""
    project = repository(tmp_path, assay=f"{TEXTS['assay.yaml']}evidence:\n  {line}\n")
    with pytest.raises(ConfigurationError) as caught:
        project.manifest()
    assert "assay.yaml:" in str(caught.value)


def test_records_hold_reports_whole(project: Project):
    """Replay, packs and recomputation need no file, no manifest and no key but what is recorded."""
    services = workspace()
    report = gate_version(services, project, actor="ada")
    for folder in ("reports", "keys"):
        for file in (project.root / folder).iterdir():
            file.unlink()
    version = find_version(services, "credit", "1.0.0")
    case = recorded_case(services, project, version)
    assert case.gathered.evidence.documents["external.build"].content["result"] == "PASSED"
    assert latest_decision(services, version).value["basis"] == report.decision.basis
    files = packed(services)
    assert any(name.startswith("contents/external.unit-tests/") for name in files)
    pack = verify_pack(files, verifiers=[VERIFIER])
    found = recompute_pack(
        files, pack, verifiers=[VERIFIER], texts=RecordedTexts(), catalogue=find_checks()
    )
    assert (found.decisions, found.skipped) == (1, ())


def test_other_reports_are_other_evidence(project: Project):
    """A report that changed is a new evaluation; the same one is the same."""
    services = workspace()
    first = gate_version(services, project, actor="ada").decision.basis
    assert gate_version(services, project, actor="ada").decision.basis == first
    (project.root / "reports/junit.xml").write_text(JUNIT.format("<testcase name='c'/>"))
    assert gate_version(services, project, actor="ada").decision.basis != first
