"""Two independent proportions compared: difference, ratio, and the average of two rates."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.proportions import CLUSTERED, Proportion, clopper_pearson

Floats = npt.NDArray[np.float64]

MOVER: Final = "MOVER of Clopper-Pearson limits"


def difference_of_proportions(
    first: Proportion, second: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """`first - second` for two independent samples.

    Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702.
    """
    return _empty_side(first, second, of="A difference") or mover(
        ((1.0, first), (-1.0, second)), errors=errors
    )


def balanced_accuracy(
    sensitivity: Proportion, specificity: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """The mean of the recalls of both classes, `(sensitivity + specificity) / 2`.

    Args:
        sensitivity: true positives among actual positives.
        specificity: true negatives among actual negatives.
        errors: one-sided errors of the bounds.

    Source: Brodersen et al. (2010), ICPR; bounds by Zou & Donner (2008).
    """
    for p, missing in ((sensitivity, "positive"), (specificity, "negative")):
        if p.trials == 0:
            return Undefined(
                reason=f"Balanced accuracy needs both classes, and no row is actually {missing}.",
                units_lacking=(("", 1),),
            )
    return mover(((0.5, sensitivity), (0.5, specificity)), errors=errors)


def mover(terms: tuple[tuple[float, Proportion], ...], *, errors: Errors) -> Estimate | Undefined:
    """A weighted sum of independent proportions, its variance recovered from their limits.

    For `v = Σ c_i p_i`: `L = v - √Σ d_i²` with `d_i = c_i (p_i - l_i)` where `c_i > 0`, else
    `|c_i| (u_i - p_i)`; `U` is the mirror image.

    Args:
        terms: (coefficient, proportion); no coefficient 0, no proportion empty.
        errors: one-sided errors of the bounds.

    Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702.
    """
    value = sum(coefficient * p.value for coefficient, p in terms)
    below: list[float] = []
    above: list[float] = []
    for coefficient, p in terms:
        at_low, at_high = clopper_pearson(p, errors.low), clopper_pearson(p, errors.high)
        if isinstance(at_low, Undefined):
            return at_low
        if isinstance(at_high, Undefined):
            return at_high
        down, up = (0, 1) if coefficient > 0 else (1, 0)
        below.append(coefficient * (p.value - at_low[down]))
        above.append(coefficient * (at_high[up] - p.value))
    least = sum(min(coefficient, 0.0) for coefficient, _ in terms)
    most = sum(max(coefficient, 0.0) for coefficient, _ in terms)
    low, high = outward(
        max(least, value - math.hypot(*below)), min(most, value + math.hypot(*above))
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=sum(p.units for _, p in terms),
        method=MOVER + _clustered(*(p for _, p in terms)),
    )


def ratio_of_proportions(
    first: Proportion, second: Proportion, *, errors: Errors
) -> Estimate | Undefined:
    """`first / second` for two independent samples.

    A bound is the ratio `t` at which the MOVER limit of `first - t·second` is 0; there is
    no upper one (infinity) where `second` may be 0.

    Source: Zou & Donner (2008), section 2; Li, Tang & Wong (2014) for the root.
    """
    empty = _empty_side(first, second, of="A ratio")
    if empty is not None:
        return empty
    if second.events == 0:
        return Undefined(reason="A ratio to a rate of zero has no value; compare the difference.")
    at_low = _limits_of_both(first, second, errors.low)
    at_high = _limits_of_both(first, second, errors.high)
    if isinstance(at_low, Undefined):
        return at_low
    if isinstance(at_high, Undefined):
        return at_high
    one, other = np.array([first.value]), np.array([second.value])
    low, high = outward(
        float(ratio_low(one, at_low[0][0], other, at_low[1][1])[0]),
        float(ratio_high(one, at_high[0][1], other, at_high[1][0])[0]),
    )
    return Estimate(
        value=first.value / second.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=first.units + second.units,
        method=f"root of {MOVER}{_clustered(first, second)}",
    )


def ratio_low(first: Floats, first_low: Floats, second: Floats, second_high: Floats) -> Floats:
    """The largest `t` such that MOVER shows `first - t·second >= 0`.

    Args:
        first: rates, of any shape that broadcasts with the others.
        first_low: their lower limits.
        second: the rates below the line.
        second_high: their upper limits, above 0.
    """
    slack = first_low * (2.0 * first - first_low)
    curve = second_high * (2.0 * second - second_high)
    product = first * second
    # The smaller root in the form without cancellation; it holds for either sign of `curve`.
    root = product + np.sqrt(np.maximum(0.0, product * product - curve * slack))
    return np.where(slack > 0.0, slack / np.where(root > 0.0, root, 1.0), 0.0)


def ratio_high(first: Floats, first_high: Floats, second: Floats, second_low: Floats) -> Floats:
    """The smallest `t` such that MOVER shows `first - t·second <= 0`; infinity where none does.

    Args:
        first: rates, of any shape that broadcasts with the others.
        first_high: their upper limits.
        second: the rates below the line.
        second_low: their lower limits.
    """
    excess = first_high * (2.0 * first - first_high)
    curve = second_low * (2.0 * second - second_low)
    product = first * second
    root = product + np.sqrt(np.maximum(0.0, product * product - curve * excess))
    return np.where(curve > 0.0, root / np.where(curve > 0.0, curve, 1.0), np.inf)


def _limits_of_both(
    first: Proportion, second: Proportion, error: float
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]] | Undefined:
    one, other = clopper_pearson(first, error), clopper_pearson(second, error)
    if isinstance(one, Undefined):
        return one
    if isinstance(other, Undefined):
        return other
    return (np.array([one[0]]), np.array([one[1]])), (np.array([other[0]]), np.array([other[1]]))


def _empty_side(first: Proportion, second: Proportion, *, of: str) -> Undefined | None:
    for p, name in ((first, "first"), (second, "second")):
        if p.trials == 0:
            return Undefined(
                reason=f"{of} needs rows on both sides, and the {name} side has none.",
                units_lacking=((name, 1),),
            )
    return None


def _clustered(*proportions: Proportion) -> str:
    return CLUSTERED if any(p.buckets for p in proportions) else ""
