"""Chart 1: marks differ by more than colour, and nothing unknown is drawn as known."""

from __future__ import annotations

import math

import pytest
from tests.golden.situations import report
from tests.unit.documents.charting import drawn, estimate, judged, texts

from assay.documents.charts.bounds import HEAD, STRIDE, WIDTH, bounds_chart
from assay.documents.charts.layout import ROW
from assay.stats.estimate import Undefined

REPORT = report("denied")
MANY = [
    judged("auc", estimate(0.86, 0.85, 0.87), "0.82", at_most=False),
    judged("gap", estimate(0.071, 0.052, 0.09), "0.05"),
    judged("recall", estimate(0.78, 0.69, 0.85), "0.75", at_most=False),
    judged("unknown", Undefined(reason="Every label is negative."), "0.7", at_most=False),
]


def test_each_verdict_has_a_bar_and_a_mark_of_its_own():
    """Pass, fail and not enough data are told apart by style; the styles differ in shape."""
    spec = bounds_chart(REPORT, MANY)
    counts = {style: len(drawn(spec, f"{style}-bar")) for style in ("pass", "fail", "unsure")}
    assert counts == {"pass": 1, "fail": 1, "unsure": 2}
    assert [len(drawn(spec, f"{style}-dot")) for style in counts] == [1, 1, 1]


def test_what_the_data_cannot_tell_is_hatched_from_bound_to_bound():
    """Strokes fill the bars of what is not known, and no others."""
    spec = bounds_chart(REPORT, MANY)
    strokes, bars = drawn(spec, "hatch"), drawn(spec, "unsure-bar")
    for bar in bars:
        middle = (bar["y"] + bar["y2"]) / 2
        within = [stroke["x"] for stroke in strokes if stroke["y"] == middle]
        assert bar["x"] < min(within) <= max(within) < bar["x2"]
        assert len(within) == pytest.approx((bar["x2"] - bar["x"]) / 2 * WIDTH / STRIDE, abs=1)
    assert {stroke["y"] for stroke in strokes} == {(bar["y"] + bar["y2"]) / 2 for bar in bars}


def test_without_a_figure_anything_is_possible():
    """An undefined figure has a bar across the whole scale, its reason, and no mark."""
    spec = bounds_chart(REPORT, MANY[3:])
    [bar] = drawn(spec, "unsure-bar")
    assert (bar["x"], bar["x2"]) == (-1.0, 1.0)
    assert drawn(spec, "unsure-dot") == []
    assert "Every label is negative" in texts(spec)
    assert spec["encoding"]["x"]["axis"] is None


def test_a_bound_that_does_not_exist_is_an_arrow_at_the_edge():
    """The bar runs to the edge of the plot on its open side."""
    spec = bounds_chart(
        REPORT, [*MANY, judged("ratio", estimate(1.2, 0.9, math.inf), "0.8", at_most=False)]
    )
    [arrow] = drawn(spec, "open-right")
    assert drawn(spec, "open-left") == []
    assert arrow["x"] == 1.0
    assert any(
        bar["x2"] == 1.0 and bar["y"] < arrow["y"] < bar["y2"] for bar in drawn(spec, "pass-bar")
    )


def test_one_limit_in_common_has_an_axis_of_values():
    """Figures that share a limit lie on their own scale, within 0 and 1 where they do."""
    spec = bounds_chart(REPORT, [MANY[0]])
    assert spec["encoding"]["x"]["axis"] is not None
    low, high = spec["encoding"]["x"]["scale"]["domain"]
    assert 0.0 <= low < 0.82
    assert 0.87 < high <= 1.0
    [limit], [grey] = drawn(spec, "limit"), drawn(spec, "breaks")
    assert (limit["x"], grey["x"], grey["x2"]) == (0.82, low, 0.82)


def test_other_limits_are_brought_in_line():
    """Otherwise every limit is at 0, and what lies left of it breaks its own."""
    spec = bounds_chart(REPORT, MANY)
    [limit], [grey] = drawn(spec, "limit"), drawn(spec, "breaks")
    assert (limit["x"], grey["x"], grey["x2"]) == (0.0, -1.0, 0.0)
    assert spec["encoding"]["x"]["axis"] is None


@pytest.mark.parametrize("rows", [1, 14, 40])
def test_every_row_has_room(rows: int):
    """The plot grows with its rows, and every name is there."""
    made = [judged(f"requirement-{i}", estimate(0.5, 0.4, 0.6), f"0.{i + 10}") for i in range(rows)]
    spec = bounds_chart(REPORT, made)
    assert spec["height"] >= HEAD + rows * ROW
    assert {f"requirement-{i}" for i in range(rows)} <= set(texts(spec))


def test_facts_are_named_below():
    """What has no bounds stands under the plot and in the description."""
    spec = bounds_chart(REPORT)
    note = "Without bounds to draw: model-card: fail (The manifest names no model card)."
    assert note in spec["description"]
    assert [note] in [value["text"] for value in drawn(spec, "footnote")]


def test_a_report_of_facts_alone_is_a_picture_too():
    """With nothing to draw the picture says so."""
    facts = [item for item in REPORT.decision.judgements if item.requirement.bar is None]
    spec = bounds_chart(REPORT, facts)
    assert spec["description"].startswith("No figure has bounds to draw.")
