"""Calibration over bins of equally many rows."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats import calibration
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Scores

ALL: Final = Scores()


@check("calibration.expected_calibration_error", better="lower", needs=(ALL,))
def expected_calibration_error(
    evidence: Evidence, *, errors: Errors, bins: int = 15
) -> Estimate | Undefined:
    """The mean gap between predicted and observed rate, over bins of equally many rows.

    Formula: Σ over bins of (n_b / n) |positives_b / n_b - mean score_b|. The binned quantity
        is the claim; the point value is biased upwards on few rows, so it may lie above `low`
        by more than it seems.
    Source: Naeini, Cooper & Hauskrecht (2015), AAAI; equal-mass bins as in Roelofs et al.
        (2022), AISTATS.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: scores.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        bins: bins of equally many rows, at least 2.
    """
    return calibration.expected_calibration_error(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
        bins=bins,
    )
