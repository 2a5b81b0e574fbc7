"""Before training: how the labels themselves differ between groups."""

from __future__ import annotations

import math
from collections.abc import Callable

from assay.checks.fairness.gaps import (
    ARC_ALONE,
    Claim,
    difference_check,
    differences,
    gap_check,
    ratio_check,
)
from assay.checks.fairness.pairs import Compare, Rates, largest_of_pairs
from assay.checks.fairness.rates import LABEL
from assay.evidence.inputs import Evidence
from assay.stats.combinations import discrepancy, increasing
from assay.stats.estimate import Errors, Estimate, Undefined

DAS = "Das et al. (2021), Fairness Measures for Machine Learning in Finance, JFDS 3(4)"

label_rate_difference = difference_check(
    "fairness.label_rate_difference",
    rates=(LABEL,),
    summary="The largest difference of the share of favourable labels between two groups.",
    source=f"{DAS}; Clarify's DPL, and for two labels its TVD and KS too",
)
label_rate_ratio = ratio_check(
    "fairness.label_rate_ratio",
    rates=(LABEL,),
    summary="The smallest ratio of the share of favourable labels between two groups.",
    source="AIF360's disparate impact of a dataset, the group that is worse off above the line",
)


def _norm(evidence: Evidence, claim: Claim, errors: Errors) -> Estimate | Undefined:
    difference = differences((LABEL,))(evidence, claim, errors)
    if isinstance(difference, Undefined):
        return difference
    return increasing(difference, lambda d: math.sqrt(2.0) * d, method="root of 2 times")


label_lp_norm = gap_check(
    "fairness.label_lp_norm",
    _norm,
    better="lower",
    unit="distance",
    summary="The largest Euclidean distance of two groups' label distributions.",
    formula="max over pairs √2 |p_i - p_j|, p = (TP + FN) / n, since there are two labels",
    source=f"{DAS}; Clarify's LP. Bounds: assay.stats.largest_difference",
    revision=ARC_ALONE,
)


def bernoulli_kl(first: float, second: float) -> float:
    """Kullback-Leibler divergence of two label shares, in nats; infinite off the support.

    >>> round(bernoulli_kl(0.5, 0.25), 4)
    0.1438
    """
    total = 0.0
    for p, q in ((first, second), (1.0 - first, 1.0 - second)):
        if p > 0.0:
            total += p * math.log(p / q) if q > 0.0 else math.inf
    return max(0.0, total)


def bernoulli_js(first: float, second: float) -> float:
    """Jensen-Shannon divergence of two label shares, in nats; at most ln 2.

    >>> round(bernoulli_js(0.5, 0.25), 4)
    0.0338
    """
    middle = (first + second) / 2.0
    return (bernoulli_kl(first, middle) + bernoulli_kl(second, middle)) / 2.0


def _compared(divergence: Callable[[float, float], float]) -> Compare:
    def compare(first: Rates, second: Rates, errors: Errors) -> Estimate | Undefined:
        return discrepancy(divergence, first[0], second[0], errors=errors)

    return compare


label_kl_divergence = gap_check(
    "fairness.label_kl_divergence",
    largest_of_pairs((LABEL,), _compared(bernoulli_kl)),
    better="lower",
    unit="nats",
    summary="The largest Kullback-Leibler divergence of two groups' label distributions.",
    formula="max over pairs Σ over labels p_i ln(p_i / p_j), p = (TP + FN) / n and its complement",
    source=f"{DAS}; Clarify's KL. Bounds: assay.stats.discrepancy",
    undefined="a group with one label alone, ",
)
label_js_divergence = gap_check(
    "fairness.label_js_divergence",
    largest_of_pairs((LABEL,), _compared(bernoulli_js), symmetric=True),
    better="lower",
    unit="nats",
    summary="The largest Jensen-Shannon divergence of two groups' label distributions.",
    formula="max over pairs (KL(p_i, m) + KL(p_j, m)) / 2, m = (p_i + p_j) / 2",
    source=f"{DAS}; Clarify's JS. Bounds: assay.stats.discrepancy",
)
