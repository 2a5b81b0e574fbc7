"""How much one column tells of another: the share of its entropy, from a table of counts.

The plug-in value of a column that tells nothing is above 0, the more so the more cells there
are; the bounds are not: they are those of the noncentrality of a chi-square statistic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.quantiles import checked_error

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

METHOD: Final = "noncentral chi-square of the likelihood ratio"
_CORRECTION: Final = 0.5
"""Added to every count for the bounds, so that an empty cell has a logarithm."""


def mutual_information(table: npt.NDArray[np.float64]) -> float:
    """The mutual information of the two margins of a table of counts, in nats.

    Args:
        table: (r, c) counts; the order of rows and columns does not matter.

    Source: Cover & Thomas (2006), Elements of Information Theory, equation 2.28.

    >>> round(mutual_information(np.array([[30.0, 10.0], [10.0, 30.0]])), 4)
    0.1308
    """
    return _told(table)[0]


def entropy(counts: npt.NDArray[np.float64]) -> float:
    """The entropy of counts, in nats."""
    shares = counts[counts > 0.0] / counts.sum()
    return -float(np.sum(shares * np.log(shares)))


def entropy_share(
    table: Counts, *, errors: Errors, buckets: Sequence[Counts] = ()
) -> Estimate | Undefined:
    """The share of the columns' entropy that the rows tell: 0 nothing, 1 all of it.

    `I / H`, the mutual information over the entropy of the column margin (Theil's uncertainty
    coefficient); the entropy is taken as known. `T = N'(2I - ν/N + ν/N')` has noncentrality
    `2N'I` with `ν = (r-1)(c-1)` degrees, and the bounds are the noncentralities that make T
    its upper and lower quantile. `N' = N/f`: `f = max(1, V/2I)` widens where the delta method's
    variance `V` of I is above the noncentral one, unless `2NI <= ν`. The bounds add ½ to every
    count; the upper one is at half its error, and no lower than without the ½, at the degrees
    of the cells that are not empty. Rows that share units
    count as `N` over the mean design effect of the cells (Rao & Scott). The value is the
    plug-in, which is too large by about `ν/2NH`; it may lie outside the bounds.

    Args:
        table: (r, c) counts of rows by a column's cell and the level it is to tell.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not independent.

    Source: Theil (1970), American Journal of Sociology 76(1), 103-154; Kullback (1959),
    Information Theory and Statistics, section 6.4; Rao & Scott (1981), JASA 76(374), 221-230.
    """
    held = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.float64)
    if held.shape[1] < 2:
        return Undefined(reason="There is one level only, so nothing to tell.")
    whole, n = entropy(held.sum(axis=0)), float(held.sum())
    effect = _design_effect(table, buckets) if buckets else 1.0
    if isinstance(effect, Undefined):
        return effect
    if held.shape[0] < 2:
        low, high = 0.0, 0.0
    else:
        low, high = _limits(held, n / effect, errors)
    low, high = outward(max(0.0, low / whole), min(1.0, high / whole))
    return Estimate(
        value=min(1.0, mutual_information(held) / whole),
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=n / effect,
        method=METHOD + (", Rao-Scott over buckets of units" if buckets else ""),
    )


def _limits(table: Floats, n: float, errors: Errors) -> tuple[float, float]:
    """Limits of the mutual information, in nats, of `n` independent rows."""
    degrees = float((table.shape[0] - 1) * (table.shape[1] - 1))
    corrected = table + _CORRECTION
    low = _limit(corrected, n, degrees, 1.0 - checked_error(errors.low))
    # Where most cells must be empty, the correction and its degrees hide what is told.
    held = max(1.0, float(np.count_nonzero(table) - sum(table.shape) + 1))
    half = checked_error(errors.high) / 2.0
    high = max(_limit(corrected, n, degrees, half), _limit(table, n, held, half))
    return low, high


def _limit(table: Floats, n: float, degrees: float, share: float) -> float:
    """The mutual information, in nats, whose statistic has the one found as that quantile."""
    told, variance = _told(table)
    widening = (
        1.0 if 2.0 * n * told <= degrees or told <= 0.0 else max(1.0, variance / (2.0 * told))
    )
    units = n / widening
    statistic = max(0.0, units * (2.0 * told - degrees / n + degrees / units))
    return _noncentrality(statistic, degrees, share) / (2.0 * units)


def _told(table: Floats) -> tuple[float, float]:
    """Mutual information, and its variance times n by the delta method."""
    shares = table / table.sum()
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    held = shares > 0.0
    ratios = np.log(shares[held] / expected[held])
    told = float(shares[held] @ ratios)
    return max(told, 0.0), max(0.0, float(shares[held] @ ratios**2) - told**2)


def _noncentrality(statistic: float, degrees: float, share: float) -> float:
    """The noncentrality at which a statistic is the quantile of that share; 0 if none is."""
    from scipy.special import chndtr, chndtrinc

    if float(chndtr(statistic, degrees, 0.0)) <= share:
        return 0.0
    return float(chndtrinc(statistic, degrees, share))


def _design_effect(table: Counts, buckets: Sequence[Counts]) -> float | Undefined:
    """The mean over cells of the jackknife over the multinomial variance, at least 1."""
    filled = np.array([bucket for bucket in buckets if bucket.sum()], dtype=np.float64)
    lacking = too_few_buckets(len(filled))
    if lacking is not None:
        return lacking
    total = table.astype(np.float64)
    rest = total - filled
    shares = rest / rest.sum(axis=(1, 2))[:, None, None]
    overall = total / total.sum()
    multinomial = overall * (1.0 - overall) / total.sum()
    effects = [
        jackknife_variance(shares[:, i, j]) / multinomial[i, j]
        for i, j in zip(*np.nonzero(multinomial > 0.0), strict=True)
    ]
    return max(1.0, float(np.mean(effects))) if effects else 1.0
