"""How many units would settle a claim, if the truth equals what was observed."""

from __future__ import annotations

import math
from typing import Final, Literal

from assay.errors import InvalidArgument
from assay.stats.estimate import Binding, Estimate
from assay.stats.quantiles import POWER_QUANTILE, normal_quantile

Direction = Literal["at_least", "at_most"]

REALISTIC: Final = 100.0
"""Times the units at hand beyond which no realistic amount settles the claim."""


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
    if direction not in {"at_least", "at_most"}:
        raise InvalidArgument(f"direction is 'at_least' or 'at_most', not {direction!r}.")
    toward = 1.0 if direction == "at_most" else -1.0
    low, high = estimate.low, estimate.high
    if direction == "at_least":
        decided = low >= threshold or high < threshold
    else:
        decided = high <= threshold or low > threshold
    if decided:
        return 0
    passing = toward * (threshold - estimate.value) > 0.0
    error = false_allow if passing else holm_error
    if estimate.events is not None:
        needed = units_for_proportion(
            _shrunk(estimate.events, estimate.n, threshold), threshold=threshold, error=error
        )
        return _lacking(needed, estimate.n)
    # The upper bound decides a pass under a maximum and a failure under a minimum.
    return _lacking_by_bound(
        estimate, threshold=threshold, above=passing == (direction == "at_most"), error=error
    )


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


def units_for_bound(
    value: float, bound: float, *, n: float, threshold: float, error: float
) -> float:
    """Units at which a bound would clear `threshold`, if it narrows with the root of n.

    `n ((1 + z_0.8 / z_a) (U - v) / (t - v))²`, with a power of 0.8.

    Args:
        value: the point value, taken for the truth.
        bound: its bound on the threshold's side, at `error`.
        n: units behind both.
        threshold: the limit.
        error: one-sided error of the bound.
    """
    if not math.isfinite(bound) or value == threshold:
        return math.inf
    reach = (1.0 + POWER_QUANTILE / normal_quantile(error)) * (bound - value)
    return n * (reach / (threshold - value)) ** 2


def _shrunk(events: float, n: float, threshold: float) -> float:
    """The observed rate, half an event nearer the middle, unless that crosses the threshold."""
    observed, shrunk = events / n, (events + 0.5) / (n + 1.0)
    return observed if (observed - threshold) * (shrunk - threshold) <= 0.0 else shrunk


def _lacking_by_bound(
    estimate: Estimate, *, threshold: float, above: bool, error: float
) -> int | None:
    whole = Binding(
        groups=(),
        value=estimate.value,
        bound=estimate.high if above else estimate.low,
        n=estimate.n,
    )
    part = (estimate.high_binding if above else estimate.low_binding) or whole
    if (threshold - part.value) * (threshold - estimate.value) <= 0.0:
        # The pair that binds is on the other side of the bar than the claim: another decides.
        part = whole
    needed = units_for_bound(part.value, part.bound, n=part.n, threshold=threshold, error=error)
    return _lacking(needed, part.n)


def _lacking(needed: float, n: float) -> int | None:
    if needed > REALISTIC * n:
        return None
    return max(1, math.ceil(needed - n))
