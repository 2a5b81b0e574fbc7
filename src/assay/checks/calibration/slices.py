"""Calibration in the group where it is worst."""

from __future__ import annotations

from assay.checks.groups import ScoredGroup, score_needs
from assay.checks.slices import scored_parts, worst_slice_check
from assay.stats import calibration
from assay.stats.estimate import Errors, Estimate, Undefined


def _error(group: ScoredGroup, errors: Errors) -> Estimate | Undefined:
    return calibration.expected_calibration_error(group.table, errors=errors, buckets=group.buckets)


worst_slice_expected_calibration_error = worst_slice_check(
    "calibration.expected_calibration_error",
    scored_parts(_error),
    better="lower",
    formula="Σ over 15 bins of (n_b / n) |positives_b / n_b - mean score_b|",
    summary="The expected calibration error in the group where it is largest.",
    needs=score_needs,
    tallies="scores",
    revision=2,
)
