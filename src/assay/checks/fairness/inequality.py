"""Inequality of benefit over people, whatever their group: generalised entropy and its kin.

A person's benefit is 0 where a deserved favourable decision was refused, 1 where the decision
was right, and 2 where an undeserved one was granted. Two shares of all people settle all of
it: z of those with benefit 0, t of those with 2; the mean benefit is m = 1 + t - z.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from assay.checks.check import check
from assay.checks.fairness.rates import favourable
from assay.checks.groups import Count
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.proportions import Proportion, clopper_pearson
from assay.stats.tallies import Confusion

ALL: Final = Confusion()


@check("fairness.generalized_entropy_index", better="lower", needs=(ALL,), unit="index")
def generalized_entropy_index(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """Half the squared coefficient of variation of benefit over all people.

    Formula: mean of ((b / m)² - 1) / 2, of order α = 2, with b = 0 for FN, 1 for TP and TN, 2
        for FP, and m its mean; the favourable outcome and decision are the positive ones.
    Source: Speicher et al. (2018), KDD; AIF360's index and Clarify's GE. Bounds: the extremes
        over Clopper-Pearson limits of FN / n and FP / n, each at a third of the error.
    Undefined: no row, nobody with any benefit, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return _inequality(evidence, _entropy, peak=lambda z: (1.0 - z) / 3.0, errors=errors)


@check("fairness.theil_index", better="lower", needs=(ALL,), unit="index")
def theil_index(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """Theil's index of benefit over all people, in nats.

    Formula: mean of (b / m) ln(b / m), with b = 0 for FN, 1 for TP and TN, 2 for FP, and m its
        mean; the favourable outcome and decision are the positive ones.
    Source: Speicher et al. (2018), KDD, of order α = 1; AIF360's Theil index. Bounds: the
        extremes over Clopper-Pearson limits of FN / n and FP / n, each at a third of the error.
    Undefined: no row, nobody with any benefit, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    return _inequality(
        evidence, _theil, peak=lambda z: (2.0 * math.log(2.0) - 1.0) * (1.0 - z), errors=errors
    )


@check("fairness.coefficient_of_variation", better="lower", needs=(ALL,), unit="ratio")
def coefficient_of_variation(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The standard deviation of benefit over its mean.

    Formula: √(2 GE), of the generalised entropy index GE of order 2.
    Source: Speicher et al. (2018), KDD; AIF360's coefficient of variation. Bounds: as those of
        `fairness.generalized_entropy_index`.
    Undefined: no row, nobody with any benefit, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    index = generalized_entropy_index(evidence, errors=errors)
    if isinstance(index, Undefined):
        return index
    return increasing(index, lambda entropy: math.sqrt(2.0 * entropy), method="root of twice the")


Index = Callable[[float, float], float]
"""From the shares of people with benefit 0 and with benefit 2; it rises with the first."""


def _entropy(none: float, twice: float) -> float:
    """`(E b² / m² - 1) / 2`; it rises with `twice` up to (1 - none) / 3, then falls."""
    mean = 1.0 + twice - none
    return ((1.0 - none + 3.0 * twice) / mean**2 - 1.0) / 2.0 if mean > 0.0 else math.inf


def _theil(none: float, twice: float) -> float:
    """`2t ln 2 / m - ln m`; it rises with t up to (2 ln 2 - 1)(1 - none), then falls."""
    mean = 1.0 + twice - none
    return 2.0 * twice * math.log(2.0) / mean - math.log(mean) if mean > 0.0 else math.inf


def _inequality(
    evidence: Evidence, index: Index, *, peak: Callable[[float], float], errors: Errors
) -> Estimate | Undefined:
    """An index with its extremes over the limits of both shares; Bonferroni holds the error.

    Args:
        evidence: the evidence.
        index: the index.
        peak: the share of benefit 2 at which the index is largest, given that of benefit 0.
        errors: one-sided errors of the bounds.
    """
    none, twice = _shares(evidence)
    if none.trials == 0:
        return Undefined(reason="No row has a decision.", units_lacking=(("", 1),))
    if none.events == none.trials:
        return Undefined(reason="Nobody has any benefit, so its spread has no measure.")
    limits = [
        clopper_pearson(share, error / 3.0)
        for error in (errors.low, errors.high)
        for share in (none, twice)
    ]
    for limit in limits:
        if isinstance(limit, Undefined):
            return limit
    (least, _), near, (_, most), far = (limit for limit in limits if isinstance(limit, tuple))
    at = min(max(peak(most), far[0]), far[1])
    low, high = outward(
        max(0.0, min(_inside(index, least, twice_share) for twice_share in near)),
        _inside(index, most, at),
    )
    return Estimate(
        value=index(none.value, twice.value),
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=none.units,
        method="extremes over Clopper-Pearson limits of both kinds of error",
    )


def _inside(index: Index, none: float, twice: float) -> float:
    """The index where the two shares may at most add up to all people."""
    return index(none, min(twice, 1.0 - none))


def _shares(evidence: Evidence) -> tuple[Proportion, Proportion]:
    """Shares of people with benefit 0, and with benefit 2."""

    def share(count: Count) -> Proportion:
        return evidence.proportions(ALL, events=count, trials=lambda c: c.n)[""]

    return (
        share(lambda c: favourable(evidence, c).false_negatives),
        share(lambda c: favourable(evidence, c).false_positives),
    )
