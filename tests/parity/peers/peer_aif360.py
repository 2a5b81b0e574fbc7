"""AIF360's metrics of the three datasets, as JSON on standard output."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from importlib.metadata import version
from typing import Any

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402 - AIF360 logs and warns while it is imported
from aif360.datasets import BinaryLabelDataset  # noqa: E402
from aif360.metrics import BinaryLabelDatasetMetric, ClassificationMetric  # noqa: E402
from tests.parity.peers.datasets import DATASETS, Dataset  # noqa: E402

OF_LABELS = ("mean_difference", "disparate_impact")
OF_DECISIONS = (
    "accuracy",
    "average_abs_odds_difference",
    "average_odds_difference",
    "average_predictive_value_difference",
    "between_all_groups_coefficient_of_variation",
    "between_all_groups_generalized_entropy_index",
    "between_all_groups_theil_index",
    "coefficient_of_variation",
    "disparate_impact",
    "equal_opportunity_difference",
    "error_rate_difference",
    "error_rate_ratio",
    "false_discovery_rate_difference",
    "false_discovery_rate_ratio",
    "false_negative_rate_difference",
    "false_negative_rate_ratio",
    "false_omission_rate_difference",
    "false_omission_rate_ratio",
    "false_positive_rate_difference",
    "false_positive_rate_ratio",
    "generalized_entropy_index",
    "statistical_parity_difference",
    "theil_index",
    "true_positive_rate_difference",
)


def audited(dataset: Dataset) -> dict[str, Any]:
    """Every metric of each pair of groups."""
    people = list(dataset.people())
    answers: dict[str, Any] = {}
    for column, privileged, unprivileged in dataset.pairs:
        held = [person for person in people if person[0][column] in {privileged, unprivileged}]
        frame = pd.DataFrame(
            {
                "group": [float(person[0][column] == privileged) for person in held],
                "outcome": [float(person[1]) for person in held],
            }
        )
        true = BinaryLabelDataset(
            df=frame, label_names=["outcome"], protected_attribute_names=["group"]
        )
        predicted = true.copy()
        predicted.labels = pd.DataFrame([float(person[2]) for person in held]).to_numpy()
        sides = {
            "privileged_groups": [{"group": 1.0}],
            "unprivileged_groups": [{"group": 0.0}],
        }
        labels = BinaryLabelDatasetMetric(true, **sides)
        decisions = ClassificationMetric(true, predicted, **sides)
        answers[column] = {
            **{f"labels.{name}": float(getattr(labels, name)()) for name in OF_LABELS},
            **{name: float(getattr(decisions, name)()) for name in OF_DECISIONS},
        }
    return answers


if __name__ == "__main__":
    record = {
        "versions": {name: version(name) for name in ("aif360", "numpy")},
        "answers": {dataset.name: audited(dataset) for dataset in DATASETS},
    }
    sys.stdout.write(json.dumps(record, indent=1, sort_keys=True) + "\n")
