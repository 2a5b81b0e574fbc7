"""The line that would recalibrate the scores: how far it is from leaving them as they are."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats.combinations import distance_from
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.recalibration import calibration_intercept, calibration_slope
from assay.stats.tallies import Scores

ALL: Final = Scores()


@check("calibration.intercept", better="lower", needs=(ALL,), unit="distance")
def intercept(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """How far the log odds of the scores are off on the whole, on either side of 0.

    Formula: |a| of logit P(positive) = a + logit(score), fitted by logistic regression.
    Source: Cox (1958), Biometrika 45(3/4), 562-565; Van Calster et al. (2016), Journal of
        Clinical Epidemiology 74; White (1982) for the standard error.
    Undefined: under 20 rows of a label, a score of exactly 0 or 1, or units that fill fewer
        than 10 buckets.
    Tallies: scores.
    """
    table = evidence[ALL].table()
    buckets = [bucket.table() for bucket in evidence.buckets(ALL)]
    return distance_from(
        0.0,
        lambda at: calibration_intercept(table, errors=at, buckets=buckets),
        errors=errors,
    )


@check("calibration.slope", better="lower", needs=(ALL,), unit="distance")
def slope(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """How far the calibration slope is from 1: scores too extreme, or too timid.

    Formula: |b - 1| of logit P(positive) = a + b logit(score), fitted by logistic regression.
    Source: Cox (1958), Biometrika 45(3/4), 562-565; Van Calster et al. (2016), Journal of
        Clinical Epidemiology 74; White (1982) for the standard error.
    Undefined: under 20 rows of a label, a score of exactly 0 or 1, scores that separate the
        labels completely, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    table = evidence[ALL].table()
    buckets = [bucket.table() for bucket in evidence.buckets(ALL)]
    return distance_from(
        1.0,
        lambda at: calibration_slope(table, errors=at, buckets=buckets),
        errors=errors,
    )
