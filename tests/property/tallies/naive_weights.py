"""Weights in plain Python: rows repeated, and sums of fractions rounded half to even."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from assay.stats.tallies import BinaryCounts, Weight, WeightedCounts


def unusable(weight: float | None, kind: Weight) -> str | None:
    """Why a weight cannot be used, or None."""
    if weight is None or math.isnan(weight):
        return "missing weight"
    if weight < 0:
        return "negative weight"
    if math.isinf(weight):
        return "infinite weight"
    if not kind.sampled and weight != int(weight):
        return "fractional weight"
    return None if (steps(weight, kind) if kind.sampled else weight) else "zero weight"


def steps(weight: float, kind: Weight) -> int:
    """A sampling weight in whole steps of its grid; `round` goes half to even."""
    return round(Fraction(weight) * 2**40 / kind.scale)


def weighted_counts(cells: Sequence[Sequence[int]]) -> WeightedCounts:
    """Sums over the steps of the rows in each of the four cells."""
    return WeightedCounts(
        rows=BinaryCounts.of(map(len, cells)),
        sums=BinaryCounts.of(map(sum, cells)),
        squares=BinaryCounts.of(sum(step**2 for step in cell) for cell in cells),
    )
