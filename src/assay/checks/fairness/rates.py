"""The rates whose gaps between groups fairness speaks of.

All of them speak of the favourable outcome and decision (a loan repaid, a loan granted), which
may well be what a classifier calls negative: "true positive" here is a favourable decision
about a person with the favourable outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.checks.check import Columns
from assay.checks.groups import Count, group_rates
from assay.evidence.inputs import Evidence
from assay.stats.proportions import Proportion
from assay.stats.tallies import BinaryCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate by its name, its formula, and what it counts of the favourable view.

    `counted` says which rows are its trials, where it is not all of them.
    """

    name: str
    formula: str
    events: Count
    trials: Count
    counted: str = ""


SELECTION: Final = Rate(
    name="selection rate",
    formula="(TP + FP) / n",
    events=lambda c: c.predicted_positives,
    trials=lambda c: c.n,
)
LABEL: Final = Rate(
    name="rate of favourable labels",
    formula="(TP + FN) / n",
    events=lambda c: c.positives,
    trials=lambda c: c.n,
)
UNFAVOURABLE_LABEL: Final = Rate(
    name="rate of unfavourable labels",
    formula="(FP + TN) / n",
    events=lambda c: c.negatives,
    trials=lambda c: c.n,
)
TRUE_POSITIVE: Final = Rate(
    name="true positive rate",
    formula="TP / (TP + FN)",
    events=lambda c: c.true_positives,
    trials=lambda c: c.positives,
    counted="with the favourable outcome",
)
FALSE_NEGATIVE: Final = Rate(
    name="false negative rate",
    formula="FN / (TP + FN)",
    events=lambda c: c.false_negatives,
    trials=lambda c: c.positives,
    counted="with the favourable outcome",
)
FALSE_POSITIVE: Final = Rate(
    name="false positive rate",
    formula="FP / (FP + TN)",
    events=lambda c: c.false_positives,
    trials=lambda c: c.negatives,
    counted="with the unfavourable outcome",
)
TRUE_NEGATIVE: Final = Rate(
    name="true negative rate",
    formula="TN / (FP + TN)",
    events=lambda c: c.true_negatives,
    trials=lambda c: c.negatives,
    counted="with the unfavourable outcome",
)
POSITIVE_PREDICTIVE: Final = Rate(
    name="positive predictive value",
    formula="TP / (TP + FP)",
    events=lambda c: c.true_positives,
    trials=lambda c: c.predicted_positives,
    counted="with the favourable decision",
)
FALSE_DISCOVERY: Final = Rate(
    name="false discovery rate",
    formula="FP / (TP + FP)",
    events=lambda c: c.false_positives,
    trials=lambda c: c.predicted_positives,
    counted="with the favourable decision",
)
NEGATIVE_PREDICTIVE: Final = Rate(
    name="negative predictive value",
    formula="TN / (TN + FN)",
    events=lambda c: c.true_negatives,
    trials=lambda c: c.predicted_negatives,
    counted="with the unfavourable decision",
)
FALSE_OMISSION: Final = Rate(
    name="false omission rate",
    formula="FN / (TN + FN)",
    events=lambda c: c.false_negatives,
    trials=lambda c: c.predicted_negatives,
    counted="with the unfavourable decision",
)
ACCURACY: Final = Rate(
    name="accuracy",
    formula="(TP + TN) / n",
    events=lambda c: c.correct,
    trials=lambda c: c.n,
)
REJECTION: Final = Rate(
    name="rejection rate",
    formula="(TN + FN) / n",
    events=lambda c: c.predicted_negatives,
    trials=lambda c: c.n,
)
ERROR: Final = Rate(
    name="error rate",
    formula="(FP + FN) / n",
    events=lambda c: c.n - c.correct,
    trials=lambda c: c.n,
)
FALSE_NEGATIVES_OF_ERRORS: Final = Rate(
    name="share of errors that are false negatives",
    formula="FN / (FP + FN)",
    events=lambda c: c.false_negatives,
    trials=lambda c: c.n - c.correct,
    counted="with a wrong decision",
)


def favourable(evidence: Evidence, counts: BinaryCounts) -> BinaryCounts:
    """A group's counts with the favourable outcome and decision as the positive ones."""
    return counts if evidence.favourable_is_positive else counts.swapped()


def families_of(
    evidence: Evidence, rates: Sequence[Rate], by: Columns, *, intersections: bool
) -> tuple[list[dict[str, Proportion]], list[str]]:
    """Each rate by group in each slice, and the rates' names in the same order.

    Raises:
        Absent: a slice was not collected.
    """
    families: list[dict[str, Proportion]] = []
    names: list[str] = []
    for rate in rates:
        slices = group_rates(
            evidence,
            by,
            intersections=intersections,
            events=_viewed(evidence, rate.events),
            trials=_viewed(evidence, rate.trials),
        )
        families += slices
        names += [rate.name] * len(slices)
    return families, names


def _viewed(evidence: Evidence, count: Count) -> Count:
    return lambda counts: count(favourable(evidence, counts))
