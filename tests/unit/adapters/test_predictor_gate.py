"""The gate on a model that computes its own scores, from the manifest to the decision."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assay.cli.run import run

MANIFEST = f"""\
assay: 1
system: {{id: credit, purpose: Decide on loans, owner: "team:lending", tier: medium}}
version: {{name: "1.0", kind: binary-classifier, model: score.py}}
data:
  evaluation:
    path: rows.csv
    label: defaulted
    predict: [{sys.executable}, -I, -S, score.py]
    decision: {{favourable_when: "<", threshold: 0.5}}
policy: policy.yaml
"""
POLICY = """\
policy: lending
version: 1.0.0
errors: {false_allow: 0.05, false_deny: 0.05}
requirements:
  ranks-well: {check: performance.roc_auc, at_least: {low: 0.60}}
"""
SCORE = """\
import csv, os
rows, out = open(os.environ["ASSAY_ROWS"], newline=""), open(os.environ["ASSAY_SCORES"], "w")
with rows, out:
    reader = csv.DictReader(rows)
    assert reader.fieldnames == ["x"], reader.fieldnames
    out.write("score\\n" + "".join(row["x"] + "\\n" for row in reader))
"""


def test_a_model_is_judged_by_scores_it_computes_without_the_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The label column is withheld by the use case, and the report says who computed."""
    rows = "".join(f"{i / 400},{int(i >= 200)}\n" for i in range(400))
    texts = {
        "assay.yaml": MANIFEST,
        "policy.yaml": POLICY,
        "score.py": SCORE,
        "rows.csv": f"x,defaulted\n{rows}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run(["gate"]) == 0, capsys.readouterr()
    assert "scores computed" in capsys.readouterr().out
