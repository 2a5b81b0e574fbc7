"""Costs, losses and agreement: from counts alone, at the errors asked for, and repeatable."""

from decimal import Decimal

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.calibration import in_the_large
from assay.checks.performance import brier, cost, kappa, log_loss, mcc
from assay.evidence.inputs import Evidence
from assay.stats.combinations import distance_from
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion

ERRORS = Errors(low=0.01, high=0.04)


def estimate(measured: object) -> Estimate:
    assert isinstance(measured, Estimate), measured
    assert (measured.low_error, measured.high_error) == (0.01, 0.04)
    assert measured.low <= measured.value <= measured.high
    return measured


def decisions(*, tp: int, fp: int, fn: int, tn: int, unit: bool = False) -> Evidence:
    cells = [(1, 0.9, tp), (0, 0.8, fp), (1, 0.2, fn), (0, 0.1, tn)]
    rows = [Row(label=label, score=score) for label, score, n in cells for _ in range(n)]
    if unit:
        rows = [
            Row(label=row.label, score=row.score, unit=str(index // 2))
            for index, row in enumerate(rows)
        ]
    return evidence_of(rows, unit=unit)


HELD = decisions(tp=60, fp=20, fn=30, tn=190)


def test_cost_is_the_mean_of_declared_costs():
    """Twenty false positives at 1, thirty false negatives at 5, sixty gains of 0.5."""
    measured = estimate(
        cost(
            HELD,
            errors=ERRORS,
            false_positive=Decimal(1),
            false_negative=Decimal(5),
            true_positive=Decimal("-0.5"),
        )
    )
    assert measured.value == pytest.approx((20 + 150 - 30) / 300)


def test_costs_that_are_all_equal_say_nothing():
    """Whatever happens costs the same, so no data show anything."""
    same = cost(
        HELD,
        errors=ERRORS,
        false_positive=Decimal(2),
        false_negative=Decimal(2),
        true_positive=Decimal(2),
        true_negative=Decimal(2),
    )
    assert isinstance(same, Undefined)


@pytest.mark.parametrize("check", [mcc, kappa, brier, log_loss, in_the_large])
def test_the_same_counts_give_the_same_figure_to_the_last_digit(check):
    """Also where bounds come from draws: a verifier makes the same ones."""
    first = estimate(check(HELD, errors=ERRORS))
    again = check(decisions(tp=60, fp=20, fn=30, tn=190), errors=ERRORS)
    assert first == again


@pytest.mark.parametrize("check", [mcc, kappa, brier, in_the_large])
def test_rows_of_one_person_say_less(check):
    """The same decisions, two rows a person, have wider bounds."""
    apart = estimate(check(HELD, errors=ERRORS))
    together = estimate(check(decisions(tp=60, fp=20, fn=30, tn=190, unit=True), errors=ERRORS))
    assert together.value == pytest.approx(apart.value)
    assert together.high - together.low > apart.high - apart.low


def test_agreement_needs_rows_of_each_label_and_decision():
    """Three positive decisions are too few."""
    thin = mcc(decisions(tp=2, fp=1, fn=100, tn=300), errors=ERRORS)
    assert isinstance(thin, Undefined)
    assert "positive predictions" in thin.reason


def test_a_score_of_one_for_a_negative_has_no_log_loss():
    """An impossible label is infinitely surprising; the reason says what to do."""
    rows = [Row(label=0, score=1.0), *[Row(label=1, score=0.5)] * 200]
    impossible = log_loss(evidence_of(rows), errors=ERRORS)
    assert isinstance(impossible, Undefined)
    assert "Clip" in impossible.reason


def test_calibration_in_the_large_is_a_size():
    """Scores of 0.6 where 40 % are positive, and of 0.2: as far off, on either side."""
    for score in (0.6, 0.2):
        rows = [Row(label=1, score=score, count=160), Row(label=0, score=score, count=240)]
        measured = estimate(in_the_large(evidence_of(rows), errors=ERRORS))
        assert measured.value == pytest.approx(0.2)
        assert measured.low > 0.1


def test_a_distance_is_small_only_if_both_sides_are():
    """Its upper bound takes both bounds at the whole error, its lower one both at half."""
    p = Proportion(events=52, trials=100)

    def at(errors: Errors) -> Estimate | Undefined:
        return proportion(p, errors=errors)

    measured = estimate(distance_from(0.5, at, errors=ERRORS))
    whole, half = at(Errors(low=0.04, high=0.04)), at(Errors(low=0.005, high=0.005))
    assert isinstance(whole, Estimate)
    assert isinstance(half, Estimate)
    assert measured.low == 0.0
    assert measured.high == pytest.approx(max(whole.high - 0.5, 0.5 - whole.low), abs=1e-11)
    assert half.low < 0.5 < half.high
    assert measured.events is None
