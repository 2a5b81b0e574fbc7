"""Checks of one shape: the largest gap between two groups, over all slices that a policy names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from assay.checks.check import Better, Columns, check
from assay.checks.fairness.rates import Rate, families_of
from assay.checks.groups import MIN_GROUP_SIZE, SmallGroups, group_needs
from assay.checks.worst import among
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Binding, Errors, Estimate, Undefined
from assay.stats.gaps import largest_difference, smallest_ratio_of_families


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which groups a claim covers: the parameters that all checks of gaps have.

    Attributes:
        by: the protected columns; empty means all that are declared.
        intersections: whether the groups of all columns together are compared too.
        min_group_size: units that a group needs in each rate's denominator.
        small_groups: whether a smaller group makes the claim undefined, or is left out by name.
    """

    by: Columns
    intersections: bool
    min_group_size: int
    small_groups: SmallGroups


Measured = Callable[[Evidence, Claim, Errors], Estimate | Undefined]

NO_COLUMN: Final = Undefined(
    reason="No protected column is declared, so there are no groups to compare."
)

ARC_ALONE: Final = 2
"""The revision from which pairs of rates are bounded along MOVER's arc alone."""

_DOCUMENTATION: Final = """{summary}

Formula: {formula}. TP, FP, FN and TN count a group with the favourable outcome and decision
    as the positive ones. Pairs are of groups of one slice; all slices together are one claim.
Source: {source}.
Undefined: {undefined}fewer than two groups, or a group below `min_group_size`.
Tallies: confusion by each slice.

Args:
    evidence: the evidence.
    errors: one-sided errors of the bounds.
    by: the protected columns; empty means all that are declared.
    intersections: whether the groups of all columns together are compared too.
    min_group_size: units that a group needs in each rate's denominator.
    small_groups: whether a smaller group makes the claim undefined, or is left out by name.
"""


def gap_check(
    name: str,
    measured: Measured,
    *,
    better: Better,
    unit: str,
    summary: str,
    formula: str,
    source: str,
    undefined: str = "",
    revision: int = 1,
) -> Callable[..., Any]:
    """Declare a check of a gap between groups.

    Args:
        name: "fairness.name".
        measured: the figure, given evidence, claim and errors.
        better: which direction is good.
        unit: what the figure is.
        summary: the first line of the check's documentation.
        formula: what is computed, in terms of TP, FP, FN, TN and n.
        source: where it is defined, and where its bounds are.
        undefined: further cases without a figure, ending in ", ".
        revision: of the check, as `check` says.
    """

    def gap(
        evidence: Evidence,
        *,
        errors: Errors,
        by: Columns = (),
        intersections: bool = False,
        min_group_size: int = MIN_GROUP_SIZE,
        small_groups: SmallGroups = "insufficient",
    ) -> Estimate | Undefined:
        claim = Claim(
            by=by,
            intersections=intersections,
            min_group_size=min_group_size,
            small_groups=small_groups,
        )
        return measured(evidence, claim, errors)

    gap.__name__ = gap.__qualname__ = name.partition(".")[2]
    gap.__doc__ = _DOCUMENTATION.format(
        summary=summary, formula=formula, source=source, undefined=undefined
    )
    return check(name, better=better, needs=group_needs, unit=unit, revision=revision)(gap)


def difference_check(
    name: str, *, rates: Sequence[Rate], summary: str, source: str
) -> Callable[..., Any]:
    """A check of the largest difference of any of these rates between two groups."""
    return gap_check(
        name,
        differences(rates),
        better="lower",
        unit="difference",
        summary=summary,
        formula=f"max over pairs (r_i - r_j), {formulas(rates)}",
        source=f"{source}. Bounds: assay.stats.largest_difference",
        revision=ARC_ALONE,
    )


def ratio_check(
    name: str, *, rates: Sequence[Rate], summary: str, source: str
) -> Callable[..., Any]:
    """A check of the smallest ratio of any of these rates between two groups."""
    return gap_check(
        name,
        ratios(rates),
        better="higher",
        unit="ratio of groups",
        summary=summary,
        formula=f"min over pairs (r_i / r_j), {formulas(rates)}",
        source=f"{source}. Bounds: assay.stats.smallest_ratio",
        revision=ARC_ALONE,
        undefined="a rate of zero in every group, ",
    )


def differences(rates: Sequence[Rate]) -> Measured:
    """The largest difference of any of these rates between two groups."""

    def measured(evidence: Evidence, claim: Claim, errors: Errors) -> Estimate | Undefined:
        families, names = families_of(evidence, rates, claim.by, intersections=claim.intersections)
        if not families:
            return NO_COLUMN
        found = largest_difference(
            families,
            errors=errors,
            min_group_size=claim.min_group_size,
            small_groups=claim.small_groups,
            rates=names,
        )
        return told(found, rates)

    return measured


def ratios(rates: Sequence[Rate]) -> Measured:
    """The smallest ratio of any of these rates between two groups."""

    def measured(evidence: Evidence, claim: Claim, errors: Errors) -> Estimate | Undefined:
        families, names = families_of(evidence, rates, claim.by, intersections=claim.intersections)
        if not families:
            return NO_COLUMN
        found = smallest_ratio_of_families(
            families,
            errors=errors,
            min_group_size=claim.min_group_size,
            small_groups=claim.small_groups,
            rates=names,
        )
        return told(found, rates)

    return measured


def told(found: Estimate | Undefined, rates: Sequence[Rate]) -> Estimate | Undefined:
    """A figure with which rows its units count, those of the pair behind each bound too."""
    counted = {rate.name: rate.counted for rate in rates}
    shared = rates[0].counted if len(set(counted.values())) == 1 else ""
    if isinstance(found, Undefined):
        return among(found, shared)

    def bound(binding: Binding | None) -> Binding | None:
        return binding and replace(binding, counted=counted.get(binding.rate, shared))

    return replace(
        found,
        counted=shared,
        low_binding=bound(found.low_binding),
        high_binding=bound(found.high_binding),
    )


def formulas(rates: Sequence[Rate]) -> str:
    """What a gap's `r` is: "r = TP / (TP + FN) or FP / (FP + TN)"."""
    return "r = " + " or ".join(rate.formula for rate in rates)
