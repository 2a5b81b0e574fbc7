"""Rates of right and wrong decisions."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.checks.groups import Count
from assay.evidence.inputs import Evidence
from assay.stats import differences
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import Confusion

ALL: Final = Confusion()


@check("performance.accuracy", better="higher", needs=(ALL,))
def accuracy(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of decisions that equal the label.

    Formula: (TP + TN) / n.
    Source: Clopper & Pearson (1934) for the bounds.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return proportion(
        overall(evidence, events=lambda c: c.correct, trials=lambda c: c.n), errors=errors
    )


@check("performance.balanced_accuracy", better="higher", needs=(ALL,))
def balanced_accuracy(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The mean of the recalls of both classes: accuracy as if the classes were equally large.

    Formula: (TP / (TP + FN) + TN / (TN + FP)) / 2.
    Source: Brodersen et al. (2010), ICPR; Zou & Donner (2008) for the bounds.
    Undefined: no row of one class, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return differences.balanced_accuracy(
        overall(evidence, events=lambda c: c.true_positives, trials=lambda c: c.positives),
        overall(evidence, events=lambda c: c.true_negatives, trials=lambda c: c.negatives),
        errors=errors,
    )


def overall(evidence: Evidence, *, events: Count, trials: Count) -> Proportion:
    """A rate over all rows, with its buckets of units.

    Raises:
        Absent: label-by-decision counts were not collected.
    """
    return evidence.proportions(ALL, events=events, trials=trials)[""]
