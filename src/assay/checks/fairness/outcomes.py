"""Decisions given the outcome: are people alike in outcome decided alike?"""

from __future__ import annotations

from assay.checks.fairness.gaps import difference_check
from assay.checks.fairness.rates import FALSE_POSITIVE, TRUE_POSITIVE

equal_opportunity_difference = difference_check(
    "fairness.equal_opportunity_difference",
    rates=(TRUE_POSITIVE,),
    summary="The largest difference of true positive rates between two groups.",
    source="Hardt, Price & Srebro (2016), NeurIPS; Fairlearn's equal opportunity difference; "
    "for two groups the size of AIF360's, and of Clarify's recall difference",
)
equalized_odds_difference = difference_check(
    "fairness.equalized_odds_difference",
    rates=(TRUE_POSITIVE, FALSE_POSITIVE),
    summary="The larger of the largest differences of true and false positive rates.",
    source="Hardt, Price & Srebro (2016), NeurIPS; Fairlearn's equalized odds difference",
)
