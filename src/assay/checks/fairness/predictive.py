"""Outcomes given the decision: does a decision mean the same for everyone?"""

from __future__ import annotations

import math
from dataclasses import replace

from assay.checks.fairness.gaps import difference_check, gap_check, ratio_check
from assay.checks.fairness.pairs import Rates, average_difference, largest_of_pairs
from assay.checks.fairness.rates import (
    ACCURACY,
    ERROR,
    FALSE_DISCOVERY,
    FALSE_NEGATIVES_OF_ERRORS,
    FALSE_OMISSION,
    NEGATIVE_PREDICTIVE,
    POSITIVE_PREDICTIVE,
    REJECTION,
    SELECTION,
)
from assay.stats.combinations import monotone
from assay.stats.estimate import Errors, Estimate, Undefined

CHOULDECHOVA = "Chouldechova (2017), Big Data 5(2), 153-163"
BOX = "Bounds: assay.stats.monotone, which are wider than they might be"

positive_predictive_value_difference = difference_check(
    "fairness.positive_predictive_value_difference",
    rates=(POSITIVE_PREDICTIVE,),
    summary="The largest difference of precision between two groups (predictive parity).",
    source=f"{CHOULDECHOVA}; for two groups the size of Clarify's difference in acceptance "
    "rates and of AIF360's false discovery rate difference",
)
positive_predictive_value_ratio = ratio_check(
    "fairness.positive_predictive_value_ratio",
    rates=(POSITIVE_PREDICTIVE,),
    summary="The smallest ratio of precision between two groups.",
    source=CHOULDECHOVA,
)
false_discovery_rate_ratio = ratio_check(
    "fairness.false_discovery_rate_ratio",
    rates=(FALSE_DISCOVERY,),
    summary="The smallest ratio of false discovery rates between two groups.",
    source="AIF360's false discovery rate ratio, the smaller one above the line",
)
negative_predictive_value_difference = difference_check(
    "fairness.negative_predictive_value_difference",
    rates=(NEGATIVE_PREDICTIVE,),
    summary="The largest difference of negative predictive values between two groups.",
    source="for two groups the size of Clarify's difference in rejection rates and of AIF360's "
    "false omission rate difference",
)
false_omission_rate_ratio = ratio_check(
    "fairness.false_omission_rate_ratio",
    rates=(FALSE_OMISSION,),
    summary="The smallest ratio of false omission rates between two groups.",
    source="AIF360's false omission rate ratio, the smaller one above the line",
)
accuracy_difference = difference_check(
    "fairness.accuracy_difference",
    rates=(ACCURACY,),
    summary="The largest difference of accuracy between two groups (overall accuracy equality).",
    source="Berk et al. (2021), Sociological Methods & Research 50(1); for two groups the size "
    "of Clarify's accuracy difference and of AIF360's error rate difference",
)
accuracy_ratio = ratio_check(
    "fairness.accuracy_ratio",
    rates=(ACCURACY,),
    summary="The smallest ratio of accuracy between two groups.",
    source="Fairlearn's accuracy ratio",
)
error_rate_ratio = ratio_check(
    "fairness.error_rate_ratio",
    rates=(ERROR,),
    summary="The smallest ratio of error rates between two groups.",
    source="AIF360's error rate ratio, the smaller one above the line",
)


average_predictive_value_difference = gap_check(
    "fairness.average_predictive_value_difference",
    largest_of_pairs((POSITIVE_PREDICTIVE, FALSE_OMISSION), average_difference),
    better="lower",
    unit="difference",
    summary="The largest mean of the differences of precision and of the false omission rate.",
    formula="max over pairs ((PPV_i - PPV_j) + (FOR_i - FOR_j)) / 2",
    source="AIF360's average predictive value difference, for two groups its size. Bounds: "
    "assay.stats.linear_combination",
)


def _odds(share: float) -> float:
    return share / (1.0 - share) if share < 1.0 else math.inf


def _odds_apart(first: float, second: float) -> float:
    return -math.inf if second == 1.0 else _odds(first) - _odds(second)


def _treatment(first: Rates, second: Rates, errors: Errors) -> Estimate | Undefined:
    """The difference of two odds, each of a false negative among the errors of a group."""
    return monotone(_odds_apart, rising=first, falling=second, errors=errors)


treatment_equality_difference = gap_check(
    "fairness.treatment_equality_difference",
    largest_of_pairs((FALSE_NEGATIVES_OF_ERRORS,), _treatment),
    better="lower",
    unit="difference of ratios",
    summary="The largest difference of false negatives per false positive between two groups.",
    formula="max over pairs (FN_i / FP_i - FN_j / FP_j)",
    source=f"Berk et al. (2021), Sociological Methods & Research 50(1); Clarify's TE. {BOX}",
    undefined="a group without false positives, ",
)


def _conditional(first: Rates, second: Rates, errors: Errors) -> Estimate | Undefined:
    """The difference of labels per decision of one kind, between two groups.

    With precision P, the rate o at which the other decision hides such a label, and the
    share s of this decision, labels per decision are P + o (1 - s) / s: three independent
    rates, rising in two and falling in one.
    """
    precision, omission, share = first
    other_precision, other_omission, other_share = second
    estimate = monotone(
        _labels_apart,
        rising=(precision, omission, other_share),
        falling=(other_precision, other_omission, share),
        errors=errors,
    )
    if isinstance(estimate, Undefined):
        return estimate
    # Rows with either decision are the rows of the share, and count once.
    return replace(estimate, n=share.units + other_share.units)


def _labels_apart(*rates: float) -> float:
    """The difference, of the rates in which it rises, then of those in which it falls."""
    precision, omission, other_share, other_precision, other_omission, share = rates
    own = _labels_per_decision(precision, omission, share)
    return own - _labels_per_decision(other_precision, other_omission, other_share)


def _labels_per_decision(precision: float, omission: float, share: float) -> float:
    return precision + omission * (1.0 - share) / share if share > 0.0 else math.inf


conditional_acceptance_difference = gap_check(
    "fairness.conditional_acceptance_difference",
    largest_of_pairs((POSITIVE_PREDICTIVE, FALSE_OMISSION, SELECTION), _conditional),
    better="lower",
    unit="difference of ratios",
    summary="The largest difference of favourable labels per favourable decision.",
    formula="max over pairs (c_i - c_j), c = (TP + FN) / (TP + FP)",
    source=f"Clarify's DCA, for two groups its size. {BOX}",
    undefined="a group without one kind of decision, ",
    revision=2,
)
conditional_rejection_difference = gap_check(
    "fairness.conditional_rejection_difference",
    largest_of_pairs((NEGATIVE_PREDICTIVE, FALSE_DISCOVERY, REJECTION), _conditional),
    better="lower",
    unit="difference of ratios",
    summary="The largest difference of unfavourable labels per unfavourable decision.",
    formula="max over pairs (r_i - r_j), r = (TN + FP) / (TN + FN)",
    source=f"Clarify's DCR, for two groups its size. {BOX}",
    undefined="a group without one kind of decision, ",
    revision=2,
)
