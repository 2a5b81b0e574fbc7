"""Estimates with one-sided bounds that keep their declared errors; usable alone.

Names load when they are first used: importing the package loads neither numpy nor scipy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from assay.stats.agreement import cohen_kappa, matthews_correlation
    from assay.stats.calibration import Reliability, expected_calibration_error, reliability
    from assay.stats.combinations import discrepancy, increasing, linear_combination, monotone
    from assay.stats.differences import (
        balanced_accuracy,
        difference_of_proportions,
        ratio_of_proportions,
    )
    from assay.stats.draws import DrawKey
    from assay.stats.estimate import READING, Binding, Errors, Estimate, GroupReading, Undefined
    from assay.stats.gaps import largest_difference, smallest_ratio, smallest_ratio_of_families
    from assay.stats.holm import holm_error
    from assay.stats.lift import lift_at_top
    from assay.stats.means import Moments, mean
    from assay.stats.overlap import f1_score
    from assay.stats.paired import PairedProportions, paired_difference
    from assay.stats.paired_balance import balanced_accuracy_difference
    from assay.stats.paired_precision import PairedPrecision, precision_difference
    from assay.stats.paired_ranking import PairedScores, difference_of_areas
    from assay.stats.planning import units_lacking, units_per_group, units_to_pass
    from assay.stats.precision_recall import average_precision
    from assay.stats.probabilities import brier_score, log_loss
    from assay.stats.proportions import Proportion, exact_lower_bound, exact_upper_bound, proportion
    from assay.stats.ranking import area_under_roc, gini_coefficient
    from assay.stats.recalibration import calibration_intercept, calibration_slope
    from assay.stats.score_intervals import (
        ScoreInterval,
        miettinen_nurminen_difference,
        miettinen_nurminen_ratio,
        newcombe_interval,
        wilson_interval,
    )
    from assay.stats.separation import kolmogorov_smirnov
    from assay.stats.skill import skill_score

_HOMES: Final = {
    "READING": "estimate",
    "Binding": "estimate",
    "DrawKey": "draws",
    "Errors": "estimate",
    "Estimate": "estimate",
    "GroupReading": "estimate",
    "Moments": "means",
    "PairedPrecision": "paired_precision",
    "PairedProportions": "paired",
    "PairedScores": "paired_ranking",
    "Proportion": "proportions",
    "Reliability": "calibration",
    "ScoreInterval": "score_intervals",
    "Undefined": "estimate",
    "area_under_roc": "ranking",
    "average_precision": "precision_recall",
    "balanced_accuracy": "differences",
    "balanced_accuracy_difference": "paired_balance",
    "brier_score": "probabilities",
    "calibration_intercept": "recalibration",
    "calibration_slope": "recalibration",
    "cohen_kappa": "agreement",
    "difference_of_areas": "paired_ranking",
    "difference_of_proportions": "differences",
    "discrepancy": "combinations",
    "exact_lower_bound": "proportions",
    "exact_upper_bound": "proportions",
    "expected_calibration_error": "calibration",
    "f1_score": "overlap",
    "gini_coefficient": "ranking",
    "holm_error": "holm",
    "increasing": "combinations",
    "kolmogorov_smirnov": "separation",
    "largest_difference": "gaps",
    "lift_at_top": "lift",
    "linear_combination": "combinations",
    "log_loss": "probabilities",
    "matthews_correlation": "agreement",
    "mean": "means",
    "miettinen_nurminen_difference": "score_intervals",
    "miettinen_nurminen_ratio": "score_intervals",
    "monotone": "combinations",
    "newcombe_interval": "score_intervals",
    "paired_difference": "paired",
    "precision_difference": "paired_precision",
    "proportion": "proportions",
    "ratio_of_proportions": "differences",
    "reliability": "calibration",
    "skill_score": "skill",
    "smallest_ratio": "gaps",
    "smallest_ratio_of_families": "gaps",
    "units_lacking": "planning",
    "units_per_group": "planning",
    "units_to_pass": "planning",
    "wilson_interval": "score_intervals",
}

__all__ = [
    "READING",
    "Binding",
    "DrawKey",
    "Errors",
    "Estimate",
    "GroupReading",
    "Moments",
    "PairedPrecision",
    "PairedProportions",
    "PairedScores",
    "Proportion",
    "Reliability",
    "ScoreInterval",
    "Undefined",
    "area_under_roc",
    "average_precision",
    "balanced_accuracy",
    "balanced_accuracy_difference",
    "brier_score",
    "calibration_intercept",
    "calibration_slope",
    "cohen_kappa",
    "difference_of_areas",
    "difference_of_proportions",
    "discrepancy",
    "exact_lower_bound",
    "exact_upper_bound",
    "expected_calibration_error",
    "f1_score",
    "gini_coefficient",
    "holm_error",
    "increasing",
    "kolmogorov_smirnov",
    "largest_difference",
    "lift_at_top",
    "linear_combination",
    "log_loss",
    "matthews_correlation",
    "mean",
    "miettinen_nurminen_difference",
    "miettinen_nurminen_ratio",
    "monotone",
    "newcombe_interval",
    "paired_difference",
    "precision_difference",
    "proportion",
    "ratio_of_proportions",
    "reliability",
    "skill_score",
    "smallest_ratio",
    "smallest_ratio_of_families",
    "units_lacking",
    "units_per_group",
    "units_to_pass",
    "wilson_interval",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
