"""Agreement of label and prediction beyond chance: Matthews' correlation and Cohen's kappa.

Neither has a simple exact bound. Both are bounded by bias-corrected, accelerated resampling
of the confusion table, with draws that anyone can repeat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.draws import DrawKey, fiducial, resampled, uniforms
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import MIN_BUCKETS, jackknife_variance, too_few_buckets
from assay.stats.quantiles import normal_quantile, student_quantile
from assay.stats.tallies.confusion import BinaryCounts

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From (..., 4) cells, as in _cells, to (...) values."""

MIN_ROWS: Final = 200
MIN_MARGIN: Final = 10
"""Rows in all, and in each margin of the table, below which resampling is not trusted."""

MIN_CELL: Final = 5
"""Rows in each cell below which resampling gives way to limits of the cells."""

EDGE: Final = 1.0 - 1e-9
"""Where Fisher's transform of a perfect agreement is cut off."""

MIN_DRAWS: Final = 2000
TAIL_DRAWS: Final = 100.0
"""Draws beyond the bound that make its Monte Carlo error small."""


def matthews_correlation(
    counts: BinaryCounts,
    *,
    errors: Errors,
    key: DrawKey,
    buckets: Sequence[BinaryCounts] = (),
) -> Estimate | Undefined:
    """Matthews' correlation: of label and prediction as 0 and 1, in [-1, 1].

    `(TP·TN - FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN))`

    Args:
        counts: label by prediction.
        errors: one-sided errors of the bounds.
        key: what the draws belong to.
        buckets: the counts of each bucket of units, where rows of one unit are not
            independent; then the jackknife over them bounds the value's Fisher transform.

    Source: Matthews (1975), Biochimica et Biophysica Acta 405(2), 442-451; bounds by Efron
    (1987), JASA 82(397), 171-185.
    """
    return _bounded(_matthews, counts, errors=errors, key=key, buckets=buckets)


def cohen_kappa(
    counts: BinaryCounts,
    *,
    errors: Errors,
    key: DrawKey,
    buckets: Sequence[BinaryCounts] = (),
) -> Estimate | Undefined:
    """Cohen's kappa of label and prediction: the share of agreement beyond chance.

    `(p_o - p_e) / (1 - p_e)` for observed agreement and that expected from the margins.

    Args:
        counts: label by prediction.
        errors: one-sided errors of the bounds.
        key: what the draws belong to.
        buckets: as in matthews_correlation.

    Source: Cohen (1960), Educational and Psychological Measurement 20(1), 37-46; bounds by
    Efron (1987).
    """
    return _bounded(_kappa, counts, errors=errors, key=key, buckets=buckets)


def draws_for(errors: Errors) -> int:
    """How many draws the bounds need: `max(2,000, 100/a)` at the smaller error."""
    return max(MIN_DRAWS, math.ceil(TAIL_DRAWS / min(errors.low, errors.high)))


def _bounded(
    statistic: Statistic,
    counts: BinaryCounts,
    *,
    errors: Errors,
    key: DrawKey,
    buckets: Sequence[BinaryCounts],
) -> Estimate | Undefined:
    lacking = _too_few(counts)
    if lacking is not None:
        return lacking
    cells = _cells(counts)
    value = float(statistic(cells))
    units: float = counts.n
    if buckets:
        clustered = _between_buckets(statistic, counts, buckets, errors, key=key)
        if isinstance(clustered, Undefined):
            return clustered
        bounds, units, method = clustered
    else:
        draws = draws_for(errors)
        if cells.min() < MIN_CELL:
            bounds = _by_fiducial_draws(statistic, cells, errors, key=key, draws=draws)
            method = f"limits of each cell joined by {draws} draws"
        else:
            drawn = map(statistic, resampled(cells.tolist(), key=key, draws=draws))
            sample = np.sort(np.concatenate(list(drawn)))
            bounds = _bca(value, sample, _influence(statistic, cells), errors)
            method = f"BCa, {draws} draws"
    low, high = outward(*bounds)
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=units,
        method=method,
    )


def _too_few(counts: BinaryCounts) -> Undefined | None:
    margins = {
        "positive labels": counts.positives,
        "negative labels": counts.negatives,
        "positive predictions": counts.predicted_positives,
        "negative predictions": counts.predicted_negatives,
    }
    thin = [f"{size} {name}" for name, size in margins.items() if size < MIN_MARGIN]
    if counts.n >= MIN_ROWS and not thin:
        return None
    reason = f"Agreement beyond chance is bounded from {MIN_ROWS} rows on, "
    reason += f"with {MIN_MARGIN} of each label and each prediction; there are {counts.n} rows"
    reason += f", and only {', '.join(thin)}." if thin else "."
    short = max(MIN_ROWS - counts.n, *(MIN_MARGIN - size for size in margins.values()))
    return Undefined(reason=reason, units_lacking=(("", short),))


def _cells(counts: BinaryCounts) -> Floats:
    """(4,) true negatives, false positives, false negatives, true positives."""
    cells = (
        counts.true_negatives,
        counts.false_positives,
        counts.false_negatives,
        counts.true_positives,
    )
    return np.array(cells, dtype=np.float64)


def _margins(cells: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of positive labels, of positive predictions, and of both at once."""
    shares = cells / cells.sum(axis=-1, keepdims=True)
    return shares[..., 2] + shares[..., 3], shares[..., 1] + shares[..., 3], shares[..., 3]


def _matthews(cells: Floats) -> Floats:
    labels, predictions, both = _margins(cells)
    spread = np.sqrt(labels * (1.0 - labels) * predictions * (1.0 - predictions))
    # Without one kind of label or prediction there is nothing to agree on: 0, as is customary.
    return np.where(spread > 0.0, both - labels * predictions, 0.0) / np.where(
        spread > 0.0, spread, 1.0
    )


def _kappa(cells: Floats) -> Floats:
    labels, predictions, both = _margins(cells)
    excess = 2.0 * (both - labels * predictions)
    room = labels + predictions - 2.0 * labels * predictions
    return np.where(room > 0.0, excess, 0.0) / np.where(room > 0.0, room, 1.0)


@dataclass(frozen=True, slots=True)
class _Influence:
    """What leaving out one row does to a statistic: its jackknife variance and acceleration."""

    variance: float
    acceleration: float


def _influence(statistic: Statistic, cells: Floats) -> _Influence:
    held = np.flatnonzero(cells)
    left_out = statistic(cells - np.eye(4)[held])
    weights = cells[held]
    moves = np.average(left_out, weights=weights) - left_out
    square = float(weights @ moves**2)
    cube = float(weights @ moves**3)
    return _Influence(square, cube / (6.0 * square**1.5) if square > 0.0 else 0.0)


def _by_fiducial_draws(
    statistic: Statistic, cells: Floats, errors: Errors, *, key: DrawKey, draws: int
) -> tuple[float, float]:
    """Bounds from what the cells' means may have been, the harmful ones counted one higher.

    A cell that is empty stays empty in every resample, so BCa would take its absence for a
    fact; at 0.001 it then misses up to 29 times its error.
    """
    wrong = np.array([0.0, 1.0, 1.0, 0.0])
    quantiles = uniforms(key, draws=draws, columns=len(cells))
    low = np.sort(statistic(fiducial((cells + wrong).tolist(), quantiles=quantiles)))
    high = np.sort(statistic(fiducial((cells + 1.0 - wrong).tolist(), quantiles=quantiles)))
    down = math.floor(errors.low * draws) - 1
    up = math.ceil((1.0 - errors.high) * draws)
    return float(low[max(down, 0)]), float(high[min(up, draws - 1)])


def _bca(
    value: float, sample: Floats, influence: _Influence, errors: Errors
) -> tuple[float, float]:
    """Efron's bounds from sorted resampled values; (1987), equation (3.7)."""
    from scipy.special import ndtr, ndtri

    below = np.searchsorted(sample, value, "left") + np.searchsorted(sample, value, "right")
    # Half of the ties count as below; a value outside the sample is just outside it.
    share = min(max(below / 2.0, 0.5), len(sample) - 0.5) / len(sample)
    bias = float(ndtri(share))

    def quantile(z: float) -> float:
        shifted = bias + z
        stretch = 1.0 - influence.acceleration * shifted
        return float(ndtr(bias + shifted / stretch)) if stretch > 0.0 else float(z > 0.0)

    down = math.floor(quantile(-normal_quantile(errors.low)) * len(sample)) - 1
    up = math.ceil(quantile(normal_quantile(errors.high)) * len(sample))
    low = float(sample[down]) if down >= 0 else -1.0
    return low, float(sample[up]) if up < len(sample) else 1.0


def _between_buckets(
    statistic: Statistic,
    counts: BinaryCounts,
    buckets: Sequence[BinaryCounts],
    errors: Errors,
    *,
    key: DrawKey,
) -> tuple[tuple[float, float], float, str] | Undefined:
    """Bounds from the jackknife on Fisher's scale, units that the rows are worth, and method."""
    parts = np.array([_cells(bucket) for bucket in buckets if bucket.n > 0])
    filled = len(parts)
    lacking = too_few_buckets(filled)
    if lacking is not None:
        return lacking
    cells = _cells(counts)
    if int((parts > 0).sum(axis=0).min()) < MIN_BUCKETS:
        draws = draws_for(errors)
        few = cells * (filled / counts.n)
        bounds = _by_fiducial_draws(statistic, few, errors, key=key, draws=draws)
        return bounds, float(filled), f"limits of each cell, by buckets, joined by {draws} draws"
    replicates = statistic(parts.sum(axis=0) - parts)
    deviation = math.sqrt(jackknife_variance(np.arctanh(np.clip(replicates, -EDGE, EDGE))))
    middle = math.atanh(min(max(float(statistic(cells)), -EDGE), EDGE))
    bounds = (
        math.tanh(middle - student_quantile(errors.low, filled - 1) * deviation),
        math.tanh(middle + student_quantile(errors.high, filled - 1) * deviation),
    )
    variance = jackknife_variance(replicates)
    worth = min(1.0, _influence(statistic, cells).variance / variance) if variance > 0.0 else 1.0
    units = float(max(filled, math.floor(worth * counts.n)))
    return bounds, units, "jackknife over buckets of units on Fisher's z, Student's t"
