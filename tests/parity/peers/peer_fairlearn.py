"""Fairlearn's group metrics of the three datasets, as JSON on standard output."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pandas as pd
from fairlearn import metrics as fm
from sklearn import metrics as sk
from tests.parity.peers.datasets import DATASETS, Dataset

RATES: dict[str, Callable[..., float]] = {
    "selection_rate": fm.selection_rate,
    "true_positive_rate": fm.true_positive_rate,
    "true_negative_rate": fm.true_negative_rate,
    "false_positive_rate": fm.false_positive_rate,
    "false_negative_rate": fm.false_negative_rate,
    "accuracy_score": sk.accuracy_score,
    "balanced_accuracy_score": sk.balanced_accuracy_score,
    "precision_score": sk.precision_score,
    "recall_score": sk.recall_score,
    "f1_score": sk.f1_score,
    "zero_one_loss": sk.zero_one_loss,
}
DISPARITIES: dict[str, Callable[..., float]] = {
    "demographic_parity_difference": fm.demographic_parity_difference,
    "demographic_parity_ratio": fm.demographic_parity_ratio,
    "equalized_odds_difference": fm.equalized_odds_difference,
    "equalized_odds_ratio": fm.equalized_odds_ratio,
    "equal_opportunity_difference": fm.equal_opportunity_difference,
    "equal_opportunity_ratio": fm.equal_opportunity_ratio,
}


def audited(dataset: Dataset) -> dict[str, Any]:
    """Every metric by each column alone, and by the crossed columns."""
    people = list(dataset.people())
    groups = pd.DataFrame([person[0] for person in people])
    outcome = pd.Series([person[1] for person in people])
    decision = pd.Series([person[2] for person in people])
    answers: dict[str, Any] = {}
    for columns in [*((column,) for column in dataset.columns), dataset.intersection]:
        sensitive = groups[list(columns)]
        frame = fm.MetricFrame(
            metrics=RATES, y_true=outcome, y_pred=decision, sensitive_features=sensitive
        )
        found = {}
        for name in RATES:
            found[f"{name}_difference"] = float(frame.difference(method="between_groups")[name])
            found[f"{name}_ratio"] = float(frame.ratio(method="between_groups")[name])
            found[f"{name}_group_min"] = float(frame.group_min()[name])
        for name, metric in DISPARITIES.items():
            found[name] = float(metric(outcome, decision, sensitive_features=sensitive))
        answers[" × ".join(columns)] = found
    return answers


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    record = {
        "versions": {name: version(name) for name in ("fairlearn", "scikit-learn", "numpy")},
        "answers": {dataset.name: audited(dataset) for dataset in DATASETS},
    }
    sys.stdout.write(json.dumps(record, indent=1, sort_keys=True) + "\n")
