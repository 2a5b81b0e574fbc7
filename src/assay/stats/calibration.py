"""Whether scores are honest probabilities: the reliability curve and its expected error.

The error is an average of absolute gaps, so noise alone makes it positive. Its lower bound
takes that noise off; resampling would add it once more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance, too_few_buckets
from assay.stats.quantiles import normal_quantile, student_quantile
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

BINS: Final = 15

MATERIAL: Final = 0.05
"""Share of the quantile from which skewness is corrected for."""


def expected_calibration_error(
    table: ScoreTable,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable] = (),
    bins: int = BINS,
) -> Estimate | Undefined:
    """The mean over rows of |share of positives - mean score| in bins of equal mass.

    With bin weights `w`, `r = (h + ½)/(n_b + 1)` and `v = r(1-r)/n_b`:
    `U = E + z√Σw²v` and `L = max(0, E - Σw√(2v/π) - z√Σw²v)`; the middle term of L is the
    error that perfectly calibrated scores would show. Where gaps share a sign and events are
    few, the sum is as skewed as a count; a bound widens by Hall's `(2z² + 1)γ/6` standard
    deviations where that is over 5 % of z (without it U misses 6 % for 5 % at 110 events).
    The binned quantity is the claim: it
    is at most the error without bins. Mean scores of binned tables are known to half a bin,
    and both bounds widen by that.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; `v` is then at least the jackknife's over them, with Student's t.
        bins: bins of equal mass; see reliability.

    Source: Naeini, Cooper & Hauskrecht (2015), AAAI, for the measure; the mean and spread
    of a folded normal, and Hall (1992), JRSS B 54(1), 221-228, for the bounds.
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return curve
    spread = _clustered(curve, buckets) if buckets else _independent(curve)
    if isinstance(spread, Undefined):
        return spread
    value, skew = float(np.abs(curve.gaps).sum()), _skewness(curve)
    down, up = spread.reach(errors.low, -skew), spread.reach(errors.high, skew)
    low, high = outward(
        max(0.0, value - spread.noise - down - curve.doubt), min(1.0, value + up + curve.doubt)
    )
    clustered = ", jackknife over buckets of units" if buckets else ""
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=spread.units,
        method=f"{bins} bins of equal mass, normal bounds less the noise of a distance{clustered}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Rows, positives and mean score in bins of ascending score; no bin is empty.

    Attributes:
        rows: (b,) float64 counts.
        positives: (b,) float64 counts.
        mean_scores: (b,) float64, the mean score of each bin's rows.
        last_scores: (b,) float64, the highest score of each bin.
        brier: mean squared difference of label and score.
        doubt: how far bins of scores may have moved the mean of |gap|; 0 where exact.
    """

    rows: Floats
    positives: Floats
    mean_scores: Floats
    last_scores: Floats
    brier: float
    doubt: float

    @property
    def weights(self) -> Floats:
        """(b,) each bin's share of the rows."""
        weights: Floats = self.rows / self.rows.sum()
        return weights

    @property
    def gaps(self) -> Floats:
        """(b,) share of positives less mean score, times the bin's share of the rows."""
        gaps: Floats = self.weights * (self.positives / self.rows - self.mean_scores)
        return gaps


def reliability(table: ScoreTable, *, bins: int = BINS) -> Reliability | Undefined:
    """The reliability curve over bins of equal mass.

    Bins end at the quantiles `1/bins, 2/bins, ...` of the scores, each in the bin that it
    ends, as numpy.quantile and scikit-learn's calibration_curve place them. Equal scores
    share a bin, so heavy ties make fewer and unequal ones.
    """
    if bins < 1:
        raise InvalidArgument(f"A reliability curve has at least one bin, not {bins!r}.")
    counts = table.negatives + table.positives
    held = counts > 0
    total = int(counts.sum())
    if total == 0:
        return Undefined(
            reason="Calibration compares scores with labels, and no row has both.",
            units_lacking=(("", 1),),
        )
    first = (np.cumsum(counts) - counts)[held]
    # A cut at the quantile j/bins lies at or beyond sorted row floor(j(total-1)/bins), and
    # below the next distinct score: a score is past the cut if its first row is past that row.
    cuts = np.array([j * (total - 1) // bins for j in range(1, bins)], dtype=np.int64)
    place = np.searchsorted(cuts, first, side="left")
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    rows = np.add.reduceat(counts[held], starts).astype(float)
    return Reliability(
        rows=rows,
        positives=np.add.reduceat(table.positives[held], starts).astype(float),
        mean_scores=np.add.reduceat((counts * table.scores)[held], starts) / rows,
        last_scores=table.scores[held][np.append(starts[1:], held.sum()) - 1],
        brier=float(table.positives @ (1.0 - table.scores) ** 2 + table.negatives @ table.scores**2)
        / total,
        doubt=float(counts @ table.half_widths / total),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """The noise of a distance.

    Attributes:
        noise: the distance that calibrated scores would show on average.
        deviation: its standard deviation.
        degrees: of Student's t; infinite for the normal.
        units: independent units behind it.
    """

    noise: float
    deviation: float
    degrees: float
    units: float

    def reach(self, error: float, skew: float) -> float:
        """How far a bound lies from the point on the side where `skew > 0` says too little."""
        z = normal_quantile(error)
        quantile = z if math.isinf(self.degrees) else student_quantile(error, self.degrees)
        correction = skew * (2.0 * z * z + 1.0) / 6.0
        return (quantile + (correction if correction > MATERIAL * z else 0.0)) * self.deviation


def _skewness(curve: Reliability) -> float:
    """The skewness of the distance, its signs held; for gaps in step, near that of a count."""
    rate = (curve.positives + 0.5) / (curve.rows + 1.0)
    moments = rate * (1.0 - rate) * (1.0 - 2.0 * rate) / curve.rows**2
    third = float(np.sign(curve.gaps) @ (curve.weights**3 * moments))
    deviation = math.sqrt(gap_variances(curve).sum())
    return third / deviation**3


def gap_variances(curve: Reliability) -> Floats:
    """(b,) variances of the weighted gaps of independent rows, positive even at 0 and 1."""
    rate = (curve.positives + 0.5) / (curve.rows + 1.0)
    return curve.weights**2 * rate * (1.0 - rate) / curve.rows


def _variance_of_sum(curve: Reliability, variances: Floats) -> float:
    """The variance of the distance, its signs held.

    The binomial one holds the scores fixed. Drawn anew, rows also differ in how far their
    score is off, which shows once scores are off by much: the sum of signed errors has the
    variance `Brier - E²` a row.
    """
    distance = float(np.abs(curve.gaps).sum())
    anew = (curve.brier - distance**2) / float(curve.rows.sum())
    return max(float(variances.sum()), anew)


def _independent(curve: Reliability) -> _Spread:
    variances = gap_variances(curve)
    return _Spread(
        noise=float(np.sqrt(2.0 * variances / math.pi).sum()),
        deviation=math.sqrt(_variance_of_sum(curve, variances)),
        degrees=math.inf,
        units=float(curve.rows.sum()),
    )


def _clustered(curve: Reliability, buckets: Sequence[ScoreTable]) -> _Spread | Undefined:
    parts = np.array([counts_by_bin(curve, bucket) for bucket in buckets])
    parts = parts[parts[:, 0].sum(axis=1) > 0]
    filled = len(parts)
    lacking = too_few_buckets(filled)
    if lacking is not None:
        return lacking
    rest = parts.sum(axis=0) - parts
    replicates = rest[:, 1] / rest[:, 0].sum(axis=1, keepdims=True)
    covariance = jackknife_covariance(replicates)
    independent = gap_variances(curve)
    variances = np.maximum(independent, np.diag(covariance))
    # A unit's rows move several bins together; the signs of the gaps say to what effect.
    signs = np.sign(curve.gaps)
    together = max(_variance_of_sum(curve, variances), float(signs @ covariance @ signs))
    worth = min(1.0, float(independent.sum()) / together)
    return _Spread(
        noise=float(np.sqrt(2.0 * variances / math.pi).sum()),
        deviation=math.sqrt(together),
        degrees=filled - 1.0,
        units=float(max(filled, math.floor(worth * float(curve.rows.sum())))),
    )


def counts_by_bin(curve: Reliability, bucket: ScoreTable) -> Floats:
    """(2, b): a bucket's rows, and its positives less its sum of scores, in the curve's bins."""
    count = len(curve.rows)
    place = np.minimum(np.searchsorted(curve.last_scores, bucket.scores), count - 1)
    rows = (bucket.negatives + bucket.positives).astype(float)
    excess = bucket.positives - rows * bucket.scores
    sums = [np.bincount(place, weights=of, minlength=count) for of in (rows, excess)]
    return np.array(sums, dtype=np.float64)
