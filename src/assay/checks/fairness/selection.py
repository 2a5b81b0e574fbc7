"""Who is selected: favourable decisions by group, whatever the outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from assay.checks.fairness.gaps import (
    Claim,
    difference_check,
    gap_check,
    ratio_check,
    ratios,
)
from assay.checks.fairness.rates import (
    LABEL,
    REJECTION,
    SELECTION,
    UNFAVOURABLE_LABEL,
    Rate,
)
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined, outward

UNITS = 3
"""The revision from which people with either decision count once."""

selection_rate_difference = difference_check(
    "fairness.selection_rate_difference",
    rates=(SELECTION,),
    summary="The largest difference of selection rates between two groups.",
    source="Calders & Verwer (2010), DMKD 21(2); Fairlearn's demographic parity difference; "
    "for two groups the size of AIF360's statistical parity difference and of Clarify's DPPL",
)
selection_rate_ratio = ratio_check(
    "fairness.selection_rate_ratio",
    rates=(SELECTION,),
    summary="The smallest ratio of selection rates; at least 0.8 is the four-fifths rule.",
    source="29 CFR 1607.4 D; Fairlearn's demographic parity ratio; AIF360's and Clarify's "
    "disparate impact with the group that is worse off above the line",
)


def _differential(
    evidence: Evidence, claim: Claim, errors: Errors, *, of: Sequence[Rate] = (SELECTION, REJECTION)
) -> Estimate | Undefined:
    """The log of the largest ratio is that of the smallest, so its bounds change sides."""
    mirrored = Errors(low=errors.high, high=errors.low)
    smallest = ratios(of)(evidence, claim, mirrored)
    if isinstance(smallest, Undefined):
        return smallest
    if smallest.value == 0.0:
        return Undefined(
            reason="A group has no decision or label of one kind at all, so its log ratio is "
            "infinite.",
            groups=smallest.groups,
        )
    low_binding, high_binding = smallest.high_binding, smallest.low_binding
    low, high = outward(_minus_log(smallest.high), _minus_log(smallest.low))
    return replace(
        smallest,
        # Both kinds of decision are of the same people.
        n=smallest.n / len(of),
        value=_minus_log(smallest.value),
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        method=f"minus the log of {smallest.method}",
        low_binding=low_binding
        and replace(low_binding, value=_minus_log(low_binding.value), bound=low),
        high_binding=high_binding
        and replace(high_binding, value=_minus_log(high_binding.value), bound=high),
    )


def _minus_log(ratio: float) -> float:
    """Of a ratio of at most 1, so that it is never below 0."""
    return abs(math.log(ratio)) if ratio > 0.0 else math.inf


differential_fairness = gap_check(
    "fairness.differential_fairness",
    _differential,
    better="lower",
    unit="log ratio",
    summary="The largest log ratio of how often two groups meet one decision, of either kind.",
    formula="max over pairs and decisions ln(r_i / r_j), r = (TP + FP) / n or (TN + FN) / n",
    source="Foulds et al. (2020), ICDE, empirical differential fairness without smoothing. "
    "Bounds: assay.stats.smallest_ratio",
    undefined="a group without one kind of decision, ",
    revision=UNITS,
)


def _amplification(evidence: Evidence, claim: Claim, errors: Errors) -> Estimate | Undefined:
    """Each of the two at half the error: whatever their dependence, the error holds."""
    half = Errors(low=errors.low / 2.0, high=errors.high / 2.0)
    mirrored = Errors(low=half.high, high=half.low)
    decided = _differential(evidence, claim, half)
    labelled = _differential(evidence, claim, mirrored, of=(LABEL, UNFAVOURABLE_LABEL))
    if isinstance(decided, Undefined):
        return decided
    if isinstance(labelled, Undefined):
        return labelled
    low, high = outward(decided.low - labelled.high, decided.high - labelled.low)
    return Estimate(
        value=decided.value - labelled.value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=min(decided.n, labelled.n),
        method=f"difference of bounds at half the error, {decided.method}",
        groups=decided.groups,
    )


differential_fairness_bias_amplification = gap_check(
    "fairness.differential_fairness_bias_amplification",
    _amplification,
    better="lower",
    unit="log ratio",
    summary="How much larger the largest log ratio is of decisions than of labels.",
    formula="max over pairs and decisions ln(r_i / r_j), less the same of labels with "
    "r = (TP + FN) / n or (FP + TN) / n; above 0 the model widens what the labels show",
    source="Foulds et al. (2020), ICDE, section 5, without smoothing; AIF360's differential "
    "fairness bias amplification. Bounds: Bonferroni's, of assay.stats.smallest_ratio",
    undefined="a group without one kind of decision or of label, ",
    revision=UNITS,
)
