"""Groups of people: which slices of the protected columns a claim covers."""

from __future__ import annotations

from assay.checks.check import Columns
from assay.evidence.inputs import Evidence

MIN_GROUP_SIZE = 30
"""Rows below which a group cannot show a gap worth acting on."""


def columns_of(evidence: Evidence, by: Columns) -> Columns:
    """The columns named, or all protected ones where none is."""
    return by or evidence.protected


def slices(by: Columns, *, intersections: bool) -> tuple[Columns, ...]:
    """The slices that a claim over groups of these columns covers.

    Each column is a slice of its own. With intersections the groups of all columns together
    are one more. A gap between groups of one column is an average of gaps between finer
    groups, so the intersection alone would claim no less; but a column alone has more people
    per group, and so shows a gap that its intersections are too thin to show.

    >>> slices(("sex", "age"), intersections=True)
    (('sex',), ('age',), ('sex', 'age'))
    """
    single = tuple((column,) for column in by)
    return (*single, by) if intersections and len(by) > 1 else single
