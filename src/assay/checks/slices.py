"""Checks of one shape: a figure in the declared slice where it is worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from assay.checks.check import Columns, Needs, check
from assay.checks.groups import MIN_GROUP_SIZE, ScoredGroup, SmallGroups, group_tables
from assay.checks.worst import Part, Slices, worst_of
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined

PartsOf = Callable[[Evidence, Columns, bool], Slices]
"""The parts of each slice, given evidence, columns and whether intersections count."""

_DOCUMENTATION: Final = """{summary}

Formula: {extreme} over groups of {formula}. "Positive" is the label that the score predicts.
Source: as `{of}` for one group; Berger (1982), Technometrics 24(4), for all.
Undefined: a group for which `{of}` is, or one below `min_group_size`.
Tallies: {tallies} by each slice.

Args:
    evidence: the evidence.
    errors: one-sided errors of the bounds.
    by: the protected columns; empty means all that are declared.
    intersections: whether the groups of all columns together count too.
    min_group_size: units that a group needs in the figure's denominator.
    small_groups: whether a smaller group makes the claim undefined, or is left out by name.
"""


def worst_slice_check(
    of: str,
    parts_of: PartsOf,
    *,
    better: Literal["higher", "lower"],
    formula: str,
    summary: str,
    needs: Needs,
    tallies: str,
    revision: int = 1,
) -> Callable[..., Any]:
    """A check of the worst figure of any group, named `family.worst_slice_figure`.

    Args:
        of: the check of all rows whose figure it is, such as "performance.accuracy".
        parts_of: each group's figure.
        better: which direction is good.
        formula: the figure's formula.
        summary: the first line of the check's documentation.
        needs: what it reads.
        tallies: the same in a word.
        revision: of the check, as `check` says.
    """

    def worst(
        evidence: Evidence,
        *,
        errors: Errors,
        by: Columns = (),
        intersections: bool = False,
        min_group_size: int = MIN_GROUP_SIZE,
        small_groups: SmallGroups = "insufficient",
    ) -> Estimate | Undefined:
        return worst_of(
            parts_of(evidence, by, intersections),
            better=better,
            errors=errors,
            min_units=min_group_size,
            small=small_groups,
        )

    family, _, figure = of.partition(".")
    worst.__name__ = worst.__qualname__ = f"worst_slice_{figure}"
    worst.__doc__ = _DOCUMENTATION.format(
        summary=summary,
        formula=formula,
        of=of,
        tallies=tallies,
        extreme="min" if better == "higher" else "max",
    )
    name = f"{family}.worst_slice_{figure}"
    return check(name, better=better, needs=needs, revision=revision)(worst)


def scored_parts(figure: Callable[[ScoredGroup, Errors], Estimate | Undefined]) -> PartsOf:
    """Each group's figure of its label counts by score."""

    def part(group: ScoredGroup) -> Part:
        return Part(at=lambda errors: figure(group, errors), units=group.units)

    def parts(evidence: Evidence, by: Columns, intersections: bool) -> Slices:
        return [
            {name: part(group) for name, group in groups.items()}
            for groups in group_tables(evidence, by, intersections=intersections)
        ]

    return parts
