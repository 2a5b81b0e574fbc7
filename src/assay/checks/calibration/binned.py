"""Calibration over bins of equally many rows."""

from __future__ import annotations

from typing import Final

from assay.checks.check import check
from assay.evidence.inputs import Evidence
from assay.stats import brier_parts, calibration
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


@check("calibration.brier_reliability", better="lower", needs=(ALL,), unit="squared fraction")
def brier_reliability(
    evidence: Evidence, *, errors: Errors, bins: int = 15
) -> Estimate | Undefined:
    """The reliability part of the Brier score: the mean squared gap of score and rate, by bin.

    Formula: Σ over bins of (n_b / n) (positives_b / n_b - mean score_b)². With the resolution
        and the uncertainty p (1 - p), Brier = reliability - resolution + uncertainty, of scores
        replaced by their bin's mean: the binned quantity is the claim. The point value is biased
        upwards on few rows, so it may lie above `low` by more than it seems.
    Source: Murphy (1973), Journal of Applied Meteorology 12(4), 595-600, equation (8);
        Satterthwaite (1946), Biometrics Bulletin 2(6), for the noise that bounds allow for.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: scores.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        bins: bins of equally many rows, at least 2.
    """
    return brier_parts.brier_reliability(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
        bins=bins,
    )


@check("calibration.brier_resolution", better="higher", needs=(ALL,), unit="squared fraction")
def brier_resolution(evidence: Evidence, *, errors: Errors, bins: int = 15) -> Estimate | Undefined:
    """The resolution part of the Brier score: how far the rates of bins lie apart.

    Formula: Σ over bins of (n_b / n) (positives_b / n_b - p)², with p the share of positives;
        at most the uncertainty p (1 - p). The binned quantity is the claim, as of
        `calibration.brier_reliability`.
    Source: Murphy (1973), Journal of Applied Meteorology 12(4), 595-600, equation (8);
        Satterthwaite (1946), Biometrics Bulletin 2(6), for the noise that bounds allow for.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: scores.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        bins: bins of equally many rows, at least 2.
    """
    return brier_parts.brier_resolution(
        evidence[ALL].table(),
        errors=errors,
        buckets=[bucket.table() for bucket in evidence.buckets(ALL)],
        bins=bins,
    )
