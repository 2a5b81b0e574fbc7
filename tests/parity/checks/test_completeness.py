"""Every published group metric of three libraries has a check here, or a reason why not.

Names are those of Fairlearn 0.15's `fairlearn.metrics`, of AIF360 0.6's `BinaryLabelDatasetMetric`
and `ClassificationMetric`, and of SageMaker Clarify's open library (smclarify 0.5): its metrics
before and after training. Whoever knows a metric by such a name finds ours here.
"""

from __future__ import annotations

import json
from typing import Final

import pytest
from tests.parity.checks import test_peers as peers
from tests.parity.peers.datasets import TABLES

from assay.adapters.plugins import find_checks

CHECKS: Final = find_checks().all()

ROWS: Final = "It compares each row with rows that resemble it, and counts keep no rows."
FEATURES: Final = "It searches for groups among combinations of features, which counts do not keep."
COUNT: Final = "A count or a rate of one group, not a comparison; reports show it by group."
SCORE_SUM: Final = "A sum of scores by label, not a comparison; Brier and calibration bound them."
DERIVED: Final = "It makes a metric or a scorer of one's own; a check of one's own does so here."
PICTURE: Final = "A picture of several models; here the change against production is one."
REGRESSION: Final = "It compares predicted quantities; decisions and scores are compared here."

FAIRLEARN: Final[dict[str, str]] = {
    "MetricFrame": DERIVED,
    "make_derived_metric": DERIVED,
    "plot_model_comparison": PICTURE,
    "count": COUNT,
    "selection_rate": COUNT,
    "true_positive_rate": COUNT,
    "true_negative_rate": COUNT,
    "false_positive_rate": COUNT,
    "false_negative_rate": COUNT,
    "mean_prediction": SCORE_SUM,
    "demographic_parity_difference": "fairness.selection_rate_difference",
    "demographic_parity_ratio": "fairness.selection_rate_ratio",
    "equal_opportunity_difference": "fairness.equal_opportunity_difference",
    "equal_opportunity_ratio": "fairness.true_positive_rate_ratio",
    "equalized_odds_difference": "fairness.equalized_odds_difference",
    "equalized_odds_ratio": "fairness.equalized_odds_ratio",
    "selection_rate_difference": "fairness.selection_rate_difference",
    "selection_rate_ratio": "fairness.selection_rate_ratio",
    "true_positive_rate_difference": "fairness.equal_opportunity_difference",
    "true_positive_rate_ratio": "fairness.true_positive_rate_ratio",
    "true_negative_rate_difference": "fairness.false_positive_rate_difference",
    "true_negative_rate_ratio": "fairness.true_negative_rate_ratio",
    "false_positive_rate_difference": "fairness.false_positive_rate_difference",
    "false_positive_rate_ratio": "fairness.false_positive_rate_ratio",
    "false_negative_rate_difference": "fairness.equal_opportunity_difference",
    "false_negative_rate_ratio": "fairness.false_negative_rate_ratio",
    "accuracy_score_difference": "fairness.accuracy_difference",
    "accuracy_score_ratio": "fairness.accuracy_ratio",
    "accuracy_score_group_min": "performance.worst_slice_accuracy",
    "balanced_accuracy_score_group_min": "performance.worst_slice_balanced_accuracy",
    "f1_score_group_min": "performance.worst_slice_f1",
    "precision_score_group_min": "performance.worst_slice_precision",
    "recall_score_group_min": "performance.worst_slice_recall",
    "roc_auc_score_group_min": "performance.worst_slice_roc_auc",
    "zero_one_loss_difference": "fairness.accuracy_difference",
    "zero_one_loss_ratio": "fairness.error_rate_ratio",
    "zero_one_loss_group_max": "performance.worst_slice_accuracy",
    "log_loss_group_max": "performance.worst_slice_log_loss",
    "mean_absolute_error_group_max": REGRESSION,
    "mean_squared_error_group_max": "performance.worst_slice_brier",
    "r2_score_group_min": REGRESSION,
}

AIF360: Final[dict[str, str]] = {
    "base_rate": COUNT,
    "num_positives": COUNT,
    "num_negatives": COUNT,
    "num_instances": COUNT,
    "mean_difference": "fairness.label_rate_difference",
    "statistical_parity_difference": "fairness.selection_rate_difference",
    "disparate_impact": "fairness.selection_rate_ratio",
    "consistency": ROWS,
    "rich_subgroup": FEATURES,
    "smoothed_empirical_differential_fairness": "fairness.differential_fairness",
    "differential_fairness_bias_amplification": (
        "fairness.differential_fairness_bias_amplification"
    ),
    "binary_confusion_matrix": COUNT,
    "generalized_binary_confusion_matrix": SCORE_SUM,
    "performance_measures": COUNT,
    "num_true_positives": COUNT,
    "num_false_positives": COUNT,
    "num_true_negatives": COUNT,
    "num_false_negatives": COUNT,
    "num_generalized_true_positives": SCORE_SUM,
    "num_generalized_false_positives": SCORE_SUM,
    "num_generalized_true_negatives": SCORE_SUM,
    "num_generalized_false_negatives": SCORE_SUM,
    "num_pred_positives": COUNT,
    "num_pred_negatives": COUNT,
    "true_positive_rate": COUNT,
    "true_negative_rate": COUNT,
    "false_positive_rate": COUNT,
    "false_negative_rate": COUNT,
    "generalized_true_positive_rate": SCORE_SUM,
    "generalized_false_positive_rate": SCORE_SUM,
    "generalized_true_negative_rate": SCORE_SUM,
    "generalized_false_negative_rate": SCORE_SUM,
    "positive_predictive_value": COUNT,
    "negative_predictive_value": COUNT,
    "false_discovery_rate": COUNT,
    "false_omission_rate": COUNT,
    "selection_rate": COUNT,
    "error_rate": COUNT,
    "accuracy": "performance.accuracy",
    "precision": "performance.precision",
    "recall": "performance.recall",
    "sensitivity": "performance.recall",
    "specificity": "performance.specificity",
    "power": COUNT,
    "compute_ROC_metric": "performance.roc_auc",
    "equal_opportunity_difference": "fairness.equal_opportunity_difference",
    "true_positive_rate_difference": "fairness.equal_opportunity_difference",
    "false_negative_rate_difference": "fairness.equal_opportunity_difference",
    "false_negative_rate_ratio": "fairness.false_negative_rate_ratio",
    "false_positive_rate_difference": "fairness.false_positive_rate_difference",
    "false_positive_rate_ratio": "fairness.false_positive_rate_ratio",
    "false_discovery_rate_difference": "fairness.positive_predictive_value_difference",
    "false_discovery_rate_ratio": "fairness.false_discovery_rate_ratio",
    "false_omission_rate_difference": "fairness.negative_predictive_value_difference",
    "false_omission_rate_ratio": "fairness.false_omission_rate_ratio",
    "average_odds_difference": "fairness.average_odds_difference",
    "average_abs_odds_difference": "fairness.average_absolute_odds_difference",
    "average_predictive_value_difference": "fairness.average_predictive_value_difference",
    "equalized_odds_difference": "fairness.equalized_odds_difference",
    "error_rate_difference": "fairness.accuracy_difference",
    "error_rate_ratio": "fairness.error_rate_ratio",
    "generalized_entropy_index": "fairness.generalized_entropy_index",
    "theil_index": "fairness.theil_index",
    "coefficient_of_variation": "fairness.coefficient_of_variation",
    "between_group_generalized_entropy_index": ("fairness.between_group_generalized_entropy_index"),
    "between_group_theil_index": "fairness.between_group_theil_index",
    "between_group_coefficient_of_variation": "fairness.between_group_coefficient_of_variation",
    "between_all_groups_generalized_entropy_index": (
        "fairness.between_group_generalized_entropy_index"
    ),
    "between_all_groups_theil_index": "fairness.between_group_theil_index",
    "between_all_groups_coefficient_of_variation": (
        "fairness.between_group_coefficient_of_variation"
    ),
}

CLARIFY: Final[dict[str, str]] = {
    **{name: f"fairness.{check}" for name, check in peers.CLARIFY.items()},
    "KL": "fairness.label_kl_divergence",
    "FT": ROWS,
}

LIBRARIES: Final = {"fairlearn": FAIRLEARN, "aif360": AIF360, "smclarify": CLARIFY}

REASONS: Final = {ROWS, FEATURES, COUNT, SCORE_SUM, DERIVED, REGRESSION, PICTURE}


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_name_leads_to_a_check_or_to_a_reason(library: str):
    """A check of that name exists, or a sentence says why counts do not give the metric."""
    for name, said in LIBRARIES[library].items():
        assert said in CHECKS or said in REASONS, (library, name, said)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_recorded_answer_is_compared_by_a_name_that_is_listed(library: str):
    """What a peer was asked for is compared with the check that the list names."""
    compared = {"fairlearn": peers.FAIRLEARN, "aif360": peers.AIF360, "smclarify": peers.CLARIFY}
    for name, check in compared[library].items():
        plain = name.removeprefix("labels.")
        if name.startswith("labels.") and plain == "disparate_impact":
            continue  # of labels it is another check than of decisions
        if plain in {"recall_score_difference", "recall_score_ratio"} or plain.startswith(
            "precision_score_"
        ):
            continue  # scikit-learn's names, as MetricFrame compares them
        assert LIBRARIES[library][plain] == f"fairness.{check}", name


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_recorded_answer_is_without_a_place_in_the_list(library: str):
    """A metric that a newer recording brings is noticed."""
    path = TABLES.parent / "records" / f"{library}.json"
    answers = json.loads(path.read_text(encoding="utf-8"))["answers"]
    recorded = {
        name.removeprefix("labels.").partition(" of ")[0]
        for dataset in answers.values()
        for found in dataset.values()
        for name in found
    }
    endings = ("_difference", "_ratio", "_group_min")
    listed = set(LIBRARIES[library])
    unlisted = {name for name in recorded - listed if not name.endswith(endings)}
    assert unlisted == set()


def test_every_fairness_check_that_libraries_share_is_found_by_one_of_their_names():
    """What is ours alone is named here, so that nothing is left out of the list by oversight."""
    found = {said for names in LIBRARIES.values() for said in names.values()}
    ours = {name for name in CHECKS if name.startswith("fairness.")} - found
    assert ours == {
        "fairness.conditional_selection_rate_difference",
        "fairness.label_rate_ratio",
        "fairness.local_law_144_impact_ratio",
        "fairness.local_law_144_scoring_impact_ratio",
        "fairness.positive_predictive_value_ratio",
    }
