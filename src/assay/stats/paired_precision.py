"""Two versions compared on the same rows by the precision of what each predicts positive."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance, too_few_buckets
from assay.stats.mover import METHOD, Arc, difference_low
from assay.stats.proportions import CLUSTERED, Proportion, clopper_pearson
from assay.stats.quantiles import normal_quantile, student_quantile

Floats = npt.NDArray[np.float64]

CORRELATED: Final = "MOVER of Clopper-Pearson limits with their correlation, and Student's t"
APART: Final = METHOD

MIN_DISCORDANT: Final = 20.0
"""Rows predicted positive by one version alone, of either, below which the correlation is
left out: versions that agree differ less, so the bounds are wider than they need be."""

ROUNDS: Final = 12
"""Of the search for the worst counts, which seldom moves after the sixth."""

NEAR: Final = 1e-3
"""Deviations from a count within which its limits are not followed further."""

Selected = tuple[float, float, float, float, float, float]
"""Events and rows that both predict positive, that the first alone does, that the second does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedPrecision:
    """What two versions predict positive among the same rows, and how much of it is.

    Attributes:
        selected: events and rows that both select, the first alone, the second alone.
        buckets: the same for each bucket of units; empty where rows are independent.
    """

    selected: Selected
    buckets: tuple[Selected, ...] = ()

    def __post_init__(self) -> None:
        for counts in (self.selected, *self.buckets):
            events, rows = counts[::2], counts[1::2]
            if not all(
                0 <= event <= row < math.inf for event, row in zip(events, rows, strict=True)
            ):
                raise InvalidArgument(f"Events are counts of some of the rows, not {counts!r}.")

    def of(self, version: int) -> Proportion:
        """The precision of the first version (0) or of the second (1)."""
        return Proportion(
            events=_own(self.selected, version)[0],
            trials=_own(self.selected, version)[1],
            buckets=tuple(_own(part, version) for part in self.buckets),
        )


def precision_difference(pairs: PairedPrecision, *, errors: Errors) -> Estimate | Undefined:
    """The first version's precision less the second's, on the same rows.

    The rows that both select count in both, so the two are correlated: MOVER with the
    correlation of their influence functions, and at least Student's t of the difference's
    standard error, with the rarer discordant rows less one as degrees of freedom. Of
    independent rows the worst counts have a say too: the six kinds of selected rows have
    Poisson limits, and all may be off at once. Without them rare events or failures among the
    discordant rows are missed up to 1.1 times 0.05 and 1.6 times 0.001.

    Where few rows are discordant (under 20 of either kind) both precisions are bounded along
    MOVER's arc as if they were independent. Where rows share units, variances are the
    jackknife's over buckets.

    Args:
        pairs: what both select.
        errors: one-sided errors of the bounds.

    Source: Leisenring, Alonzo & Pepe (2000), Biometrics 56(2), 345-351, for the comparison;
    Moskowitz & Pepe (2006), Clinical Trials 3(3), 272-279, for the variance; Zou (2007),
    Psychological Methods 12(4), 399-413, for MOVER with correlation; Garwood (1936),
    Biometrika 28(3/4), 437-442, for Poisson limits; Rackwitz & Fiessler (1978), Computers &
    Structures 9(5), 489-494, for the worst of them.
    """
    one, other = pairs.of(0), pairs.of(1)
    for version, p in (("first", one), ("second", other)):
        if p.trials == 0:
            return Undefined(
                reason=f"Precision is a share of what is predicted positive, and the {version} "
                "version predicts no row positive.",
                units_lacking=(("", 1),),
            )
    spread = _spread(pairs, one, other)
    if isinstance(spread, Undefined):
        return spread
    below, above = (
        spread.low(one, other, errors.low),
        spread.swapped().low(other, one, errors.high),
    )
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    low, high = outward(max(-1.0, below), min(1.0, -above))
    return Estimate(
        value=one.value - other.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=min(one.units, other.units),
        method=(CORRELATED if spread.degrees else APART) + (CLUSTERED if pairs.buckets else ""),
    )


@dataclass(frozen=True, slots=True)
class _Spread:
    """How far the difference may lie off: its standard error, its degrees, its correlation.

    Without degrees, the limits of either precision alone decide.

    Attributes:
        counts: (6,) float64 events and failures that both select, the first alone, the second
            alone; none where rows share units.
    """

    deviation: float
    degrees: float
    correlation: float
    counts: Floats | None

    def swapped(self) -> _Spread:
        """The versions exchanged."""
        if self.counts is None:
            return self
        return replace(self, counts=self.counts[[0, 1, 4, 5, 2, 3]])

    def low(self, one: Proportion, other: Proportion, error: float) -> float | Undefined:
        """The lower bound of `one - other`; less the upper one, with the two exchanged."""
        if not self.degrees:
            return _apart(one, other, error)
        first, second = clopper_pearson(one, error), clopper_pearson(other, error)
        if isinstance(first, Undefined):
            return first
        if isinstance(second, Undefined):
            return second
        down, up = one.value - first[0], second[1] - other.value
        square = max(0.0, down**2 + up**2 - 2.0 * self.correlation * down * up)
        reach = max(math.sqrt(square), student_quantile(error, self.degrees) * self.deviation)
        bound = one.value - other.value - reach
        return bound if self.counts is None else min(bound, _worst_of_counts(self.counts, error))


def _apart(one: Proportion, other: Proportion, error: float) -> float | Undefined:
    """The lower bound of `one - other`, as if they were of different rows."""
    arcs: list[Arc] = []
    for p in (one, other):
        counted = p.effective(error)
        if isinstance(counted, Undefined):
            return counted
        arcs.append(Arc.of(np.array([counted.events]), np.array([counted.trials]), error))
    return float(difference_low(*arcs)[0])


def _worst_of_counts(counts: Floats, error: float) -> float:
    """The least difference of precisions while the counts are `z` deviations off together.

    Each count goes as far as it matters: by its limit's distance times what the difference
    makes of it, both taken where the last round ended.
    """
    z = normal_quantile(error)
    least, gradient = math.inf, _moves(counts)
    off = np.where(gradient > 0.0, -z, z)
    means = _poisson_limits(counts, off)
    for _ in range(ROUNDS):
        pull = -gradient * np.abs(means - counts) / np.maximum(np.abs(off), NEAR)
        off = z * pull / math.sqrt(float(pull @ pull))
        means = _poisson_limits(counts, off)
        first, second = _precisions(means)
        least = min(least, first - second)
        gradient = _moves(means)
    return least


def _poisson_limits(counts: Floats, off: Floats) -> Floats:
    """Limits of the means of Poisson counts, so many deviations below (negative) or above."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    errors = ndtr(-np.abs(off))
    held = counts > 0.0
    low = np.where(held, gammaincinv(np.where(held, counts, 1.0), errors), 0.0)
    limits: Floats = np.where(off < 0.0, low, gammainccinv(counts + 1.0, errors))
    return limits


def _precisions(counts: Floats) -> tuple[float, float]:
    events, failures, one, one_failures, other, other_failures = counts.tolist()
    first, second = events + one, events + other
    return (
        first / (first + failures + one_failures),
        second / (second + failures + other_failures),
    )


def _moves(counts: Floats) -> Floats:
    """(6,) what one more row of each kind does to the difference of precisions."""
    p, q = _precisions(counts)
    first, second = counts[:4].sum(), counts[[0, 1, 4, 5]].sum()
    return np.array(
        [
            (1.0 - p) / first - (1.0 - q) / second,
            q / second - p / first,
            (1.0 - p) / first,
            -p / first,
            -(1.0 - q) / second,
            q / second,
        ]
    )


def _spread(pairs: PairedPrecision, one: Proportion, other: Proportion) -> _Spread | Undefined:
    telling = min(pairs.selected[3], pairs.selected[5])
    if telling < MIN_DISCORDANT:
        return _Spread(0.0, 0.0, 0.0, None)
    degrees = telling - 1.0
    covariance = _independent(pairs, one, other)
    if pairs.buckets:
        filled = sum(1 for part in pairs.buckets if part[1] + part[3] + part[5] > 0)
        lacking = too_few_buckets(filled)
        if lacking is not None:
            return lacking
        covariance, degrees = _between(pairs), min(degrees, filled - 1.0)
    product = math.sqrt(float(covariance[0, 0]) * float(covariance[1, 1]))
    return _Spread(
        deviation=math.sqrt(max(0.0, float(np.array([1.0, -1.0]) @ covariance @ [1.0, -1.0]))),
        degrees=degrees,
        correlation=max(-1.0, min(1.0, float(covariance[0, 1]) / product)) if product else 0.0,
        counts=None if pairs.buckets else _kinds(pairs.selected),
    )


def _kinds(selected: Selected) -> Floats:
    """(6,) events and failures of each kind of selected rows."""
    events, rows = np.array(selected[::2]), np.array(selected[1::2])
    return np.stack([events, rows - events], axis=1).ravel()


def _independent(pairs: PairedPrecision, one: Proportion, other: Proportion) -> Floats:
    """The covariance of both precisions, (2, 2), of independent rows."""
    events, rows = pairs.selected[:2]
    p, q = one.value, other.value
    shared = events * (1.0 - p) * (1.0 - q) + (rows - events) * p * q
    covariance = shared / (one.trials * other.trials)
    return np.array(
        [
            [p * (1.0 - p) / one.trials, covariance],
            [covariance, q * (1.0 - q) / other.trials],
        ]
    )


def _between(pairs: PairedPrecision) -> Floats:
    """The jackknife's covariance over filled buckets, (2, 2)."""
    counts = np.array([[_own(part, version) for part in pairs.buckets] for version in (0, 1)])
    counts = counts[:, counts[:, :, 1].any(axis=0)]
    rest = counts.sum(axis=1, keepdims=True) - counts
    shares: Floats = (rest[:, :, 0] / np.maximum(rest[:, :, 1], 1.0)).T
    return jackknife_covariance(shares)


def _own(counts: Selected, version: int) -> tuple[float, float]:
    """Events and rows that one version selects."""
    alone = 2 + 2 * version
    return counts[0] + counts[alone], counts[1] + counts[alone + 1]
