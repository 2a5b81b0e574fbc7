"""Two versions compared on the same rows by the mean of the recalls of both classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_covariance
from assay.stats.mover import arc_errors
from assay.stats.paired import PairedProportions, paired_lows
from assay.stats.proportions import CLUSTERED

METHOD: Final = "MOVER's arc of the bounds of both classes' paired differences"


def balanced_accuracy_difference(
    sensitivity: PairedProportions, specificity: PairedProportions, *, errors: Errors
) -> Estimate | Undefined:
    """The first version's balanced accuracy less the second's, on the same rows.

    Half the sum of the paired differences in either class, whose rows are not the same and so
    are independent: the worst split of the error between them along MOVER's arc, as in
    assay.stats.mover. Classes that share units may move together: the jackknife over buckets
    says how much, and the arc is that much shorter. That they move against each other is left
    out, so that bounds are wider than they need be.

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
    sides: list[PairedProportions] = []
    for error, turned in ((errors.low, False), (errors.high, True)):
        for part in parts:
            effective = part.effective(error)
            if isinstance(effective, Undefined):
                return effective
            sides.append(effective.swapped() if turned else effective)
    low, high = _lows(sides, errors, correlation=_correlation(parts))
    bounds = outward(low / 2.0, -high / 2.0)
    return Estimate(
        value=(sensitivity.difference + specificity.difference) / 2.0,
        low=bounds[0],
        high=bounds[1],
        low_error=errors.low,
        high_error=errors.high,
        n=sensitivity.units + specificity.units,
        method=METHOD + (CLUSTERED if sensitivity.buckets else ""),
    )


def _lows(
    sides: Sequence[PairedProportions], errors: Errors, *, correlation: float
) -> tuple[float, float]:
    """The least sums of both classes' lower bounds: as they are, and with versions exchanged."""
    arcs = [arc_errors(error, correlation=correlation)[:, 0] for error in (errors.low, errors.high)]
    splits = np.array([split for arc in arcs for split in (arc, arc[::-1])])
    one, other, one_turned, other_turned = paired_lows(sides, splits)
    return float((one + other).min()), float((one_turned + other_turned).min())


def _correlation(parts: Sequence[PairedProportions]) -> float:
    """Between the two classes' differences, at least 0; 0 where rows are independent."""
    if not parts[0].buckets:
        return 0.0
    counts = np.array([part.buckets for part in parts], dtype=np.float64)
    rest = counts.sum(axis=1, keepdims=True) - counts
    # A class that lives in one bucket alone says nothing of how it varies with the other.
    if not (rest[:, :, 2] > 0).all():
        return 1.0
    covariance = jackknife_covariance(((rest[:, :, 0] - rest[:, :, 1]) / rest[:, :, 2]).T)
    product = math.sqrt(float(covariance[0, 0]) * float(covariance[1, 1]))
    return max(0.0, min(1.0, float(covariance[0, 1]) / product)) if product > 0.0 else 0.0
