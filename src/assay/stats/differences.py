"""Two independent proportions compared: difference, ratio, and the average of two rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.mover import METHOD, Arc, difference_low, ratio_low
from assay.stats.proportions import Proportion, remarks


def difference_of_proportions(
    first: Proportion, second: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """`first - second` for two independent samples.

    Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702; see assay.stats.mover.
    """
    arcs = _arcs(first, second, errors=errors, of="A difference")
    if isinstance(arcs, Undefined):
        return arcs
    (one, other), (one_high, other_high) = arcs
    low, high = outward(
        float(difference_low(one, other)[0]), -float(difference_low(other_high, one_high)[0])
    )
    return Estimate(
        value=first.value - second.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=first.units + second.units,
        method=METHOD + remarks((first, second)),
    )


def ratio_of_proportions(
    first: Proportion, second: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """`first / second` for two independent samples.

    A bound is the ratio `t` at which the bound of `first - t·second` is 0; there is no
    upper one (infinity) where `second` may be 0.

    Source: Zou & Donner (2008), section 3, and assay.stats.mover.
    """
    arcs = _arcs(first, second, errors=errors, of="A ratio")
    if isinstance(arcs, Undefined):
        return arcs
    if second.events == 0:
        return Undefined(reason="A ratio to a rate of zero has no value; compare the difference.")
    (one, other), (one_high, other_high) = arcs
    inverse = float(ratio_low(other_high, one_high)[0])
    low, high = outward(
        float(ratio_low(one, other)[0]), 1.0 / inverse if inverse > 0.0 else float("inf")
    )
    return Estimate(
        value=first.value / second.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=first.units + second.units,
        method=f"root of {METHOD}{remarks((first, second))}",
    )


def balanced_accuracy(
    sensitivity: Proportion, specificity: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """The mean of the recalls of both classes, `(sensitivity + specificity) / 2`.

    It is `(1 + d)/2` of the difference `d` of true and false positive rate, and so are its
    bounds.

    Args:
        sensitivity: true positives among actual positives.
        specificity: true negatives among actual negatives.
        errors: one-sided errors of the bounds.

    Source: Brodersen et al. (2010), ICPR, 3121-3124; bounds as for a difference.
    """
    for p, missing in ((sensitivity, "positive"), (specificity, "negative")):
        if p.trials == 0:
            return Undefined(
                reason=f"Balanced accuracy needs both classes, and no row is actually {missing}.",
                units_lacking=(("", 1),),
            )
    gap = difference_of_proportions(sensitivity, specificity.complement(), errors=errors)
    if isinstance(gap, Undefined):
        return gap
    low, high = outward((1.0 + gap.low) / 2.0, (1.0 + gap.high) / 2.0)
    return replace(gap, value=(sensitivity.value + specificity.value) / 2.0, low=low, high=high)


def _arcs(
    first: Proportion, second: Proportion, *, errors: Errors, of: str
) -> tuple[tuple[Arc, Arc], tuple[Arc, Arc]] | Undefined:
    """Both sides' arcs at the low error, and at the high error."""
    for p, name in ((first, "first"), (second, "second")):
        if p.trials == 0:
            return Undefined(
                reason=f"{of} needs rows on both sides, and the {name} side has none.",
                units_lacking=((name, 1),),
            )
    found: list[Arc] = []
    for error in (errors.low, errors.high):
        for p in (first, second):
            effective = p.effective(error)
            if isinstance(effective, Undefined):
                return effective
            events, trials = np.array([[effective.events], [effective.trials]], dtype=np.float64)
            found.append(Arc.of(events, trials, error))
    return (found[0], found[1]), (found[2], found[3])
