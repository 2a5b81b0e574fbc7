"""Bounds of combined rates miss at most their declared error, each side alone.

Samples are small enough to visit every outcome, so the share of misses is exact: no
simulation error, and no tolerance beyond rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import product
from math import comb

import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.fairness import generalized_entropy_index, theil_index
from assay.checks.fairness.inequality import _entropy, _theil
from assay.checks.fairness.labels import bernoulli_js, bernoulli_kl
from assay.checks.fairness.predictive import _conditional, _odds, _treatment
from assay.checks.worst import Part, worst_of
from assay.stats.combinations import discrepancy, distance_from, linear_combination
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion

Floats = npt.NDArray[np.float64]
RATES = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)
Measure = Callable[[Sequence[Proportion], Errors], Estimate | Undefined]


def misses(
    measure: Measure,
    truth: Callable[[Floats], float],
    sizes: Sequence[int],
    *,
    error: float,
    worlds: int = 200,
) -> float:
    """The largest share of samples, over many true rates, that one side's bound misses.

    Where the figure is undefined nothing is claimed, so nothing is missed.
    """
    errors = Errors(low=error, high=error)
    outcomes = list(product(*(range(size + 1) for size in sizes)))
    low, high = np.full(len(outcomes), -np.inf), np.full(len(outcomes), np.inf)
    for index, events in enumerate(outcomes):
        sample = [Proportion(events=x, trials=n) for x, n in zip(events, sizes, strict=True)]
        measured = measure(sample, errors)
        if isinstance(measured, Estimate):
            low[index], high[index] = measured.low, measured.high
    generator = np.random.default_rng(20260301)
    worst = 0.0
    for _ in range(worlds):
        rates = generator.choice(RATES, len(sizes))
        chances = reduce(np.multiply.outer, map(_binomial, sizes, rates)).ravel()
        value = truth(rates)
        slack = 1e-9 * max(1.0, abs(value))
        worst = max(worst, chances[low > value + slack].sum(), chances[high < value - slack].sum())
    return worst


def _rate(p: Proportion, errors: Errors) -> Estimate | Undefined:
    return proportion(p, errors=errors)


def _binomial(size: int, rate: float) -> Floats:
    return np.array([comb(size, x) * rate**x * (1 - rate) ** (size - x) for x in range(size + 1)])


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize(
    ("sizes", "weights"),
    [
        pytest.param((6, 7, 8), (0.6, -0.3, 0.4), id="three"),
        pytest.param((4, 6, 5, 3), (0.5, -0.5, 0.5, -0.5), id="average-odds"),
        pytest.param((30, 40), (1.0, -1.0), id="difference", marks=pytest.mark.slow),
        pytest.param((6, 9, 5, 7), (0.5, -0.5, 0.5, -0.5), id="odds", marks=pytest.mark.slow),
        pytest.param((3, 4, 3, 4, 3), (0.3, -0.3, 0.7, -0.7, 0.1), marks=pytest.mark.slow, id="5"),
    ],
)
def test_weighted_sums(sizes, weights, error):
    """Rates near 0 and 1, with weights of both signs."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        return linear_combination(list(zip(weights, sample, strict=True)), errors=errors)

    assert misses(measure, lambda p: float(np.dot(weights, p)), sizes, error=error) <= error


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize("divergence", [bernoulli_kl, bernoulli_js])
@pytest.mark.parametrize("sizes", [(25, 40), (6, 60)])
def test_divergences_of_labels(divergence, sizes, error):
    """Near equality, where a divergence is 0, and far from it."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        return discrepancy(divergence, *sample, errors=errors)

    found = misses(measure, lambda p: divergence(float(p[0]), float(p[1])), sizes, error=error)
    assert found <= error


@pytest.mark.parametrize("error", [0.05, 0.001])
def test_treatment_equality(error):
    """A difference of two odds, which may have no upper bound."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        return _treatment((sample[0],), (sample[1],), errors)

    def truth(p: Floats) -> float:
        return _odds(float(p[0])) - _odds(float(p[1]))

    assert misses(measure, truth, (30, 20), error=error) <= error


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.05, 0.001])
def test_conditional_acceptance(error):
    """A ratio of counts that depend on each other, taken apart into rates that do not."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        return _conditional(tuple(sample[:3]), tuple(sample[3:]), errors)

    def labels(precision: float, omission: float, share: float) -> float:
        return precision + omission * (1.0 - share) / share

    def truth(p: Floats) -> float:
        return labels(*p[:3]) - labels(*p[3:])

    assert misses(measure, truth, (3, 4, 5, 4, 3, 5), error=error, worlds=50) <= error


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_worst_of_several(better, error):
    """Three groups: the side that shows a violation shares its error, the other does not."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        parts = {
            str(index): Part(at=partial(_rate, p), units=p.trials) for index, p in enumerate(sample)
        }
        return worst_of([parts], better=better, errors=errors)

    pick = np.min if better == "higher" else np.max
    assert misses(measure, lambda p: float(pick(p)), (9, 10, 11), error=error) <= error


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize("ideal", [0.5, 0.05, 0.0])
def test_a_distance_from_an_ideal(ideal, error):
    """At the ideal itself, on either side of it, and at the end of the range."""

    def measure(sample: Sequence[Proportion], errors: Errors) -> Estimate | Undefined:
        return distance_from(ideal, partial(_rate, sample[0]), errors=errors)

    assert misses(measure, lambda p: abs(float(p[0]) - ideal), (80,), error=error) <= error


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize(
    "check", [generalized_entropy_index, theil_index], ids=["entropy", "theil"]
)
def test_inequality_of_benefit(check, error):
    """Shares of people refused what they deserved, and granted what they did not."""
    errors = Errors(low=error, high=error)
    size = 24
    cells = [(x, y) for x in range(size + 1) for y in range(size + 1 - x)]
    low, high, ways = (np.empty(len(cells)) for _ in range(3))
    for index, (none, twice) in enumerate(cells):
        rows = [
            Row(label=1, score=0.1, count=none),
            Row(label=0, score=0.9, count=twice),
            Row(label=1, score=0.9, count=size - none - twice),
        ]
        measured = check(evidence_of([row for row in rows if row.count]), errors=errors)
        defined = isinstance(measured, Estimate)
        low[index], high[index] = (measured.low, measured.high) if defined else (-np.inf, np.inf)
        ways[index] = comb(size, none) * comb(size - none, twice)
    none, twice = np.array(cells, dtype=float).T
    index_of = _entropy if check is generalized_entropy_index else _theil
    for z, t in product((0.001, 0.02, 0.1, 0.3, 0.6), (0.001, 0.02, 0.1, 0.3)):
        truth = index_of(z, t)
        chances = ways * z**none * t**twice * (1.0 - z - t) ** (size - none - twice)
        assert chances[low > truth + 1e-9].sum() <= error
        assert chances[high < truth - 1e-9].sum() <= error
