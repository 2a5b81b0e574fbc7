"""The worst declared slice: how well a version serves the group that it serves worst."""

from __future__ import annotations

from collections.abc import Callable

from assay.checks.check import Columns
from assay.checks.groups import (
    Count,
    ScoredGroup,
    group_needs,
    group_rates,
    score_needs,
)
from assay.checks.performance.rates import EITHER, NEGATIVE, POSITIVE, PREDICTED
from assay.checks.slices import PartsOf, scored_parts, worst_slice_check
from assay.checks.worst import Figure, Part, Slices
from assay.evidence.inputs import Evidence
from assay.stats import differences
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.overlap import f1_score
from assay.stats.probabilities import brier_score, log_loss
from assay.stats.proportions import Proportion, proportion
from assay.stats.ranking import area_under_roc


def _rates(
    events: Count,
    trials: Count,
    bounded: Callable[..., Estimate | Undefined] = proportion,
    counted: str = "",
) -> PartsOf:
    def parts(evidence: Evidence, by: Columns, intersections: bool) -> Slices:
        return [
            {name: _rate(rate, bounded, counted) for name, rate in rates.items()}
            for rates in group_rates(
                evidence, by, intersections=intersections, events=events, trials=trials
            )
        ]

    return parts


def _rate(rate: Proportion, bounded: Callable[..., Estimate | Undefined], counted: str) -> Part:
    return Part(
        at=lambda errors: bounded(rate, errors=errors),
        units=rate.units if rate.trials else 0.0,
        counted=counted,
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


def _area(group: ScoredGroup, errors: Errors) -> Estimate | Undefined:
    return area_under_roc(group.table, errors=errors, buckets=group.buckets)


worst_slice_accuracy = worst_slice_check(
    "performance.accuracy",
    _rates(lambda c: c.correct, lambda c: c.n),
    better="higher",
    formula="(TP + TN) / n",
    summary="The accuracy in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_balanced_accuracy = worst_slice_check(
    "performance.balanced_accuracy",
    _balanced,
    better="higher",
    formula="(TP / (TP + FN) + TN / (TN + FP)) / 2",
    summary="The balanced accuracy in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
    revision=2,
)
worst_slice_precision = worst_slice_check(
    "performance.precision",
    _rates(lambda c: c.true_positives, lambda c: c.predicted_positives, counted=PREDICTED),
    better="higher",
    formula="TP / (TP + FP)",
    summary="The precision in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_recall = worst_slice_check(
    "performance.recall",
    _rates(lambda c: c.true_positives, lambda c: c.positives, counted=POSITIVE),
    better="higher",
    formula="TP / (TP + FN)",
    summary="The recall in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_specificity = worst_slice_check(
    "performance.specificity",
    _rates(lambda c: c.true_negatives, lambda c: c.negatives, counted=NEGATIVE),
    better="higher",
    formula="TN / (TN + FP)",
    summary="The specificity in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)
worst_slice_f1 = worst_slice_check(
    "performance.f1",
    _rates(lambda c: c.true_positives, lambda c: c.n - c.true_negatives, f1_score, counted=EITHER),
    better="higher",
    formula="2 TP / (2 TP + FP + FN)",
    summary="F1 in the group where it is lowest.",
    needs=group_needs,
    tallies="confusion",
)


def _brier(group: ScoredGroup, errors: Errors) -> Estimate | Undefined:
    return brier_score(group.table, errors=errors, buckets=group.buckets)


def _log_loss(group: ScoredGroup, errors: Errors) -> Estimate | Undefined:
    return log_loss(group.table, errors=errors, buckets=group.buckets)


worst_slice_brier = worst_slice_check(
    "performance.brier",
    scored_parts(_brier),
    better="lower",
    formula="the mean of (score - label)², label 0 or 1",
    summary="The Brier score in the group where it is largest.",
    needs=score_needs,
    tallies="scores",
    revision=2,
)
worst_slice_log_loss = worst_slice_check(
    "performance.log_loss",
    scored_parts(_log_loss),
    better="lower",
    formula="the mean of -ln(score) of positives and -ln(1 - score) of negatives",
    summary="The log loss in the group where it is largest.",
    needs=score_needs,
    tallies="scores",
    revision=2,
)
worst_slice_roc_auc = worst_slice_check(
    "performance.roc_auc",
    scored_parts(_area),
    better="higher",
    formula="the chance that a positive of the group scores above one of its negatives",
    summary="The area under the ROC curve in the group where it is lowest.",
    needs=score_needs,
    tallies="scores",
    revision=2,
)
