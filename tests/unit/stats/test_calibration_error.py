"""The reliability curve and the expected calibration error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.stats.tables import binned_table, buckets_of, draw_scores, table_of

from assay.errors import InvalidArgument
from assay.stats import (
    READING,
    Errors,
    Estimate,
    Undefined,
    expected_calibration_error,
    reliability,
)
from assay.stats.calibration import Reliability
from assay.stats.quantiles import normal_quantile
from assay.stats.tallies.scores import ScoreTable


def curve_of(table: ScoreTable, bins: int = 15) -> Reliability:
    """The reliability curve, which must exist."""
    curve = reliability(table, bins=bins)
    assert isinstance(curve, Reliability)
    return curve


def test_bounds_are_the_stated_formula() -> None:
    """U and L take the binomial spread and the noise of a distance from each bin."""
    scores, labels = draw_scores(7, 3000)
    table = table_of(scores, labels)
    curve = curve_of(table)
    weights = curve.rows / curve.rows.sum()
    rate = (curve.positives + 0.5) / (curve.rows + 1)
    variance = rate * (1 - rate) / curve.rows
    spread = math.sqrt(float((weights**2 * variance).sum()))
    noise = float((weights * np.sqrt(2 * variance / math.pi)).sum())
    error = float(np.abs(weights * (curve.positives / curve.rows - curve.mean_scores)).sum())
    answer = expected_calibration_error(table, errors=Errors(low=0.05, high=0.01))
    assert isinstance(answer, Estimate)
    assert answer.value == pytest.approx(error, abs=1e-12)
    assert answer.high == pytest.approx(error + normal_quantile(0.01) * spread, abs=1e-11)
    assert answer.low == max(0.0, error - noise - normal_quantile(0.05) * spread) == 0.0


def test_scores_that_are_off_are_shown_to_be() -> None:
    """Scores a fifth too high have a lower bound well above 0."""
    scores, labels = draw_scores(8, 4000)
    answer = expected_calibration_error(
        table_of(np.minimum(scores + 0.2, 1.0), labels), errors=READING
    )
    assert isinstance(answer, Estimate)
    assert 0.1 < answer.low < answer.value < answer.high


def test_bins_hold_equal_masses_of_distinct_scores() -> None:
    """Without ties the bins differ by at most one row."""
    scores, labels = draw_scores(9, 1000)
    rows = curve_of(table_of(scores, labels)).rows
    assert len(rows) == 15
    assert rows.max() - rows.min() <= 1.0


def test_equal_scores_share_a_bin() -> None:
    """Heavy ties make fewer bins, and no empty ones."""
    curve = curve_of(table_of(np.repeat([0.1, 0.3, 0.9], [700, 200, 100]), np.arange(1000) % 2))
    assert curve.rows.tolist() == [700.0, 200.0, 100.0]
    assert curve.last_scores.tolist() == [0.1, 0.3, 0.9]


def test_a_single_row_has_wide_bounds() -> None:
    """One row is no evidence of calibration."""
    answer = expected_calibration_error(table_of(np.array([0.5]), np.array([1])), errors=READING)
    assert isinstance(answer, Estimate)
    assert (answer.value, answer.low) == (0.5, 0.0)
    assert answer.high > 0.9


def test_a_rare_event_in_step_is_corrected_for_skewness() -> None:
    """Where every bin is off the same way and events are few, U reaches further than z."""
    scores = np.full(3000, 0.03) + np.arange(3000) * 1e-6
    labels = (np.arange(3000) % 33 == 0).astype(np.int64) * (np.arange(3000) < 1000)
    table = table_of(scores, labels)
    curve = curve_of(table)
    over = table_of(scores + 0.2, labels)
    plain = curve_of(over)
    rate = (plain.positives + 0.5) / (plain.rows + 1)
    spread = math.sqrt(float((plain.weights**2 * rate * (1 - rate) / plain.rows).sum()))
    answer = expected_calibration_error(over, errors=READING)
    assert isinstance(answer, Estimate)
    assert answer.value > float(np.abs(curve.gaps).sum())
    assert answer.value - answer.low > normal_quantile(0.025) * spread * 1.05


def test_bins_of_scores_widen_by_their_half_width() -> None:
    """A mean score known to half a bin moves both bounds by that."""
    scores, labels = draw_scores(10, 2000)
    table = binned_table(np.minimum(scores + 0.3, 1.0), labels, bins=128)
    sharp = ScoreTable(
        scores=table.scores,
        half_widths=np.zeros_like(table.half_widths),
        negatives=table.negatives,
        positives=table.positives,
    )
    wide = expected_calibration_error(table, errors=READING)
    narrow = expected_calibration_error(sharp, errors=READING)
    assert isinstance(wide, Estimate)
    assert isinstance(narrow, Estimate)
    assert wide.high == pytest.approx(narrow.high + 0.5 / 128, abs=1e-10)
    assert wide.low == pytest.approx(narrow.low - 0.5 / 128, abs=1e-10)


def test_units_that_repeat_widen_the_bounds() -> None:
    """Eight copies of each row bound the error about as one does."""
    scores, labels = draw_scores(11, 640)
    copies, members = np.tile(np.arange(640), 8), np.tile(np.arange(640) % 64, 8)
    parts = buckets_of(scores[copies], labels[copies], members)
    table = table_of(scores[copies], labels[copies])
    alone = expected_calibration_error(table_of(scores, labels), errors=READING)
    clustered = expected_calibration_error(table, errors=READING, buckets=parts)
    assert isinstance(alone, Estimate)
    assert isinstance(clustered, Estimate)
    assert clustered.high - clustered.value == pytest.approx(alone.high - alone.value, rel=0.35)


def test_nothing_to_compare_is_undefined() -> None:
    """No rows give no error, and no bins no curve."""
    empty = table_of(np.empty(0), np.empty(0, dtype=np.int64))
    answer = expected_calibration_error(empty, errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("", 1),)
    with pytest.raises(InvalidArgument):
        reliability(empty, bins=0)
