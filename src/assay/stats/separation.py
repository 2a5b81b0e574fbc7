"""How far two distributions of scores lie apart: the Kolmogorov-Smirnov distance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.proportions import CLUSTERED, Proportion
from assay.stats.quantiles import normal_quantile
from assay.stats.ranking import missing_class
from assay.stats.tallies.scores import ScoreTable

Integers = npt.NDArray[np.int64]

METHOD: Final = "normal bound at the widest point above, Massart's inequality below"


def kolmogorov_smirnov(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The largest difference between the score distributions of negatives and positives.

    It is also the largest true positive rate less false positive rate at any threshold.
    `U = D + ½z√(1/n + 1/m)` and `L = max(0, D - √(½ ln(2/a)(1/n + 1/m)))`. D is a maximum, so
    it overstates a small distance. Of binned scores only distances at bin edges are seen, and
    U widens by the most that a bin could hide.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; n and m are then effective counts at the widest point.

    Source: Raghavachari (1973), Annals of Statistics 1(1), 67-73, for the limit above;
    Massart (1990), Annals of Probability 18(3), 1269-1283, for the one below.
    """
    missing = missing_class(table)
    if missing is not None:
        return missing
    negatives, positives = table.negatives.astype(float), table.positives.astype(float)
    n, m = float(negatives.sum()), float(positives.sum())
    gaps = np.abs(np.cumsum(negatives) / n - np.cumsum(positives) / m)
    widest = int(gaps.argmax())
    value = float(gaps[widest])
    shares = _shares(table, widest, buckets)
    below, above = _noise(shares, errors.low), _noise(shares, errors.high)
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    binned = table.half_widths > 0.0
    hidden = np.where(binned, np.maximum(negatives / n, positives / m), 0.0).max()
    low, high = outward(
        max(0.0, value - math.sqrt(0.5 * math.log(2.0 / errors.low)) * below),
        min(1.0, value + normal_quantile(errors.high) / 2.0 * above + float(hidden)),
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=sum(share.units for share in shares),
        method=METHOD + (CLUSTERED if buckets else ""),
    )


def _shares(
    table: ScoreTable, widest: int, buckets: Sequence[ScoreTable]
) -> tuple[Proportion, Proportion]:
    """The shares of negatives and of positives up to the widest point."""
    edge = table.scores[widest]

    def share(counts: Callable[[ScoreTable], Integers]) -> Proportion:
        def upto(part: ScoreTable) -> tuple[float, float]:
            held = counts(part)
            return float(held[part.scores <= edge].sum()), float(held.sum())

        events, trials = upto(table)
        return Proportion(
            events=events, trials=trials, buckets=tuple(upto(bucket) for bucket in buckets)
        )

    return share(lambda part: part.negatives), share(lambda part: part.positives)


def _noise(shares: tuple[Proportion, Proportion], error: float) -> float | Undefined:
    """`√(1/n + 1/m)` of the independent rows that each label is worth."""
    total = 0.0
    for share in shares:
        effective = share.effective(error)
        if isinstance(effective, Undefined):
            return effective
        total += 1.0 / effective.trials
    return math.sqrt(total)
