"""The worst of several parts: a claim that every one of them keeps its bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assay.stats.estimate import READING, Binding, Errors, Estimate, GroupReading, Undefined

Part = Callable[[Errors], Estimate | Undefined]
"""One part's figure at given errors."""


def worst_of(
    slices: Sequence[Mapping[str, Part]], *, better: Literal["higher", "lower"], errors: Errors
) -> Estimate | Undefined:
    """The smallest figure of all parts where higher is better, else the largest.

    The side that shows compliance needs it of every part, each at the whole error; the side
    that shows a violation needs it of one, each at its share of the error.

    Args:
        slices: parts by name; slices may cut the same rows in different ways. Any part that
            is undefined makes the claim so.
        better: which direction is good.
        errors: one-sided errors of the claim as a whole.

    Source: Berger (1982), Technometrics 24(4), 295-300; Bonferroni for the other side.
    """
    count = sum(map(len, slices))
    if count == 0:
        return Undefined(reason="No group is known, so there is no worst one.")
    lower = better == "lower"
    each = Errors(
        low=errors.low / (count if lower else 1), high=errors.high / (1 if lower else count)
    )
    found: dict[str, Estimate] = {}
    for name, part in (item for parts in slices for item in parts.items()):
        estimate = part(each)
        if isinstance(estimate, Undefined):
            return Undefined(
                reason=f"{name}: {estimate.reason}",
                units_lacking=tuple((name, n) for _, n in estimate.units_lacking),
                groups=_readings(slices),
            )
        found[name] = estimate
    pick = max if lower else min
    low = pick(found, key=lambda name: found[name].low)
    high = pick(found, key=lambda name: found[name].high)
    methods = sorted({estimate.method for estimate in found.values()})
    return Estimate(
        value=pick(estimate.value for estimate in found.values()),
        low=found[low].low,
        high=found[high].high,
        low_error=errors.low,
        high_error=errors.high,
        n=max(sum(found[name].n for name in parts) for parts in slices),
        method=f"{'largest' if lower else 'smallest'} of {count}: {'; '.join(methods)}",
        low_binding=_binding(low, found[low], found[low].low),
        high_binding=_binding(high, found[high], found[high].high),
        groups=_readings(slices),
    )


def _binding(name: str, estimate: Estimate, bound: float) -> Binding:
    return Binding(groups=(name,), value=estimate.value, bound=bound, n=estimate.n)


def _readings(slices: Sequence[Mapping[str, Part]]) -> tuple[GroupReading, ...]:
    return tuple(_reading(name, part(READING)) for parts in slices for name, part in parts.items())


def _reading(name: str, estimate: Estimate | Undefined) -> GroupReading:
    if isinstance(estimate, Undefined):
        return GroupReading(
            group=name, n=0.0, value=None, low=None, high=None, note=estimate.reason
        )
    return GroupReading(
        group=name, n=estimate.n, value=estimate.value, low=estimate.low, high=estimate.high
    )
