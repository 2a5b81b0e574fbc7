"""Agreement of label and decision beyond what chance would give."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.evidence.canonical import canonical_digest
from assay.evidence.inputs import Evidence
from assay.stats.agreement import cohen_kappa, matthews_correlation
from assay.stats.draws import DrawKey
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Confusion

ALL: Final = Confusion()


@check("performance.mcc", better="higher", needs=(ALL,), unit="coefficient")
def mcc(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """Matthews' correlation of label and decision, in [-1, 1].

    Formula: (TP TN - FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)).
    Source: Matthews (1975), Biochimica et Biophysica Acta 405(2), 442-451; Efron (1987) for
        the bounds, from draws keyed by the counts, so that anyone can repeat them.
    Undefined: under 200 rows, under 10 of a label or of a decision, or units that fill fewer
        than 10 buckets.
    Tallies: confusion.
    """
    return matthews_correlation(
        evidence[ALL].total,
        errors=errors,
        key=_key(evidence, "performance.mcc"),
        buckets=[part.total for part in evidence.buckets(ALL)],
    )


@check("performance.kappa", better="higher", needs=(ALL,), unit="coefficient")
def kappa(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """Cohen's kappa: the share of possible agreement beyond chance that is reached.

    Formula: (o - e) / (1 - e), with o = (TP + TN) / n and e = ((TP + FP)(TP + FN) +
        (TN + FN)(TN + FP)) / n².
    Source: Cohen (1960), Educational and Psychological Measurement 20(1), 37-46; Efron (1987)
        for the bounds, from draws keyed by the counts, so that anyone can repeat them.
    Undefined: under 200 rows, under 10 of a label or of a decision, or units that fill fewer
        than 10 buckets.
    Tallies: confusion.
    """
    return cohen_kappa(
        evidence[ALL].total,
        errors=errors,
        key=_key(evidence, "performance.kappa"),
        buckets=[part.total for part in evidence.buckets(ALL)],
    )


def _key(evidence: Evidence, check_name: str) -> DrawKey:
    """Draws belong to these counts and this check, so a verifier makes the same ones."""
    return DrawKey(digest=canonical_digest(evidence[ALL].state()), check=check_name, revision=1)
