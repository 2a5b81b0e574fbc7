"""What wrong decisions and wrong probabilities cost, on average."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats import probabilities
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.means import Moments, mean
from assay.stats.tallies import BinaryCounts, Confusion, Scores

DECISIONS: Final = Confusion()
SCORES: Final = Scores()


@check("performance.cost", better="lower", needs=(DECISIONS,), unit="cost")
def cost(
    evidence: Evidence,
    *,
    errors: Errors,
    false_positive: Decimal,
    false_negative: Decimal,
    true_positive: Decimal = Decimal(0),
    true_negative: Decimal = Decimal(0),
) -> Estimate | Undefined:
    """The mean cost of a decision, by a declared cost of each kind.

    Formula: (TP c_tp + FP c_fp + FN c_fn + TN c_tn) / n; a benefit is a negative cost.
    Source: Elkan (2001), The Foundations of Cost-Sensitive Learning, IJCAI; Hall (1992) and
        Hoeffding (1963) for the bounds.
    Undefined: no row, costs that are all equal, or units that fill fewer than 10 buckets.
    Tallies: confusion.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        false_positive: cost of a positive decision about a negative label.
        false_negative: cost of a negative decision about a positive label.
        true_positive: cost of a positive decision about a positive label.
        true_negative: cost of a negative decision about a negative label.
    """
    costs = np.array(
        [float(true_negative), float(false_positive), float(false_negative), float(true_positive)]
    )

    def moments(counts: BinaryCounts) -> Moments:
        return Moments.of(costs, _cells(counts))

    return mean(
        moments(evidence[DECISIONS].total),
        errors=errors,
        limits=(float(costs.min()), float(costs.max())),
        buckets=[moments(part.total) for part in evidence.buckets(DECISIONS)],
    )


@check("performance.brier", better="lower", needs=(SCORES,))
def brier(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The mean squared difference of score and label.

    Formula: mean of (score - label)², label 0 or 1.
    Source: Brier (1950), Monthly Weather Review 78(1), 1-3; Hall (1992) and Hoeffding (1963)
        for the bounds, wider by what the place within a bin could change.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    return probabilities.brier_score(
        evidence[SCORES].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(SCORES)],
    )


@check("performance.log_loss", better="lower", needs=(SCORES,), unit="nats")
def log_loss(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The mean surprise at the label, were the score its probability.

    Formula: mean of -ln(score) of positives and -ln(1 - score) of negatives.
    Source: Good (1952), Journal of the Royal Statistical Society B 14(1), 107-114; Hall (1992)
        for the bounds, wider by what the place within a bin could change.
    Undefined: no row, a label that its score of exactly 0 or 1 rules out, fewer rows than the
        larger of 100 and 10 times the squared skewness, or units that fill fewer than 10
        buckets.
    Tallies: scores.
    """
    return probabilities.log_loss(
        evidence[SCORES].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(SCORES)],
    )


def _cells(counts: BinaryCounts) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(4,) true negatives, false positives, false negatives, true positives."""
    return np.array(
        [
            counts.true_negatives,
            counts.false_positives,
            counts.false_negatives,
            counts.true_positives,
        ],
        dtype=np.float64,
    )
