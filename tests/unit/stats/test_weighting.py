"""Weighted rates: the variance, the effective counts, and what does not change them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from assay.stats import Errors, Estimate, Undefined, difference_of_proportions, proportion
from assay.stats.proportions import CLUSTERED, WEIGHTED, Proportion
from assay.stats.tallies import BinaryCounts, WeightedCounts
from assay.stats.weighting import weighted_proportion

ERRORS = Errors(low=0.05, high=0.05)


def counts(weights: list[int], events: list[bool]) -> WeightedCounts:
    """The sums of some rows; events are true positives, the rest true negatives."""

    def cells(amount: Callable[[int], int]) -> BinaryCounts:
        held = list(zip(weights, events, strict=True))
        return BinaryCounts(
            true_positives=sum(amount(w) for w, event in held if event),
            true_negatives=sum(amount(w) for w, event in held if not event),
        )

    return WeightedCounts(rows=cells(lambda _: 1), sums=cells(int), squares=cells(lambda w: w * w))


def rate(weights: list[int], events: list[bool], members: list[int] | None = None) -> Proportion:
    """The weighted share of events, with buckets of units where rows are members of some."""
    parts = [
        counts(
            [w for w, m in zip(weights, members, strict=True) if m == bucket],
            [e for e, m in zip(events, members, strict=True) if m == bucket],
        )
        for bucket in sorted(set(members or []))
        if members is not None
    ]
    whole = counts(weights, events)
    return weighted_proportion(
        whole, parts, events=lambda c: c.true_positives, trials=lambda c: c.n
    )


def sample(seed: int, rows: int = 300) -> tuple[list[int], list[bool]]:
    """Unequal weights, and events that lean with them."""
    generator = np.random.default_rng(seed)
    weights = (1000 * generator.lognormal(0.0, 0.7, rows)).astype(int) + 1
    chance = np.clip(0.2 + weights / 20_000, 0.0, 1.0)
    return weights.tolist(), (generator.random(rows) < chance).tolist()


def bounded(p: Proportion) -> Estimate:
    """The rate with its bounds."""
    found = proportion(p, errors=ERRORS)
    assert isinstance(found, Estimate)
    return found


def test_the_value_is_the_weighted_mean():
    """To the last digit but one, whatever the weights add up to."""
    weights, events = sample(1)
    assert rate(weights, events).value == pytest.approx(
        np.average(events, weights=weights), rel=1e-14
    )


def test_the_variance_is_that_of_leaving_out_each_row():
    """Linearised and jackknifed variances agree to the order of one over the rows."""
    weights, events = sample(2)
    p = rate(weights, events)
    assert p.sampled is not None
    held, total = np.array(weights, dtype=float), float(sum(weights))
    without = (held @ np.array(events) - held * np.array(events)) / (total - held)
    jackknifed = (len(held) - 1) / len(held) * ((without - without.mean()) ** 2).sum()
    assert p.sampled.variance(p.value) == pytest.approx(jackknifed, rel=0.02)


def test_equal_weights_are_worth_their_rows():
    """The effective counts are those of the plain rate, but for one degree of freedom."""
    p = rate([7] * 200, [row < 60 for row in range(200)])
    effective = p.effective(0.05)
    assert isinstance(effective, Proportion)
    assert effective.value == pytest.approx(0.3)
    assert 197.0 < effective.trials < 200.0
    assert p.units == 200
    assert bounded(p).method.endswith(WEIGHTED)


def test_the_scale_of_weights_does_not_matter():
    """Weights in people or in thousands of people give the same bounds."""
    weights, events = sample(3)
    assert bounded(rate([1000 * w for w in weights], events)).low == pytest.approx(
        bounded(rate(weights, events)).low, rel=1e-11
    )


def test_unequal_weights_widen_bounds_and_zeros_stay_bounded():
    """A rate of 0 is bounded as if events weighed three deviations more than the mean."""
    weights, _ = sample(4)
    none = bounded(rate(weights, [False] * len(weights)))
    plain = bounded(Proportion(events=0, trials=len(weights)))
    assert none.low == 0.0
    assert none.high > plain.high
    spread = float(np.std(weights) / np.mean(weights))
    held = len(weights) / (1 + 3 * spread)
    assert none.high == pytest.approx(1 - 0.05 ** (1 / held), rel=1e-9)


def test_a_kind_that_is_often_seen_is_worth_the_rows_of_kish():
    """Twenty rows of equal weight, of events and of others, show what they weigh."""
    weights, _ = sample(4)
    events = [row % 2 == 0 for row in range(len(weights))]
    effective = rate(weights, events).effective(0.05)
    assert isinstance(effective, Proportion)
    spread = float(np.std(weights) / np.mean(weights))
    assert effective.trials > len(weights) / (1 + 3 * spread)
    few = rate(weights, [row < 10 for row in range(len(weights))]).effective(0.05)
    assert isinstance(few, Proportion)
    assert few.trials <= len(weights) / (1 + 3 * spread) + 1e-9


def test_one_heavy_row_is_worth_little_more_than_one():
    """A sample that one row dominates shows next to nothing."""
    found = bounded(rate([10**9, *[1] * 500], [True, *[False] * 500]))
    assert found.value == pytest.approx(1.0, abs=1e-6)
    assert found.low < 0.1


def test_complements_mirror():
    """The bounds of the share of non-events are those of events, turned round."""
    weights, events = sample(5)
    p = rate(weights, events)
    one, other = bounded(p), bounded(p.complement())
    assert other.low == pytest.approx(1.0 - one.high, abs=1e-11)
    assert other.high == pytest.approx(1.0 - one.low, abs=1e-11)


def test_units_take_buckets():
    """Where rows share units, their buckets' jackknife is used, and ten must be filled."""
    weights, events = sample(6)
    clustered = rate(weights, events, [row % 64 for row in range(len(weights))])
    assert bounded(clustered).method.endswith(CLUSTERED)
    few = rate(weights, events, [row % 5 for row in range(len(weights))])
    assert isinstance(proportion(few, errors=ERRORS), Undefined)


def test_no_rows_have_no_rate():
    """As without weights."""
    assert isinstance(proportion(rate([], []), errors=ERRORS), Undefined)


def test_a_gap_says_what_its_sides_did_once():
    """The method of a difference names the weights once."""
    first, second = rate(*sample(7)), rate(*sample(8))
    gap = difference_of_proportions(first, second, errors=ERRORS)
    assert isinstance(gap, Estimate)
    assert gap.method.count(WEIGHTED) == 1
    assert gap.low < gap.value < gap.high
