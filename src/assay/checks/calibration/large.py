"""Calibration in the large: are scores right on average?"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats.combinations import distance_from
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.means import Moments, mean
from assay.stats.tallies import Scores, ScoreTable

ALL: Final = Scores()


@check("calibration.in_the_large", better="lower", needs=(ALL,), unit="difference")
def in_the_large(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """How far the mean score lies from the share of positives, on either side.

    Formula: |mean of (score - label)|, label 0 or 1.
    Source: Cox (1958), Biometrika 45(3/4), 562-565; Van Calster et al. (2016), Journal of
        Clinical Epidemiology 74; Hall (1992) and Hoeffding (1963) for the bounds of the mean,
        wider by half a bin where scores are binned.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: scores.
    """
    table = evidence[ALL].table()
    buckets = [bucket.table() for bucket in evidence.buckets(ALL)]

    def signed(errors: Errors) -> Estimate | Undefined:
        estimate = mean(
            _moments(table),
            errors=errors,
            limits=(-1.0, 1.0),
            buckets=[_moments(bucket) for bucket in buckets],
        )
        if isinstance(estimate, Undefined):
            return estimate
        doubt = _half_width(table)
        low, high = outward(estimate.low - doubt, estimate.high + doubt)
        return replace(estimate, low=low, high=high)

    return distance_from(0.0, signed, errors=errors)


def _moments(table: ScoreTable) -> Moments:
    """Of score less label, over rows."""
    excess = np.concatenate([table.scores, table.scores - 1.0])
    counts = np.concatenate([table.negatives, table.positives]).astype(float)
    return Moments.of(excess, counts)


def _half_width(table: ScoreTable) -> float:
    """The mean over rows of half a bin's width, which is as far as the mean score may lie off."""
    rows = (table.negatives + table.positives).astype(float)
    return float(rows @ table.half_widths / rows.sum())
