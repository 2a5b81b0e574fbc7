"""Two readings of the same rows compared: the difference of paired proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.mover import arc_errors
from assay.stats.proportions import CLUSTERED, MIN_TELLING, exact_limits
from assay.stats.quantiles import normal_quantile, student_quantile

Floats = npt.NDArray[np.float64]

TANGO: Final = "Tango's score"
ARC: Final = "Clopper-Pearson limits of the discordant share and its split, worst of the arc"

MIN_DISCORDANT: Final = 20.0
"""Discordant rows of either kind below which the score bound gives way to exact limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedProportions:
    """Two yes-or-no readings of the same rows, such as "right" by each of two versions.

    Attributes:
        first_only: rows that are events by the first reading alone.
        second_only: rows that are events by the second reading alone.
        trials: all rows, those on which both readings agree included.
        buckets: (first_only, second_only, trials) of each bucket of units; empty where rows
            are independent.
        clusters: distinct units, where that is known.
    """

    first_only: float
    second_only: float
    trials: float
    buckets: tuple[tuple[float, float, float], ...] = ()
    clusters: int | None = None

    def __post_init__(self) -> None:
        for one, other, trials in ((self.first_only, self.second_only, self.trials), *self.buckets):
            if not (one >= 0.0 and other >= 0.0 and one + other <= trials < math.inf):
                raise InvalidArgument(
                    f"Paired readings need counts of 0 or more that add up to at most the "
                    f"trials, not {one!r} and {other!r} of {trials!r}."
                )

    @property
    def difference(self) -> float:
        """The first reading's share of events less the second's; there are trials."""
        return (self.first_only - self.second_only) / self.trials

    def scaled(self, trials: float) -> PairedProportions:
        """The same shares among another number of independent trials."""
        factor = trials / self.trials
        one, other = self.first_only * factor, self.second_only * factor
        return PairedProportions(first_only=one, second_only=other, trials=max(trials, one + other))

    def swapped(self) -> PairedProportions:
        """The readings exchanged."""
        return PairedProportions(
            first_only=self.second_only,
            second_only=self.first_only,
            trials=self.trials,
            buckets=tuple((other, one, trials) for one, other, trials in self.buckets),
            clusters=self.clusters,
        )

    @property
    def rarer(self) -> float:
        """Rows of the rarer kind of discord."""
        return min(self.first_only, self.second_only)

    @property
    def units(self) -> float:
        """Independent units among the trials, for sizes that people read; see Proportion."""
        if not self.buckets:
            return self.trials
        if self.clusters is not None:
            return float(self.clusters)
        variance, filled = _between_buckets(self)
        size = min(self.trials, _binomial_size(self, variance))
        return float(max(filled, math.floor(size)))

    def effective(self, error: float) -> PairedProportions | Undefined:
        """The independent trials that hold as much information; see Proportion.effective."""
        if not self.buckets or self.trials == 0:
            return self
        variance, filled = _between_buckets(self)
        lacking = too_few_buckets(filled)
        if lacking is not None:
            return lacking
        shrinkage = (normal_quantile(error) / student_quantile(error, filled - 1)) ** 2
        size = min(self.trials, _binomial_size(self, variance) * shrinkage)
        telling = min(
            sum(1 for one, _, _ in self.buckets if one > 0),
            sum(1 for _, other, _ in self.buckets if other > 0),
        )
        if telling < MIN_TELLING:
            size = min(size, float(filled if self.clusters is None else self.clusters))
        return self.scaled(size)


def paired_difference(pairs: PairedProportions, *, errors: Errors) -> Estimate | Undefined:
    """The first reading's share of events less the second's, on the same rows.

    Tango's score bounds. Where either kind of discordant row is rare (under 20) they miss up
    to 1.7 times 0.05 and 2.7 times 0.001; there the share of discordant rows and, given
    those, the share won by the first reading get Clopper-Pearson limits, which are
    independent, and the worst along their arc counts (see assay.stats.mover).

    Args:
        pairs: the rows on which both readings exist.
        errors: one-sided errors of the bounds.

    Source: Tango (1998), Statistics in Medicine 17(8), 891-908, equations (9) to (11);
    clusters as in Korn & Graubard (1998).
    """
    if pairs.trials == 0:
        return Undefined(
            reason="No row has both readings, so they cannot be compared.",
            units_lacking=(("", 1),),
        )
    below, above = pairs.effective(errors.low), pairs.effective(errors.high)
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    low, high = outward(paired_low(below, errors.low), -paired_low(above.swapped(), errors.high))
    exact = min(below.rarer, above.rarer)
    return Estimate(
        value=pairs.difference,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=pairs.units,
        method=(ARC if exact < MIN_DISCORDANT else TANGO) + (CLUSTERED if pairs.buckets else ""),
    )


def tango_bound(pairs: PairedProportions, error: float) -> float:
    """Tango's lower score bound of the paired difference, before outward rounding.

    The upper one is minus the lower bound of the readings exchanged.

    Args:
        pairs: at least one trial.
        error: one-sided error, a fraction in (0, 0.5).
    """
    z = normal_quantile(error)
    low, high = -1.0, pairs.difference
    # The score falls as the hypothesised difference rises; halve until floats run out.
    while True:
        middle = (low + high) / 2.0
        if middle in {low, high}:
            return low
        if _score(pairs, middle) > z:
            low = middle
        else:
            high = middle


def _score(pairs: PairedProportions, difference: float) -> float:
    """Tango's score at a hypothesised difference, with its restricted estimate of the rest."""
    n, gap = pairs.trials, pairs.first_only - pairs.second_only
    linear = (2.0 * n - gap) * difference - pairs.first_only - pairs.second_only
    constant = -pairs.second_only * difference * (1.0 - difference)
    root = math.sqrt(max(0.0, linear * linear - 8.0 * n * constant))
    restricted = (root - linear) / (4.0 * n)
    variance = n * (2.0 * restricted + difference * (1.0 - difference))
    excess = gap - n * difference
    if variance <= 0.0:
        return math.copysign(math.inf, excess) if excess else 0.0
    return excess / math.sqrt(variance)


def paired_low(pairs: PairedProportions, error: float) -> float:
    """The lower bound of the paired difference of independent rows, before outward rounding.

    Args:
        pairs: at least one trial; effective counts where rows share units.
        error: one-sided error, a fraction in (0, 0.5).
    """
    score = tango_bound(pairs, error)
    if pairs.rarer >= MIN_DISCORDANT:
        return score
    return min(score, _arc_bound(pairs, error))


def _arc_bound(pairs: PairedProportions, error: float) -> float:
    """The least `π(2θ - 1)` along the arc: π is the discordant share, θ the first's share of it."""
    discordant = pairs.first_only + pairs.second_only
    errors = arc_errors(error)
    share = exact_limits(np.array([discordant]), np.array([pairs.trials]), errors)
    lead = np.array([-1.0])
    if discordant > 0.0:
        split, _ = exact_limits(np.array([pairs.first_only]), np.array([discordant]), errors)
        lead = 2.0 * split[::-1] - 1.0
    # A first reading that may be behind is furthest behind where discord is most frequent.
    return float(np.where(lead > 0.0, share[0] * lead, share[1] * lead).min())


def _binomial_size(pairs: PairedProportions, variance: float) -> float:
    if variance <= 0.0:
        return math.inf
    discordant = (pairs.first_only + pairs.second_only) / pairs.trials
    return (discordant - pairs.difference**2) / variance


def _between_buckets(pairs: PairedProportions) -> tuple[float, int]:
    """The jackknife variance of the difference, and the filled buckets."""
    counts = np.array([bucket for bucket in pairs.buckets if bucket[2] > 0], dtype=np.float64)
    if len(counts) < 2:
        return 0.0, len(counts)
    rest = counts.sum(axis=0) - counts
    return jackknife_variance((rest[:, 0] - rest[:, 1]) / rest[:, 2]), len(counts)
