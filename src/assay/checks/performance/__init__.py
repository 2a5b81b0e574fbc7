"""How well a version decides and ranks, over all rows and in the slice where it does worst."""

from assay.checks.performance.agreement import kappa, mcc
from assay.checks.performance.baseline import (
    brier_skill_score,
    gain_over_baseline,
    log_loss_skill_score,
)
from assay.checks.performance.changes import (
    accuracy_change,
    balanced_accuracy_change,
    brier_change,
    precision_change,
    recall_change,
    roc_auc_change,
    specificity_change,
)
from assay.checks.performance.losses import brier, cost, log_loss
from assay.checks.performance.ranking import average_precision, gini, ks, lift_at_k, roc_auc
from assay.checks.performance.rates import (
    accuracy,
    balanced_accuracy,
    f1,
    precision,
    recall,
    specificity,
)
from assay.checks.performance.slices import (
    worst_slice_accuracy,
    worst_slice_balanced_accuracy,
    worst_slice_brier,
    worst_slice_f1,
    worst_slice_log_loss,
    worst_slice_precision,
    worst_slice_recall,
    worst_slice_roc_auc,
    worst_slice_specificity,
)

__all__ = [
    "accuracy",
    "accuracy_change",
    "average_precision",
    "balanced_accuracy",
    "balanced_accuracy_change",
    "brier",
    "brier_change",
    "brier_skill_score",
    "cost",
    "f1",
    "gain_over_baseline",
    "gini",
    "kappa",
    "ks",
    "lift_at_k",
    "log_loss",
    "log_loss_skill_score",
    "mcc",
    "precision",
    "precision_change",
    "recall",
    "recall_change",
    "roc_auc",
    "roc_auc_change",
    "specificity",
    "specificity_change",
    "worst_slice_accuracy",
    "worst_slice_balanced_accuracy",
    "worst_slice_brier",
    "worst_slice_f1",
    "worst_slice_log_loss",
    "worst_slice_precision",
    "worst_slice_recall",
    "worst_slice_roc_auc",
    "worst_slice_specificity",
]
