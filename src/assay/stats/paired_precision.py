"""Two versions compared on the same rows by the precision of what each predicts positive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance, too_few_buckets
from assay.stats.proportions import CLUSTERED, Proportion, clopper_pearson
from assay.stats.quantiles import student_quantile

Floats = npt.NDArray[np.float64]

CORRELATED: Final = "MOVER of Clopper-Pearson limits with their correlation, and Student's t"
APART: Final = "MOVER of Clopper-Pearson limits"

MIN_DISCORDANT: Final = 20.0
"""Rows predicted positive by one version alone, of either, below which the correlation is
left out: versions that agree differ less, so the bounds are wider than they need be."""

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
    standard error, with the rarer discordant rows less one as degrees of freedom. Where rows
    share units, variances are the jackknife's over buckets.

    Args:
        pairs: what both select.
        errors: one-sided errors of the bounds.

    Source: Leisenring, Alonzo & Pepe (2000), Biometrics 56(2), 345-351, for the comparison;
    Moskowitz & Pepe (2006), Clinical Trials 3(3), 272-279, for the variance; Zou (2007),
    Psychological Methods 12(4), 399-413, for MOVER with correlation.
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
    down, up = spread.below(one, other, errors.low), spread.below(other, one, errors.high)
    if isinstance(down, Undefined):
        return down
    if isinstance(up, Undefined):
        return up
    value = one.value - other.value
    low, high = outward(max(-1.0, value - down), min(1.0, value + up))
    return Estimate(
        value=value,
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
    """

    deviation: float
    degrees: float
    correlation: float

    def below(self, one: Proportion, other: Proportion, error: float) -> float | Undefined:
        """How far `one - other` may lie below its value; above it, with the two exchanged."""
        first, second = clopper_pearson(one, error), clopper_pearson(other, error)
        if isinstance(first, Undefined):
            return first
        if isinstance(second, Undefined):
            return second
        down, up = one.value - first[0], second[1] - other.value
        reach = math.sqrt(max(0.0, down**2 + up**2 - 2.0 * self.correlation * down * up))
        if not self.degrees:
            return reach
        return max(reach, student_quantile(error, self.degrees) * self.deviation)


def _spread(pairs: PairedPrecision, one: Proportion, other: Proportion) -> _Spread | Undefined:
    telling = min(pairs.selected[3], pairs.selected[5])
    if telling < MIN_DISCORDANT:
        return _Spread(0.0, 0.0, 0.0)
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
    )


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
