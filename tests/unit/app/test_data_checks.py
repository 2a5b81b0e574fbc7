"""Data checks from the manifest to the record: wear, age, overlap, and all of it derived again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.packed import VERIFIER

import assay
from assay.adapters.engine.source import UnknownColumn
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.plugins import find_checks
from assay.adapters.project import LocalProject, RecordedTexts
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import Recorded, find_version
from assay.app.life.approval import approve_version
from assay.app.packs.recomputing import recompute_journal
from assay.app.ports import Written
from assay.app.services import Services
from assay.documents.gate import GateReport, cautions
from assay.errors import ConfigurationError
from assay.evidence.measurement import Fact, NotApplicable, NotCollected
from assay.governance.fold import EVIDENCE
from assay.policy.policy import Outcome

Rewrite = Callable[[str, str, str], None]

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  fresh: {check: data.age, with: {column: decided_on}, at_most: 90}
  unworn: {check: data.holdout_uses, at_most: 2}
  unseen: {check: data.training_overlap, at_most: 0.5}
  unseen-people: {check: data.training_units, at_most: 0}
  no-leak: {check: data.leakage, with: {ignore: [decided_on]}, at_most: 0.9}
approvals:
  high: [{role: validator}]
"""


@pytest.fixture
def dated(repository: Path) -> Path:
    """The repository with a column of dates, training data, and a policy on the data."""
    header, *rows = (repository / "holdout.csv").read_text().split()
    lines = [f"{header},decided_on,branch,case"]
    lines += [f"{row},2026-0{1 + i % 2}-1{i % 10},b{i % 7},c{i}" for i, row in enumerate(rows)]
    (repository / "holdout.csv").write_text("\n".join(lines) + "\n")
    (repository / "training.csv").write_text("\n".join([lines[0], *lines[1:31]]) + "\n")
    manifest = (repository / "assay.yaml").read_text()
    manifest = manifest.replace("data:\n", "data:\n  training: training.csv\n")
    (repository / "assay.yaml").write_text(manifest)
    (repository / "policy.yaml").write_text(POLICY)
    return repository


def measured(report: GateReport) -> Mapping[str, Any]:
    return {item.requirement.id: item.measurement for item in report.decision.judgements}


def value(report: GateReport, requirement: str) -> object:
    found = measured(report)[requirement]
    assert isinstance(found, Fact), found
    return found.value


def gate(services: Services, folder: Path) -> GateReport:
    return gate_version(services, LocalProject(folder / "assay.yaml"), actor="Ada")


def rescored(folder: Path, version: str, rewrite: Rewrite) -> None:
    """Another version, whose scores lie in the very same file."""
    lines = (folder / "holdout.csv").read_text().split()
    header, rows = lines[0], [line.split(",") for line in lines[1:]]
    moved = [[sex, label, f"{float(p) * 0.9:.4f}", *rest] for sex, label, p, *rest in rows]
    (folder / "holdout.csv").write_text("\n".join([header, *map(",".join, moved)]) + "\n")
    (folder / "model.json").write_text(f'{{"version": "{version}"}}')
    manifest = (folder / "assay.yaml").read_text()
    before = manifest.split("{name: ")[1].split(",")[0]
    rewrite("assay.yaml", f"name: {before}", f"name: {version}")


def test_the_gate_checks_the_data(services: Services, dated: Path):
    """The newest row is of 19 February and it is 1 March; 30 rows of 1,200 were learnt from."""
    report = gate(services, dated)
    assert value(report, "fresh") == 10
    assert value(report, "unworn") == 1
    assert float(str(value(report, "unseen"))) == pytest.approx(30 / 1200)
    assert isinstance(measured(report)["unseen-people"], NotApplicable)


def test_versions_that_are_judged_on_the_same_rows_are_counted(
    services: Services, dated: Path, rewrite: Rewrite
):
    """The file is another each time, for its scores are; the people are the same."""
    reports = [gate(services, dated)]
    for version in ("1.1.0", "1.2.0"):
        rescored(dated, version, rewrite)
        reports.append(gate(services, dated))
    assert [value(report, "unworn") for report in reports] == [1, 2, 3]
    assert [report.dataset_versions for report in reports] == [1, 2, 3]
    assert len({report.dataset for report in reports}) == 3
    assert reports[-1].decision.outcome is Outcome.DENY
    assert "judged 3 versions" in " ".join(cautions(reports[-1]))


def test_a_version_keeps_its_place_and_its_evidence(
    services: Services, dated: Path, rewrite: Rewrite
):
    """Judged again after others, the first is still the first, and approvals stay in force."""
    first = gate(services, dated)
    kept = (dated / "holdout.csv").read_bytes(), (dated / "model.json").read_bytes()
    rescored(dated, "1.1.0", rewrite)
    gate(services, dated)
    (dated / "holdout.csv").write_bytes(kept[0])
    (dated / "model.json").write_bytes(kept[1])
    rewrite("assay.yaml", "name: 1.1.0", "name: 1.0.0")
    again = gate(services, dated)
    assert value(again, "unworn") == 1
    assert again.decision.basis == first.decision.basis


def test_other_rows_are_another_evaluation_set(services: Services, dated: Path, rewrite: Rewrite):
    """A row less is a fresh set: nothing can tell that it is nearly the same."""
    gate(services, dated)
    rescored(dated, "1.1.0", rewrite)
    text = (dated / "holdout.csv").read_text()
    (dated / "holdout.csv").write_text(text[: text.rstrip().rindex("\n") + 1])
    report = gate(services, dated)
    assert value(report, "unworn") == 1
    assert report.dataset_versions == 1


def test_data_that_were_fresh_grow_old(services: Services, dated: Path, clock: Any):
    """The age is that of the day of the evaluation: a later gate takes a new one."""
    first = gate(services, dated)
    clock.time += timedelta(days=200)
    second = gate(services, dated)
    assert (value(first, "fresh"), value(second, "fresh")) == (10, 210)
    assert second.decision.outcome is Outcome.DENY


def test_an_approval_of_the_next_day_still_counts(services: Services, dated: Path, clock: Any):
    """People decide on what was measured: time alone does not change it."""
    assert gate(services, dated).decision.outcome is Outcome.HOLD
    clock.time += timedelta(days=1)
    project = LocalProject(dated / "assay.yaml")
    version = find_version(services, "credit", "1.0.0")
    report = approve_version(
        services, project, version, actor="Val", role="validator", reason="Seen."
    )
    assert report.decision.outcome is Outcome.ALLOW


def test_everything_is_derived_again_from_the_record(
    services: Services, dated: Path, rewrite: Rewrite
):
    """The day and the place in the order are recorded, so others come to the same figures."""
    gate(services, dated)
    rescored(dated, "1.1.0", rewrite)
    gate(services, dated)
    recorded = Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=RecordedTexts(),
        catalogue=find_checks(),
    )
    found = recompute_journal(recorded, verifiers=[VERIFIER])
    assert (found.decisions, found.skipped) == (2, ())


def test_the_identity_of_the_rows_is_recorded(services: Services, dated: Path):
    """An additive digest names what tells the evaluation set from others; no person is in it."""
    gate(services, dated)
    [record] = services.journal.records(EVIDENCE)
    digests: Any = record.value["digests"]
    identity = json.loads(services.blobs.get(digests["evaluation_set"]))
    assert identity["rows"] == 1200
    assert "score" not in identity
    assert len(identity["people"]) == 64


def test_without_training_data_the_overlap_is_missing(
    services: Services, dated: Path, rewrite: Rewrite
):
    """It says what to declare."""
    rewrite("assay.yaml", "  training: training.csv\n", "")
    found = measured(gate(services, dated))["unseen"]
    assert isinstance(found, NotCollected)
    assert "data.training" in found.remedy


def test_a_column_that_the_file_lacks_stops_the_evaluation(
    services: Services, dated: Path, rewrite: Rewrite
):
    """Nothing is recorded, and the nearest name is given."""
    rewrite("policy.yaml", "column: decided_on", "column: decided_at")
    with pytest.raises(UnknownColumn) as caught:
        gate(services, dated)
    assert "decided_on" in caught.value.remedy


@pytest.mark.parametrize("name", ["evaluated_on", "holdout_use"])
def test_what_assay_writes_itself_is_no_document_of_the_user(dated: Path, name: str):
    """A manifest could otherwise say how fresh and how unworn the data are."""
    manifest = (dated / "assay.yaml").read_text() + f"documents: {{{name}: mine.yaml}}\n"
    with pytest.raises(ConfigurationError, match=name):
        parse_manifest(Written(file="assay.yaml", source=manifest.encode()), folder=dated)


def test_frames_are_inspected_as_files_are(dated: Path):
    """Rows that a program holds give the figures of the file; nothing is there to overlap with."""
    rows: Any = pl.read_csv(dated / "holdout.csv")
    asked: dict[str, dict[str, Any]] = {
        "data.leakage": {},
        "data.duplicate_rows": {},
        "data.training_overlap": {},
    }
    options: dict[str, Any] = {"label": "defaulted", "score": "p_default", "checks": asked}
    held = assay.evaluate(rows, **options)
    filed = assay.evaluate(dated / "holdout.csv", **options)
    assert held["data.leakage"] == filed["data.leakage"]
    assert held["data.duplicate_rows"] == filed["data.duplicate_rows"]
    assert isinstance(held["data.training_overlap"], NotCollected)
