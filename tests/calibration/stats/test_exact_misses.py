"""Bounds on rates and their pairs miss at most their declared error, each side alone.

Every outcome is visited, so the share of misses is exact and needs no tolerance. The upper
sides are those of the complement, or of the pair turned round, and are covered with them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binom, multinomial

from assay.stats import PairedProportions
from assay.stats.mover import Arc, difference_low, ratio_low
from assay.stats.paired import paired_lows
from assay.stats.proportions import exact_limits

Floats = npt.NDArray[np.float64]

RATES = (0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 0.99)
SIZES = (5, 10, 30, 50, 200, 500, 5000)
ERRORS = (0.05, 0.001)
SMALL_ERRORS = (*ERRORS, 0.05 / 182)
"""The last is what a gap of 14 groups divides 0.05 to."""

MORE_RATES = (*RATES, 0.005, 0.03, 0.05, 0.2, 0.4, 0.6, 0.7, 0.8, 0.95, 0.97, 0.999)
SLIVER = 1e-12
"""Outcomes too unlikely to matter, and what rounding may move a bound by."""


def outcomes(trials: int, rate: float) -> tuple[Floats, Floats]:
    """Counts that may be seen, and their chances."""
    counts = np.arange(trials + 1.0)
    chances = binom.pmf(counts, trials, rate)
    held = chances > SLIVER
    return counts[held], chances[held]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("trials", SIZES)
def test_a_rate_is_missed_at_most_as_declared(trials: int, error: float) -> None:
    """Clopper-Pearson, on both sides, at rates up to the ends."""
    for rate in (*RATES, 0.0, 1.0, 0.9999):
        counts, chances = outcomes(trials, rate)
        low, high = exact_limits(counts, np.full(len(counts), float(trials)), error)
        assert chances[low > rate + SLIVER].sum() <= error
        assert chances[high < rate - SLIVER].sum() <= error


@lru_cache(maxsize=256)
def arc(trials: int, rate: float, error: float) -> tuple[Arc, Floats]:
    """The arc of every outcome, and their chances."""
    counts, chances = outcomes(trials, rate)
    return Arc.of(counts, np.full(len(counts), float(trials)), error), chances


def worst(
    bound: Callable[[Arc, Arc], Floats],
    truth: Callable[[float, float], float],
    sizes: tuple[int, ...],
    rates: tuple[float, ...],
    *,
    error: float,
    cells: int,
) -> tuple[float, object]:
    """The largest share of misses, in declared errors, and where it is."""
    found: list[tuple[float, object]] = []
    settings = list(product(sizes, rates))
    for (n1, p1), (n2, p2) in product(settings, settings):
        (first, chances), (second, others) = arc(n1, p1, error), arc(n2, p2, error)
        if len(chances) * len(others) > cells:
            continue
        true = truth(p1, p2)
        missed = bound(first.first(), second.second()) > true + SLIVER * max(1.0, true)
        share = float((chances[:, None] * others)[missed].sum())
        found.append((share / error, (n1, p1, n2, p2)))
    return max(found, key=lambda each: each[0])


def difference(first: float, second: float) -> float:
    """What the difference's bound is about."""
    return first - second


def ratio(first: float, second: float) -> float:
    """What the ratio's bound is about."""
    return first / second


PAIRS = [(difference_low, difference), (ratio_low, ratio)]


@pytest.mark.parametrize("error", SMALL_ERRORS)
@pytest.mark.parametrize(("bound", "truth"), PAIRS)
def test_pairs_are_missed_at_most_as_declared(
    bound: Callable[[Arc, Arc], Floats], truth: Callable[[float, float], float], error: float
) -> None:
    """Differences (and balanced accuracy, which is one) and ratios, near and far from the ends."""
    share, where = worst(bound, truth, SIZES, RATES, error=error, cells=500_000)
    assert share <= 1.0, where


@pytest.mark.slow
@pytest.mark.parametrize("error", SMALL_ERRORS)
@pytest.mark.parametrize(("bound", "truth"), PAIRS)
def test_many_more_pairs_are_missed_at_most_as_declared(
    bound: Callable[[Arc, Arc], Floats], truth: Callable[[float, float], float], error: float
) -> None:
    """Eighteen rates, and pairs of groups so large that their outcomes count by the million."""
    share, where = worst(bound, truth, SIZES, MORE_RATES, error=error, cells=5_000_000)
    assert share <= 1.0, where


def paired_misses(trials: int, won: float, lost: float, error: float) -> float:
    """How often the lower bound lies above the true difference, in declared errors."""
    ones, others = np.meshgrid(outcomes(trials, won)[0], outcomes(trials, lost)[0], indexing="ij")
    # Only a difference above the truth can have a bound above it.
    held = (ones + others <= trials) & (ones - others > trials * (won - lost))
    counts = np.array([ones[held], others[held], trials - ones[held] - others[held]]).T
    shares = [won, lost, max(0.0, 1.0 - won - lost)]
    chances: Floats = np.asarray(multinomial.pmf(counts, trials, shares), dtype=np.float64)
    likely = chances > SLIVER
    parts = [
        PairedProportions(first_only=one, second_only=other, trials=trials)
        for one, other, _ in counts[likely].tolist()
    ]
    bounds = paired_lows(parts, np.full((len(parts), 1), error))[:, 0]
    return float(chances[likely][bounds > won - lost + SLIVER].sum()) / error


PAIRED = [
    *((30, 0.2, 0.05), (100, 0.05, 0.005), (1000, 0.005, 0.0005), (1000, 0.0005, 0.005)),
    *((300, 0.01, 0.0005), (100, 0.2, 0.8), (100, 0.3, 0.35), (120, 0.05, 0.95)),
    *((300, 0.1, 0.15), (300, 0.4, 0.49)),
]
"""Rows, and shares won and lost: rare discord, little agreement, and where the bound is closest."""


@pytest.mark.parametrize("error", SMALL_ERRORS)
@pytest.mark.parametrize(("trials", "won", "lost"), PAIRED)
def test_paired_rates_are_missed_at_most_as_declared(
    trials: int, won: float, lost: float, error: float
) -> None:
    """Where Tango's score alone misses up to 1.7, 2.7 and 3.4 times."""
    assert paired_misses(trials, won, lost, error) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("error", SMALL_ERRORS)
@pytest.mark.parametrize(
    ("trials", "won", "lost"),
    [
        *((100, 0.4, 0.4), (300, 0.2, 0.4), (300, 0.1, 0.1), (5000, 0.05, 0.01)),
        *((5000, 0.005, 0.01), (5000, 0.007, 0.3), (2000, 0.45, 0.5), (1000, 0.35, 0.6)),
        *((1000, 0.04, 0.04), (10000, 0.005, 0.05), (30000, 0.002, 0.01)),
    ],
)
def test_frequent_discord_is_missed_at_most_as_declared(
    trials: int, won: float, lost: float, error: float
) -> None:
    """Without an allowance, where Tango's score alone misses up to 1.3 times 0.001."""
    assert paired_misses(trials, won, lost, error) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("error", SMALL_ERRORS)
@pytest.mark.parametrize("trials", [10, 50, 65, 100, 150])
def test_any_paired_rates_are_missed_at_most_as_declared(trials: int, error: float) -> None:
    """Every pair of rates whose sum is at most 1, about the trigger between the two methods."""
    for won, lost in product((*MORE_RATES, 0.15, 0.25, 0.45), repeat=2):
        if won + lost <= 1.0:
            assert paired_misses(trials, won, lost, error) <= 1.0, (won, lost)
