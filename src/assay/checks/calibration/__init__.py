"""Whether scores can be read as probabilities."""

from assay.checks.calibration.binned import expected_calibration_error

__all__ = ["expected_calibration_error"]
