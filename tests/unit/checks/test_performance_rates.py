"""Rates of right and wrong decisions over all rows."""

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.performance import accuracy, balanced_accuracy
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import exact_lower_bound, exact_upper_bound

ERRORS = Errors(low=0.01, high=0.05)


def decisions(*, tp: int, fp: int, fn: int, tn: int) -> Evidence:
    cells = [(1, 0.9, tp), (0, 0.9, fp), (1, 0.1, fn), (0, 0.1, tn)]
    rows = [Row(label=label, score=score) for label, score, n in cells for _ in range(n)]
    return evidence_of(rows)


def test_accuracy_has_clopper_pearson_bounds_at_each_error():
    """Seventy of a hundred decisions equal the label."""
    measured = accuracy(decisions(tp=40, fp=10, fn=20, tn=30), errors=ERRORS)
    assert isinstance(measured, Estimate)
    assert measured.value == 0.7
    assert measured.low == exact_lower_bound(events=70, trials=100, error=0.01)
    assert measured.high == exact_upper_bound(events=70, trials=100, error=0.05)


def test_accuracy_does_not_depend_on_which_decision_is_favourable():
    """Right is right, whoever is favoured."""
    rows = [Row(label=1, score=0.8)] * 30 + [Row(label=0, score=0.8)] * 10
    above = accuracy(evidence_of(rows, favourable_when=">="), errors=ERRORS)
    below = accuracy(evidence_of(rows, favourable_when="<"), errors=ERRORS)
    assert above == below


def test_balanced_accuracy_is_the_mean_of_recalls():
    """Forty of sixty positives and thirty of forty negatives."""
    measured = balanced_accuracy(decisions(tp=40, fp=10, fn=20, tn=30), errors=ERRORS)
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx((40 / 60 + 30 / 40) / 2)


def test_no_rows_or_one_class_is_undefined():
    """No data is not zero."""
    assert isinstance(accuracy(decisions(tp=0, fp=0, fn=0, tn=0), errors=ERRORS), Undefined)
    one_class = balanced_accuracy(decisions(tp=30, fp=0, fn=10, tn=0), errors=ERRORS)
    assert isinstance(one_class, Undefined)
    assert "negative" in one_class.reason
