"""The Brier score of binned scores taken apart: reliability, resolution, uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.calibration import (
    BINS,
    Reliability,
    counts_by_bin,
    gap_variances,
    reliability,
)
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance, too_few_buckets
from assay.stats.quantiles import normal_quantile, student_quantile
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

METHOD: Final = "bins of equal mass, their distance less and plus that of noise alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierParts:
    """Murphy's partition: the Brier score of the bins' mean scores is their sum, with signs.

    Attributes:
        reliability: how far the share of positives in a bin lies from its mean score, squared;
            0 is calibrated.
        resolution: how far the shares of positives lie from the share of all, squared; the
            more, the better.
        uncertainty: the Brier score of always giving the share of all.
    """

    reliability: float
    resolution: float
    uncertainty: float

    @property
    def brier(self) -> float:
        """Of the binned scores: `reliability - resolution + uncertainty`."""
        return self.reliability - self.resolution + self.uncertainty


def brier_parts(table: ScoreTable, *, bins: int = BINS) -> BrierParts | Undefined:
    """The partition over bins of equally many rows.

    Args:
        table: label counts by score.
        bins: bins of equal mass; see assay.stats.calibration.reliability.

    Source: Murphy (1973), Journal of Applied Meteorology 12(4), 595-600, equation (8).
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return curve
    share, rates = curve.weights, curve.positives / curve.rows
    base = float(share @ rates)
    return BrierParts(
        reliability=float(share @ (rates - curve.mean_scores) ** 2),
        resolution=float(share @ (rates - base) ** 2),
        uncertainty=base * (1.0 - base),
    )


def brier_reliability(
    table: ScoreTable,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable] = (),
    bins: int = BINS,
) -> Estimate | Undefined:
    """The reliability part, with bounds; see `_around`. Lower is better.

    Of binned scores, bounds widen by what the place of scores within bins could change.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units; empty where rows are independent.
        bins: bins of equal mass.
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return curve
    gaps = curve.positives / curve.rows - curve.mean_scores
    return _around(curve, gaps, errors=errors, buckets=buckets, doubt=math.sqrt(curve.doubt))


def brier_resolution(
    table: ScoreTable,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable] = (),
    bins: int = BINS,
) -> Estimate | Undefined:
    """The resolution part, with bounds; see `_around`. Higher is better.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units; empty where rows are independent.
        bins: bins of equal mass.
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return curve
    rates = curve.positives / curve.rows
    return _around(
        curve, rates - float(curve.weights @ rates), errors=errors, buckets=buckets, doubt=0.0
    )


def _around(
    curve: Reliability,
    apart: Floats,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable],
    doubt: float,
) -> Estimate | Undefined:
    """Bounds of `Σ w d²` over bins of weight `w`.

    As a distance, `√Σ w d²` is off by at most the length of the noise in `d`: its square is a
    sum of weighted chi-squares, whose quantile is Satterthwaite's. Distances are not resampled,
    which would add their bias again.
    """
    covariance = _covariance(curve, buckets)
    if isinstance(covariance, Undefined):
        return covariance
    noise, filled = covariance
    length = math.sqrt(float(curve.weights @ apart**2))
    down, up = (_noise_length(noise, error, filled) + doubt for error in (errors.low, errors.high))
    low, high = outward(max(0.0, length - down) ** 2, min(1.0, length + up) ** 2)
    clustered = ", jackknife over buckets of units" if buckets else ""
    return Estimate(
        value=length**2,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=float(filled) if buckets else float(curve.rows.sum()),
        method=f"{len(curve.rows)} {METHOD}{clustered}",
    )


def _covariance(
    curve: Reliability, buckets: Sequence[ScoreTable]
) -> tuple[Floats, int] | Undefined:
    """The covariance of `√w d` over bins, (b, b), and the filled buckets (0: independent)."""
    # With n - 1 below the line: squares add up the small lack that a distance leaves behind.
    variances = gap_variances(curve) * curve.rows / np.maximum(curve.rows - 1.0, 1.0)
    independent: Floats = np.diag(variances / curve.weights)
    if not buckets:
        return independent, 0
    parts = np.array([counts_by_bin(curve, bucket) for bucket in buckets])
    parts = parts[parts[:, 0].sum(axis=1) > 0]
    lacking = too_few_buckets(len(parts))
    if lacking is not None:
        return lacking
    rest = parts.sum(axis=0) - parts
    replicates = rest[:, 1] / rest[:, 0].sum(axis=1, keepdims=True) / np.sqrt(curve.weights)
    between = jackknife_covariance(replicates)
    return between if np.trace(between) > np.trace(independent) else independent, len(parts)


def _noise_length(covariance: Floats, error: float, filled: int) -> float:
    """The length that noise alone exceeds at the error, by a chi-square of the same moments."""
    from scipy.special import chdtri

    mean, variance = float(np.trace(covariance)), 2.0 * float((covariance * covariance.T).sum())
    if variance <= 0.0:
        return 0.0
    degrees = 2.0 * mean * mean / variance
    wider = student_quantile(error, filled - 1) / normal_quantile(error) if filled else 1.0
    return wider * math.sqrt(mean / degrees * float(chdtri(degrees, error)))
