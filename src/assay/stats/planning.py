"""How many units would settle a claim, if the truth equals what was observed."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, Literal

from assay.errors import InvalidArgument
from assay.stats.estimate import Binding, Estimate
from assay.stats.quantiles import POWER_QUANTILE, normal_quantile

Direction = Literal["at_least", "at_most"]

REALISTIC: Final = 100.0
"""Times the units at hand beyond which no realistic amount settles the claim."""

QUADRATURE: Final = 4096
"""Points that stand for a distribution where an integral is summed."""


def units_lacking(
    estimate: Estimate,
    *,
    threshold: float,
    direction: Direction,
    false_allow: float,
    holm_error: float,
) -> int | None:
    """Units still missing for a verdict of pass or fail, with a power of 0.8.

    Observed on the passing side of the threshold, the claim waits to be shown at
    `false_allow`; observed beyond it, the violation waits at `holm_error`. One proportion of
    independent units is planned by the binomial formula, anything else by how its bound
    narrows with the root of n. Of a gap, the units are those of the binding pair.

    Args:
        estimate: with the bounds that decided.
        threshold: the bar.
        direction: on which side of the bar the truth should lie.
        false_allow: the error at which a pass is shown.
        holm_error: the error at which a failure is shown.

    Returns:
        More units, at least 1 while the claim is open; 0 once its bounds decide it; None
        where no realistic amount (100 times the units at hand) would.
    """
    at_most = _is_maximum(direction)
    toward = 1.0 if at_most else -1.0
    low, high = estimate.low, estimate.high
    if (
        (high <= threshold or low > threshold)
        if at_most
        else (low >= threshold or high < threshold)
    ):
        return 0
    passing = toward * (threshold - estimate.value) > 0.0
    needed, at_hand = _needed(
        estimate,
        estimate.value,
        threshold=threshold,
        # The upper bound decides a pass under a maximum and a failure under a minimum.
        above=passing == at_most,
        error=false_allow if passing else holm_error,
    )
    return None if needed > REALISTIC * at_hand else max(1, math.ceil(needed - at_hand))


def units_to_pass(
    estimate: Estimate,
    *,
    threshold: float,
    direction: Direction,
    false_allow: float,
    truth: float | None = None,
) -> int | None:
    """Units, those at hand included, that would show a claim with a power of 0.8.

    Args:
        estimate: of a first sample, which says how much such data vary.
        threshold: the bar.
        direction: on which side of the bar the truth should lie.
        false_allow: the error at which a pass is shown.
        truth: what is true; by default, what was observed.

    Returns:
        Units in all (of a gap, in the binding pair); None where the truth is not on the
        passing side, so that no amount would do.
    """
    true = estimate.value if truth is None else truth
    at_most = _is_maximum(direction)
    if (threshold - true if at_most else true - threshold) <= 0.0:
        return None
    needed, _ = _needed(estimate, true, threshold=threshold, above=at_most, error=false_allow)
    return math.ceil(needed) if math.isfinite(needed) else None


def binding_to_pass(
    estimate: Estimate, *, threshold: float, direction: Direction, truth: float | None = None
) -> Binding | None:
    """The pair or part whose units `units_to_pass` counts; None where it counts all units.

    Args:
        estimate: of a first sample.
        threshold: the bar.
        direction: on which side of the bar the truth should lie.
        truth: what is true; by default, what was observed.
    """
    return _binding(
        estimate,
        estimate.value if truth is None else truth,
        threshold=threshold,
        above=_is_maximum(direction),
    )


def units_per_group(
    rate: float, *, gap: float, limit: float, groups: int = 2, error: float = 0.05
) -> int:
    """Units in each of k equal groups that show a true gap to be within a limit.

    `2p(1-p) ((z_a + q) / (t - g))² + 2/(t - g)` with power 0.8: half of the groups lie at
    either end of the gap, and q is the 0.8 quantile of the most by which any of those pairs
    is off, in standard errors of a pair.

    Args:
        rate: about which the groups' rates lie, a fraction.
        gap: the true gap, at least 0 and below the limit.
        limit: the largest gap allowed.
        groups: how many groups; at least 2.
        error: one-sided error of the bound, the policy's `false_allow`.

    Raises:
        InvalidArgument: an argument is out of range.

    >>> [units_per_group(0.1, gap=0.02, limit=0.1, groups=k) for k in (2, 4, 10)]
    [199, 301, 441]
    """
    if not (0.0 < rate < 1.0 and 0.0 <= gap < limit < 1.0 and groups >= 2):
        raise InvalidArgument(
            "Planning a gap needs a rate in (0, 1), 0 <= gap < limit < 1, and 2 groups or more, "
            f"not {rate!r}, {gap!r}, {limit!r} and {groups!r}."
        )
    room = limit - gap
    reach = normal_quantile(error) + _extreme_pair(groups // 2, groups - groups // 2)
    return math.ceil(2.0 * rate * (1.0 - rate) * (reach / room) ** 2 + 2.0 / room)


def units_for_proportion(rate: float, *, threshold: float, error: float) -> float:
    """Units that show, with a power of 0.8, on which side of `threshold` a true `rate` lies.

    `((z_a √(t(1-t)) + z_0.8 √(p(1-p))) / (t - p))² + 1/|t - p|`

    Args:
        rate: the true proportion, a fraction.
        threshold: the limit, a fraction.
        error: one-sided error of the bound.

    Returns:
        A number of units, or infinity where the rate is the threshold itself.

    Source: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions,
    section 2.6, with its continuity correction.

    >>> round(units_for_proportion(0.02, threshold=0.05, error=0.05))
    285
    """
    distance = abs(threshold - rate)
    if distance == 0.0:
        return math.inf
    spread = math.sqrt(max(0.0, threshold * (1.0 - threshold)))
    spread = normal_quantile(error) * spread + POWER_QUANTILE * math.sqrt(rate * (1.0 - rate))
    return (spread / distance) ** 2 + 1.0 / distance


def units_for_bound(reach: float, *, n: float, distance: float, error: float) -> float:
    """Units at which a bound would clear its bar, if it narrows with the root of n.

    `n ((1 + z_0.8 / z_a) (U - v) / (t - v))²`, with a power of 0.8.

    Args:
        reach: how far the bound lies from its point value, `U - v`; may be infinite.
        n: units behind it.
        distance: how far the truth lies from the threshold, `t - v`.
        error: one-sided error of the bound.

    Returns:
        A number of units; infinity where the distance is 0 or the reach infinite.
    """
    if distance == 0.0 or math.isinf(reach):
        return math.inf
    return n * ((1.0 + POWER_QUANTILE / normal_quantile(error)) * reach / distance) ** 2


def _needed(
    estimate: Estimate, truth: float, *, threshold: float, above: bool, error: float
) -> tuple[float, float]:
    """Units needed to tell a truth from the threshold, and those at hand to compare with.

    Args:
        estimate: what was observed.
        truth: what is true.
        threshold: the bar.
        above: whether the upper bound has to clear the bar, or the lower one.
        error: one-sided error of that bound.
    """
    if estimate.events is not None:
        rate = truth
        if truth == estimate.value:
            rate = _shrunk(estimate.events, estimate.n, threshold)
        return units_for_proportion(rate, threshold=threshold, error=error), estimate.n
    bound = estimate.high if above else estimate.low
    value, n = estimate.value, estimate.n
    part = _binding(estimate, truth, threshold=threshold, above=above)
    if part is not None:
        value, bound, n = part.value, part.bound, part.n
    distance = abs(threshold - (value if truth == estimate.value else truth))
    return units_for_bound(abs(bound - value), n=n, distance=distance, error=error), n


def _binding(estimate: Estimate, truth: float, *, threshold: float, above: bool) -> Binding | None:
    """The pair that binds, unless it lies beyond the bar while the claim does not."""
    part = estimate.high_binding if above else estimate.low_binding
    if part is None or (threshold - part.value) * (threshold - truth) <= 0.0:
        return None
    return part


def _shrunk(events: float, n: float, threshold: float) -> float:
    """The observed rate, half an event nearer the middle.

    Not where that crosses the threshold, nor where there was no event, or nothing else: those
    show a limit of t from about 3/t units, and half an event could hide that.
    """
    observed, shrunk = events / n, (events + 0.5) / (n + 1.0)
    crosses = (observed - threshold) * (shrunk - threshold) <= 0.0
    return observed if crosses or events in {0.0, n} else shrunk


def _is_maximum(direction: Direction) -> bool:
    if direction not in {"at_least", "at_most"}:
        raise InvalidArgument(f"direction is 'at_least' or 'at_most', not {direction!r}.")
    return direction == "at_most"


@lru_cache(maxsize=256)
def _extreme_pair(lower: int, higher: int) -> float:
    """The 0.8 quantile of `(max of h normals - min of l normals) / √2`."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    # Middles of equal shares of the maximum's distribution stand for all of it.
    shares = (np.arange(QUADRATURE) + 0.5) / QUADRATURE
    highest = ndtri(shares ** (1.0 / higher))
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2.0
        within = float(np.mean(ndtr(middle * math.sqrt(2.0) - highest) ** lower))
        low, high = (middle, high) if within < 0.8 else (low, middle)
    return high
