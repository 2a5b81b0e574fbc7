"""Two rates compared: the worst split of the error between them counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from assay.stats import (
    READING,
    Errors,
    Estimate,
    Proportion,
    Undefined,
    balanced_accuracy,
    difference_of_proportions,
    exact_lower_bound,
    exact_upper_bound,
    ratio_of_proportions,
)
from assay.stats.mover import Arc, difference_low
from assay.stats.proportions import exact_limits
from assay.stats.quantiles import normal_quantile


def of(events: float, trials: float) -> Proportion:
    """A proportion of independent rows."""
    return Proportion(events=events, trials=trials)


def defined(answer: Estimate | Undefined) -> Estimate:
    """The estimate, which must exist."""
    assert isinstance(answer, Estimate)
    return answer


def test_common_rates_are_bounded_much_as_by_mover() -> None:
    """In the middle the worst split is the one of Zou and Donner's formula, within 3 %."""
    error = 0.05
    answer = defined(
        difference_of_proportions(of(60, 100), of(90, 200), errors=Errors(low=error, high=error))
    )
    low1, high1 = (bound(events=60, trials=100, error=error) for bound in BOUNDS)
    low2, high2 = (bound(events=90, trials=200, error=error) for bound in BOUNDS)
    assert 0.15 - answer.low == pytest.approx(math.hypot(0.6 - low1, high2 - 0.45), rel=0.03)
    assert answer.high - 0.15 == pytest.approx(math.hypot(high1 - 0.6, 0.45 - low2), rel=0.03)
    assert answer.n == 300


BOUNDS = (exact_lower_bound, exact_upper_bound)


def test_rare_rates_seen_once_are_not_bounded_away() -> None:
    """One event against one non-event says little at a small error, where MOVER says 0.03."""
    errors = Errors(low=1e-6, high=1e-6)
    answer = defined(difference_of_proportions(of(1, 10), of(29, 30), errors=errors))
    above_least = answer.low + 1.0
    assert 0.0 <= above_least < 1e-3


def test_a_bound_is_the_worst_split_and_never_beyond_the_value() -> None:
    """No angle between two steps of the arc gives one lower by 0.3 % of its distance."""
    events, error = np.arange(0.0, 31.0), 0.01
    trials = np.full(31, 30.0)
    arc = Arc.of(events, trials, error)
    first, second = arc.first(), arc.second()
    bounds, values = difference_low(first, second), first.values - second.values
    assert (bounds <= values + 1e-15).all()
    z = normal_quantile(error)
    for angle in np.linspace(0.0, math.pi / 2.0, 50):
        below, _ = exact_limits(events, trials, float(ndtr(-z * math.cos(angle))))
        _, above = exact_limits(events, trials, float(ndtr(-z * math.sin(angle))))
        split = below[:, None] - above[None, :]
        assert (values - split <= 1.003 * (values - bounds) + 1e-12).all()


def test_empty_groups_of_certain_outcome_stay_in_range() -> None:
    """All against none gives a difference of 1 whose bounds end at 1."""
    answer = defined(difference_of_proportions(of(5, 5), of(0, 5), errors=READING))
    assert answer.value == 1.0
    assert -1.0 <= answer.low < answer.high == 1.0


@pytest.mark.parametrize(("first", "second"), [((0, 0), (1, 5)), ((1, 5), (0, 0))])
def test_an_empty_side_is_undefined(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    """Nothing is compared with no rows."""
    for compare in (difference_of_proportions, ratio_of_proportions):
        answer = compare(of(*first), of(*second), errors=READING)
        assert isinstance(answer, Undefined)
        assert "both sides" in answer.reason


def test_a_ratio_is_where_the_worst_split_of_a_difference_is_zero() -> None:
    """At the bound `t`, no split of the error puts `p1 - t·p2` below 0, and one puts it at 0."""
    error = 0.05
    answer = defined(
        ratio_of_proportions(of(60, 100), of(120, 150), errors=Errors(low=error, high=error))
    )
    first, second = (
        Arc.of(np.array([x]), np.array([n]), error) for x, n in ((60.0, 100.0), (120.0, 150.0))
    )
    limits = first.low - answer.low * second.high[::-1]
    assert limits.min() == pytest.approx(0.0, abs=1e-9)


def test_a_ratio_without_root_has_no_upper_bound() -> None:
    """A denominator that may be 0 leaves the ratio open above."""
    answer = defined(ratio_of_proportions(of(5, 50), of(1, 5000), errors=READING))
    assert math.isfinite(answer.high)
    empty = ratio_of_proportions(of(5, 50), of(0, 50), errors=READING)
    assert isinstance(empty, Undefined)
    assert "rate of zero" in empty.reason


def test_a_ratio_of_no_events_is_zero_and_bounded() -> None:
    """No event above the line gives 0 with a finite upper bound."""
    answer = defined(ratio_of_proportions(of(0, 50), of(25, 50), errors=READING))
    assert (answer.value, answer.low) == (0.0, 0.0)
    assert 0.0 < answer.high < 1.0


def test_balanced_accuracy_is_the_mean_of_both_recalls() -> None:
    """Its bounds are half those of true less false positive rate, moved up by a half."""
    errors = Errors(low=0.05, high=0.01)
    answer = defined(balanced_accuracy(of(80, 100), of(150, 200), errors=errors))
    gap = defined(difference_of_proportions(of(80, 100), of(50, 200), errors=errors))
    assert answer.value == pytest.approx(0.775)
    assert answer.low == pytest.approx((1 + gap.low) / 2, abs=1e-11)
    assert answer.high == pytest.approx((1 + gap.high) / 2, abs=1e-11)


def test_balanced_accuracy_names_the_missing_class() -> None:
    """Without one class there is no balance."""
    answer = balanced_accuracy(of(0, 0), of(5, 10), errors=READING)
    assert isinstance(answer, Undefined)
    assert "actually positive" in answer.reason
