"""Who is selected: favourable decisions by group, whatever the outcome."""

from __future__ import annotations

from assay.checks.fairness.gaps import difference_check, ratio_check
from assay.checks.fairness.rates import SELECTION

selection_rate_difference = difference_check(
    "fairness.selection_rate_difference",
    rates=(SELECTION,),
    summary="The largest difference of selection rates between two groups.",
    source="Calders & Verwer (2010), DMKD 21; Fairlearn's demographic parity difference; for "
    "two groups the size of AIF360's statistical parity difference and of Clarify's DPPL",
)
selection_rate_ratio = ratio_check(
    "fairness.selection_rate_ratio",
    rates=(SELECTION,),
    summary="The smallest ratio of selection rates; at least 0.8 is the four-fifths rule.",
    source="29 CFR 1607.4 D; Fairlearn's demographic parity ratio; AIF360's and Clarify's "
    "disparate impact with the group that is worse off above the line",
)
