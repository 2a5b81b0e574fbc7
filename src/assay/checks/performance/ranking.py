"""How well scores put positives before negatives."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.lift import lift_at_top
from assay.stats.precision_recall import average_precision as average_precision_of
from assay.stats.ranking import area_under_roc
from assay.stats.separation import kolmogorov_smirnov
from assay.stats.tallies import Scores

ALL: Final = Scores()


@check("performance.roc_auc", better="higher", needs=(ALL,), unit="probability")
def roc_auc(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The chance that a positive scores above a negative, ties counting half.

    Formula: (Σ over pairs of [s₊ > s₋] + ½ [s₊ = s₋]) / (n₊ n₋).
    Source: Hanley & McNeil (1982); DeLong et al. (1988) for the variance, on the logit;
        Birnbaum & Klose (1957) where a class has fewer than 30 rows or the curve nears an end.
    Undefined: no row of one class, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    return area_under_roc(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
    )


@check("performance.gini", better="higher", needs=(ALL,), unit="coefficient")
def gini(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The Gini coefficient of credit scoring (accuracy ratio, Somers' D): 0 says nothing.

    Formula: 2 AUC - 1.
    Source: Engelmann, Hayden & Tasche (2003), Deutsche Bundesbank Discussion Paper 01/2003;
        bounds as those of `performance.roc_auc`.
    Undefined: no row of one class, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    area = roc_auc(evidence, errors=errors)
    if isinstance(area, Undefined):
        return area
    return increasing(area, lambda a: 2.0 * a - 1.0, method="2A - 1 of")


@check("performance.average_precision", better="higher", needs=(ALL,))
def average_precision(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The mean over positives of the precision at their score: how pure the top is.

    Formula: Σ over scores, from the top, of (recall gained) x (precision so far).
    Source: Boyd, Eng & Page (2013), ECML PKDD, section 3.2, for the bounds, on the logit at
        half the error, wider by what order within a bin could change.
    Undefined: under 100 positives, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    return average_precision_of(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
    )


@check("performance.ks", better="higher", needs=(ALL,), unit="distance")
def ks(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The Kolmogorov-Smirnov distance between the scores of positives and of negatives.

    Formula: max over thresholds |share of positives below - share of negatives below|.
    Source: Raghavachari (1973), Annals of Statistics 1(1), 67-73, for the upper bound; Massart
        (1990), Annals of Probability 18(3), for the lower.
    Undefined: no row of one class, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    return kolmogorov_smirnov(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
    )


@check("performance.lift_at_k", better="higher", needs=(ALL,), unit="ratio", revision=2)
def lift_at_k(evidence: Evidence, *, errors: Errors, k: Decimal) -> Estimate | Undefined:
    """How many times more positives the top k of all rows holds than a random k would.

    Formula: (positives in the top k rows / positives) / k, with k a fraction of the rows. Rows
        that tie at the cut count in proportion; within a bin, where their order is not known,
        the bounds take the worst and the best of it.
    Source: Berry & Linoff (1999), Mastering Data Mining, chapter 4; Clopper & Pearson (1934)
        on where the cut lies and on the share of positives above it, joined as Zou & Donner
        (2008) join two rates.
    Undefined: no positive label, or units that fill fewer than 10 buckets.
    Tallies: scores.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        k: the fraction of rows at the top, in (0, 1).
    """
    return lift_at_top(
        evidence[ALL].table(),
        share=float(k),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
    )
