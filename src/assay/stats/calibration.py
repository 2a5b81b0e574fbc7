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
    error that perfectly calibrated scores would show. The binned quantity is the claim: it
    is at most the error without bins. Mean scores of binned tables are known to half a bin,
    and both bounds widen by that.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; `v` is then at least the jackknife's over them, with Student's t.
        bins: bins of equal mass; see reliability.

    Source: Naeini, Cooper & Hauskrecht (2015), AAAI, for the measure; the mean and spread
    of a folded normal for the bounds.
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return curve
    spread = _clustered(curve, buckets) if buckets else _independent(curve)
    if isinstance(spread, Undefined):
        return spread
    value = float(np.abs(curve.gaps).sum())
    low, high = outward(
        max(0.0, value - spread.noise - spread.reach(errors.low) - curve.doubt),
        min(1.0, value + spread.reach(errors.high) + curve.doubt),
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
        doubt: how far bins of scores may have moved the mean of |gap|; 0 where exact.
    """

    rows: Floats
    positives: Floats
    mean_scores: Floats
    last_scores: Floats
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

    def reach(self, error: float) -> float:
        if math.isinf(self.degrees):
            return normal_quantile(error) * self.deviation
        return student_quantile(error, self.degrees) * self.deviation


def _binomial_variances(curve: Reliability) -> Floats:
    """(b,) variances of the weighted gaps of independent rows, positive even at 0 and 1."""
    rate = (curve.positives + 0.5) / (curve.rows + 1.0)
    return curve.weights**2 * rate * (1.0 - rate) / curve.rows


def _independent(curve: Reliability) -> _Spread:
    variances = _binomial_variances(curve)
    return _Spread(
        noise=float(np.sqrt(2.0 * variances / math.pi).sum()),
        deviation=math.sqrt(variances.sum()),
        degrees=math.inf,
        units=float(curve.rows.sum()),
    )


def _clustered(curve: Reliability, buckets: Sequence[ScoreTable]) -> _Spread | Undefined:
    parts = np.array([_by_bin(curve, bucket) for bucket in buckets])
    parts = parts[parts[:, 0].sum(axis=1) > 0]
    filled = len(parts)
    lacking = too_few_buckets(filled)
    if lacking is not None:
        return lacking
    rest = parts.sum(axis=0) - parts
    replicates = rest[:, 1] / rest[:, 0].sum(axis=1, keepdims=True)
    covariance = jackknife_covariance(replicates)
    independent = _binomial_variances(curve)
    variances = np.maximum(independent, np.diag(covariance))
    # A unit's rows move several bins together; the signs of the gaps say to what effect.
    signs = np.sign(curve.gaps)
    together = max(float(variances.sum()), float(signs @ covariance @ signs))
    worth = min(1.0, float(independent.sum()) / together)
    return _Spread(
        noise=float(np.sqrt(2.0 * variances / math.pi).sum()),
        deviation=math.sqrt(together),
        degrees=filled - 1.0,
        units=float(max(filled, math.floor(worth * float(curve.rows.sum())))),
    )


def _by_bin(curve: Reliability, bucket: ScoreTable) -> Floats:
    """(2, b): a bucket's rows, and its positives less its sum of scores, in the curve's bins."""
    count = len(curve.rows)
    place = np.minimum(np.searchsorted(curve.last_scores, bucket.scores), count - 1)
    rows = (bucket.negatives + bucket.positives).astype(float)
    excess = bucket.positives - rows * bucket.scores
    sums = [np.bincount(place, weights=of, minlength=count) for of in (rows, excess)]
    return np.array(sums, dtype=np.float64)
