"""How differently a version, or the data it learned from, treats groups of people."""

from assay.checks.fairness.between_groups import (
    between_group_coefficient_of_variation,
    between_group_generalized_entropy_index,
    between_group_theil_index,
)
from assay.checks.fairness.composition import class_imbalance
from assay.checks.fairness.conditional import (
    conditional_demographic_disparity,
    conditional_demographic_disparity_in_labels,
    conditional_selection_rate_difference,
)
from assay.checks.fairness.inequality import (
    coefficient_of_variation,
    generalized_entropy_index,
    theil_index,
)
from assay.checks.fairness.labels import (
    label_js_divergence,
    label_kl_divergence,
    label_lp_norm,
    label_rate_difference,
    label_rate_ratio,
)
from assay.checks.fairness.local_law_144 import (
    local_law_144_impact_ratio,
    local_law_144_scoring_impact_ratio,
)
from assay.checks.fairness.outcomes import (
    average_absolute_odds_difference,
    average_odds_difference,
    equal_opportunity_difference,
    equalized_odds_difference,
    equalized_odds_ratio,
    false_negative_rate_ratio,
    false_positive_rate_difference,
    false_positive_rate_ratio,
    true_negative_rate_ratio,
    true_positive_rate_ratio,
)
from assay.checks.fairness.predictive import (
    accuracy_difference,
    accuracy_ratio,
    average_predictive_value_difference,
    conditional_acceptance_difference,
    conditional_rejection_difference,
    error_rate_ratio,
    false_discovery_rate_ratio,
    false_omission_rate_ratio,
    negative_predictive_value_difference,
    positive_predictive_value_difference,
    positive_predictive_value_ratio,
    treatment_equality_difference,
)
from assay.checks.fairness.selection import (
    differential_fairness,
    differential_fairness_bias_amplification,
    selection_rate_difference,
    selection_rate_ratio,
)

__all__ = [
    "accuracy_difference",
    "accuracy_ratio",
    "average_absolute_odds_difference",
    "average_odds_difference",
    "average_predictive_value_difference",
    "between_group_coefficient_of_variation",
    "between_group_generalized_entropy_index",
    "between_group_theil_index",
    "class_imbalance",
    "coefficient_of_variation",
    "conditional_acceptance_difference",
    "conditional_demographic_disparity",
    "conditional_demographic_disparity_in_labels",
    "conditional_rejection_difference",
    "conditional_selection_rate_difference",
    "differential_fairness",
    "differential_fairness_bias_amplification",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "error_rate_ratio",
    "false_discovery_rate_ratio",
    "false_negative_rate_ratio",
    "false_omission_rate_ratio",
    "false_positive_rate_difference",
    "false_positive_rate_ratio",
    "generalized_entropy_index",
    "label_js_divergence",
    "label_kl_divergence",
    "label_lp_norm",
    "label_rate_difference",
    "label_rate_ratio",
    "local_law_144_impact_ratio",
    "local_law_144_scoring_impact_ratio",
    "negative_predictive_value_difference",
    "positive_predictive_value_difference",
    "positive_predictive_value_ratio",
    "selection_rate_difference",
    "selection_rate_ratio",
    "theil_index",
    "treatment_equality_difference",
    "true_negative_rate_ratio",
    "true_positive_rate_ratio",
]
