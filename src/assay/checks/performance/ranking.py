"""How well scores put positives before negatives."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.ranking import area_under_roc
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
