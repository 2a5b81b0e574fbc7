"""The worst of several parts: a claim that every one of them keeps its bar."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assay.checks.groups import SmallGroups
from assay.stats.estimate import (
    LEFT_OUT,
    READING,
    Binding,
    Errors,
    Estimate,
    GroupReading,
    Undefined,
)

Figure = Callable[[Errors], Estimate | Undefined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its figure at given errors, and the units that the figure rests on.

    `counted` says which rows those are, such as "with a positive label"; "" for all.
    """

    at: Figure
    units: float
    counted: str = ""


Slices = Sequence[Mapping[str, Part]]
"""Parts by name, of one slice different rows; slices may cut the same rows in different ways."""


def worst_of(
    slices: Slices,
    *,
    better: Literal["higher", "lower"],
    errors: Errors,
    min_units: int = 0,
    small: SmallGroups = "insufficient",
) -> Estimate | Undefined:
    """The smallest figure of all parts where higher is better, else the largest.

    The side that shows compliance needs it of every part, each at the whole error; the side
    that shows a violation needs it of one, each at its share of the error.

    Args:
        slices: the parts. Any that is undefined makes the claim so.
        better: which direction is good.
        errors: one-sided errors of the claim as a whole.
        min_units: units that a part needs.
        small: whether a smaller part makes the claim undefined, or is left out by name.

    Source: Berger (1982), Technometrics 24(4), 295-300; Bonferroni for the other side.
    """
    thin = {
        name: part for parts in slices for name, part in parts.items() if part.units < min_units
    }
    if thin and small == "insufficient":
        return _too_thin(thin, min_units, slices)
    kept = [{n: part for n, part in parts.items() if n not in thin} for parts in slices]
    count = sum(map(len, kept))
    if count == 0:
        return Undefined(reason="No group is left to take the worst of.", groups=_readings(slices))
    lower = better == "lower"
    each = Errors(
        low=errors.low / (count if lower else 1), high=errors.high / (1 if lower else count)
    )
    found: dict[str, Estimate] = {}
    for name, part in (item for parts in kept for item in parts.items()):
        estimate = part.at(each)
        if isinstance(estimate, Undefined):
            return Undefined(
                reason=f"{name}: {estimate.reason}",
                units_lacking=tuple((name, n) for _, n in estimate.units_lacking),
                groups=_readings(slices),
                counted=estimate.counted or part.counted,
            )
        found[name] = estimate
    return _joined(found, kept, lower, errors, _readings(slices, thin, min_units))


def overlapping(parts: Mapping[str, Part]) -> Slices:
    """Parts that rest on the same rows, so that these are not counted once for each."""
    return [{name: part} for name, part in parts.items()]


def among(found: Estimate | Undefined, counted: str) -> Estimate | Undefined:
    """A figure with which rows its units count, so that nobody gathers others in vain."""
    return replace(found, counted=counted)


def advised(found: Estimate | Undefined, remedy: str) -> Estimate | Undefined:
    """A figure with what a failure should lead to, where that is not a better model."""
    return replace(found, remedy=remedy) if isinstance(found, Estimate) else found


def _joined(
    found: Mapping[str, Estimate],
    slices: Slices,
    lower: bool,
    errors: Errors,
    readings: tuple[GroupReading, ...],
) -> Estimate:
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
        n=max(math.fsum(found[name].n for name in parts) for parts in slices),
        method=f"{'largest' if lower else 'smallest'} of {len(found)}: {'; '.join(methods)}",
        low_binding=_binding(low, found[low], found[low].low, _counted(slices)),
        high_binding=_binding(high, found[high], found[high].high, _counted(slices)),
        groups=readings,
        counted=_counted(slices),
    )


def _too_thin(thin: Mapping[str, Part], min_units: int, slices: Slices) -> Undefined:
    lacking = {name: math.ceil(min_units - part.units) for name, part in thin.items()}
    named = "; ".join(
        f"{name!r} has {part.units:g} ({lacking[name]} more needed)" for name, part in thin.items()
    )
    return Undefined(
        reason=f"Groups below the minimum of {min_units} units: {named}.",
        units_lacking=tuple(lacking.items()),
        groups=_readings(slices),
        counted=_counted(slices),
    )


def _binding(name: str, estimate: Estimate, bound: float, counted: str) -> Binding:
    return Binding(groups=(name,), value=estimate.value, bound=bound, n=estimate.n, counted=counted)


def _counted(slices: Slices) -> str:
    """Which rows the parts count, where they all count the same."""
    told = {part.counted for parts in slices for part in parts.values()}
    return told.pop() if len(told) == 1 else ""


def _readings(
    slices: Slices, thin: Mapping[str, Part] | None = None, min_units: int = 0
) -> tuple[GroupReading, ...]:
    note = f"{LEFT_OUT}below the minimum of {min_units}"
    return tuple(
        _reading(name, part, note if thin and name in thin else "")
        for parts in slices
        for name, part in parts.items()
    )


def _reading(name: str, part: Part, note: str) -> GroupReading:
    estimate = part.at(READING)
    if isinstance(estimate, Undefined):
        return GroupReading(
            group=name, n=part.units, value=None, low=None, high=None, note=note or estimate.reason
        )
    return GroupReading(
        group=name,
        n=estimate.n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        note=note,
    )
