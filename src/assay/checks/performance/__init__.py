"""How well a version decides and ranks, over all rows."""

from assay.checks.performance.ranking import roc_auc
from assay.checks.performance.rates import accuracy, balanced_accuracy

__all__ = ["accuracy", "balanced_accuracy", "roc_auc"]
