"""Gaps keep their promises: equal groups are not failed, and a gap at the limit not passed.

Worlds are drawn by the thousand and bounded by the kernel that `largest_difference` and
`smallest_ratio` use; a test ties the two together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from assay.stats import Errors, Estimate, Proportion, largest_difference, smallest_ratio
from assay.stats.mover import Arc, difference_low, ratio_low

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WORLDS = 4000
ALLOWED = 0.05 + 3 * math.sqrt(0.05 * 0.95 / WORLDS)
EQUAL = {
    "two of 50": (50, 50),
    "four of 200": (200,) * 4,
    "fourteen of 500": (500,) * 14,
    "one of 30": (30, 500, 500, 500),
}


def draw(seed: int, sizes: Sequence[int], rates: Floats) -> Integers:
    """(worlds, groups) events."""
    generator = np.random.default_rng(seed)
    return generator.binomial(np.array(sizes), rates, (WORLDS, len(sizes)))


def arcs(events: Integers, sizes: Sequence[int], error: float) -> Arc:
    """The arcs of (worlds, groups) counts; each size's outcomes are bounded once."""
    tables = {n: Arc.of(np.arange(n + 1.0), np.full(n + 1, float(n)), error) for n in set(sizes)}
    picked = [(tables[n], events[:, i]) for i, n in enumerate(sizes)]
    return Arc(
        values=np.stack([table.values[at] for table, at in picked], axis=-1),
        low=np.stack([table.low[:, at] for table, at in picked], axis=-1),
        high=np.stack([table.high[:, at] for table, at in picked], axis=-1),
    )


def pairwise(arc: Arc) -> tuple[Arc, Arc]:
    """Every group against every other, in the last two axes."""
    return arc.first(), arc.second()


def lows(events: Integers, sizes: Sequence[int], error: float) -> Floats:
    """The largest pairwise lower bound of each world, the error shared among pairs."""
    k = len(sizes)
    found = []
    for part in np.array_split(events, 8):
        first, second = pairwise(arcs(part, sizes, error / (k * (k - 1))))
        bounds = difference_low(first, second)
        bounds[:, np.arange(k), np.arange(k)] = -1.0
        found.append(bounds.max(axis=(1, 2)))
    return np.concatenate(found)


def highs(events: Integers, sizes: Sequence[int], error: float) -> Floats:
    """The largest pairwise upper bound of each world, at the whole error."""
    k = len(sizes)
    found = []
    for part in np.array_split(events, 8):
        first, second = pairwise(arcs(part, sizes, error))
        bounds = -difference_low(second, first)
        bounds[:, np.arange(k), np.arange(k)] = -1.0
        found.append(bounds.max(axis=(1, 2)))
    return np.concatenate(found)


def ratio_highs(events: Integers, sizes: Sequence[int], error: float) -> Floats:
    """The smallest pairwise upper bound of a ratio in each world, the error shared."""
    k = len(sizes)
    found = []
    for part in np.array_split(events, 8):
        first, second = pairwise(arcs(part, sizes, error / (k * (k - 1))))
        inverse = ratio_low(second, first)
        bounds = 1.0 / np.where(inverse > 0.0, inverse, 1e-12)
        bounds[:, np.arange(k), np.arange(k)] = np.inf
        found.append(bounds.min(axis=(1, 2)))
    return np.concatenate(found)


def test_the_kernel_is_what_the_claims_use() -> None:
    """A few worlds through the public functions give the same bounds."""
    sizes = (60, 200, 35, 500)
    events = draw(1, sizes, np.array([0.1, 0.2, 0.3, 0.15]))[:12]
    low, high = lows(events, sizes, 0.05), highs(events, sizes, 0.05)
    ratio = ratio_highs(events, sizes, 0.05)
    for world, counts in enumerate(events):
        groups = {
            f"g{i}": Proportion(events=int(x), trials=n)
            for i, (x, n) in enumerate(zip(counts, sizes, strict=True))
        }
        errors = Errors(low=0.05, high=0.05)
        gap = largest_difference(
            [groups], errors=errors, min_group_size=30, small_groups="insufficient"
        )
        least = smallest_ratio(
            groups, errors=errors, min_group_size=30, small_groups="insufficient"
        )
        assert isinstance(gap, Estimate)
        assert isinstance(least, Estimate)
        assert gap.low == pytest.approx(max(0.0, low[world]), abs=1e-11)
        assert gap.high == pytest.approx(high[world], abs=1e-11)
        assert least.high == pytest.approx(min(1.0, ratio[world]), abs=1e-11)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("sizes", EQUAL.values(), ids=EQUAL)
def test_equal_groups_are_rarely_shown_to_differ(sizes: tuple[int, ...], rate: float) -> None:
    """`L > 0` in at most 5 % of worlds with one rate for all."""
    worlds = draw(2, sizes, np.full(len(sizes), rate))
    assert (lows(worlds, sizes, 0.05) > 0.0).mean() <= ALLOWED


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5])
@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("size", [50, 400])
def test_a_gap_at_the_limit_rarely_passes(groups: int, size: int, rate: float) -> None:
    """`pass` in at most 5 % of worlds, the hardest ones with just two groups at the ends."""
    limit = 0.1
    rates = np.full(groups, rate + limit / 2)
    rates[0], rates[-1] = rate, rate + limit
    worlds = draw(3, (size,) * groups, rates)
    assert (highs(worlds, (size,) * groups, 0.05) <= limit).mean() <= ALLOWED


def test_twice_the_limit_passes_almost_never() -> None:
    """With 50 a group a gap of 0.2 is within 0.1 in under 1 % of worlds."""
    worlds = draw(4, (50, 50), np.array([0.3, 0.5]))
    assert (highs(worlds, (50, 50), 0.05) <= 0.1).mean() < 0.01


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_an_equal_audit_rarely_fails_four_fifths(rate: float) -> None:
    """Fourteen equal cells show a ratio under 0.8 in at most 5 % of worlds."""
    sizes = (500,) * 10 + (60,) * 4
    worlds = draw(5, sizes, np.full(14, rate))
    assert (ratio_highs(worlds, sizes, 0.05) < 0.8).mean() <= ALLOWED
