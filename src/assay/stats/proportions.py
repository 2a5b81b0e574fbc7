"""One proportion: exact bounds, and effective counts where rows are not independent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import MIN_BUCKETS, jackknife_variance, too_few_buckets
from assay.stats.quantiles import checked_error, normal_quantile, student_quantile

Floats = npt.NDArray[np.float64]

EXACT: Final = "Clopper-Pearson"
CLUSTERED: Final = ", effective counts by jackknife over buckets of units"
"""What a method's name adds where rows share units."""

WEIGHTED: Final = ", effective counts by linearisation over sampling weights"
"""What it adds where rows are independent and have sampling weights."""

MIN_TELLING: Final = 20
"""Buckets that must hold an event, and a non-event, before their variance is taken alone.

Of rows with sampling weights, so many of equal weight (Kish).
"""

LEAN: Final = 3.0
"""Deviations above the mean that the weights of rows of a kind rarely seen may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What the variance of a weighted proportion of independent rows needs besides its sums.

    Weights are scaled as the proportion's are: to add up to the rows among the trials.

    Attributes:
        rows: rows among the trials.
        squares: the sum of squared weights of the trials.
        event_squares: the same of the events.
    """

    rows: int
    squares: float
    event_squares: float

    def variance(self, value: float) -> float:
        """The linearised variance of a weighted share, with n - 1 below the line.

        `n/(n-1) · Σ w²(y - p)² / (Σ w)²`; with equal weights it is that of a plain share.

        Source: Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, 5.7.
        """
        other = self.squares - self.event_squares
        spread = (1.0 - value) ** 2 * self.event_squares + value**2 * other
        return spread / (self.rows * max(1, self.rows - 1))

    @property
    def size(self) -> float:
        """Rows of equal weight that hold as much, whatever is counted: `(Σ w)² / Σ w²` (Kish)."""
        return _kish(self.rows, self.squares)

    @property
    def size_if_leaning(self) -> float:
        """Rows that hold as much about something that only heavy rows do: `n / (1 + 3 cv)`."""
        return self.rows / (1.0 + LEAN * math.sqrt(max(0.0, self.rows / self.size - 1.0)))

    def complement(self) -> Sampled:
        """The same of the trials that are not events."""
        return replace(
            self,
            event_squares=max(0.0, self.squares - self.event_squares),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """Events among trials, and the same by bucket of units where rows share units.

    Rows that stand for several alike (frequency weights) are so many trials. Of sampling
    weights, scaled to add up to the rows, the sums are events and trials; they need buckets, or
    the squares in `sampled`.

    Attributes:
        events, trials: counts; 0 <= events <= trials.
        buckets: (events, trials) of each bucket of units; empty where rows are independent.
        clusters: distinct units among the trials, where that is known; it matters only with
            buckets, and only where events or non-events are rare.
        sampled: rows and squared weights, where rows are independent and have sampling weights.
    """

    events: float
    trials: float
    buckets: tuple[tuple[float, float], ...] = ()
    clusters: int | None = None
    sampled: Sampled | None = None

    def __post_init__(self) -> None:
        checked_counts(self.events, self.trials)
        for events, trials in self.buckets:
            checked_counts(events, trials)

    @property
    def value(self) -> float:
        """The share of trials that are events; asking it of no trials is a defect."""
        if self.trials == 0:
            raise InvalidArgument("A proportion of no trials has no value.")
        return self.events / self.trials

    def complement(self) -> Proportion:
        """The trials that are not events."""
        return Proportion(
            events=self.trials - self.events,
            trials=self.trials,
            buckets=tuple((trials - events, trials) for events, trials in self.buckets),
            clusters=self.clusters,
            sampled=None if self.sampled is None else self.sampled.complement(),
        )

    @property
    def units(self) -> float:
        """Independent units among the trials, for sizes that people read.

        The trials themselves, or the clusters where they are counted. Elsewhere the trials
        divided by their design effect, and at least the filled buckets, since each of those
        holds a unit.
        """
        if not self.buckets:
            return self.trials
        if self.clusters is not None:
            return float(self.clusters)
        variance, filled = _between_buckets(self.buckets)
        if filled < MIN_BUCKETS or self.events in {0.0, self.trials}:
            return float(filled)
        return float(max(filled, math.floor(min(self.trials, _binomial_size(self, variance)))))

    @property
    def filled(self) -> int:
        """Buckets of units that hold a trial."""
        return sum(1 for _, trials in self.buckets if trials > 0)

    @property
    def remark(self) -> str:
        """What a method's name adds where rows are not independent, or not of equal weight."""
        if self.buckets:
            return CLUSTERED
        return WEIGHTED if self.sampled is not None else ""

    def effective(self, error: float) -> Proportion | Undefined:
        """The independent events and trials that hold as much information as these rows.

        `n* = min(n, p(1-p)/var · (z/t)²)` and `x* = p·n*`, with the jackknife variance over
        the filled buckets and Student's t with one degree less than those. Where fewer than
        20 buckets hold an event, or a non-event, that variance is luck: there `n*` is at
        most the number of clusters (of filled buckets, if unknown).

        Independent rows with sampling weights have the linearised variance, and degrees from the
        rows of equal weight that hold as much (Kish), which `n*` never exceeds: where a few
        heavy rows carry the events, a share that came out low has a variance that did too. Where
        events, or non-events, are worth fewer than 20 such rows, the sample does not show what
        they weigh, and `n*` is at most what it would be if that were three deviations above
        the mean.

        Args:
            error: the one-sided error at which the counts will be bounded.

        Returns:
            Itself where rows are independent; Undefined under 10 filled buckets.

        Source: Korn & Graubard (1998), Survey Methodology 24(2), 193-201.
        """
        if self.trials == 0:
            return self
        if not self.buckets:
            return self if self.sampled is None else _of_sampled(self, self.sampled, error)
        lacking = too_few_buckets(self.filled)
        return lacking if lacking is not None else _effective(self, checked_error(error))


@lru_cache(maxsize=8192)
def _effective(p: Proportion, error: float) -> Proportion:
    variance, filled = _between_buckets(p.buckets)
    shrinkage = (normal_quantile(error) / student_quantile(error, filled - 1)) ** 2
    size = min(p.trials, _binomial_size(p, variance) * shrinkage)
    with_event = sum(1 for events, _ in p.buckets if events > 0)
    without = sum(1 for events, trials in p.buckets if events < trials)
    if min(with_event, without) < MIN_TELLING:
        size = min(size, float(filled if p.clusters is None else p.clusters))
    return Proportion(events=min(p.value * size, size), trials=size)


@lru_cache(maxsize=8192)
def _of_sampled(p: Proportion, sampled: Sampled, error: float) -> Proportion:
    held = min(float(sampled.rows), sampled.size)
    shrinkage = (normal_quantile(error) / student_quantile(error, max(1.0, held - 1.0))) ** 2
    size = min(held, _binomial_size(p, sampled.variance(p.value)) * shrinkage)
    telling = min(
        _kish(p.events, sampled.event_squares),
        _kish(p.trials - p.events, sampled.complement().event_squares),
    )
    if telling < MIN_TELLING:
        size = min(size, sampled.size_if_leaning)
    return Proportion(events=min(p.value * size, size), trials=size)


def _kish(total: float, squares: float) -> float:
    """Rows of equal weight that hold as much as rows of so much weight in all."""
    return total**2 / squares if squares > 0.0 else 0.0


def _binomial_size(p: Proportion, variance: float) -> float:
    """Independent trials at which a binomial proportion would vary as much; may be infinite."""
    return p.value * (1.0 - p.value) / variance if variance > 0.0 else math.inf


@lru_cache(maxsize=8192)
def _between_buckets(buckets: tuple[tuple[float, float], ...]) -> tuple[float, int]:
    """The jackknife variance of the rate (0 where it cannot be had), and the filled buckets."""
    counts = np.array(buckets, dtype=np.float64)
    events, trials = counts[counts[:, 1] > 0].T
    if len(trials) < 2:
        return 0.0, len(trials)
    replicates = (events.sum() - events) / (trials.sum() - trials)
    return jackknife_variance(replicates), len(trials)


def exact_lower_bound(*, events: float, trials: float, error: float) -> float:
    """Clopper-Pearson lower bound for a binomial proportion.

    Args:
        events: events seen, possibly a fraction; 0 <= events <= trials.
        trials: independent trials, possibly a fraction; above 0.
        error: one-sided error as a fraction in (0, 0.5), such as 0.05.

    Returns:
        A fraction of trials in [0, events / trials]; the true proportion lies
        below it in at most `error` of samples.

    Raises:
        InvalidArgument: an argument is out of range.

    Source: Clopper & Pearson (1934), Biometrika 26(4), 404-413.

    >>> round(exact_lower_bound(events=8, trials=10, error=0.05), 4)
    0.4931
    """
    low, high = _scalar_limits(events, trials, error)
    return outward(low, high)[0]


def exact_upper_bound(*, events: float, trials: float, error: float) -> float:
    """Clopper-Pearson upper bound for a binomial proportion; see exact_lower_bound.

    Returns:
        A fraction of trials in [events / trials, 1]; the true proportion lies
        above it in at most `error` of samples.

    >>> round(exact_upper_bound(events=0, trials=59, error=0.05), 4)
    0.0495
    """
    low, high = _scalar_limits(events, trials, error)
    return outward(low, high)[1]


def exact_limits(events: Floats, trials: Floats, error: float | Floats) -> tuple[Floats, Floats]:
    """Clopper-Pearson limits of many proportions at once, before outward rounding.

    Args:
        events: (k,) float64; 0 <= events <= trials.
        trials: (k,) float64, above 0.
        error: one-sided error of each limit alone, a fraction in (0, 0.5]; or (m, 1) of them.

    Returns:
        Lower and upper limits, each (k,) float64, or (m, k).
    """
    return exact_lows(events, trials, error), exact_highs(events, trials, error)


def exact_lows(events: Floats, trials: Floats, error: float | Floats) -> Floats:
    """The lower limits of exact_limits alone."""
    from scipy.special import betaincinv

    none = events <= 0.0
    # The beta quantile is a limit only inside; at either end the limit is 0 or 1 itself.
    inside = betaincinv(np.where(none, 1.0, events), trials - events + 1.0, error)
    return np.where(none, 0.0, inside)


def exact_highs(events: Floats, trials: Floats, error: float | Floats) -> Floats:
    """The upper limits of exact_limits alone."""
    from scipy.special import betainccinv

    every = events >= trials
    inside = betainccinv(events + 1.0, np.where(every, 1.0, trials - events), error)
    return np.where(every, 1.0, inside)


def clopper_pearson(p: Proportion, error: float) -> tuple[float, float] | Undefined:
    """Both Clopper-Pearson limits of a proportion's effective counts, before outward rounding.

    Args:
        p: at least one trial.
        error: one-sided error of each limit alone.

    Returns:
        (lower, upper); Undefined where too few buckets of units are filled.
    """
    effective = p.effective(error)
    if isinstance(effective, Undefined):
        return effective
    return _scalar_limits(effective.events, effective.trials, error)


def proportion(p: Proportion, *, errors: Errors) -> Estimate | Undefined:
    """A rate (accuracy, precision, recall, specificity ...) with Clopper-Pearson bounds.

    Source: Clopper & Pearson (1934); clusters: Korn & Graubard (1998).
    """
    if p.trials == 0:
        return Undefined(
            reason="No row counts towards this rate, so it has no value.", units_lacking=(("", 1),)
        )
    below, above = clopper_pearson(p, errors.low), clopper_pearson(p, errors.high)
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    low, high = outward(below[0], above[1])
    return Estimate(
        value=p.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=p.units,
        method=EXACT + p.remark,
        # Planning by the binomial formula holds for independent trials of equal weight alone.
        events=None if p.remark else p.events,
    )


def remarks(proportions: Iterable[Proportion]) -> str:
    """What the name of a method on several proportions adds: what any of them does, once."""
    return "".join(dict.fromkeys(p.remark for p in proportions))


def checked_counts(events: float, trials: float) -> None:
    """Refuse counts that are not 0 <= events <= trials, finite."""
    if not 0.0 <= events <= trials < float("inf"):
        raise InvalidArgument(
            f"A proportion has 0 <= events <= trials, not {events!r} of {trials!r}."
        )


@lru_cache(maxsize=65536)
def _scalar_limits(events: float, trials: float, error: float) -> tuple[float, float]:
    checked_counts(events, trials)
    if trials == 0:
        raise InvalidArgument("A bound on a proportion needs trials above 0.")
    low, high = exact_limits(
        np.array([events], dtype=np.float64),
        np.array([trials], dtype=np.float64),
        checked_error(error),
    )
    return float(low[0]), float(high[0])
