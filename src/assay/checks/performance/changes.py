"""Changes against the version in production, on the rows that both scored.

Each is this version's figure less that of the version in production, so that "no worse than
by a margin" is `at_least: -margin`. "Positive" is the label that the score predicts. The claim
is of all rows; changes of decisions are told by group too, to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from assay.checks.check import check
from assay.checks.comparing import (
    DecidedPairs,
    area_pairs,
    decided_by_group,
    decided_pairs,
    score_pairs,
    squared_error,
)
from assay.checks.performance.rates import NEGATIVE, POSITIVE, PREDICTED
from assay.checks.worst import among
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import NotApplicable
from assay.stats.estimate import READING, Errors, Estimate, GroupReading, Undefined
from assay.stats.paired import paired_difference
from assay.stats.paired_balance import balanced_accuracy_difference
from assay.stats.paired_precision import PairedPrecision, Selected, precision_difference
from assay.stats.paired_ranking import difference_of_areas
from assay.stats.tallies import CHAMPION, BinaryCounts, PairCells, Pairs, ScorePairs

DECISIONS: Final = Pairs(against=CHAMPION)
SCORES: Final = ScorePairs(against=CHAMPION)

SKEWNESS: Final = 2
"""The revision from which bounds of paired rates are corrected for skewness and whole rows."""

ARC_OF_AREAS: Final = 2
"""The revision from which two areas with exact limits are bounded along MOVER's arc."""

WORST_COUNTS: Final = 2
"""The revision from which the worst counts have a say in the bounds of precision."""

Change = Estimate | Undefined | NotApplicable

NOTHING_YET: Final = NotApplicable(
    reason="Nothing is in production yet: data.evaluation names no champion to compare with."
)


@check(
    "performance.roc_auc_change",
    better="higher",
    needs=(SCORES,),
    unit="difference",
    revision=ARC_OF_AREAS,
)
def roc_auc_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The area under the ROC curve, less that of the version in production.

    Formula: AUC of this version - AUC of the champion, over the rows that both scored.
    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845, for the paired
        variance, from a grid of both scores' ranks; MOVER's arc of both areas' bounds where
        either falls back to exact limits, or where the two seldom rank differently.
    Undefined: no row of one class that both scored, or units that fill fewer than 10 buckets.
    Tallies: score pairs.
    """
    if not _in_production(evidence):
        return NOTHING_YET
    pairs = area_pairs(evidence, SCORES)
    return pairs if isinstance(pairs, Undefined) else difference_of_areas(pairs, errors=errors)


@check(
    "performance.accuracy_change",
    better="higher",
    needs=(DECISIONS,),
    unit="difference",
    revision=SKEWNESS,
)
def accuracy_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The accuracy, less that of the version in production.

    Formula: (rows that this version alone decides rightly - rows that the champion alone does)
        / n, over the rows that both scored.
    Source: Tango (1998), Statistics in Medicine 17(8), 891-908, for the bounds, corrected for
        skewness; Clopper & Pearson (1934) where few rows differ, or few agree.
    Undefined: no row that both scored, or units that fill fewer than 10 buckets.
    Tallies: pairs.
    """
    return _share_change(evidence, errors, right=lambda c: c.correct, of=lambda c: c.n)


@check(
    "performance.recall_change",
    better="higher",
    needs=(DECISIONS,),
    unit="difference",
    revision=SKEWNESS,
)
def recall_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The recall (sensitivity), less that of the version in production.

    Formula: (positives that this version alone predicts - positives that the champion alone
        does) / positives, over the rows that both scored.
    Source: Tango (1998), Statistics in Medicine 17(8), 891-908, for the bounds, corrected for
        skewness; Clopper & Pearson (1934) where few rows differ, or few agree.
    Undefined: no positive label among them, or units that fill fewer than 10 buckets.
    Tallies: pairs.
    """
    return _share_change(
        evidence,
        errors,
        right=lambda c: c.true_positives,
        of=lambda c: c.positives,
        counted=POSITIVE,
    )


@check(
    "performance.specificity_change",
    better="higher",
    needs=(DECISIONS,),
    unit="difference",
    revision=SKEWNESS,
)
def specificity_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The specificity (true negative rate), less that of the version in production.

    Formula: (negatives that this version alone predicts - negatives that the champion alone
        does) / negatives, over the rows that both scored.
    Source: Tango (1998), Statistics in Medicine 17(8), 891-908, for the bounds, corrected for
        skewness; Clopper & Pearson (1934) where few rows differ, or few agree.
    Undefined: no negative label among them, or units that fill fewer than 10 buckets.
    Tallies: pairs.
    """
    return _share_change(
        evidence,
        errors,
        right=lambda c: c.true_negatives,
        of=lambda c: c.negatives,
        counted=NEGATIVE,
    )


@check(
    "performance.balanced_accuracy_change",
    better="higher",
    needs=(DECISIONS,),
    unit="difference",
    revision=SKEWNESS,
)
def balanced_accuracy_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The balanced accuracy, less that of the version in production.

    Formula: (change of recall + change of specificity) / 2, over the rows that both scored.
    Source: Tango (1998) for each class; Zou & Donner (2008), Statistics in Medicine 27(10),
        1693-1702, for both, whose rows are not the same.
    Undefined: no row of one class that both scored, or units that fill fewer than 10 buckets.
    Tallies: pairs.
    """

    def figure(pairs: DecidedPairs, errors: Errors) -> Estimate | Undefined:
        return balanced_accuracy_difference(
            pairs.shares(right=lambda c: c.true_positives, of=lambda c: c.positives),
            pairs.shares(right=lambda c: c.true_negatives, of=lambda c: c.negatives),
            errors=errors,
        )

    return _change(evidence, figure, errors)


@check(
    "performance.precision_change",
    better="higher",
    needs=(DECISIONS,),
    unit="difference",
    revision=WORST_COUNTS,
)
def precision_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The precision, less that of the version in production.

    Formula: TP / (TP + FP) of this version - the same of the champion, over the rows that both
        scored; each is a share of the rows that it predicts positive itself.
    Source: Moskowitz & Pepe (2006), Clinical Trials 3(3), 272-279; Zou (2007), Psychological
        Methods 12(4), 399-413, for MOVER with the correlation of the two; Garwood (1936),
        Biometrika 28(3/4), 437-442, for the worst of the counts.
    Undefined: a version that predicts no row positive, or units that fill fewer than 10
        buckets.
    Tallies: pairs.
    """

    def figure(pairs: DecidedPairs, errors: Errors) -> Estimate | Undefined:
        selected = PairedPrecision(
            selected=_selected(pairs.total), buckets=tuple(map(_selected, pairs.buckets))
        )
        return among(precision_difference(selected, errors=errors), PREDICTED)

    return _change(evidence, figure, errors)


@check("performance.brier_change", better="lower", needs=(SCORES,), unit="difference")
def brier_change(evidence: Evidence, *, errors: Errors) -> Change:
    """The Brier score, less that of the version in production; below 0 is better.

    Formula: mean of (score - label)² - (champion's score - label)², label 0 or 1, over the
        rows that both scored.
    Source: Brier (1950), Monthly Weather Review 78(1), 1-3; Hall (1992) and Hoeffding (1963)
        for the bounds of a mean.
    Undefined: no row that both scored, or units that fill fewer than 10 buckets.
    Tallies: score pairs.
    """
    if not _in_production(evidence):
        return NOTHING_YET
    return squared_error(score_pairs(evidence, SCORES), other=-1.0, errors=errors)


def _in_production(evidence: Evidence) -> bool:
    return evidence.roles is None or evidence.roles.champion is not None


def _share_change(
    evidence: Evidence,
    errors: Errors,
    *,
    right: Callable[[BinaryCounts], int],
    of: Callable[[BinaryCounts], int],
    counted: str = "",
) -> Change:
    def figure(pairs: DecidedPairs, errors: Errors) -> Estimate | Undefined:
        found = paired_difference(pairs.shares(right=right, of=of), errors=errors)
        return among(found, counted)

    return _change(evidence, figure, errors)


Figure = Callable[[DecidedPairs, Errors], Estimate | Undefined]


def _change(evidence: Evidence, figure: Figure, errors: Errors) -> Change:
    """A figure of all rows, with each group's own to be read beside it."""
    if not _in_production(evidence):
        return NOTHING_YET
    found = figure(decided_pairs(evidence, DECISIONS), errors)
    readings = tuple(
        _reading(name, figure(pairs, READING), pairs.total.n)
        for name, pairs in decided_by_group(evidence, CHAMPION).items()
    )
    return replace(found, groups=readings)


def _reading(name: str, found: Estimate | Undefined, rows: int) -> GroupReading:
    if isinstance(found, Undefined):
        return GroupReading(group=name, n=rows, value=None, low=None, high=None, note=found.reason)
    return GroupReading(group=name, n=found.n, value=found.value, low=found.low, high=found.high)


def _selected(cells: PairCells) -> Selected:
    """What both predict positive, this version alone, and the champion alone."""
    both, alone = cells.other_positive, cells.other_negative
    return (
        both.true_positives,
        both.predicted_positives,
        alone.true_positives,
        alone.predicted_positives,
        both.false_negatives,
        both.predicted_negatives,
    )
