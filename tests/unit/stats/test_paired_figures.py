"""Paired balanced accuracy and precision: clusters, what is undefined, and what is refused."""

from __future__ import annotations

import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    Errors,
    Estimate,
    PairedPrecision,
    PairedProportions,
    Undefined,
    balanced_accuracy_difference,
    precision_difference,
)
from assay.stats.paired_precision import APART, CORRELATED

ERRORS = Errors(low=0.05, high=0.01)


def pairs(one: float, other: float, trials: float, buckets: int = 0) -> PairedProportions:
    """So many discordant rows, dealt out evenly to buckets of units."""
    part = (one / buckets, other / buckets, trials / buckets) if buckets else (0.0, 0.0, 0.0)
    return PairedProportions(
        first_only=one, second_only=other, trials=trials, buckets=(part,) * buckets
    )


def precision(*selected: float, buckets: int = 0) -> PairedPrecision:
    """What both select, dealt out evenly to buckets of units."""
    part = tuple(count / buckets for count in selected) if buckets else ()
    return PairedPrecision(selected=selected, buckets=(part,) * buckets)  # type: ignore[arg-type]


def test_balanced_accuracy_is_half_the_sum_of_both_classes_changes():
    """Its bounds are nearer than the mean of both classes' bounds, for their rows differ."""
    found = balanced_accuracy_difference(pairs(60, 40, 500), pairs(90, 80, 1000), errors=ERRORS)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx((20 / 500 + 10 / 1000) / 2)
    assert found.low < found.value < found.high
    assert found.n == 1500


def test_a_class_without_rows_has_no_balance():
    """Named by its label."""
    found = balanced_accuracy_difference(pairs(0, 0, 0), pairs(1, 1, 10), errors=ERRORS)
    assert isinstance(found, Undefined)
    assert "positive" in found.reason


def test_classes_that_move_together_widen_the_bounds():
    """Half the buckets gain in both classes and half lose: the halves do not cancel."""
    gains, losses = ((9.0, 1.0, 40.0),) * 10, ((1.0, 9.0, 40.0),) * 10

    def compared(second: tuple[tuple[float, float, float], ...]) -> Estimate | Undefined:
        classes = [
            PairedProportions(first_only=100, second_only=100, trials=800, buckets=buckets)
            for buckets in (gains + losses, second)
        ]
        return balanced_accuracy_difference(*classes, errors=ERRORS)

    together, against = compared(gains + losses), compared(losses + gains)
    assert isinstance(together, Estimate)
    assert isinstance(against, Estimate)
    assert together.high - together.low > 1.3 * (against.high - against.low)


def test_precision_is_the_difference_of_two_shares():
    """Of what each selects; many discordant rows let their correlation count."""
    found = precision_difference(precision(300, 400, 40, 80, 30, 90), errors=ERRORS)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(340 / 480 - 330 / 490)
    assert found.method == CORRELATED
    alone = precision_difference(precision(300, 400, 4, 8, 3, 9), errors=ERRORS)
    assert isinstance(alone, Estimate)
    assert alone.method == APART


def test_precision_over_few_buckets_of_units_is_undefined():
    """Their variance cannot be had."""
    few = precision_difference(precision(300, 400, 40, 80, 30, 90, buckets=5), errors=ERRORS)
    assert isinstance(few, Undefined)
    many = precision_difference(precision(300, 400, 40, 80, 30, 90, buckets=20), errors=ERRORS)
    assert isinstance(many, Estimate)


def test_events_are_some_of_the_rows():
    """Anything else is a defect of whoever counted."""
    with pytest.raises(InvalidArgument):
        precision(5, 4, 0, 0, 0, 0)
