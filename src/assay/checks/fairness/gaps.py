"""Checks of one shape: the largest gap of a rate between two groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from assay.checks.check import Better, Columns, check
from assay.checks.fairness.rates import Rate, families_of
from assay.checks.groups import MIN_GROUP_SIZE, SmallGroups, group_needs
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.gaps import largest_difference, smallest_ratio_of_families

NO_COLUMN: Final = Undefined(
    reason="No protected column is declared, so there are no groups to compare."
)

_DOCUMENTATION: Final = """{summary}

Formula: {formula}. TP, FP, FN and TN count a group with the favourable outcome and
    decision as the positive ones. Pairs are of groups of one slice; all slices and rates
    together are one claim.
Source: {source}. Bounds: MOVER by Zou & Donner (2008) of Clopper-Pearson limits.
Undefined: fewer than two groups, {undefined}or a group below `min_group_size`.
Tallies: confusion by each slice.

Args:
    evidence: the evidence.
    errors: one-sided errors of the bounds.
    by: the protected columns; empty means all that are declared.
    intersections: whether the groups of all columns together are compared too.
    min_group_size: units that a group needs in each rate's denominator.
    small_groups: whether a smaller group makes the claim undefined, or is left out by name.
"""


def difference_check(
    name: str, *, rates: Sequence[Rate], summary: str, source: str
) -> Callable[..., Any]:
    """A check of the largest difference of any of these rates between two groups."""

    def difference(
        evidence: Evidence,
        *,
        errors: Errors,
        by: Columns = (),
        intersections: bool = False,
        min_group_size: int = MIN_GROUP_SIZE,
        small_groups: SmallGroups = "insufficient",
    ) -> Estimate | Undefined:
        families, names = families_of(evidence, rates, by, intersections=intersections)
        if not families:
            return NO_COLUMN
        return largest_difference(
            families,
            errors=errors,
            min_group_size=min_group_size,
            small_groups=small_groups,
            rates=names,
        )

    formula = f"max over pairs of groups (r_i - r_j), {_meaning(rates)}"
    difference.__doc__ = _DOCUMENTATION.format(
        summary=summary, formula=formula, source=source, undefined=""
    )
    return _declared(name, difference, kind="difference")


def ratio_check(
    name: str, *, rates: Sequence[Rate], summary: str, source: str
) -> Callable[..., Any]:
    """A check of the smallest ratio of any of these rates between two groups."""

    def ratio(
        evidence: Evidence,
        *,
        errors: Errors,
        by: Columns = (),
        intersections: bool = False,
        min_group_size: int = MIN_GROUP_SIZE,
        small_groups: SmallGroups = "insufficient",
    ) -> Estimate | Undefined:
        families, names = families_of(evidence, rates, by, intersections=intersections)
        if not families:
            return NO_COLUMN
        return smallest_ratio_of_families(
            families,
            errors=errors,
            min_group_size=min_group_size,
            small_groups=small_groups,
            rates=names,
        )

    formula = f"min over pairs of groups (r_i / r_j), {_meaning(rates)}"
    ratio.__doc__ = _DOCUMENTATION.format(
        summary=summary, formula=formula, source=source, undefined="a rate of zero everywhere, "
    )
    return _declared(name, ratio, kind="ratio")


def _declared(
    name: str, function: Callable[..., Any], *, kind: Literal["difference", "ratio"]
) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name.partition(".")[2]
    better: Better = "lower" if kind == "difference" else "higher"
    return check(name, better=better, needs=group_needs, unit=kind)(function)


def _meaning(rates: Sequence[Rate]) -> str:
    return "r = " + " or ".join(rate.formula for rate in rates)
