"""The three tables of a New York City bias audit, by the rule's own words.

The figures are those of the audited data, exact fractions of counts, without bounds: that is
what the rule asks to publish.

Source: Rules of the City of New York, Title 6, 5-300 and 5-301.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np

from assay.checks.fairness.rates import favourable
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Undefined
from assay.stats.tallies import (
    INTERSECTION,
    Confusion,
    ConfusionCounts,
    Scores,
    ScoreTable,
)

MIN_SHARE: Final = Decimal("0.02")
"""Share of the audited people below which an auditor may leave a category out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One row of a table.

    Attributes:
        name: the category.
        people: those assessed.
        counted: those selected, or scored above the median.
        left_out: whether its share of people is below the minimum.
        impact_ratio: its rate over the highest rate of the table; None where it is left out
            or every rate is zero.
    """

    name: str
    people: int
    counted: int
    left_out: bool
    impact_ratio: Fraction | None

    @property
    def rate(self) -> Fraction:
        """Counted people as a fraction of all."""
        return Fraction(self.counted, self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the audit; `unknown` are people whose category is not known."""

    title: str
    categories: tuple[Category, ...]
    unknown: int


def tables(
    evidence: Evidence, *, sex: str, race: str, min_share: Decimal = MIN_SHARE
) -> tuple[Table, ...]:
    """The sex, race/ethnicity and intersectional tables of selection rates.

    Args:
        evidence: the evidence.
        sex: the column of sex categories.
        race: the column of race/ethnicity categories.
        min_share: share of people of known category below which one is left out.

    Raises:
        Absent: a table's counts were not collected.
    """
    return tuple(
        _table(evidence, evidence[Confusion(by=by)], min_share) for by in table_slices(sex, race)
    )


def scoring_tables(
    evidence: Evidence, *, sex: str, race: str, min_share: Decimal = MIN_SHARE
) -> tuple[Table, ...] | Undefined:
    """The same tables of scoring rates: the share above the median score of everyone.

    A score equal to the median is not above it; "above" is on the favourable side. People of
    unknown category count for the median. Where scores are binned the median lies within a
    bin, and who is above it is not known: Undefined.

    Raises:
        Absent: a table's counts were not collected.
    """
    everyone = evidence[Scores()].table()
    sliced = [evidence[Scores(by=by)] for by in table_slices(sex, race)]
    if len(everyone.scores) == 0:
        return Undefined(reason="No one was scored.", units_lacking=(("", 1),))
    if any(part.exact is None for tally in sliced for part in tally.slices.values()) or bool(
        everyone.half_widths.any()
    ):
        return Undefined(
            reason="There are too many different scores to keep each, so the median is known "
            "to a bin and who scored above it is not."
        )
    median = _median(everyone)
    return tuple(
        _of_counts(
            tally.by,
            {
                name: (_people(table), _above(evidence, table, median))
                for name, table in tally.groups().items()
            },
            unknown=_people(tally.table())
            - sum(_people(table) for table in tally.groups().values()),
            min_share=min_share,
        )
        for tally in sliced
    )


def table_slices(sex: str, race: str) -> tuple[tuple[str, ...], ...]:
    """The slices of the three tables: by sex, by race/ethnicity, and by both."""
    return (sex,), (race,), (sex, race)


def _table(evidence: Evidence, tally: ConfusionCounts, min_share: Decimal) -> Table:
    groups = {name: favourable(evidence, counts) for name, counts in tally.groups().items()}
    known = sum(counts.n for counts in groups.values())
    return _of_counts(
        tally.by,
        {name: (counts.n, counts.predicted_positives) for name, counts in groups.items()},
        unknown=tally.total.n - known,
        min_share=min_share,
    )


def _of_counts(
    by: Sequence[str],
    counts: Mapping[str, tuple[int, int]],
    *,
    unknown: int,
    min_share: Decimal,
) -> Table:
    known = sum(people for people, _ in counts.values())
    kept = {
        name: Fraction(counted, people)
        for name, (people, counted) in counts.items()
        if people > 0 and people >= Fraction(min_share) * known
    }
    highest = max(kept.values(), default=Fraction(0))
    return Table(
        title=INTERSECTION.join(by),
        categories=tuple(
            Category(
                name=name,
                people=people,
                counted=counted,
                left_out=name not in kept,
                impact_ratio=kept[name] / highest if name in kept and highest else None,
            )
            for name, (people, counted) in counts.items()
            if people > 0
        ),
        unknown=unknown,
    )


def _people(table: ScoreTable) -> int:
    return int(table.negatives.sum() + table.positives.sum())


def _median(table: ScoreTable) -> float:
    """The median score; of an even number of people, the mean of the middle two."""
    reached = np.cumsum(table.negatives + table.positives)
    people = int(reached[-1])
    lower, upper = np.searchsorted(reached, [(people - 1) // 2, people // 2], side="right")
    return float(table.scores[lower] + table.scores[upper]) / 2.0


def _above(evidence: Evidence, table: ScoreTable, median: float) -> int:
    better = table.scores > median if evidence.favourable_is_positive else table.scores < median
    return int((table.negatives + table.positives)[better].sum())
