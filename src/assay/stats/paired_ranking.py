"""Two scores of the same rows compared by how well they rank: the difference of their areas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance
from assay.stats.quantiles import student_quantile
from assay.stats.ranking import (
    MIN_UNTIED,
    AreaSpread,
    Ranks,
    area_spread,
    areas_without_each,
    missing_class,
    tie_doubt,
)
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

DELONG: Final = "paired DeLong, Student's t"
CLUSTERED: Final = "jackknife over buckets of units, Student's t"
FALLBACK: Final = "MOVER of both areas' bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScores:
    """Two scores of the same rows: each alone as finely as it was counted, and both together.

    Attributes:
        first: label counts by the first score.
        second: label counts by the second score, of the same rows.
        negatives: (k, l) int64 counts of negatives by the first score's rank and the
            second's, both ascending; coarser ranks than the tables' will do.
        positives: (k, l) int64 counts of positives, likewise.
        buckets: the first and second table of each bucket of units; empty where rows are
            independent.
    """

    first: ScoreTable
    second: ScoreTable
    negatives: Counts
    positives: Counts
    buckets: Sequence[tuple[ScoreTable, ScoreTable]] = ()


def difference_of_areas(scores: PairedScores, *, errors: Errors) -> Estimate | Undefined:
    """The first score's area under the ROC curve less the second's, on the same rows.

    DeLong's variance of the paired difference with Student's t of `min(n₊, n₋) - 1` degrees;
    over buckets of units, the jackknife's. Where either area alone falls back to exact
    limits, or fewer than 10 rows of a class are ranked differently by the two scores, MOVER
    of both areas' bounds, as if they came from different rows: scores that agree differ less.
    Of binned scores, both areas' doubts widen the bounds.

    Args:
        scores: label counts by both scores.
        errors: one-sided errors of the bounds.

    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845; Zou & Donner
    (2008), Statistics in Medicine 27(10), 1693-1702, for the fallback.
    """
    missing = missing_class(scores.first)
    if missing is not None:
        return missing
    areas = [_area(scores, index) for index in (0, 1)]
    one, other = areas
    if isinstance(one, Undefined):
        return one
    if isinstance(other, Undefined):
        return other
    moves = _Moves.of(scores)
    if (
        one.spread.logit_error is None
        or other.spread.logit_error is None
        or moves.telling < MIN_UNTIED
    ):
        down = math.hypot(one.below(errors.low), other.above(errors.low))
        up = math.hypot(one.above(errors.high), other.below(errors.high))
        method = FALLBACK
    else:
        deviation = _deviation(scores, moves)
        doubt = one.doubt + other.doubt
        down = student_quantile(errors.low, one.spread.degrees) * deviation + doubt
        up = student_quantile(errors.high, one.spread.degrees) * deviation + doubt
        method = CLUSTERED if scores.buckets else DELONG
    value = one.value - other.value
    low, high = outward(max(-1.0, value - down), min(1.0, value + up))
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=min(one.spread.units, other.spread.units),
        method=method,
    )


@dataclass(frozen=True, slots=True)
class _Area:
    """One score's area on its own, and how far it may lie off."""

    value: float
    spread: AreaSpread
    doubt: float

    def below(self, error: float) -> float:
        return self.value - self.spread.limits(self.value, error)[0] + self.doubt

    def above(self, error: float) -> float:
        return self.spread.limits(self.value, error)[1] - self.value + self.doubt


@dataclass(frozen=True, slots=True)
class _Moves:
    """How much better each row ranks by the first score than by the second.

    Attributes:
        variance: DeLong's, of the difference of areas.
        telling: rows whose move is not the commonest of their class; of both, the fewer.
    """

    variance: float
    telling: float

    @classmethod
    def of(cls, scores: PairedScores) -> _Moves:
        variance, telling = 0.0, math.inf
        one = Ranks.of(_marginal(scores, axis=1))
        other = Ranks.of(_marginal(scores, axis=0))
        for cells, first, second in (
            (scores.positives, one.wins, other.wins),
            (scores.negatives, one.losses, other.losses),
        ):
            rows, columns = np.nonzero(cells)
            counts = cells[rows, columns].astype(float)
            size = float(counts.sum())
            moves = first[rows] - second[columns]
            mean = float(counts @ moves) / size
            variance += float(counts @ (moves - mean) ** 2) / max(size - 1.0, 1.0) / size
            _, at = np.unique(moves, return_inverse=True)
            telling = min(telling, size - float(np.bincount(at, counts).max()))
        return cls(variance, telling)


def _marginal(scores: PairedScores, *, axis: int) -> ScoreTable:
    negatives, positives = scores.negatives.sum(axis=axis), scores.positives.sum(axis=axis)
    ranks = np.arange(len(negatives), dtype=np.float64)
    return ScoreTable(
        scores=ranks, half_widths=np.zeros_like(ranks), negatives=negatives, positives=positives
    )


def _area(scores: PairedScores, index: int) -> _Area | Undefined:
    table = (scores.first, scores.second)[index]
    ranks = Ranks.of(table)
    spread = area_spread(ranks, [bucket[index] for bucket in scores.buckets])
    if isinstance(spread, Undefined):
        return spread
    return _Area(ranks.area, spread, tie_doubt(table))


def _deviation(scores: PairedScores, moves: _Moves) -> float:
    if not scores.buckets:
        return math.sqrt(moves.variance)
    first = areas_without_each([one for one, _ in scores.buckets])
    second = areas_without_each([other for _, other in scores.buckets])
    return math.sqrt(jackknife_variance(first - second))
