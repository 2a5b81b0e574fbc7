"""Point values agree with scikit-learn, scipy and statsmodels on three real datasets."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import ks_2samp
from sklearn import metrics as sk
from tests.parity.peers.datasets import DATASETS, Dataset
from tests.unit.checks.rows import Row, evidence_of

from assay.checks import calibration, performance
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Estimate, Undefined


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
        ("mcc", sk.matthews_corrcoef),
        ("kappa", sk.cohen_kappa_score),
    ],
)
def test_of_decisions(dataset: Dataset, check: str, peer: Callable[..., float]):
    """Metrics of label by decision."""
    label, _, prediction = arrays(dataset)
    measured = getattr(performance, check)(evidence(dataset), errors=READING)
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx(peer(label, prediction), abs=1e-9)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
@pytest.mark.parametrize(
    ("check", "peer"),
    [
        ("roc_auc", sk.roc_auc_score),
        ("gini", lambda label, score: 2.0 * sk.roc_auc_score(label, score) - 1.0),
        ("average_precision", sk.average_precision_score),
        ("brier", sk.brier_score_loss),
        (
            "ks",
            lambda label, score: ks_2samp(score[label == 1], score[label == 0]).statistic,
        ),
    ],
)
def test_of_scores(dataset: Dataset, check: str, peer: Callable[..., float]):
    """Metrics of label by score, with ties."""
    label, score, _ = arrays(dataset)
    measured = getattr(performance, check)(evidence(dataset), errors=READING)
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx(peer(label, score), abs=1e-9)


def test_log_loss():
    """Where no score rules out a label; of COMPAS's deciles, one is 1."""
    dataset = DATASETS[0]
    label, score, _ = arrays(dataset)
    measured = performance.log_loss(evidence(dataset), errors=READING)
    assert measured.value == pytest.approx(sk.log_loss(label, score), abs=1e-9)
    assert isinstance(performance.log_loss(evidence(DATASETS[2]), errors=READING), Undefined)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_calibration_in_the_large_and_cost(dataset: Dataset):
    """Means over rows, as numpy takes them."""
    label, score, prediction = arrays(dataset)
    large = calibration.in_the_large(evidence(dataset), errors=READING)
    assert large.value == pytest.approx(abs(np.mean(score - label)), abs=1e-9)
    cost = performance.cost(
        evidence(dataset),
        errors=READING,
        false_positive=Decimal(1),
        false_negative=Decimal("5.5"),
        true_positive=Decimal("-0.25"),
    )
    each = np.array([[0.0, 1.0], [5.5, -0.25]])[label, prediction]
    assert cost.value == pytest.approx(each.mean(), abs=1e-9)


@pytest.mark.parametrize("dataset", DATASETS[:2], ids=lambda dataset: dataset.name)
def test_the_calibration_line(dataset: Dataset):
    """Intercept and slope of statsmodels' logistic regression on the scores' logits."""
    label, score, _ = arrays(dataset)
    logit = np.log(score / (1.0 - score))
    line = sm.Logit(label, sm.add_constant(logit)).fit(disp=0)
    offset = sm.GLM(label, np.ones_like(logit), family=sm.families.Binomial(), offset=logit).fit()
    slope = calibration.slope(evidence(dataset), errors=READING)
    intercept = calibration.intercept(evidence(dataset), errors=READING)
    assert slope.value == pytest.approx(abs(line.params[1] - 1.0), abs=1e-9)
    assert intercept.value == pytest.approx(abs(offset.params[0]), abs=1e-9)
