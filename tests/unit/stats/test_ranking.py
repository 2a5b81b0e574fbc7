"""The area under the ROC curve from counts: DeLong, its fallbacks, bins and clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.stats.tables import binned_table, buckets_of, draw_scores, table_of

from assay.stats import (
    READING,
    Errors,
    Estimate,
    Undefined,
    area_under_roc,
    exact_lower_bound,
    exact_upper_bound,
    gini_coefficient,
)
from assay.stats.quantiles import student_quantile
from assay.stats.ranking import Ranks, areas_without_each, tie_doubt
from assay.stats.tallies.scores import ScoreTable


def defined(table: ScoreTable, errors: Errors = READING) -> Estimate:
    """The area, which must exist."""
    answer = area_under_roc(table, errors=errors)
    assert isinstance(answer, Estimate)
    return answer


def test_delong_is_the_variance_of_placements() -> None:
    """Bounds equal DeLong's from all pairs of rows, on the logit with Student's t."""
    scores, labels = draw_scores(1, 300)
    scores = np.round(scores, 2)  # with ties
    positives, negatives = scores[labels == 1], scores[labels == 0]
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    area = float(wins.mean())
    variance = np.var(wins.mean(axis=1), ddof=1) / len(positives)
    variance += np.var(wins.mean(axis=0), ddof=1) / len(negatives)
    reach = student_quantile(0.01, len(positives) - 1) * math.sqrt(variance) / (area * (1 - area))
    answer = defined(table_of(scores, labels), Errors(low=0.01, high=0.01))
    assert answer.value == pytest.approx(area, abs=1e-12)
    logit = math.log(area / (1 - area))
    assert answer.low == pytest.approx(1 / (1 + math.exp(reach - logit)), abs=1e-10)
    assert answer.high == pytest.approx(1 / (1 + math.exp(-reach - logit)), abs=1e-10)
    assert answer.n == 300
    assert "DeLong" in answer.method


@pytest.mark.parametrize(
    ("positives", "negatives"),
    [
        (np.linspace(0.4, 1.0, 29), np.linspace(0.0, 0.7, 200)),  # a small class
        (np.linspace(0.5, 1.0, 80), np.linspace(0.0, 0.52, 80)),  # few pairs out of order
        (np.repeat([0.0, 1.0], [75, 5]), np.repeat([0.0, 1.0], [70, 10])),  # a rare flag
        (np.full(60, 0.5), np.full(60, 0.5)),  # one score for all
    ],
)
def test_thin_evidence_falls_back_to_the_smaller_class(
    positives: np.ndarray, negatives: np.ndarray
) -> None:
    """Where a normal approximation is unsafe the bound is Birnbaum and Klose's, by CP."""
    scores = np.concatenate([positives, negatives])
    labels = np.repeat([1, 0], [len(positives), len(negatives)])
    answer = defined(table_of(scores, labels), Errors(low=0.05, high=0.05))
    n = float(min(len(positives), len(negatives)))
    events = min(answer.value * n, n)
    assert "Birnbaum-Klose" in answer.method
    assert answer.low == pytest.approx(exact_lower_bound(events=events, trials=n, error=0.05))
    assert answer.high == pytest.approx(exact_upper_bound(events=events, trials=n, error=0.05))


def test_perfect_ranking_is_not_certainty() -> None:
    """An area of 1 has a lower bound under 1."""
    answer = defined(table_of(np.linspace(0, 1, 200), np.repeat([0, 1], 100)))
    assert answer.value == answer.high == 1.0
    assert answer.low < 0.97


def test_scores_in_bins_widen_by_what_ties_could_hide() -> None:
    """Both bounds move out by half the pairs that share a bin."""
    scores, labels = draw_scores(2, 2000)
    table = binned_table(scores, labels, bins=40)
    sharp = ScoreTable(
        scores=table.scores,
        half_widths=np.zeros_like(table.half_widths),
        negatives=table.negatives,
        positives=table.positives,
    )
    shared = float(table.positives @ table.negatives)
    doubt = shared / 2 / float(table.positives.sum() * table.negatives.sum())
    assert tie_doubt(table) == pytest.approx(doubt)
    assert tie_doubt(sharp) == 0.0
    wide, narrow = defined(table), defined(sharp)
    assert wide.low == pytest.approx(narrow.low - doubt, abs=1e-10)
    assert wide.high == pytest.approx(narrow.high + doubt, abs=1e-10)
    exact = defined(table_of(scores, labels))
    assert abs(exact.value - wide.value) <= doubt


@pytest.mark.parametrize(("label", "missing"), [(1, "negative"), (0, "positive")])
def test_one_class_cannot_be_ranked(label: int, missing: str) -> None:
    """The reason names the class that has no row."""
    answer = area_under_roc(table_of(np.array([0.1, 0.2]), np.full(2, label)), errors=READING)
    assert isinstance(answer, Undefined)
    assert f"actually {missing}" in answer.reason


def test_leaving_a_bucket_out_is_recomputing_without_it() -> None:
    """The shortcut for jackknife replicates equals the long way."""
    scores, labels = draw_scores(3, 500)
    members = np.arange(500) % 64
    parts = buckets_of(np.round(scores, 2), labels, members)
    without = [
        Ranks.of(table_of(np.round(scores[members != i], 2), labels[members != i])).area
        for i in range(64)
    ]
    assert areas_without_each(parts) == pytest.approx(np.array(without), abs=1e-12)


def test_units_that_repeat_widen_the_bounds() -> None:
    """Eight copies of each row, bucketed by unit, are worth about one."""
    scores, labels = draw_scores(4, 640)
    copies, members = np.tile(np.arange(640), 8), np.tile(np.arange(640) % 64, 8)
    table = table_of(scores[copies], labels[copies])
    parts = buckets_of(scores[copies], labels[copies], members)
    alone = defined(table_of(scores, labels))
    clustered = area_under_roc(table, errors=READING, buckets=parts)
    assert isinstance(clustered, Estimate)
    width, honest = clustered.high - clustered.low, alone.high - alone.low
    assert width == pytest.approx(honest, rel=0.3)
    assert clustered.n < 1000


def test_clustered_units_of_one_class_need_ten_buckets() -> None:
    """Positives in nine buckets are too few to tell how units vary."""
    labels = np.repeat([1, 0], [90, 551])
    scores = np.linspace(0, 1, 641)
    members = np.concatenate([np.arange(90) % 9, np.arange(551) % 64])
    answer = area_under_roc(
        table_of(scores, labels), errors=READING, buckets=buckets_of(scores, labels, members)
    )
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("", 1),)


def test_gini_is_a_stretch_of_the_area() -> None:
    """`2A - 1`, its bounds included."""
    scores, labels = draw_scores(5, 400)
    table = table_of(scores, labels)
    area, gini = defined(table), gini_coefficient(table, errors=READING)
    assert isinstance(gini, Estimate)
    assert gini.value == pytest.approx(2 * area.value - 1)
    assert gini.low == pytest.approx(2 * area.low - 1)
    assert gini.high == pytest.approx(2 * area.high - 1)
