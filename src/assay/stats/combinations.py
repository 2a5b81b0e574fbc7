"""Functions of several independent proportions: weighted sums, and anything monotone in each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Binding, Errors, Estimate, Undefined, outward
from assay.stats.mover import METHOD
from assay.stats.proportions import Proportion, clopper_pearson, exact_limits, remarks
from assay.stats.quantiles import normal_quantile

Floats = npt.NDArray[np.float64]

SHARES: Final = 32
"""Parts into which `z²` is cut before they are dealt out among the terms."""

BOX: Final = "box of Clopper-Pearson limits, each at its share of the error"


def linear_combination(
    terms: Sequence[tuple[float, Proportion]], *, errors: Errors
) -> Estimate | Undefined:
    """A weighted sum of independent proportions, `Σ c_i p_i`.

    A limit is the worst value when the terms lie `z_i` standard errors off together, with
    `Σ z_i² = z²` (MOVER, in the arc form of assay.stats.mover for any number of terms).

    Args:
        terms: (coefficient, proportion); terms with coefficient 0 do not matter.
        errors: one-sided errors of the bounds.

    Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702.
    """
    held = [(c, p) for c, p in terms if c != 0.0]
    missing = _without_rows([p for _, p in held])
    if missing is not None:
        return missing
    below = _distance(held, errors.low)
    above = _distance([(-c, p) for c, p in held], errors.high)
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    value = math.fsum(c * p.value for c, p in held)
    least = math.fsum(min(c, 0.0) for c, _ in held)
    most = math.fsum(max(c, 0.0) for c, _ in held)
    low, high = outward(max(least, value - below), min(most, value + above))
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=_units([p for _, p in held]),
        method=METHOD + remarks(p for _, p in held),
    )


def monotone(
    function: Callable[..., float],
    *,
    rising: Sequence[Proportion],
    falling: Sequence[Proportion],
    errors: Errors,
) -> Estimate | Undefined:
    """A function of independent proportions that rises in some of them and falls in the others.

    Each of the k proportions is limited on its harmful side at its k-th of the error, and the
    function is taken at that corner: by Bonferroni's inequality the error holds whatever the
    function, and the bounds are wider than they might be.

    Args:
        function: takes the rising rates, then the falling ones; may return an infinity, but
            not at the observed rates.
        rising: the proportions that it rises in.
        falling: those that it falls in.
        errors: one-sided errors of the bounds.

    Source: Clopper & Pearson (1934), Biometrika 26(4), 404-413, for each limit.
    """
    every = [*rising, *falling]
    missing = _without_rows(every)
    if missing is not None:
        return missing
    value = function(*(p.value for p in every))
    if not math.isfinite(value):
        return Undefined(reason="It divides by a count of zero, so it has no value.")
    corners: list[list[float]] = []
    for error, side in ((errors.low, 0), (errors.high, 1)):
        corner: list[float] = []
        for index, p in enumerate(every):
            limits = clopper_pearson(p, error / len(every))
            if isinstance(limits, Undefined):
                return limits
            corner.append(limits[side if index < len(rising) else 1 - side])
        corners.append(corner)
    low, high = outward(function(*corners[0]), function(*corners[1]))
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=_units(every),
        method=BOX + remarks(every),
    )


def discrepancy(
    function: Callable[[float, float], float],
    first: Proportion,
    second: Proportion,
    *,
    errors: Errors,
) -> Estimate | Undefined:
    """How far two proportions lie apart, by a function that grows as they move apart.

    With limits `l` and `u` of each: `U = max(f(u1, l2), f(l1, u2))`, each limit at half the
    error, since only one of the two corners can be the true one; `L = f(l1, u2)` if `l1 > u2`,
    `f(u1, l2)` if `u1 < l2`, else 0, each limit at a quarter of it.

    Args:
        function: 0 where its arguments are equal, and never less when one of them moves away
            from the other (a divergence); may be infinite.
        first: one proportion.
        second: the other.
        errors: one-sided errors of the bounds.

    Source: Clopper & Pearson (1934), Biometrika 26(4), 404-413, for each limit; Bonferroni.
    """
    missing = _without_rows((first, second))
    if missing is not None:
        return missing
    value = function(first.value, second.value)
    if not math.isfinite(value):
        return Undefined(reason="One side has no row of a kind that the other has: it is infinite.")
    limits = [
        clopper_pearson(p, error)
        for error in (errors.low / 4.0, errors.high / 2.0)
        for p in (first, second)
    ]
    for limit in limits:
        if isinstance(limit, Undefined):
            return limit
    (l1, u1), (l2, u2), (far_l1, far_u1), (far_l2, far_u2) = cast(list[tuple[float, float]], limits)
    apart = function(l1, u2) if l1 > u2 else function(u1, l2) if u1 < l2 else 0.0
    low, high = outward(apart, max(function(far_u1, far_l2), function(far_l1, far_u2)))
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=_units((first, second)),
        method=BOX + remarks((first, second)),
    )


def distance_from(
    ideal: float, at: Callable[[Errors], Estimate | Undefined], *, errors: Errors
) -> Estimate | Undefined:
    """How far a figure lies from its ideal value, on either side: `|x - ideal|`.

    The distance is small only if the figure is neither too high nor too low, so the upper
    bound takes both of its bounds at the whole error; it is large if the figure is either, so
    the lower bound takes both at half the error, and is at least 0.

    Args:
        ideal: the value at which the distance is 0.
        at: the figure, at given errors.
        errors: one-sided errors of the distance's bounds.

    Source: Berger (1982), Technometrics 24(4), 295-300; Bonferroni for the lower bound.
    """
    near = at(Errors(low=errors.low / 2.0, high=errors.low / 2.0))
    far = at(Errors(low=errors.high, high=errors.high))
    if isinstance(near, Undefined):
        return near
    if isinstance(far, Undefined):
        return far
    low, high = outward(
        max(0.0, near.low - ideal, ideal - near.high), max(far.high - ideal, ideal - far.low)
    )
    return replace(
        near,
        value=abs(near.value - ideal),
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        method=f"distance from {ideal:g}, {near.method}",
        events=None,
    )


def increasing(estimate: Estimate, function: Callable[[float], float], *, method: str) -> Estimate:
    """An estimate of an increasing function of what was estimated, at the same errors.

    Args:
        estimate: the estimate; its groups' readings stay what they are.
        function: increasing over the estimate's bounds.
        method: what was done, which its own method follows.
    """
    low, high = outward(function(estimate.low), function(estimate.high))

    def moved(binding: Binding | None, bound: float) -> Binding | None:
        if binding is None:
            return None
        return replace(binding, value=function(binding.value), bound=bound)

    return replace(
        estimate,
        value=function(estimate.value),
        low=low,
        high=high,
        low_binding=moved(estimate.low_binding, low),
        high_binding=moved(estimate.high_binding, high),
        method=f"{method} {estimate.method}",
        # The binomial planning formula is for the proportion itself.
        events=None,
    )


def _distance(terms: Sequence[tuple[float, Proportion]], error: float) -> float | Undefined:
    """How far the sum may lie below its value: the worst way to deal out `z²`."""
    dealt = np.zeros(SHARES + 1)
    at_once = 0.0
    for weight, p in terms:
        counted = p.effective(error)
        if isinstance(counted, Undefined):
            return counted
        below, above = _reaches(counted.events, counted.trials, error)
        steps = abs(weight) * (below if weight > 0.0 else above)
        dealt = (dealt[_TAKEN] + np.where(_LEFT >= 0, steps[_LEFT], -np.inf)).max(axis=1)
        at_once = math.hypot(at_once, float(steps[-1]))
    return max(float(dealt[-1]), at_once)


_TAKEN: Final = np.broadcast_to(np.arange(SHARES + 1), (SHARES + 1, SHARES + 1))
_LEFT: Final = _TAKEN.T - _TAKEN
"""Of so many shares (row), what is left for the next term when so many (column) are taken."""


@lru_cache(maxsize=4096)
def _reaches(events: float, trials: float, error: float) -> tuple[Floats, Floats]:
    """How far a rate lies from its limits at `z √(j / SHARES)`, each (SHARES + 1,) float64."""
    from scipy.special import ndtr

    shares = np.sqrt(np.linspace(0.0, 1.0, SHARES + 1))
    errors: Floats = ndtr(-normal_quantile(error) * shares)
    errors[-1] = error  # to the last bit, so that a limit is the same here and alone
    counts = np.array([events]), np.array([trials])
    low, high = exact_limits(*counts, errors[:, None])
    value = events / trials
    return value - low[:, 0], high[:, 0] - value


def _without_rows(proportions: Sequence[Proportion]) -> Undefined | None:
    if all(p.trials > 0 for p in proportions):
        return None
    return Undefined(reason="A rate that it needs has no row to count.", units_lacking=(("", 1),))


def _units(proportions: Sequence[Proportion]) -> float:
    return math.fsum(p.units for p in proportions)
