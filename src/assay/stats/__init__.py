"""Estimates with one-sided bounds that keep their declared errors; usable alone.

Names load when they are first used: importing the package loads neither numpy nor scipy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from assay.stats.calibration import expected_calibration_error, reliability
    from assay.stats.differences import (
        balanced_accuracy,
        difference_of_proportions,
        ratio_of_proportions,
    )
    from assay.stats.estimate import READING, Binding, Errors, Estimate, GroupReading, Undefined
    from assay.stats.gaps import largest_difference, smallest_ratio
    from assay.stats.holm import holm_error
    from assay.stats.planning import units_lacking
    from assay.stats.proportions import (
        Proportion,
        exact_lower_bound,
        exact_upper_bound,
        proportion,
    )
    from assay.stats.ranking import area_under_roc

_MODULES: Final = {
    "READING": "estimate",
    "Binding": "estimate",
    "Errors": "estimate",
    "Estimate": "estimate",
    "GroupReading": "estimate",
    "Proportion": "proportions",
    "Undefined": "estimate",
    "area_under_roc": "ranking",
    "balanced_accuracy": "differences",
    "difference_of_proportions": "differences",
    "exact_lower_bound": "proportions",
    "exact_upper_bound": "proportions",
    "expected_calibration_error": "calibration",
    "holm_error": "holm",
    "largest_difference": "gaps",
    "proportion": "proportions",
    "ratio_of_proportions": "differences",
    "reliability": "calibration",
    "smallest_ratio": "gaps",
    "units_lacking": "planning",
}

__all__ = [
    "READING",
    "Binding",
    "Errors",
    "Estimate",
    "GroupReading",
    "Proportion",
    "Undefined",
    "area_under_roc",
    "balanced_accuracy",
    "difference_of_proportions",
    "exact_lower_bound",
    "exact_upper_bound",
    "expected_calibration_error",
    "holm_error",
    "largest_difference",
    "proportion",
    "ratio_of_proportions",
    "reliability",
    "smallest_ratio",
    "units_lacking",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
