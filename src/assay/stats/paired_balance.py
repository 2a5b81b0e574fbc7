"""Two versions compared on the same rows by the mean of the recalls of both classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance
from assay.stats.mover import arc_errors
from assay.stats.paired import MIN_DISCORDANT, PairedProportions, paired_low
from assay.stats.proportions import CLUSTERED

METHOD: Final = "MOVER of the bounds of both classes' paired differences"


def balanced_accuracy_difference(
    sensitivity: PairedProportions, specificity: PairedProportions, *, errors: Errors
) -> Estimate | Undefined:
    """The first version's balanced accuracy less the second's, on the same rows.

    Half the sum of the paired differences in either class, whose rows are not the same and so
    are independent: MOVER of their bounds. Where discordant rows of a kind are rare, those
    bounds do not grow in proportion to `z`, and the worst split of `z` between the classes
    counts too, as in assay.stats.mover. Classes that share units are correlated: the
    jackknife over buckets says how much.

    Args:
        sensitivity: right by the first alone and by the second alone, among positives.
        specificity: the same among negatives.
        errors: one-sided errors of the bounds.

    Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702, on bounds of
    assay.stats.paired.
    """
    parts = (sensitivity, specificity)
    for part, missing in zip(parts, ("positive", "negative"), strict=True):
        if part.trials == 0:
            return Undefined(
                reason=f"Balanced accuracy needs both classes, and no row is actually {missing}.",
                units_lacking=(("", 1),),
            )
    low = _low(parts, errors.low)
    high = _low([part.swapped() for part in parts], errors.high)
    if isinstance(low, Undefined):
        return low
    if isinstance(high, Undefined):
        return high
    bounds = outward(low, -high)
    return Estimate(
        value=(sensitivity.difference + specificity.difference) / 2.0,
        low=bounds[0],
        high=bounds[1],
        low_error=errors.low,
        high_error=errors.high,
        n=sensitivity.units + specificity.units,
        method=METHOD + (CLUSTERED if sensitivity.buckets else ""),
    )


def _low(parts: Sequence[PairedProportions], error: float) -> float | Undefined:
    effective: list[PairedProportions] = []
    for part in parts:
        found = part.effective(error)
        if isinstance(found, Undefined):
            return found
        effective.append(found)
    values = [part.difference for part in parts]
    down, other = (
        value - paired_low(part, error) for value, part in zip(values, effective, strict=True)
    )
    shared = 2.0 * _correlation(parts) * down * other
    bound = sum(values) - math.sqrt(max(0.0, down**2 + other**2 + shared))
    if min(part.rarer for part in effective) < MIN_DISCORDANT:
        bound = min(bound, _worst_split(effective, error))
    return max(-1.0, bound / 2.0)


def _worst_split(parts: Sequence[PairedProportions], error: float) -> float:
    """The least sum of both lower bounds with `z` split between them along its arc."""
    splits = arc_errors(error)[:, 0].tolist()
    # At the last split the error is one half, and the bound the value itself.
    limits = [[*(paired_low(part, at) for at in splits[:-1]), part.difference] for part in parts]
    return min(one + other for one, other in zip(limits[0], limits[1][::-1], strict=True))


def _correlation(parts: Sequence[PairedProportions]) -> float:
    """Between the two classes' differences; 0 where rows are independent."""
    if not parts[0].buckets:
        return 0.0
    counts = np.array([part.buckets for part in parts], dtype=np.float64)
    rest = counts.sum(axis=1, keepdims=True) - counts
    # A class that lives in one bucket alone says nothing of how it varies with the other.
    if not (rest[:, :, 2] > 0).all():
        return 1.0
    covariance = jackknife_covariance(((rest[:, :, 0] - rest[:, :, 1]) / rest[:, :, 2]).T)
    product = math.sqrt(float(covariance[0, 0]) * float(covariance[1, 1]))
    return max(-1.0, min(1.0, float(covariance[0, 1]) / product)) if product > 0.0 else 0.0
