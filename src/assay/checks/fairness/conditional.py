"""Disparity within strata, so that a gap which the strata explain does not count as one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assay.checks.check import Columns, check
from assay.checks.fairness.gaps import NO_COLUMN
from assay.checks.fairness.rates import LABEL, SELECTION, Rate, favourable
from assay.checks.groups import MIN_GROUP_SIZE, Count, SmallGroups, columns_of, group_name
from assay.checks.worst import Part, overlapping, worst_of
from assay.evidence.inputs import Evidence
from assay.stats.combinations import linear_combination
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.gaps import largest_difference
from assay.stats.proportions import Proportion
from assay.stats.tallies import BinaryCounts, Confusion, ConfusionCounts

Cells = Mapping[str, Mapping[str, BinaryCounts]]
"""Counts by stratum, then by group, of the favourable outcome and decision."""


def _needs(*, by: Columns, given: str, **_: object) -> list[Confusion]:
    return [Confusion(by=(column, given)) for column in by if column != given]


def _disparity_check(name: str, rate: Rate, *, summary: str, source: str) -> Callable[..., Any]:
    def disparity(
        evidence: Evidence, *, errors: Errors, given: str, by: Columns = ()
    ) -> Estimate | Undefined:
        columns = [column for column in columns_of(evidence, by) if column != given]
        if not columns:
            return NO_COLUMN
        slices = [
            part
            for column in columns
            for part in overlapping(_disparities(evidence, column, given, rate))
        ]
        return worst_of(slices, better="lower", errors=errors)

    disparity.__name__ = disparity.__qualname__ = name.partition(".")[2]
    disparity.__doc__ = f"""{summary}

    Formula: max over groups Σ over strata (n_s / n) (R_gs / R_s - A_gs / A_s), with R and A the
        rows with an unfavourable and a favourable one. A stratum without one kind counts its
        share of it as 0. A positive figure means that the group bears more than its share.
    Source: Wachter, Mittelstadt & Russell (2021), West Virginia Law Review 123(3); {source}.
        Bounds: assay.stats.linear_combination, the strata's sizes taken as given.
    Undefined: no protected column but the strata's own, or a group alone in the data.
    Tallies: confusion by each column and the strata together.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        given: the column whose levels are the strata; declared as protected.
        by: the columns whose groups are compared; empty means all protected ones.
    """
    declared = check(name, better="lower", needs=_needs, unit="difference", revision=2)
    return declared(disparity)


conditional_demographic_disparity = _disparity_check(
    "fairness.conditional_demographic_disparity",
    SELECTION,
    summary="How much more of the refusals than of the grants a group bears, within strata.",
    source="Clarify's CDDPL",
)
conditional_demographic_disparity_in_labels = _disparity_check(
    "fairness.conditional_demographic_disparity_in_labels",
    LABEL,
    summary="How much more of the bad than of the good labels a group bears, within strata.",
    source="Clarify's CDDL",
)


@check(
    "fairness.conditional_selection_rate_difference",
    better="lower",
    needs=_needs,
    unit="difference",
    revision=3,
)
def conditional_selection_rate_difference(
    evidence: Evidence,
    *,
    errors: Errors,
    given: str,
    by: Columns = (),
    min_group_size: int = MIN_GROUP_SIZE,
    small_groups: SmallGroups = "insufficient",
) -> Estimate | Undefined:
    """The largest difference of selection rates between two groups of one stratum.

    Formula: max over strata and pairs (s_i - s_j), s = (TP + FP) / n within the stratum.
    Source: conditional statistical parity of Corbett-Davies et al. (2017), KDD. Bounds:
        assay.stats.largest_difference, the strata's pairs being one family.
    Undefined: fewer than two groups in a stratum, or a group below `min_group_size` in one.
    Tallies: confusion by each column and the strata together.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        given: the column whose levels are the strata; declared as protected.
        by: the columns whose groups are compared; empty means all protected ones.
        min_group_size: units that a group needs within a stratum.
        small_groups: whether a smaller group makes the claim undefined, or is left out by name.
    """
    columns = [
        _by_stratum(evidence, column, given)
        for column in columns_of(evidence, by)
        if column != given
    ]
    families = [stratum for strata in columns for stratum in strata]
    if not families:
        return NO_COLUMN
    found = largest_difference(
        families, errors=errors, min_group_size=min_group_size, small_groups=small_groups
    )
    if isinstance(found, Undefined):
        return found
    kept = {reading.group: reading.n for reading in found.groups if not reading.note}
    # Strata have different rows, which add up; another column counts the same ones again.
    return replace(found, n=max(_units(kept, strata) for strata in columns))


def _units(kept: Mapping[str, float], strata: Sequence[Mapping[str, Proportion]]) -> float:
    return math.fsum(kept.get(name, 0.0) for stratum in strata for name in stratum)


def _disparities(evidence: Evidence, column: str, given: str, rate: Rate) -> dict[str, Part]:
    """Each group's disparity, as a part of the claim."""
    spec = Confusion(by=(column, given))
    whole = _cells(evidence, evidence[spec])
    buckets = [_cells(evidence, part) for part in evidence.buckets(spec)]
    groups = sorted({group for stratum in whole.values() for group in stratum})
    return {
        group_name((column,), group): _disparity(whole, buckets, group, rate) for group in groups
    }


def _disparity(whole: Cells, buckets: Sequence[Cells], group: str, rate: Rate) -> Part:
    total = sum(counts.n for stratum in whole.values() for counts in stratum.values())
    terms: list[tuple[float, Proportion]] = []
    for name, stratum in whole.items():
        weight = sum(counts.n for counts in stratum.values()) / total
        parts = [part.get(name, {}) for part in buckets]
        for sign, rows in ((-1.0, rate.events), (1.0, _others(rate))):
            share = Proportion(
                events=_own(stratum, group, rows),
                trials=_all(stratum, rows),
                buckets=tuple((_own(part, group, rows), _all(part, rows)) for part in parts),
            )
            if share.trials > 0:
                terms.append((sign * weight, share))

    return Part(
        at=lambda errors: linear_combination(terms, errors=errors),
        units=math.fsum(share.units for _, share in terms),
    )


def _others(rate: Rate) -> Count:
    return lambda counts: rate.trials(counts) - rate.events(counts)


def _by_stratum(evidence: Evidence, column: str, given: str) -> list[dict[str, Proportion]]:
    """Selection rates by group, one family for each stratum."""
    spec = Confusion(by=(column, given))
    whole = _cells(evidence, evidence[spec])
    buckets = [_cells(evidence, part) for part in evidence.buckets(spec)]
    return [
        {
            group_name((column, given), f"{group} × {name}"): Proportion(
                events=SELECTION.events(counts),
                trials=SELECTION.trials(counts),
                buckets=tuple(
                    (SELECTION.events(part[name][group]), SELECTION.trials(part[name][group]))
                    for part in buckets
                    if group in part.get(name, {})
                ),
            )
            for group, counts in stratum.items()
        }
        for name, stratum in whole.items()
    ]


def _cells(evidence: Evidence, tally: ConfusionCounts) -> dict[str, dict[str, BinaryCounts]]:
    cells: dict[str, dict[str, BinaryCounts]] = {}
    for (group, stratum), counts in sorted(
        item for item in tally.cells.items() if None not in item[0]
    ):
        cells.setdefault(str(stratum), {})[str(group)] = favourable(evidence, counts)
    return cells


def _own(stratum: Mapping[str, BinaryCounts], group: str, rows: Count) -> int:
    return rows(stratum[group]) if group in stratum else 0


def _all(stratum: Mapping[str, BinaryCounts], rows: Count) -> int:
    return sum(rows(counts) for counts in stratum.values())
