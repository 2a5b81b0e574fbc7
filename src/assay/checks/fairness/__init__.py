"""How differently a version treats groups of people."""

from assay.checks.fairness.outcomes import (
    equal_opportunity_difference,
    equalized_odds_difference,
)
from assay.checks.fairness.selection import selection_rate_difference, selection_rate_ratio

__all__ = [
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "selection_rate_difference",
    "selection_rate_ratio",
]
