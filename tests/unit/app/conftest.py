"""A small repository with real data, and a workspace in memory."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.adapters.engine import DuckDbCollector
from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.stages import shipped_stages
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.predictor import SubprocessPredictor
from assay.adapters.project import LocalProject
from assay.app.log.beginning import begin_workspace
from assay.app.services import Services
from assay.governance.fold import fold

MANIFEST = """\
assay: 1
system: {id: credit, purpose: Decide loans, owner: "team:lending", tier: high}
version: {name: 1.0.0, kind: binary-classifier, model: model.json}
data:
  evaluation:
    path: holdout.csv
    label: defaulted
    score: p_default
    decision: {favourable_when: "<", threshold: 0.5}
    protected: [sex]
policy: policy.yaml
"""

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.20
approvals:
  high: [{role: validator}, {role: approver}]
"""


@dataclass
class TickingClock:
    """Advances by a second at each reading, so that every event has its own time."""

    time: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def services(clock: TickingClock) -> Services:
    counter = iter(range(1_000_000))
    opened = Services(
        clock=clock,
        journal=MemoryJournal(fold=fold),
        blobs=MemoryBlobs(),
        signer=Ed25519Signer.from_seed("test.assay.local", bytes(32)),
        collector=DuckDbCollector(threads=1),
        predictor=SubprocessPredictor(),
        stages=shipped_stages(),
        random_bytes=lambda size: next(counter).to_bytes(size, "big"),
    )
    begin_workspace(opened)
    return opened


def holdout_csv(rows: int = 1200, *, women_shift: float = 0.0) -> str:
    """Seeded rows whose scores rank well; `women_shift` raises the scores of women."""
    draw = random.Random(7)
    lines = ["sex,defaulted,p_default"]
    for index in range(rows):
        sex = "FM"[index % 2]
        score = min(max(draw.betavariate(2, 2) + (women_shift if sex == "F" else 0.0), 0.0), 1.0)
        lines.append(f"{sex},{int(draw.random() < score)},{score:.4f}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def holdout() -> Callable[..., str]:
    """Evaluation data as CSV text."""
    return holdout_csv


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "assay.yaml").write_text(MANIFEST)
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "model.json").write_text('{"weights": [1]}')
    (tmp_path / "holdout.csv").write_text(holdout_csv())
    return tmp_path


@pytest.fixture
def project(repository: Path) -> LocalProject:
    return LocalProject(repository / "assay.yaml")


@pytest.fixture
def rewrite(repository: Path) -> Callable[[str, str, str], None]:
    """Replace a text in a file of the repository; it must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = repository / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace
