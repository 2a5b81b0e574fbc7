"""Units lacking, sample sizes, and Holm's errors."""

from __future__ import annotations

import math

import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    READING,
    Binding,
    Errors,
    Estimate,
    Proportion,
    exact_upper_bound,
    holm_error,
    largest_difference,
    proportion,
    units_lacking,
    units_per_group,
    units_to_pass,
)
from assay.stats.quantiles import POWER_QUANTILE, normal_quantile

BOTH = Errors(low=0.05, high=0.05)


def rate(events: float, trials: float, errors: Errors = BOTH) -> Estimate:
    """A proportion's estimate."""
    answer = proportion(Proportion(events=events, trials=trials), errors=errors)
    assert isinstance(answer, Estimate)
    return answer


def lacking(estimate: Estimate, threshold: float, *, at_most: bool = True) -> int | None:
    """Units lacking with the usual errors."""
    return units_lacking(
        estimate,
        threshold=threshold,
        direction="at_most" if at_most else "at_least",
        false_allow=0.05,
        holm_error=0.05,
    )


def bound_only(value: float, low: float, high: float, n: float) -> Estimate:
    """An estimate of no single proportion."""
    return Estimate(
        value=value, low=low, high=high, low_error=0.05, high_error=0.05, n=n, method="mean"
    )


def test_one_proportion_follows_the_binomial_formula() -> None:
    """`((z_a √(t(1-t)) + z_0.8 √(p(1-p)))/(t-p))² + 1/|t-p|` at `p = (x+½)/(n+1)`."""
    p, t = 8.5 / 101, 0.12
    spread = normal_quantile(0.05) * math.sqrt(t * (1 - t))
    spread += POWER_QUANTILE * math.sqrt(p * (1 - p))
    needed = (spread / (t - p)) ** 2 + 1 / (t - p)
    assert lacking(rate(8, 100), t) == math.ceil(needed - 100)


def test_zero_events_need_about_three_over_the_limit() -> None:
    """Without any event a limit of 0.01 is in reach at about 300 units, not beyond."""
    more = lacking(rate(0, 100), 0.01)
    assert more is not None
    assert 200 <= more <= 300
    assert exact_upper_bound(events=0, trials=299, error=0.05) <= 0.01


def test_beyond_the_bar_the_violation_is_planned_for() -> None:
    """Observed beyond the threshold, the lower bound waits at Holm's error."""
    loose = units_lacking(
        rate(20, 100), threshold=0.15, direction="at_most", false_allow=0.05, holm_error=0.05
    )
    strict = units_lacking(
        rate(20, 100), threshold=0.15, direction="at_most", false_allow=0.05, holm_error=0.001
    )
    assert loose is not None
    assert strict is not None
    assert strict > loose > 0


def test_a_minimum_is_the_mirror_of_a_maximum() -> None:
    """Eight failures in a hundred under a maximum are ninety-two successes over a minimum."""
    assert lacking(rate(8, 100), 0.125) == lacking(rate(92, 100), 0.875, at_most=False)


def test_other_bounds_narrow_with_the_root_of_n() -> None:
    """`n((1 + z_0.8/z_a)(U - v)/(t - v))²`, less what is at hand."""
    estimate = bound_only(0.30, 0.20, 0.40, 500)
    factor = 1 + POWER_QUANTILE / normal_quantile(0.05)
    assert lacking(estimate, 0.35) == math.ceil(500 * (factor * 0.10 / 0.05) ** 2 - 500)
    assert lacking(estimate, 0.25, at_most=False) == lacking(estimate, 0.35)


def test_what_is_decided_lacks_nothing() -> None:
    """A bound that clears its bar needs no more units, on either side."""
    assert lacking(bound_only(0.3, 0.2, 0.4, 500), 0.4) == 0
    assert lacking(bound_only(0.3, 0.2, 0.4, 500), 0.1) == 0
    assert lacking(bound_only(0.3, 0.2, 0.4, 500), 0.2, at_most=False) == 0


@pytest.mark.parametrize(
    ("value", "high", "threshold"), [(0.3, 0.4, 0.3), (0.3, math.inf, 0.5), (0.3, 0.4, 0.301)]
)
def test_no_realistic_amount_is_none(value: float, high: float, threshold: float) -> None:
    """On the bar itself, without a bound, or beyond 100 times the units, nothing is promised."""
    assert lacking(bound_only(value, 0.2, high, 500), threshold) is None


def test_a_gap_is_planned_by_its_binding_pair() -> None:
    """The units are those of the pair whose bound decides."""
    groups = {
        "a": Proportion(events=110, trials=1000),
        "b": Proportion(events=100, trials=1000),
        "c": Proportion(events=7, trials=60),
    }
    answer = largest_difference(
        [groups], errors=BOTH, min_group_size=30, small_groups="insufficient"
    )
    assert isinstance(answer, Estimate)
    binding = answer.high_binding
    assert isinstance(binding, Binding)
    assert set(binding.groups) == {"b", "c"}
    factor = 1 + POWER_QUANTILE / normal_quantile(0.05)
    reach = factor * (binding.bound - binding.value) / (0.07 - binding.value)
    assert lacking(answer, 0.07) == math.ceil(1060 * reach**2 - 1060)


def test_a_binding_pair_on_the_other_side_gives_way_to_the_claim() -> None:
    """The pair behind the lower bound may lie within the bar though the claim is beyond."""
    estimate = Estimate(
        value=0.20,
        low=0.04,
        high=0.4,
        low_error=0.05,
        high_error=0.05,
        n=1030,
        method="gap",
        low_binding=Binding(groups=("a", "b"), value=0.10, bound=0.04, n=1000),
    )
    factor = 1 + POWER_QUANTILE / normal_quantile(0.05)
    assert lacking(estimate, 0.15) == math.ceil(1030 * (factor * 0.16 / 0.05) ** 2 - 1030)


def test_planning_agrees_with_what_is_lacking() -> None:
    """Units to pass are those at hand and those lacking, if the truth is what was observed."""
    estimate = rate(8, 100)
    total = units_to_pass(estimate, threshold=0.12, direction="at_most", false_allow=0.05)
    more = lacking(estimate, 0.12)
    assert more is not None
    assert total == 100 + more


def test_planning_for_a_stated_truth() -> None:
    """A truth further from the bar needs fewer units, one beyond it cannot pass."""

    def units(truth: float) -> int | None:
        return units_to_pass(
            bound_only(0.3, 0.2, 0.4, 500),
            threshold=0.35,
            direction="at_most",
            false_allow=0.05,
            truth=truth,
        )

    near, far = units(0.33), units(0.2)
    assert near is not None
    assert far is not None
    assert near > far
    assert units(0.35) is None
    assert units(0.4) is None


@pytest.mark.parametrize(("base", "expected"), [(0.1, (210, 350, 500)), (0.5, (520, 820, 1200))])
def test_gap_sizes_are_those_that_are_published(base: float, expected: tuple[int, ...]) -> None:
    """A gap of 0.02 within 0.10 takes about these many a group, for 2, 4 and 10 groups."""
    sizes = [units_per_group(base, gap=0.02, limit=0.1, groups=k) for k in (2, 4, 10)]
    assert sizes == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("arguments", [(0.0, 0.02, 0.1, 2), (0.1, 0.1, 0.1, 2), (0.1, 0.0, 0.1, 1)])
def test_gaps_that_cannot_be_planned_are_refused(
    arguments: tuple[float, float, float, int],
) -> None:
    """Rates at an end, gaps at the limit and single groups have no sample size."""
    base, gap, limit, groups = arguments
    with pytest.raises(InvalidArgument):
        units_per_group(base, gap=gap, limit=limit, groups=groups)


def test_an_unknown_direction_is_refused() -> None:
    """Only at_least and at_most have a passing side."""
    with pytest.raises(InvalidArgument):
        units_lacking(
            rate(1, 10, READING),
            threshold=0.1,
            direction="below",  # type: ignore[arg-type]
            false_allow=0.05,
            holm_error=0.05,
        )


def test_holm_shares_what_is_left() -> None:
    """The error grows as requirements fail, from a share of all to the whole."""
    shares = [holm_error(false_deny=0.05, tests=4, rejected=r) for r in range(4)]
    assert shares == [0.0125, pytest.approx(0.05 / 3), 0.025, 0.05]


@pytest.mark.parametrize(("tests", "rejected"), [(0, 0), (3, 3), (3, -1)])
def test_holm_needs_a_test_that_is_left(tests: int, rejected: int) -> None:
    """Once all have failed there is no further round."""
    with pytest.raises(InvalidArgument):
        holm_error(false_deny=0.05, tests=tests, rejected=rejected)
