"""What a version gains over a rule that is to be beaten, on the same rows.

The rule is the simplest one, which every dataset has: always the commoner label, for
decisions; a coin, for ranking; the share of positives, for probabilities. Or it is the one
whose scores are a column, declared as `data.evaluation.baseline`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from assay.checks.check import check
from assay.checks.comparing import (
    NO_PAIR,
    area_pairs,
    decided_pairs,
    score_pairs,
    squared_error,
    squared_errors,
)
from assay.checks.worst import Part, worst_of
from assay.evidence.inputs import Absent, Evidence, Need
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.paired import PairedProportions, paired_difference
from assay.stats.paired_ranking import difference_of_areas
from assay.stats.probabilities import squared_loss, surprise
from assay.stats.ranking import area_under_roc
from assay.stats.skill import (
    brier_gain_over_prior,
    negated,
    skill_over_prior,
    skill_score,
)
from assay.stats.tallies import (
    BASELINE,
    BinaryCounts,
    Confusion,
    Pairs,
    ScorePairs,
    Scores,
    ScoreTable,
)

Over = Literal["simplest", "declared"]
"""Which rule is to be beaten."""

Metric = Literal["accuracy", "roc_auc", "brier"]

DECISIONS: Final = Confusion()
SCORES: Final = Scores()
PAIRS: Final = Pairs(against=BASELINE)
SCORE_PAIRS: Final = ScorePairs(against=BASELINE)


def _gain_needs(*, metric: str, over: str) -> list[Need]:
    if over == "declared":
        return [PAIRS if metric == "accuracy" else SCORE_PAIRS]
    return [DECISIONS if metric == "accuracy" else SCORES]


def _skill_needs(*, over: str) -> list[Need]:
    return [SCORE_PAIRS if over == "declared" else SCORES]


@check(
    "performance.gain_over_baseline",
    better="higher",
    needs=_gain_needs,
    unit="difference",
    revision=2,
)
def gain_over_baseline(
    evidence: Evidence, *, errors: Errors, metric: Metric, over: Over = "simplest"
) -> Estimate | Undefined:
    """How much better a figure is than that of a rule to beat; 0 gains nothing.

    Formula: accuracy - max(p, 1 - p), with p the share of positives; AUC - 1/2; or p (1 - p) -
        Brier score. Against a declared baseline: accuracy or AUC less the baseline's, or the
        baseline's Brier score less this version's, over the rows that both scored.
    Source: Kuhn & Johnson (2013), Applied Predictive Modeling, section 11.2, for the
        no-information rate; Tango (1998) for paired accuracies, DeLong et al. (1988) for
        areas, Hall (1992) and Hoeffding (1963) for losses.
    Undefined: as `performance.accuracy`, `performance.roc_auc` or `performance.brier`, or no
        row that both scored.
    Tallies: confusion or scores; pairs or score pairs against a declared baseline.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        metric: the figure.
        over: the simplest rule, or the one declared as `data.evaluation.baseline`.
    """
    if over == "declared":
        _require_baseline(evidence)
        return _gain_over_declared(evidence, metric, errors)
    if metric == "accuracy":
        return _accuracy_over_commoner(evidence, errors)
    if metric == "roc_auc":
        table, buckets = _tables(evidence)
        area = area_under_roc(table, errors=errors, buckets=buckets)
        if isinstance(area, Undefined):
            return area
        return increasing(area, lambda a: a - 0.5, method="A - 1/2 of")
    table, buckets = _tables(evidence)
    return brier_gain_over_prior(table, errors=errors, buckets=buckets)


@check("performance.brier_skill_score", better="higher", needs=_skill_needs, unit="skill")
def brier_skill_score(
    evidence: Evidence, *, errors: Errors, over: Over = "simplest"
) -> Estimate | Undefined:
    """The Brier skill score: the share of a rule's squared error that the version avoids.

    Formula: 1 - Brier score / p (1 - p), with p the share of positives; against a declared
        baseline 1 - Brier score / the baseline's, over the rows that both scored.
    Source: Murphy (1988), Monthly Weather Review 116(12), 2417-2424; Fieller (1954) for the
        bounds of the ratio, on those of a mean by Hall (1992) and Hoeffding (1963).
    Undefined: no row, one label only, a baseline that makes no error, or units that fill fewer
        than 10 buckets.
    Tallies: scores; score pairs against a declared baseline.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        over: the simplest rule, or the one declared as `data.evaluation.baseline`.
    """
    if over == "declared":
        _require_baseline(evidence)
        pairs = score_pairs(evidence, SCORE_PAIRS)
        if pairs.rows is None:
            return NO_PAIR
        return skill_score(
            squared_errors(pairs.rows),
            errors=errors,
            buckets=[squared_errors(part) for part in pairs.buckets],
            bounded=True,
        )
    table, buckets = _tables(evidence)
    return skill_over_prior(table, squared_loss, errors=errors, buckets=buckets, bounded=True)


@check("performance.log_loss_skill_score", better="higher", needs=(SCORES,), unit="skill")
def log_loss_skill_score(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of the surprise at labels that the version takes away (McFadden's R²).

    Formula: 1 - log loss / H, with H = -p ln p - (1 - p) ln (1 - p) the log loss of always
        giving the share p of positives.
    Source: McFadden (1974), in Zarembka (ed.), Frontiers in Econometrics, 105-142; Fieller
        (1954) for the bounds of the ratio, on those of a mean by Hall (1992).
    Undefined: as `performance.log_loss`, or one label only.
    Tallies: scores.
    """
    table, buckets = _tables(evidence)
    impossible = int(table.positives[table.scores <= 0.0].sum())
    impossible += int(table.negatives[table.scores >= 1.0].sum())
    if impossible:
        return Undefined(
            reason=f"Log loss is infinite: {impossible} rows have a label that their score of "
            "exactly 0 or 1 rules out. Clip the scores, or use the Brier skill score."
        )
    return skill_over_prior(table, surprise, errors=errors, buckets=buckets, bounded=False)


def _tables(evidence: Evidence) -> tuple[ScoreTable, list[ScoreTable]]:
    return evidence[SCORES].table(), [part.table() for part in evidence.buckets(SCORES)]


def _require_baseline(evidence: Evidence) -> None:
    if evidence.roles is not None and evidence.roles.baseline is None:
        raise Absent(
            "No baseline is declared for these data.",
            remedy="Name the column of its scores as `data.evaluation.baseline`, or write "
            "`over: simplest`.",
        )


def _gain_over_declared(evidence: Evidence, metric: str, errors: Errors) -> Estimate | Undefined:
    if metric == "accuracy":
        pairs = decided_pairs(evidence, PAIRS)
        return paired_difference(
            pairs.shares(right=lambda c: c.correct, of=lambda c: c.n), errors=errors
        )
    if metric == "roc_auc":
        areas = area_pairs(evidence, SCORE_PAIRS)
        return areas if isinstance(areas, Undefined) else difference_of_areas(areas, errors=errors)
    mirrored = Errors(low=errors.high, high=errors.low)
    change = squared_error(score_pairs(evidence, SCORE_PAIRS), other=-1.0, errors=mirrored)
    return change if isinstance(change, Undefined) else negated(change)


def _accuracy_over_commoner(evidence: Evidence, errors: Errors) -> Estimate | Undefined:
    """Over both constant rules: which label is commoner is itself seen in the rows alone."""
    rules: dict[str, Callable[[BinaryCounts], tuple[int, int, int]]] = {
        "always negative": lambda c: (c.true_positives, c.false_positives, c.n),
        "always positive": lambda c: (c.true_negatives, c.false_negatives, c.n),
    }
    total = evidence[DECISIONS].total
    parts = [part.total for part in evidence.buckets(DECISIONS)]

    def part(rule: Callable[[BinaryCounts], tuple[int, int, int]]) -> Part:
        one, other, trials = rule(total)
        pairs = PairedProportions(
            first_only=one,
            second_only=other,
            trials=trials,
            buckets=tuple(rule(bucket) for bucket in parts),
        )
        return Part(at=lambda at: paired_difference(pairs, errors=at), units=float(trials))

    gains = worst_of([{n: part(rule) for n, rule in rules.items()}], better="higher", errors=errors)
    if isinstance(gains, Undefined):
        return gains
    return replace(gains, groups=(), low_binding=None, high_binding=None)
