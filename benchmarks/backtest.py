"""Trying a policy on all recorded evidence: `python -m benchmarks.backtest`.

Lays out a workspace of many versions: eight are gated for real, on 20,000 rows each; the others
are those eight again under other digests. Each has its own registration, evidence and decision,
judged by the gate, signed, and appended in batches through the same functions as `assay gate`;
only the counting and measuring of their data is not repeated. Then it times
`assay policy backtest`: with one process, whose memory is told, and with two,

- where the candidate has another error budget, so that every figure is derived from the tallies,
- where only bars moved, so that the recorded bounds serve wherever they settle the verdicts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.__main__ import MANIFEST, MIB, print_machine, run

from assay.app.judging.deciding import Case, decide_measured, decision_change
from assay.app.judging.evaluation import bind
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import digests_of, recorded_case
from assay.app.judging.standing import SILENCE
from assay.app.log.recording import Change, record, store_statement
from assay.app.services import Services
from assay.bootstrap import open_project, open_workspace
from assay.evidence.envelopes import parse_envelope
from assay.evidence.statements import evaluation_payload, parse_statement, subjects
from assay.governance import events
from assay.governance.events import PersonId
from assay.governance.fold import EVIDENCE, VERSION, Record
from assay.governance.versions import VersionDigest
from assay.policy.gate import Measure
from assay.policy.policy import RequirementId

ROWS: Final = 20_000
MODELS: Final = 8
BATCH: Final = 100

FEW: Final = 100
"""Versions by which the memory of one process is measured; it does not grow with them."""

BAR: Final = 60.0
"""Seconds that the design allows for DERIVED versions judged by their tallies, or for RECORDED
ones judged by recorded bounds; for fewer versions, in proportion."""

DERIVED: Final = 1_000
RECORDED: Final = 10_000

DATA: Final = """
COPY (
  WITH draws AS (
    SELECT hash(i + {seed} * 1000000007::BIGINT) % 1000003 / 1000003.0 AS u,
           hash(i + 1000000000000 + {seed}) % 1000003 / 1000003.0 AS v,
           hash(i + 2000000000000) AS w
    FROM range({rows}) AS t(i)
  )
  SELECT (v < u * u)::TINYINT AS label, u AS score,
         CASE WHEN w % 2 = 0 THEN 'female' ELSE 'male' END AS sex,
         (18 + (w // 2) % 62)::SMALLINT AS age
  FROM draws
) TO '{path}' (FORMAT parquet)
"""

CHECKS: Final = (
    ("performance.roc_auc", "at_least", 0.60),
    ("performance.accuracy", "at_least", 0.60),
    ("performance.balanced_accuracy", "at_least", 0.60),
    ("performance.precision", "at_least", 0.40),
    ("performance.recall", "at_least", 0.40),
    ("performance.specificity", "at_least", 0.40),
    ("performance.f1", "at_least", 0.40),
    ("performance.mcc", "at_least", 0.20),
    ("performance.kappa", "at_least", 0.20),
    ("performance.gini", "at_least", 0.20),
    ("performance.ks", "at_least", 0.20),
    ("performance.average_precision", "at_least", 0.40),
    ("performance.brier", "at_most", 0.30),
    ("performance.log_loss", "at_most", 0.90),
    ("performance.worst_slice_accuracy", "at_least", 0.50),
    ("performance.worst_slice_recall", "at_least", 0.30),
    ("calibration.expected_calibration_error", "at_most", 0.30),
    ("calibration.in_the_large", "at_most", 0.40),
    ("fairness.selection_rate_difference", "at_most", 0.20),
    ("fairness.selection_rate_ratio", "at_least", 0.70),
    ("fairness.equal_opportunity_difference", "at_most", 0.20),
    ("fairness.equalized_odds_difference", "at_most", 0.25),
    ("fairness.false_positive_rate_difference", "at_most", 0.20),
    ("fairness.accuracy_difference", "at_most", 0.20),
    ("fairness.positive_predictive_value_difference", "at_most", 0.25),
    ("fairness.true_positive_rate_ratio", "at_least", 0.60),
    ("fairness.label_rate_difference", "at_most", 0.20),
    ("data.rows", "at_least", 1000),
    ("data.smallest_group", "at_least", 100),
    ("data.missing_values", "at_most", 0.10),
)
"""Thirty requirements, of figures of every cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A version that was gated for real, to be recorded again under other digests."""

    case: Case
    measures: dict[RequirementId, Measure]
    version: Record
    evidence: Record
    statement: dict[str, object]


def main() -> None:
    """Lay out both workspaces, time both backtests, and print them beside the bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtest", description=__doc__)
    parser.add_argument("--versions", type=int, default=DERIVED, help="judged by their tallies")
    parser.add_argument("--recorded", type=int, default=RECORDED, help="judged by recorded bounds")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder)
        print(f"\nA policy of {len(CHECKS)} requirements, {ROWS:,} rows a version\n")
        print(
            f"{'':<26}{'versions':>9}{'seconds':>9}{'bar':>6}{'CPU s':>8}{'MiB':>6}{'derived':>9}"
        )
        (folder / "budget.yaml").write_text(policy("2", false_allow=0.04))
        (folder / "bars.yaml").write_text(policy("2", accuracy=0.65))
        begun = fill(folder, 0, min(FEW, options.versions))
        measure("one process", folder, "budget.yaml", begun, processes=1)
        begun = fill(folder, begun, options.versions)
        bar = BAR * begun / DERIVED
        measure("every figure derived", folder, "budget.yaml", begun, processes=2, bar=bar)
        begun = fill(folder, begun, options.recorded)
        bar = BAR * begun / RECORDED
        measure("only bars moved", folder, "bars.yaml", begun, processes=2, bar=bar)


def policy(version: str, *, false_allow: float = 0.05, accuracy: float = 0.60) -> str:
    """The policy, or a candidate with another budget or another bar."""
    lines = ["policy: portfolio", f'version: "{version}"', "errors:"]
    lines += [f"  false_allow: {false_allow}", "requirements:"]
    for name, side, bar in CHECKS:
        moved = accuracy if name == "performance.accuracy" else bar
        lines.append(f"  {name.replace('.', '-')}: {{check: {name}, {side}: {moved}}}")
    return "\n".join(lines) + "\n"


def lay_out(folder: Path) -> None:
    """A repository, whose data are drawn anew for each model."""
    (folder / "assay.yaml").write_text(MANIFEST)
    (folder / "policy.yaml").write_text(policy("1"))


def fill(folder: Path, begun: int, wanted: int) -> int:
    """Record versions until there are so many; how many there are then."""
    with open_workspace(folder) as services:
        models = list(_models(services, folder, real=not begun))
        for start in range(max(begun, MODELS), wanted, BATCH):
            changes: list[Change] = []
            for number in range(start, min(start + BATCH, wanted)):
                changes += _again(services, models[number % MODELS], number)
            record(
                services,
                changes,
                actor=PersonId(str(models[0].case.author)),
                at=services.clock.now(),
                expected={},
            )
    return wanted


def _models(services: Services, folder: Path, *, real: bool) -> Iterator[Model]:
    for seed in range(MODELS):
        (folder / "model.bin").write_bytes(b"model %d" % seed)
        with duckdb.connect() as connection:
            path = folder / "rows.parquet"
            connection.execute(DATA.format(seed=seed, rows=ROWS, path=path))
        project = open_project(folder / "assay.yaml")
        if real:
            gate_version(services, project, actor="Ada")
        records = list(services.journal.records(VERSION, parent="benchmark"))
        digest = hashlib.sha256(b"model %d" % seed).hexdigest()
        version = next(item for item in records if digest in json.dumps(item.value["components"]))
        case = recorded_case(services, project, version)
        evidence = services.journal.record(EVIDENCE, case.evidence_id, version.key)
        assert evidence is not None
        envelope = services.blobs.get(digests_of(evidence)["envelope"])
        yield Model(
            case=case,
            measures=bind(case.policy, case.catalogue, case.gathered.evidence),
            version=version,
            evidence=evidence,
            statement=dict(parse_statement(parse_envelope(envelope).payload).predicate),
        )


def _again(services: Services, model: Model, number: int) -> Sequence[Change]:
    """A model's registration, evidence and decision, as those of another version."""
    digest = VersionDigest(hashlib.sha256(b"version %d" % number).hexdigest())
    version = replace(model.case.version, name=f"1.{number}", digest=digest)
    case = replace(model.case, version=version)
    known = model.evidence.value
    content = {
        name: value
        for name, value in digests_of(model.evidence).items()
        if name not in {"statement", "envelope"}
    }
    at = services.clock.now()
    payload = evaluation_payload(
        subjects=subjects(digest, version.model_digest),
        time=at,
        configuration={"dataset": str(known["dataset"]), **content},
        passed=model.statement["passedTests"],  # type: ignore[arg-type]
        warned=model.statement["warnedTests"],  # type: ignore[arg-type]
        failed=model.statement["failedTests"],  # type: ignore[arg-type]
        produced=str(known["produced"]),
        measurements=model.statement["assay_measurements"],  # type: ignore[arg-type]
    )
    stored = {**store_statement(services, payload), **content}
    case = replace(case, evidence_id=stored["statement"], evidence_time=at)
    decision = decide_measured(case, model.measures, words=SILENCE, at=at)
    body = {key: known[key] for key in ("system", "dataset", "produced", "documents")}
    return (
        Change(
            type=events.VERSION_REGISTERED,
            subject=case.subject,
            body={
                "system": case.system,
                "version": digest,
                "name": version.name,
                "author": case.author,
                "components": dict(version.components),
            },
            digests={"manifest": digests_of(model.version)["manifest"]},
        ),
        Change(
            type=events.EVIDENCE_RECORDED,
            subject=case.subject,
            body={**body, "version": digest},
            digests=stored,
        ),
        decision_change(services, case, decision),
    )


def measure(
    label: str,
    folder: Path,
    candidate: str,
    versions: int,
    *,
    processes: int,
    bar: float | None = None,
) -> None:
    """Time a backtest; the memory is that of the process that was started."""
    assay = str(Path(sys.executable).with_name("assay"))
    words = (assay, "policy", "backtest", candidate, "--format", "json=report.json")
    before = os.times()
    done = run((*words, "--processes", str(processes)), folder)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    report = json.loads((folder / "report.json").read_text())
    assert report["versions"] == versions
    allowed = "" if bar is None else f"{bar:.0f}"
    print(
        f"{label:<26}{versions:>9,}{done.seconds:>9.1f}{allowed:>6}{cpu:>8.1f}"
        f"{done.memory / MIB:>6.0f}{report['recomputed']:>9,}",
        flush=True,
    )


if __name__ == "__main__":
    main()
