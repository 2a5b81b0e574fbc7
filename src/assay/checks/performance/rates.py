"""Rates of right and wrong decisions.

"Positive" is the label that the score predicts, whichever decision is the favourable one.
"""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.checks.groups import Count
from assay.checks.worst import among
from assay.evidence.inputs import Evidence
from assay.stats import differences
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.overlap import f1_score
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import Confusion

ALL: Final = Confusion()

PREDICTED: Final = "with a positive prediction"
POSITIVE: Final = "with a positive label"
NEGATIVE: Final = "with a negative label"
EITHER: Final = "positive by label or by prediction"
"""Which rows a rate counts, where it is not all of them."""


@check("performance.accuracy", better="higher", needs=(ALL,))
def accuracy(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of decisions that equal the label.

    Formula: (TP + TN) / n.
    Source: Clopper & Pearson (1934) for the bounds.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    counted = overall(evidence, events=lambda c: c.correct, trials=lambda c: c.n)
    return proportion(counted, errors=errors)


@check("performance.precision", better="higher", needs=(ALL,))
def precision(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of positive predictions whose label is positive (positive predictive value).

    Formula: TP / (TP + FP).
    Source: van Rijsbergen (1979), Information Retrieval, chapter 7; Clopper & Pearson (1934)
        for the bounds.
    Undefined: no positive prediction, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    counted = overall(
        evidence, events=lambda c: c.true_positives, trials=lambda c: c.predicted_positives
    )
    return among(proportion(counted, errors=errors), PREDICTED)


@check("performance.recall", better="higher", needs=(ALL,))
def recall(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of positive labels that are predicted (sensitivity, true positive rate).

    Formula: TP / (TP + FN).
    Source: van Rijsbergen (1979), Information Retrieval, chapter 7; Clopper & Pearson (1934)
        for the bounds.
    Undefined: no positive label, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return among(proportion(sensitivity_of(evidence), errors=errors), POSITIVE)


@check("performance.specificity", better="higher", needs=(ALL,))
def specificity(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of negative labels that are predicted (true negative rate).

    Formula: TN / (TN + FP).
    Source: Yerushalmy (1947), Public Health Reports 62(40); Clopper & Pearson (1934) for the
        bounds.
    Undefined: no negative label, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return among(proportion(specificity_of(evidence), errors=errors), NEGATIVE)


@check("performance.balanced_accuracy", better="higher", needs=(ALL,), revision=2)
def balanced_accuracy(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The mean of the recalls of both classes: accuracy as if the classes were equally large.

    Formula: (TP / (TP + FN) + TN / (TN + FP)) / 2.
    Source: Brodersen et al. (2010), ICPR; Zou & Donner (2008) for the bounds.
    Undefined: no row of one class, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return differences.balanced_accuracy(
        sensitivity_of(evidence), specificity_of(evidence), errors=errors
    )


@check("performance.f1", better="higher", needs=(ALL,))
def f1(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The harmonic mean of precision and recall.

    Formula: 2 TP / (2 TP + FP + FN) = 2J / (1 + J) of the Jaccard index J = TP / (TP + FP + FN).
    Source: van Rijsbergen (1979), Information Retrieval, chapter 7; Clopper & Pearson (1934)
        on J for the bounds.
    Undefined: no positive label and no positive prediction, or units that fill fewer than 10
        buckets.
    Tallies: confusion.
    """
    counted = overall(
        evidence, events=lambda c: c.true_positives, trials=lambda c: c.n - c.true_negatives
    )
    return among(f1_score(counted, errors=errors), EITHER)


def sensitivity_of(evidence: Evidence) -> Proportion:
    """True positives among positive labels."""
    return overall(evidence, events=lambda c: c.true_positives, trials=lambda c: c.positives)


def specificity_of(evidence: Evidence) -> Proportion:
    """True negatives among negative labels."""
    return overall(evidence, events=lambda c: c.true_negatives, trials=lambda c: c.negatives)


def overall(evidence: Evidence, *, events: Count, trials: Count) -> Proportion:
    """A rate over all rows, with its buckets of units.

    Raises:
        Absent: label-by-decision counts were not collected.
    """
    return evidence.proportions(ALL, events=events, trials=trials)[""]
