"""Chart 3: what is drawn is what the tally holds, on one scale for scores and shares."""

from __future__ import annotations

import random

import pytest
from tests.unit.documents.charting import drawn, score_table

from assay.documents.charts.reliability import reliability_chart
from assay.stats.calibration import reliability
from assay.stats.estimate import READING, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import ScoreTable


def sample(seed: int, rows: int, top: float, *, digits: int = 3) -> ScoreTable:
    """Honest scores up to `top`."""
    draw = random.Random(seed)
    scores = [round(draw.random() * top, digits) for _ in range(rows)]
    return score_table(scores, [int(draw.random() < score) for score in scores])


def test_points_are_the_curve_and_bars_its_intervals():
    """A bin's point and interval are those of assay.stats."""
    table = sample(1, 600, 1.0)
    curve = reliability(table)
    assert not isinstance(curve, Undefined)
    spec = reliability_chart(table, title="t")
    dots, bars = drawn(spec, "dot"), drawn(spec, "interval")
    assert len(dots) == len(bars) == len(curve.rows)
    for i, (dot, bar) in enumerate(zip(dots, bars, strict=True)):
        counts = Proportion(events=float(curve.positives[i]), trials=float(curve.rows[i]))
        rate = proportion(counts, errors=READING)
        assert isinstance(rate, Estimate)
        assert dot["x"] == pytest.approx(float(curve.mean_scores[i]), rel=1e-6)
        assert dot["y"] == pytest.approx(rate.value, rel=1e-6)
        assert (bar["y"], bar["y2"]) == pytest.approx((rate.low, rate.high), rel=1e-6)


def test_the_histogram_counts_every_row_from_zero():
    """Lengths stand for numbers, so they begin at 0; their sum is the rows."""
    spec = reliability_chart(sample(2, 600, 1.0), title="t")
    bars = drawn(spec, "count")
    assert sum(bar["y2"] for bar in bars) == 600
    assert {bar["y"] for bar in bars} == {0.0}
    diagram, histogram = (panel["encoding"] for panel in spec["vconcat"])
    assert diagram["x"]["scale"]["domain"] == histogram["x"]["scale"]["domain"] == [0.0, 1.0]
    assert diagram["y"]["scale"]["domain"] == [0.0, 1.0]
    assert histogram["y"]["scale"]["domain"][0] == 0


def test_rare_events_have_a_scale_that_shows_them():
    """Scores near 0 fill the picture; the few beyond it are counted in words."""
    table = sample(3, 20_000, 0.02, digits=5)
    far = score_table(
        [*table.scores.repeat(table.negatives + table.positives).tolist(), 0.9], [0] * 20_001
    )
    spec = reliability_chart(far, title="t")
    end = spec["vconcat"][0]["encoding"]["x"]["scale"]["domain"][1]
    assert 0.02 <= end <= 0.05
    assert "1 row with scores beyond the scale: not shown." in spec["title"]["subtitle"]
    assert "1 row with scores beyond the scale: not shown." in spec["description"]


def test_scores_near_one_have_the_mirrored_scale():
    """The same at the other end."""
    table = sample(3, 20_000, 0.02, digits=5)
    mirrored = ScoreTable(
        scores=(1.0 - table.scores)[::-1],
        half_widths=table.half_widths,
        negatives=table.positives[::-1],
        positives=table.negatives[::-1],
    )
    low, high = reliability_chart(mirrored, title="t")["vconcat"][0]["encoding"]["x"]["scale"][
        "domain"
    ]
    assert high == 1.0
    assert 0.95 <= low <= 0.98


def test_rows_of_one_unit_widen_the_intervals():
    """Ten rows a person tell less than ten people."""
    table = sample(4, 2000, 1.0, digits=1)
    draw = random.Random(5)
    buckets = [score_table([0.5] * 40, [int(draw.random() < 0.5)] * 40) for _ in range(50)]
    whole = score_table(
        [0.5] * 2000, [label for b in buckets for label in [int(b.positives[0] > 0)] * 40]
    )
    [alone] = drawn(reliability_chart(whole, title="t"), "interval")
    [together] = drawn(reliability_chart(whole, title="t", buckets=buckets), "interval")
    assert together["y2"] - together["y"] > 3 * (alone["y2"] - alone["y"])
    assert len(drawn(reliability_chart(table, title="t"), "dot")) > 5


def test_units_too_few_for_an_interval_leave_a_hollow_point():
    """No interval is invented from two buckets of units."""
    bucket = score_table([0.5] * 20, [0, 1] * 10)
    whole = score_table([0.5] * 40, [0, 1] * 20)
    spec = reliability_chart(whole, title="t", buckets=[bucket, bucket])
    assert drawn(spec, "interval") == drawn(spec, "dot") == []
    assert [dot["x"] for dot in drawn(spec, "hollow-dot")] == [0.5]


def test_no_rows_is_a_picture_that_says_why():
    """Nothing is drawn as zero."""
    spec = reliability_chart(score_table([], []), title="t")
    assert spec["description"] == "Calibration compares scores with labels, and no row has both."
    assert "vconcat" not in spec


def test_words_carry_the_numbers():
    """The description has the mean gap, how many intervals miss, and the worst bin."""
    scores, labels = [0.2] * 50 + [0.8] * 50, [0] * 40 + [1] * 10 + [1] * 20 + [0] * 30
    said = reliability_chart(score_table(scores, labels), title="t", claim="Fail: 0.2.")[
        "description"
    ]
    assert said == (
        "Fail: 0.2. Mean gap between score and observed share: 0.200 over 100 rows in 2 bins; "
        "1 of 2 intervals miss their mean score. Farthest off: mean score 0.800, of 50 rows "
        "0.400 positive."
    )
