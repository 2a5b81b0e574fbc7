"""Whether scores can be read as probabilities."""

from assay.checks.calibration.binned import (
    brier_reliability,
    brier_resolution,
    expected_calibration_error,
)
from assay.checks.calibration.large import in_the_large
from assay.checks.calibration.line import intercept, slope
from assay.checks.calibration.slices import worst_slice_expected_calibration_error

__all__ = [
    "brier_reliability",
    "brier_resolution",
    "expected_calibration_error",
    "in_the_large",
    "intercept",
    "slope",
    "worst_slice_expected_calibration_error",
]
