"""Changes against the version in production: what they compare, and when there is nothing to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pytest
from sklearn import metrics
from tests.unit.checks.rows import Row, evidence_of
from tests.unit.stats.tables import table_of

from assay.adapters.plugins import find_checks
from assay.checks.measure import measure, needs_of
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Measurement, NotApplicable
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.paired_ranking import PairedScores, difference_of_areas
from assay.stats.tallies import Pairs, ScorePairs

ERRORS = Errors(low=0.05, high=0.05)
CHECKS = find_checks().all()
PEERS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "performance.roc_auc": metrics.roc_auc_score,
    "performance.accuracy": lambda y, s: metrics.accuracy_score(y, s >= 0.5),
    "performance.balanced_accuracy": lambda y, s: metrics.balanced_accuracy_score(y, s >= 0.5),
    "performance.precision": lambda y, s: metrics.precision_score(y, s >= 0.5),
    "performance.recall": lambda y, s: metrics.recall_score(y, s >= 0.5),
    "performance.specificity": lambda y, s: metrics.recall_score(1 - y, s < 0.5),
    "performance.brier": metrics.brier_score_loss,
}
ROLES = ColumnRoles(
    label=Label(column="label"),
    score="score",
    decision=DecisionRule(favourable_when=">=", threshold=Decimal("0.5")),
)
CHANGES = [f"{name}_change" for name in PEERS]


def drawn(size: int = 900, *, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, this version's scores, and those of the version in production."""
    chance = np.random.default_rng(seed)
    truth = chance.random(size)
    labels = (chance.random(size) < truth).astype(int)
    noisy = [np.clip(truth + chance.normal(0, spread, size), 0, 1) for spread in (0.2, 0.3)]
    return labels, np.round(noisy[0], 3), np.round(noisy[1], 3)


def rows_of(labels: np.ndarray, scores: np.ndarray, champion: np.ndarray) -> list[Row]:
    return [
        Row(label=int(y), score=float(s), others={"champion": float(c)}, unit=f"u{at // 3}")
        for at, (y, s, c) in enumerate(zip(labels, scores, champion, strict=True))
    ]


def measured(name: str, rows: Sequence[Row], *, unit: bool = False) -> Measurement:
    [spec] = needs_of(CHECKS[name], {}, ROLES)
    assert isinstance(spec, Pairs | ScorePairs)
    return of(name, evidence_of(rows, specs=[spec], unit=unit))


def of(name: str, evidence: Evidence) -> Measurement:
    return measure(CHECKS[name], evidence, {}, errors=ERRORS, max_excluded=Decimal("0.01"))


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("unit", [False, True], ids=["rows", "units"])
def test_a_change_is_the_difference_of_two_figures_of_scikit_learn(name: str, unit: bool):
    """The point is what anyone would compute; exactly opposite with the versions exchanged."""
    labels, scores, champion = drawn()
    found = measured(f"{name}_change", rows_of(labels, scores, champion), unit=unit)
    back = measured(f"{name}_change", rows_of(labels, champion, scores), unit=unit)
    assert isinstance(found, Estimate)
    assert isinstance(back, Estimate)
    expected = PEERS[name](labels, scores) - PEERS[name](labels, champion)
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert (back.value, back.low, back.high) == pytest.approx(
        (-found.value, -found.high, -found.low), abs=1e-9
    )
    assert found.low < found.value < found.high


@pytest.mark.parametrize("name", CHANGES)
def test_pairing_tells_more_than_two_separate_figures(name: str):
    """Versions that nearly agree are compared far more closely than either is known."""
    labels, scores, _ = drawn(1500)
    nudged = np.round(
        np.clip(scores + np.random.default_rng(2).normal(0, 0.05, len(scores)), 0, 1), 3
    )
    change = measured(name, rows_of(labels, scores, nudged))
    alone = of(name.removesuffix("_change"), evidence_of(rows_of(labels, scores, nudged)))
    assert isinstance(change, Estimate)
    assert isinstance(alone, Estimate)
    assert change.high - change.low < 0.7 * (alone.high - alone.low)


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_in_production_yet_does_not_apply(name: str):
    """A first version cannot be worse than what does not exist, and says so."""
    found = of(name, evidence_of([Row(label=1, score=0.5)]))
    assert isinstance(found, NotApplicable)
    assert "production" in found.reason


@pytest.mark.parametrize("name", CHANGES)
def test_versions_that_agree_have_no_change(name: str):
    """The same scores differ by nothing, and the bounds enclose it."""
    labels, scores, _ = drawn()
    found = measured(name, rows_of(labels, scores, scores))
    assert isinstance(found, Estimate)
    assert found.value == 0.0
    assert found.low <= 0.0 <= found.high


@pytest.mark.parametrize("name", CHANGES)
def test_without_a_row_that_both_scored_there_is_no_change(name: str):
    """No pair is no data."""
    found = measured(name, [Row(label=1, score=0.5, others={"champion": None})])
    assert isinstance(found, Undefined)


@pytest.mark.parametrize("name", CHANGES)
def test_rows_of_one_version_only_are_left_out_and_told(name: str):
    """A few are left out; over one in a hundred makes the claim insufficient, with the count."""
    labels, scores, champion = drawn()
    rows = rows_of(labels, scores, champion)
    alone = [Row(label=0, score=0.9, others={"champion": None})]
    few, none = measured(name, rows + alone * 5), measured(name, rows)
    assert isinstance(few, Estimate)
    assert isinstance(none, Estimate)
    assert (few.value, few.n) == (none.value, none.n)
    many = measured(name, rows + alone * 15)
    assert isinstance(many, Undefined)
    assert "no score of the champion: 15" in many.reason


@pytest.mark.parametrize("name", CHANGES)
def test_one_class_has_no_ranking_and_no_recall_of_the_other(name: str):
    """Only what needs both classes, or the one that is absent, is undefined."""
    _, scores, champion = drawn(400)
    found = measured(name, rows_of(np.zeros(400, dtype=int), scores, champion))
    needs_positives = ("roc_auc", "recall", "balanced")
    if any(word in name for word in needs_positives):
        assert isinstance(found, Undefined)
        assert "positive" in found.reason or "No row" in found.reason
    else:
        assert isinstance(found, Estimate)


def test_a_version_that_selects_nobody_has_no_precision():
    """Nor does one in production that never did."""
    rows = [Row(label=1, score=0.9, others={"champion": 0.1})] * 50
    found = measured("performance.precision_change", rows)
    assert isinstance(found, Undefined)
    assert "second version predicts no row positive" in found.reason


def test_the_grid_tells_as_much_as_every_pair_of_scores():
    """Bounds of the area's change are those that ranks of full resolution give, to a hundredth."""
    labels, scores, champion = drawn(1500)
    rows = rows_of(labels, scores, champion)
    found = measured("performance.roc_auc_change", rows)
    tables = [table_of(column, labels) for column in (scores, champion)]
    ranks = [
        np.searchsorted(table.scores, column)
        for table, column in zip(tables, (scores, champion), strict=True)
    ]
    cells = np.zeros((2, len(tables[0].scores), len(tables[1].scores)), dtype=np.int64)
    np.add.at(cells, (labels, *ranks), 1)
    full = difference_of_areas(
        PairedScores(first=tables[0], second=tables[1], negatives=cells[0], positives=cells[1]),
        errors=ERRORS,
    )
    assert isinstance(found, Estimate)
    assert isinstance(full, Estimate)
    assert found.value == full.value
    width = full.high - full.low
    assert (found.low, found.high) == pytest.approx((full.low, full.high), abs=0.01 * width)
