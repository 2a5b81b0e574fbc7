"""The worst declared slice: how well a version serves the group that it serves worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assay.checks.check import Columns, Needs, check
from assay.checks.groups import (
    MIN_GROUP_SIZE,
    Count,
    ScoredGroup,
    SmallGroups,
    group_needs,
    group_rates,
    group_tables,
    score_needs,
)
from assay.checks.performance.rates import f1_of
from assay.checks.worst import Figure, Part, Slices, worst_of
from assay.evidence.inputs import Evidence
from assay.stats import differences
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.ranking import area_under_roc

PartsOf = Callable[[Evidence, Columns, bool], Slices]
"""The parts of each slice, given evidence, columns and whether intersections count."""

_DOCUMENTATION = """{summary}

Formula: min over groups of {formula}. "Positive" is the label that the score predicts.
Source: as `performance.{of}` for one group; Berger (1982), Technometrics 24(4), for all.
Undefined: a group for which `performance.{of}` is, or one below `min_group_size`.
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
    of: str, parts_of: PartsOf, *, formula: str, summary: str, needs: Needs, tallies: str
) -> Callable[..., Any]:
    """A check of the smallest figure of any group.

    Args:
        of: the figure's own name, such as "accuracy".
        parts_of: each group's figure.
        formula: the figure's formula.
        summary: the first line of the check's documentation.
        needs: what it reads.
        tallies: the same in a word.
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
            better="higher",
            errors=errors,
            min_units=min_group_size,
            small=small_groups,
        )

    worst.__name__ = worst.__qualname__ = f"worst_slice_{of}"
    worst.__doc__ = _DOCUMENTATION.format(summary=summary, formula=formula, of=of, tallies=tallies)
    return check(f"performance.worst_slice_{of}", better="higher", needs=needs)(worst)


def _rates(
    events: Count,
    trials: Count,
    bounded: Callable[..., Estimate | Undefined] = proportion,
) -> PartsOf:
    def parts(evidence: Evidence, by: Columns, intersections: bool) -> Slices:
        return [
            {name: _rate(rate, bounded) for name, rate in rates.items()}
            for rates in group_rates(
                evidence, by, intersections=intersections, events=events, trials=trials
            )
        ]

    return parts


def _rate(rate: Proportion, bounded: Callable[..., Estimate | Undefined]) -> Part:
    return Part(
        at=lambda errors: bounded(rate, errors=errors), units=rate.units if rate.trials else 0.0
    )


def _balanced(evidence: Evidence, by: Columns, intersections: bool) -> Slices:
    sensitivities = group_rates(
        evidence,
        by,
        intersections=intersections,
        events=lambda c: c.true_positives,
        trials=lambda c: c.positives,
    )
    specificities = group_rates(
        evidence,
        by,
        intersections=intersections,
        events=lambda c: c.true_negatives,
        trials=lambda c: c.negatives,
    )
    return [
        {
            name: Part(
                at=_balanced_accuracy(one[name], other[name]),
                units=min(rate.units if rate.trials else 0.0 for rate in (one[name], other[name])),
            )
            for name in one
        }
        for one, other in zip(sensitivities, specificities, strict=True)
    ]


def _balanced_accuracy(sensitivity: Proportion, specificity: Proportion) -> Figure:
    return lambda errors: differences.balanced_accuracy(sensitivity, specificity, errors=errors)


def _ranked(evidence: Evidence, by: Columns, intersections: bool) -> Slices:
    return [
        {name: Part(at=_area(group), units=group.rows) for name, group in groups.items()}
        for groups in group_tables(evidence, by, intersections=intersections)
    ]


def _area(group: ScoredGroup) -> Figure:
    return lambda errors: area_under_roc(group.table, errors=errors, buckets=group.buckets)


worst_slice_accuracy = worst_slice_check(
    "accuracy",
    _rates(lambda c: c.correct, lambda c: c.n),
    formula="(TP + TN) / n",
    summary="The accuracy in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_balanced_accuracy = worst_slice_check(
    "balanced_accuracy",
    _balanced,
    formula="(TP / (TP + FN) + TN / (TN + FP)) / 2",
    summary="The balanced accuracy in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_precision = worst_slice_check(
    "precision",
    _rates(lambda c: c.true_positives, lambda c: c.predicted_positives),
    formula="TP / (TP + FP)",
    summary="The precision in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_recall = worst_slice_check(
    "recall",
    _rates(lambda c: c.true_positives, lambda c: c.positives),
    formula="TP / (TP + FN)",
    summary="The recall in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_specificity = worst_slice_check(
    "specificity",
    _rates(lambda c: c.true_negatives, lambda c: c.negatives),
    formula="TN / (TN + FP)",
    summary="The specificity in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_f1 = worst_slice_check(
    "f1",
    _rates(lambda c: c.true_positives, lambda c: c.n - c.true_negatives, f1_of),
    formula="2 TP / (2 TP + FP + FN)",
    summary="F1 in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_roc_auc = worst_slice_check(
    "roc_auc",
    _ranked,
    formula="the chance that a positive of the group scores above one of its negatives",
    summary="The area under the ROC curve in the group where it is lowest.",
    needs=score_needs,
    tallies="scores",
)
