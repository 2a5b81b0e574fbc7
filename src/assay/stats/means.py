"""Means of losses, scores and costs: bounds that allow for skewness and for heavy tails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.quantiles import student_quantile

Floats = npt.NDArray[np.float64]

MIN_ROWS: Final = 100.0
ROWS_BY_SKEWNESS: Final = 10.0
"""Rows below which the expansion is not used: 100, or 10 times the squared skewness."""

HALL: Final = "Student's t with Hall's skewness correction"
BOUNDED: Final = "Hoeffding's relative-entropy bound"
CLUSTERED: Final = "jackknife over buckets of units, Student's t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What bounds on a mean need of its rows.

    Attributes:
        n: rows.
        mean: their mean.
        variance: their sample variance, with n - 1 below the line; 0 of one row.
        skewness: their third central moment over the cube of their deviation; 0 if all equal.
    """

    n: float
    mean: float
    variance: float
    skewness: float

    @classmethod
    def of(cls, values: Floats, counts: Floats) -> Moments:
        """The moments of values that occur so many times each, both (k,) float64."""
        n = float(counts.sum())
        if n <= 0.0:
            return cls(n=0.0, mean=0.0, variance=0.0, skewness=0.0)
        mean = float(counts @ values) / n
        deviations = values - mean
        square = float(counts @ deviations**2)
        cube = float(counts @ deviations**3)
        spread = math.sqrt(square / n)
        return cls(
            n=n,
            mean=mean,
            variance=square / (n - 1.0) if n > 1.0 else 0.0,
            skewness=cube / n / spread**3 if spread > 0.0 else 0.0,
        )

    @classmethod
    def of_raw(cls, n: int, mean: float, square: float, cube: float) -> Moments:
        """The moments of n values from their mean, mean square and mean cube."""
        if n == 0:
            return cls(n=0.0, mean=0.0, variance=0.0, skewness=0.0)
        # Of values that are all equal, rounding may leave a trace of either sign.
        spread = max(0.0, square - mean * mean)
        if spread <= 1e-12 * square:
            return cls(n=float(n), mean=mean, variance=0.0, skewness=0.0)
        third = cube - 3.0 * mean * square + 2.0 * mean**3
        return cls(
            n=float(n),
            mean=mean,
            variance=spread * n / (n - 1.0) if n > 1 else 0.0,
            skewness=third / spread**1.5,
        )


def mean(
    moments: Moments,
    *,
    errors: Errors,
    limits: tuple[float, float] | None = None,
    buckets: Sequence[Moments] = (),
) -> Estimate | Undefined:
    """A mean of independent rows, or of rows in buckets of units.

    Student's t with Hall's cubic correction for skewness. Under 100 rows, or 10 times the
    squared skewness, or of values that are all equal, the bound `μ` of values within limits
    at which `n·kl(mean, μ) = ln(1/a)` on the scale of those limits; without limits there is
    none.

    Args:
        moments: of all rows.
        errors: one-sided errors of the bounds.
        limits: the least and the most that a value can be, where that is known.
        buckets: the moments of each bucket of units, where rows of one unit are not
            independent; the standard error is then the jackknife's over them, and the
            fallback counts filled buckets.

    Source: Hall (1992), Journal of the Royal Statistical Society B 54(1), 221-228; Hoeffding
    (1963), JASA 58(301), 13-30, theorem 1.
    """
    if limits is not None and not limits[0] <= moments.mean <= limits[1]:
        raise InvalidArgument(f"A mean of {moments.mean!r} does not lie within {limits!r}.")
    if moments.n == 0:
        return Undefined(reason="There is no row to take a mean of.", units_lacking=(("", 1),))
    spread = _clustered(moments, buckets) if buckets else _independent(moments)
    if isinstance(spread, Undefined):
        return spread
    if spread.trusted:
        bounds = spread.bounds(moments.mean, errors)
    elif limits is not None and limits[0] < limits[1]:
        low_limit, high_limit = (
            bounded_limit(moments.mean, limits=limits, n=spread.exact_size, error=error, upper=up)
            for error, up in ((errors.low, False), (errors.high, True))
        )
        bounds = low_limit, high_limit
    else:
        return _too_few(moments, spread)
    low, high = outward(*bounds)
    return Estimate(
        value=moments.mean,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=spread.units,
        method=spread.name if spread.trusted else BOUNDED,
    )


def bounded_limit(
    value: float, *, limits: tuple[float, float], n: float, error: float, upper: bool
) -> float:
    """The `μ` beyond an observed mean of bounded values at which `n·kl(mean, μ) = ln(1/a)`.

    Args:
        value: the observed mean.
        limits: the least and the most that a row's value can be, the least first.
        n: independent rows.
        error: one-sided error, a fraction in (0, 0.5).
        upper: whether the limit above the mean is wanted, or the one below.
    """
    least, most = limits
    share = (value - least) / (most - least)
    near, far = share, 1.0 if upper else 0.0
    # The divergence grows from the mean outward; halve until floats run out, outer end kept.
    while True:
        middle = (near + far) / 2.0
        if middle in {near, far}:
            return least + far * (most - least)
        if n * relative_entropy(share, middle) < -math.log(error):
            near = middle
        else:
            far = middle


def relative_entropy(observed: float, assumed: float) -> float:
    """`kl` in nats of a Bernoulli distribution from another; `assumed` lies inside (0, 1)."""
    total = 0.0
    for one, other in ((observed, assumed), (1.0 - observed, 1.0 - assumed)):
        if one > 0.0:
            total += one * math.log(one / other) if other > 0.0 else math.inf
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """How a mean varies: standard error, skewness of the mean itself, and when to trust both."""

    deviation: float
    skewness: float
    degrees: float
    units: float
    exact_size: float
    needed: float
    name: str

    @property
    def trusted(self) -> bool:
        return self.deviation > 0.0 and self.units >= self.needed

    def bounds(self, value: float, errors: Errors) -> tuple[float, float]:
        down = self._straightened(student_quantile(errors.low, self.degrees))
        up = self._straightened(-student_quantile(errors.high, self.degrees))
        return value - down * self.deviation, value - up * self.deviation

    def _straightened(self, quantile: float) -> float:
        """The t at which Hall's cubic, `t + gt²/3 + g²t³/27 + g/6`, takes a quantile."""
        g = self.skewness
        if abs(g) < 1e-6:
            return quantile
        # The cubic is `((1 + gt/3)³ - 1)/g + g/6`, so its inverse is a cube root.
        return float(3.0 / g * (np.cbrt(1.0 + g * (quantile - g / 6.0)) - 1.0))


def _independent(moments: Moments) -> _Spread:
    return _Spread(
        deviation=math.sqrt(moments.variance / moments.n),
        skewness=moments.skewness / math.sqrt(moments.n),
        degrees=max(1.0, moments.n - 1.0),
        units=moments.n,
        exact_size=moments.n,
        needed=max(MIN_ROWS, ROWS_BY_SKEWNESS * moments.skewness**2),
        name=HALL,
    )


def _clustered(moments: Moments, buckets: Sequence[Moments]) -> _Spread | Undefined:
    rows = np.array([bucket.n for bucket in buckets if bucket.n > 0], dtype=np.float64)
    means = np.array([bucket.mean for bucket in buckets if bucket.n > 0], dtype=np.float64)
    filled = len(rows)
    lacking = too_few_buckets(filled)
    if lacking is not None:
        return lacking
    excess = rows * (means - moments.mean)
    deviation = math.sqrt(jackknife_variance(moments.mean - excess / (rows.sum() - rows)))
    square = float(excess @ excess)
    worth = moments.variance / moments.n / deviation**2 if deviation > 0.0 else 1.0
    return _Spread(
        deviation=deviation,
        skewness=float((excess**3).sum()) / square**1.5 if square > 0.0 else 0.0,
        degrees=filled - 1.0,
        units=float(max(filled, math.floor(min(1.0, worth) * moments.n))),
        exact_size=float(filled),
        needed=max(MIN_ROWS, ROWS_BY_SKEWNESS * moments.skewness**2),
        name=CLUSTERED,
    )


def _too_few(moments: Moments, spread: _Spread) -> Undefined:
    if spread.deviation == 0.0:
        return Undefined(
            reason=f"All {moments.n:g} values are equal, which says nothing about how others vary."
        )
    lacking = math.ceil(spread.needed - spread.units)
    return Undefined(
        reason=f"A mean of values without known limits is bounded from {MIN_ROWS:g} rows on, or 10 "
        f"times their squared skewness ({moments.skewness:.3g}); {lacking} more are needed.",
        units_lacking=(("", lacking),),
    )
