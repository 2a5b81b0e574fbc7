"""What a version gains over the simplest rule, and over one that the data declare."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from tests.unit.checks.rows import Row, evidence_of
from tests.unit.checks.test_changes import drawn

from assay.adapters.plugins import find_checks
from assay.checks.measure import measure, needs_of
from assay.checks.parameters import Written
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Measurement, NotCollected
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Confusion, Rows, Scores

ERRORS = Errors(low=0.03, high=0.05)
CHECKS = find_checks().all()
GAIN = "performance.gain_over_baseline"
BRIER = "performance.brier_skill_score"
LOG = "performance.log_loss_skill_score"


def measured(
    name: str, rows: list[Row], written: dict[str, Written] | None = None, *, unit: bool = False
) -> Measurement:
    parameters = written or {}
    roles = evidence_of([]).roles
    assert roles is not None
    specs = list(needs_of(CHECKS[name], parameters, roles))
    evidence = evidence_of(rows, specs=specs, unit=unit)  # type: ignore[arg-type]
    return of(name, evidence, parameters)


def of(name: str, evidence: Evidence, parameters: dict[str, Written]) -> Measurement:
    return measure(CHECKS[name], evidence, parameters, errors=ERRORS, max_excluded=Decimal("0.01"))


def rows(*, size: int = 900) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Row]]:
    labels, scores, other = drawn(size)
    scores, other = np.clip(scores, 0.01, 0.99), np.clip(other, 0.01, 0.99)
    held = [
        Row(label=int(y), score=float(s), others={"baseline": float(b)}, unit=f"u{at // 2}")
        for at, (y, s, b) in enumerate(zip(labels, scores, other, strict=True))
    ]
    return labels, scores, other, held


@pytest.mark.parametrize("unit", [False, True], ids=["rows", "units"])
def test_gains_over_the_simplest_rule_are_those_over_scikit_learns_dummy(unit: bool):
    """Always the commoner label, a coin, and the share of positives."""
    labels, scores, _, held = rows()
    features = np.zeros((len(labels), 1))
    commoner = DummyClassifier(strategy="most_frequent").fit(features, labels)
    prior = DummyClassifier(strategy="prior").fit(features, labels).predict_proba(features)[:, 1]
    expected = {
        "accuracy": metrics.accuracy_score(labels, scores >= 0.5)
        - commoner.score(features, labels),
        "roc_auc": metrics.roc_auc_score(labels, scores) - metrics.roc_auc_score(labels, prior),
        "brier": metrics.brier_score_loss(labels, prior) - metrics.brier_score_loss(labels, scores),
    }
    for metric, gain in expected.items():
        found = measured(GAIN, held, {"metric": metric}, unit=unit)
        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(gain, abs=1e-9)
        assert found.low < found.value < found.high


def test_gains_over_a_declared_rule_are_paired():
    """The figures of the column that the data declare are taken off, on the same rows."""
    labels, scores, other, held = rows()
    expected = {
        "accuracy": metrics.accuracy_score(labels, scores >= 0.5)
        - metrics.accuracy_score(labels, other >= 0.5),
        "roc_auc": metrics.roc_auc_score(labels, scores) - metrics.roc_auc_score(labels, other),
        "brier": metrics.brier_score_loss(labels, other) - metrics.brier_score_loss(labels, scores),
    }
    for metric, gain in expected.items():
        found = measured(GAIN, held, {"metric": metric, "over": "declared"})
        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(gain, abs=1e-9)
        assert found.low < found.value < found.high


@pytest.mark.parametrize("unit", [False, True], ids=["rows", "units"])
def test_skill_is_one_less_the_ratio_of_losses(unit: bool):
    """Of squared errors over the prior and over a declared rule, and of surprises."""
    labels, scores, other, held = rows()
    p = labels.mean()
    brier, log = metrics.brier_score_loss(labels, scores), metrics.log_loss(labels, scores)
    entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
    declared: dict[str, Written] = {"over": "declared"}
    for name, written, expected in (
        (BRIER, {}, 1 - brier / (p * (1 - p))),
        (BRIER, declared, 1 - brier / metrics.brier_score_loss(labels, other)),
        (LOG, {}, 1 - log / entropy),
    ):
        found = measured(name, held, written, unit=unit)
        assert isinstance(found, Estimate), found
        assert found.value == pytest.approx(expected, abs=1e-9)
        assert found.low < found.value < found.high <= 1.0


def test_always_the_share_of_positives_has_no_skill():
    """The simplest rule gains nothing over itself, and is not shown to."""
    held = [Row(label=int(at % 4 == 0), score=0.25) for at in range(400)]
    found = measured(BRIER, held)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.low <= 0.0


def test_without_a_declared_rule_nothing_is_waved_through():
    """The evidence is missing, and the remedy names the key."""
    for name, written in (
        (GAIN, {"metric": "roc_auc", "over": "declared"}),
        (BRIER, {"over": "declared"}),
    ):
        found = of(name, evidence_of([Row(label=1, score=0.5)]), dict(written))
        assert isinstance(found, NotCollected)
        assert "data.evaluation.baseline" in found.remedy


def test_one_label_leaves_nothing_to_predict():
    """The share of positives is then always right, and no skill is above it."""
    held = [Row(label=0, score=0.2)] * 200
    for name in (BRIER, LOG):
        found = measured(name, held)
        assert isinstance(found, Undefined)
        assert "both labels" in found.reason


def test_a_score_that_rules_a_label_out_has_no_skill_in_logarithms():
    """Its surprise is infinite."""
    held = [Row(label=1, score=0.0), Row(label=0, score=0.5)] * 100
    found = measured(LOG, held)
    assert isinstance(found, Undefined)
    assert "100 rows" in found.reason


def test_needs_follow_from_what_is_compared():
    """The simplest rule needs what is always collected; a declared one needs pairs."""
    roles = evidence_of([]).roles
    assert roles is not None
    assert needs_of(CHECKS[GAIN], {"metric": "accuracy"}, roles) == (Confusion(),)
    assert needs_of(CHECKS[GAIN], {"metric": "brier"}, roles) == (Scores(),)
    assert Rows() not in needs_of(CHECKS[GAIN], {"metric": "brier", "over": "declared"}, roles)
