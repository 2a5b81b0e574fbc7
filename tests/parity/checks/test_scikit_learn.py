"""Point values of performance agree with scikit-learn's on three real datasets."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from tests.parity.peers.datasets import DATASETS, Dataset
from tests.unit.checks.rows import Row, evidence_of

from assay.checks import performance
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Estimate


def evidence(dataset: Dataset) -> Evidence:
    rows = [Row(label=cell.label, score=cell.score, count=cell.count) for cell in dataset.cells()]
    return evidence_of(rows, threshold=dataset.threshold, favourable_when=dataset.favourable_when)


def arrays(dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, score, and the prediction of label 1, of every row."""
    cells = list(dataset.cells())
    counts = [cell.count for cell in cells]
    label = np.repeat([cell.label for cell in cells], counts)
    score = np.repeat([cell.score for cell in cells], counts)
    return label, score, (score >= float(dataset.threshold)).astype(int)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
@pytest.mark.parametrize(
    ("check", "peer"),
    [
        ("accuracy", sk.accuracy_score),
        ("balanced_accuracy", sk.balanced_accuracy_score),
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ],
)
def test_of_decisions(dataset: Dataset, check: str, peer: object):
    """Metrics of label by decision."""
    label, _, prediction = arrays(dataset)
    measured = getattr(performance, check)(evidence(dataset), errors=READING)
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx(peer(label, prediction), abs=1e-9)  # type: ignore[operator]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_of_scores(dataset: Dataset):
    """The area under the ROC curve, with ties, and Gini's coefficient of it."""
    label, score, _ = arrays(dataset)
    area = sk.roc_auc_score(label, score)
    measured = performance.roc_auc(evidence(dataset), errors=READING)
    assert measured.value == pytest.approx(area, abs=1e-9)
    gini = performance.gini(evidence(dataset), errors=READING)
    assert gini.value == pytest.approx(2.0 * area - 1.0, abs=1e-9)
