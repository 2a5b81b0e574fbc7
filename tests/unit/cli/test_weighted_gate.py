"""A whole gate of weighted rows: what is judged, what is said, what others can derive again."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.cli import exits
from assay.cli.run import run

Assay = Callable[..., tuple[int, str]]

MANIFEST = """\
assay: 1
system: {{id: cv, purpose: Decide which applications come first, owner: team:h, tier: medium}}
version: {{name: 1.0.0, kind: binary-classifier, model: model.json}}
data:
  evaluation:
    path: holdout.csv
    label: suitable
    score: score
    decision: {{favourable_when: ">=", threshold: 0.5}}
    protected: [gender, {{joined: [2020-12-31]}}]
    weight: {{column: people, kind: {kind}}}
policy: policy.yaml
"""

POLICY = """\
policy: hiring
version: 2.1.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.70}
  accurate: {check: performance.accuracy, at_least: 0.5}
  selection-gap: {check: fairness.selection_rate_difference, at_most: 0.45}
"""


@pytest.fixture
def assay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Assay:
    """Run a command beside 600 weighted rows; the exit code, and what it prints."""
    monkeypatch.chdir(tmp_path)
    chance = random.Random(8)
    lines = ["suitable,score,gender,joined,people"]
    for number in range(600):
        score = chance.random()
        suitable, people = int(chance.random() < score), chance.randrange(4)
        lines.append(
            f"{suitable},{score:.3f},{'FM'[number % 2]},20{19 + number % 3}-05-01,{people}"
        )
    Path("holdout.csv").write_text("\n".join(lines), encoding="utf-8")
    Path("model.json").write_text("{}", encoding="utf-8")
    Path("policy.yaml").write_text(POLICY.replace("medium", "low"), encoding="utf-8")

    def command(*words: str, kind: str) -> tuple[int, str]:
        Path("assay.yaml").write_text(MANIFEST.format(kind=kind), encoding="utf-8")
        code = run(list(words))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return command


@pytest.mark.parametrize(("kind", "code"), [("frequency", exits.OK), ("sampling", exits.HELD)])
def test_a_weighted_gate_says_so_and_is_derived_again(assay: Assay, kind: str, code: int):
    """Rows without weight are named; figures that have no bounds hold the release; all verifies."""
    found, said = assay("gate", "--as", "Ada", kind=kind)
    assert found == code, said
    assert f"Figures are weighted by column 'people' ({kind} weights)." in said
    assert "zero weight" in said
    assert ("ranks-well: Rows have sampling weights." in said) is (kind == "sampling")
    found, said = assay("explain", "selection-gap", kind=kind)
    assert found == exits.OK
    assert f"Figures are weighted by column 'people' ({kind} weights)." in said
    found, said = assay("check", "--as", "Ada", kind=kind)
    assert f"weighted by column 'people' ({kind} weights)" in said
    found, said = assay("verify", "--state", "--recompute", kind=kind)
    assert found == exits.OK
    assert "derived again" in said
