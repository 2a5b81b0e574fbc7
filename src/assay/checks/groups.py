"""Groups of people: which slices of the protected columns a claim covers, and their rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from assay.checks.check import Columns
from assay.evidence.inputs import Evidence
from assay.stats.proportions import Proportion
from assay.stats.tallies import INTERSECTION, BinaryCounts, Confusion, Scores, ScoreTable

MIN_GROUP_SIZE: Final = 30
"""Units below which a group cannot show a gap worth acting on."""

SmallGroups = Literal["insufficient", "report"]
"""What a smaller group does: it makes the claim undefined, or is left out by name."""

Count = Callable[[BinaryCounts], int]
"""How many rows of a group's counts are events, or trials."""


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


def group_name(by: Columns, levels: str) -> str:
    """A group's name among those of several slices.

    >>> group_name(("sex", "age"), "female × <=25")
    'sex × age: female × <=25'
    """
    return f"{INTERSECTION.join(by)}: {levels}"


def group_needs(*, by: Columns, intersections: bool = False, **_: object) -> list[Confusion]:
    """The tallies behind a claim over groups; for checks with these parameters."""
    return [Confusion(by=names) for names in slices(by, intersections=intersections)]


def score_needs(*, by: Columns, intersections: bool = False, **_: object) -> list[Scores]:
    """The score tallies behind a claim over groups; for checks with these parameters."""
    return [Scores(by=names) for names in slices(by, intersections=intersections)]


def group_counts(
    evidence: Evidence, by: Columns, *, intersections: bool
) -> list[dict[str, BinaryCounts]]:
    """Label-by-decision counts by group, of each slice of the claim.

    Raises:
        Absent: a slice was not collected.
    """
    return [
        {
            group_name(names, levels): counts
            for levels, counts in evidence[Confusion(by=names)].groups().items()
        }
        for names in slices(columns_of(evidence, by), intersections=intersections)
    ]


def group_rates(
    evidence: Evidence, by: Columns, *, intersections: bool, events: Count, trials: Count
) -> list[dict[str, Proportion]]:
    """A rate by group, with its buckets of units, of each slice of the claim.

    Raises:
        Absent: a slice was not collected.
    """
    return [
        {
            group_name(names, levels): rate
            for levels, rate in evidence.proportions(
                Confusion(by=names), events=events, trials=trials
            ).items()
        }
        for names in slices(columns_of(evidence, by), intersections=intersections)
    ]


def group_shares(
    evidence: Evidence, by: Columns, *, intersections: bool
) -> list[dict[str, Proportion]]:
    """Each group's share of the rows whose group is known, of each slice of the claim.

    Raises:
        Absent: a slice was not collected.
    """
    shares: list[dict[str, Proportion]] = []
    for names in slices(columns_of(evidence, by), intersections=intersections):
        spec = Confusion(by=names)
        parts = [part.groups() for part in evidence.buckets(spec)]
        sizes = [sum(counts.n for counts in part.values()) for part in parts]
        groups = evidence[spec].groups()
        total = sum(counts.n for counts in groups.values())
        shares.append(
            {
                group_name(names, levels): Proportion(
                    events=counts.n,
                    trials=total,
                    buckets=tuple(
                        (part[levels].n if levels in part else 0, size)
                        for part, size in zip(parts, sizes, strict=True)
                    ),
                )
                for levels, counts in groups.items()
            }
        )
    return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredGroup:
    """One group's label counts by score, and the same by bucket of units where rows share them."""

    table: ScoreTable
    buckets: tuple[ScoreTable, ...]

    @property
    def units(self) -> float:
        """Independent units among the group's rows, as far as its labels tell."""

        def labelled(table: ScoreTable) -> tuple[float, float]:
            positives = float(table.positives.sum())
            return positives, positives + float(table.negatives.sum())

        events, trials = labelled(self.table)
        buckets = tuple(map(labelled, self.buckets))
        return Proportion(events=events, trials=trials, buckets=buckets).units if trials else 0.0


def group_tables(
    evidence: Evidence, by: Columns, *, intersections: bool
) -> list[dict[str, ScoredGroup]]:
    """Label counts by score of each group, of each slice of the claim.

    Raises:
        Absent: a slice was not collected.
    """
    found: list[dict[str, ScoredGroup]] = []
    for names in slices(columns_of(evidence, by), intersections=intersections):
        spec = Scores(by=names)
        parts = [part.groups() for part in evidence.buckets(spec)]
        found.append(
            {
                group_name(names, levels): ScoredGroup(
                    table=table,
                    buckets=tuple(part[levels] for part in parts if levels in part),
                )
                for levels, table in evidence[spec].groups().items()
            }
        )
    return found
