"""What can be counted of a dataset's columns and rows beyond the columns with a role.

Only a policy whose checks ask for it pays for it: none of this is in a base recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from assay.stats.tallies.inspections.associations import AssociationCounts, Associations
from assay.stats.tallies.inspections.cells import ColumnCells
from assay.stats.tallies.inspections.limits import LimitCounts, Limits
from assay.stats.tallies.inspections.matches import (
    DuplicateCounts,
    Duplicates,
    Overlap,
    OverlapCounts,
)
from assay.stats.tallies.inspections.profiles import ColumnProfile, ProfileCounts, Profiles

Inspection = Profiles | Associations | Limits | Duplicates | Overlap
"""What a recipe may ask for of this kind."""

Inspected = ProfileCounts | AssociationCounts | LimitCounts | DuplicateCounts | OverlapCounts
"""What collecting gives for an inspection of the matching name."""

_SPECS: Final[Mapping[str, type[Inspection]]] = {
    spec.kind: spec for spec in (Profiles, Associations, Limits, Duplicates, Overlap)
}
_TALLIES: Final[Mapping[str, type[Inspected]]] = {
    Profiles.kind: ProfileCounts,
    Associations.kind: AssociationCounts,
    Limits.kind: LimitCounts,
    Duplicates.kind: DuplicateCounts,
    Overlap.kind: OverlapCounts,
}


def is_inspection(kind: object) -> bool:
    """Whether a kind is that of an inspection."""
    return kind in _SPECS


def parse_inspection(raw: Mapping[str, Any]) -> Inspection:
    """The inspection that its `form` spells; raises MalformedTally or ValueError."""
    return _SPECS[raw["kind"]].from_form(raw)


def parse_inspected(raw: Mapping[str, Any]) -> Inspected:
    """The tally of an inspection that its `state` spells; raises MalformedTally."""
    return _TALLIES[raw["kind"]].from_state(raw)


def no_rows(spec: Inspection) -> Inspected:
    """The tally of an inspection of no rows."""
    return _TALLIES[spec.kind].empty(cast(Any, spec))


__all__ = [
    "AssociationCounts",
    "Associations",
    "ColumnCells",
    "ColumnProfile",
    "DuplicateCounts",
    "Duplicates",
    "Inspected",
    "Inspection",
    "LimitCounts",
    "Limits",
    "Overlap",
    "OverlapCounts",
    "ProfileCounts",
    "Profiles",
    "is_inspection",
    "no_rows",
    "parse_inspected",
    "parse_inspection",
]
