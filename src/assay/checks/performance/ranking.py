"""How well scores put positives before negatives."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

import numpy as np

from assay.checks.check import check
from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.precision_recall import average_precision as average_precision_of
from assay.stats.proportions import Proportion, proportion
from assay.stats.ranking import area_under_roc
from assay.stats.separation import kolmogorov_smirnov
from assay.stats.tallies import Scores, ScoreTable

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


@check("performance.lift_at_k", better="higher", needs=(ALL,), unit="ratio")
def lift_at_k(evidence: Evidence, *, errors: Errors, k: Decimal) -> Estimate | Undefined:
    """How many times more positives the top k of all rows holds than a random k would.

    Formula: (positives in the top k rows / positives) / k, with k a fraction of the rows. Rows
        that tie at the cut count in proportion; within a bin, where their order is not known,
        the bounds take the worst and the best of it.
    Source: Berry & Linoff (1999), Mastering Data Mining, chapter 4; Clopper & Pearson (1934)
        on the share of positives captured, the cut taken as given.
    Undefined: no positive label, or rows that share units, since the cut is not a tally by
        bucket.
    Tallies: scores.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        k: the fraction of rows at the top, in (0, 1).
    """
    if not 0 < k < 1:
        raise InvalidArgument(f"k is a fraction of the rows in (0, 1), not {k}.")
    if evidence.buckets(ALL):
        return Undefined(reason="Lift at k has no method yet for rows that share units.")
    table, share = evidence[ALL].table(), float(k)
    positives = float(table.positives.sum())
    if positives == 0.0:
        return Undefined(reason="Lift compares with positives, and no row is actually positive.")
    least, expected, most = _captured(table, share)
    found = [
        proportion(Proportion(events=min(events, positives), trials=positives), errors=errors)
        for events in (least, expected, most)
    ]
    for estimate in found:
        if isinstance(estimate, Undefined):
            return estimate
    low, middle, high = (item for item in found if isinstance(item, Estimate))
    return increasing(
        replace(middle, low=low.low, high=high.high),
        lambda captured: captured / share,
        method="share of positives in the top k over k,",
    )


def _captured(table: ScoreTable, share: float) -> tuple[float, float, float]:
    """Positives in the top share of the rows: at least, in proportion at the cut, at most."""
    positives = table.positives[::-1].astype(float)
    rows = (table.negatives + table.positives)[::-1].astype(float)
    wanted = share * float(rows.sum())
    above = np.cumsum(rows)
    at = min(int(np.searchsorted(above, wanted)), len(rows) - 1)
    room = wanted - float(above[at] - rows[at])
    before = float(positives[:at].sum())
    expected = before + room * float(positives[at] / rows[at])
    if table.half_widths[::-1][at] == 0.0:
        return expected, expected, expected
    negatives = float(rows[at] - positives[at])
    return before + max(0.0, room - negatives), expected, before + min(room, float(positives[at]))
