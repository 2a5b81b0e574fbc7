"""How pure the top of a ranking is: average precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.quantiles import normal_quantile, student_quantile
from assay.stats.ranking import logit_shifted, merged
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

MIN_POSITIVES: Final = 100
"""Positives below which no bound is given."""

EDGE: Final = 1e-9
"""How near 0 or 1 a resampled area may come before its logit is taken."""

BOYD: Final = "logit at half the error (Boyd)"
CLUSTERED: Final = ", jackknife over buckets of units"


def average_precision(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The mean over positives of the precision at their own score, rows of equal score together.

    Bounds on the logit scale with `se = 1/√(n₊ A(1-A))`, each at half its error, since that
    standard error leaves out how precision varies. Of binned scores, both bounds widen by
    what any order within the bins could change.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; the standard error is then at least the jackknife's over them.

    Source: Boyd, Eng & Page (2013), ECML PKDD, LNCS 8190, 451-466, section 3.2.
    """
    positives = int(table.positives.sum())
    if positives < MIN_POSITIVES:
        return Undefined(
            reason=f"Average precision is bounded from {MIN_POSITIVES} positives on; "
            f"there are {positives}.",
            units_lacking=(("", MIN_POSITIVES - positives),),
            counted="with a positive label",
        )
    value, worst, best = _areas(table)
    # Half a positive away from 0 and 1, where the logit is infinite.
    inside = min(max(value, 0.5 / positives), 1.0 - 0.5 / positives)
    rows = float(table.negatives.sum() + table.positives.sum())
    spread = _Spread(1.0 / math.sqrt(positives * inside * (1.0 - inside)), math.inf, rows)
    if buckets:
        clustered = _clustered(spread, buckets, rows)
        if isinstance(clustered, Undefined):
            return clustered
        spread = clustered
    low, high = outward(
        max(0.0, logit_shifted(inside, -spread.reach(errors.low)) - (value - worst)),
        min(1.0, logit_shifted(inside, spread.reach(errors.high)) + (best - value)),
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=spread.units,
        method=BOYD + (CLUSTERED if buckets else ""),
    )


@dataclass(frozen=True, slots=True)
class _Spread:
    """A standard error of the logit, degrees of Student's t, and the units behind both."""

    logit_error: float
    degrees: float
    units: float

    def reach(self, error: float) -> float:
        half = error / 2.0
        if math.isinf(self.degrees):
            return normal_quantile(half) * self.logit_error
        return student_quantile(half, self.degrees) * self.logit_error


def _clustered(
    independent: _Spread, buckets: Sequence[ScoreTable], rows: float
) -> _Spread | Undefined:
    held = [bucket for bucket in buckets if bucket.positives.any()]
    lacking = too_few_buckets(len(held), of="positive labels")
    if lacking is not None:
        return lacking
    areas = np.clip(_areas_without_each(buckets), EDGE, 1.0 - EDGE)
    between = math.sqrt(jackknife_variance(np.log(areas / (1.0 - areas))))
    deviation = max(independent.logit_error, between)
    worth = (independent.logit_error / deviation) ** 2
    units = float(max(len(held), math.floor(worth * rows)))
    return _Spread(deviation, len(held) - 1.0, units)


def _areas_without_each(buckets: Sequence[ScoreTable]) -> Floats:
    """The average precision with each filled bucket left out, (b,) float64."""
    filled = [table for table in buckets if table.positives.any() or table.negatives.any()]
    whole = merged(filled)
    areas = np.empty(len(filled))
    for index, table in enumerate(filled):
        at = np.searchsorted(whole.scores, table.scores)
        negatives, positives = whole.negatives.copy(), whole.positives.copy()
        negatives[at] -= table.negatives
        positives[at] -= table.positives
        areas[index] = _areas(replace(whole, negatives=negatives, positives=positives))[0]
    return areas


def _areas(table: ScoreTable) -> tuple[float, float, float]:
    """The average precision, and the least and the most that order within bins allows."""
    from scipy.special import digamma

    positives = table.positives[::-1].astype(float)
    negatives = table.negatives[::-1].astype(float)
    true, false = np.cumsum(positives), np.cumsum(negatives)
    together = positives * true / np.maximum(true + false, 1.0)
    binned = table.half_widths[::-1] > 0.0
    # Negatives first: the i-th positive of a bin has precision (T + i) / (T + i + F).
    before = true - positives
    missed = digamma(true + false + 1.0) - digamma(before + false + 1.0)
    worst = np.where(binned, positives - false * missed, together)
    # Positives first, and as if all of them had the last one's precision.
    clean = positives * true / np.maximum(true + false - negatives, 1.0)
    best = np.where(binned, clean, together)
    total = float(positives.sum())
    return float(together.sum()) / total, float(worst.sum()) / total, float(best.sum()) / total
