"""Decisions given the outcome: are people alike in outcome decided alike?"""

from __future__ import annotations

from assay.checks.fairness.gaps import difference_check, gap_check, ratio_check
from assay.checks.fairness.pairs import Rates, average_difference, largest_of_pairs
from assay.checks.fairness.rates import (
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    TRUE_NEGATIVE,
    TRUE_POSITIVE,
)
from assay.stats.estimate import Errors, Estimate, Undefined

HARDT = "Hardt, Price & Srebro (2016), NeurIPS"

equal_opportunity_difference = difference_check(
    "fairness.equal_opportunity_difference",
    rates=(TRUE_POSITIVE,),
    summary="The largest difference of true positive rates between two groups.",
    source=f"{HARDT}; for two groups the size of Clarify's recall difference",
)
equalized_odds_difference = difference_check(
    "fairness.equalized_odds_difference",
    rates=(TRUE_POSITIVE, FALSE_POSITIVE),
    summary="The larger of the largest differences of true and false positive rates.",
    source=HARDT,
)
equalized_odds_ratio = ratio_check(
    "fairness.equalized_odds_ratio",
    rates=(TRUE_POSITIVE, FALSE_POSITIVE),
    summary="The smaller of the smallest ratios of true and false positive rates.",
    source=f"{HARDT}; Fairlearn's equalized odds ratio",
)
true_positive_rate_ratio = ratio_check(
    "fairness.true_positive_rate_ratio",
    rates=(TRUE_POSITIVE,),
    summary="The smallest ratio of true positive rates between two groups.",
    source=f"{HARDT}; Fairlearn's equal opportunity ratio",
)
false_positive_rate_difference = difference_check(
    "fairness.false_positive_rate_difference",
    rates=(FALSE_POSITIVE,),
    summary="The largest difference of false positive rates between two groups.",
    source="Chouldechova (2017), Big Data 5(2); predictive equality of Corbett-Davies et al. "
    "(2017), KDD; for two groups the size of Clarify's specificity difference",
)
false_positive_rate_ratio = ratio_check(
    "fairness.false_positive_rate_ratio",
    rates=(FALSE_POSITIVE,),
    summary="The smallest ratio of false positive rates between two groups.",
    source="AIF360's false positive rate ratio, the smaller one above the line",
)
true_negative_rate_ratio = ratio_check(
    "fairness.true_negative_rate_ratio",
    rates=(TRUE_NEGATIVE,),
    summary="The smallest ratio of true negative rates between two groups.",
    source="Fairlearn's true negative rate ratio",
)
false_negative_rate_ratio = ratio_check(
    "fairness.false_negative_rate_ratio",
    rates=(FALSE_NEGATIVE,),
    summary="The smallest ratio of false negative rates between two groups.",
    source="AIF360's false negative rate ratio, the smaller one above the line",
)


def _average_absolute_odds(first: Rates, second: Rates, errors: Errors) -> Estimate | Undefined:
    """The larger of the mean of both differences, and of one and the other's opposite.

    Half the sum of two sizes is the largest over their signs; pairs in the other order give
    the two signs that are not here.
    """
    each = Errors(low=errors.low / 2.0, high=errors.high)
    same = average_difference(first, second, each)
    opposite = average_difference((first[0], second[1]), (second[0], first[1]), each)
    if isinstance(same, Undefined):
        return same
    if isinstance(opposite, Undefined):
        return opposite
    return Estimate(
        value=max(same.value, opposite.value),
        low=max(same.low, opposite.low),
        high=max(same.high, opposite.high),
        low_error=errors.low,
        high_error=errors.high,
        n=same.n,
        method=same.method,
    )


average_odds_difference = gap_check(
    "fairness.average_odds_difference",
    largest_of_pairs((TRUE_POSITIVE, FALSE_POSITIVE), average_difference),
    better="lower",
    unit="difference",
    summary="The largest mean of the differences of true and false positive rates.",
    formula="max over pairs ((TPR_i - TPR_j) + (FPR_i - FPR_j)) / 2",
    source="AIF360's average odds difference, for two groups its size. Bounds: "
    "assay.stats.linear_combination",
)
average_absolute_odds_difference = gap_check(
    "fairness.average_absolute_odds_difference",
    largest_of_pairs((TRUE_POSITIVE, FALSE_POSITIVE), _average_absolute_odds),
    better="lower",
    unit="difference",
    summary="The largest mean of the sizes of both differences, of true and false positive rates.",
    formula="max over pairs (|TPR_i - TPR_j| + |FPR_i - FPR_j|) / 2",
    source="AIF360's average absolute odds difference. Bounds: assay.stats.linear_combination",
)
