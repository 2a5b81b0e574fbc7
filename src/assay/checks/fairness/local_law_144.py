"""New York City Local Law 144 of 2021: impact ratios of automated employment decision tools.

The rule sets no pass mark; a bar on these figures is the policy's own. They are facts of the
audited data: whether a gap would show on other people is what
`fairness.selection_rate_ratio` asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Final

from assay.checks.check import check
from assay.checks.fairness.bias_audit import (
    MIN_SHARE,
    Table,
    scoring_tables,
    table_slices,
    tables,
)
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Fact
from assay.stats.estimate import Undefined
from assay.stats.tallies import Confusion, Scores

_FLOOR: Final = Context(prec=12, rounding=ROUND_FLOOR)
"""A ratio keeps 12 digits and never looks better than it is; no thread's context changes it."""


def _selection_needs(*, sex: str, race: str, **_: object) -> list[Confusion]:
    return [Confusion(by=by) for by in table_slices(sex, race)]


def _scoring_needs(*, sex: str, race: str, **_: object) -> list[Scores]:
    return [Scores(), *(Scores(by=by) for by in table_slices(sex, race))]


@check(
    "fairness.local_law_144_impact_ratio",
    better="higher",
    needs=_selection_needs,
    unit="ratio of groups",
)
def local_law_144_impact_ratio(
    evidence: Evidence, *, sex: str, race: str, min_share: Decimal = MIN_SHARE
) -> Fact | Undefined:
    """The smallest impact ratio of the three tables that New York City's rule asks for.

    Formula: min over tables and categories of (s_c / max over the table of s), with s =
        selected / assessed, an exact fraction rounded down to 12 digits.
    Source: 6 RCNY 5-301(b) and, for categories below 2 %, (d), by which their number and rate
        are told; NYC Administrative Code 20-870.
    Undefined: no category is known, or nobody is selected in a table.
    Tallies: confusion by sex, by race/ethnicity, and by both.

    Args:
        evidence: the evidence.
        sex: the column of sex categories.
        race: the column of race/ethnicity categories.
        min_share: share of people of known category below which one is left out.
    """
    return _smallest(tables(evidence, sex=sex, race=race, min_share=min_share), "selection rate")


@check(
    "fairness.local_law_144_scoring_impact_ratio",
    better="higher",
    needs=_scoring_needs,
    unit="ratio of groups",
)
def local_law_144_scoring_impact_ratio(
    evidence: Evidence, *, sex: str, race: str, min_share: Decimal = MIN_SHARE
) -> Fact | Undefined:
    """The smallest impact ratio of scoring rates, for a tool that scores people.

    Formula: min over tables and categories of (r_c / max over the table of r), with r = the
        share that scores strictly above the median of everyone assessed, on the favourable
        side; an exact fraction rounded down to 12 digits.
    Source: 6 RCNY 5-301(c) and, for categories below 2 %, (d), by which their number and rate
        are told; NYC Administrative Code 20-870.
    Undefined: no category is known, nobody in a table scores above the median, or there are
        too many different scores to keep each.
    Tallies: scores, overall and by sex, by race/ethnicity, and by both.

    Args:
        evidence: the evidence.
        sex: the column of sex categories.
        race: the column of race/ethnicity categories.
        min_share: share of people of known category below which one is left out.
    """
    audited = scoring_tables(evidence, sex=sex, race=race, min_share=min_share)
    return audited if isinstance(audited, Undefined) else _smallest(audited, "scoring rate")


def _smallest(audited: Sequence[Table], rate: str) -> Fact | Undefined:
    rated: list[tuple[Fraction, str]] = []
    for table in audited:
        ratios = [
            (item.impact_ratio, f"{table.title}: {item.name}")
            for item in table.categories
            if item.impact_ratio is not None
        ]
        if not ratios:
            return Undefined(reason=f"No category of {table.title} has a {rate} above zero.")
        rated += ratios
    ratio, name = min(rated, key=lambda item: item[0])
    left_out = [
        f"{table.title}: {item.name} ({item.people:,}, {rate} {float(item.rate):.3f})"
        for table in audited
        for item in table.categories
        if item.left_out
    ]
    unknown = ", ".join(f"{table.unknown:,} in {table.title}" for table in audited)
    return Fact(
        value=_FLOOR.divide(Decimal(ratio.numerator), Decimal(ratio.denominator)),
        detail=f"{name} has the smallest {rate} beside its table's highest. Of unknown "
        f"category: {unknown}. Left out as too few: {', '.join(left_out) or 'none'}.",
        remedy="Find out what holds this category back, and publish the tables as they are.",
    )
