"""Chart 6: a change beside no change and its margin, told apart without colour."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.golden.situations import AGAINST_PRODUCTION, report
from tests.unit.documents.charting import drawn, estimate, texts

from assay.checks.registry import Source, checks_of
from assay.documents.charts.change import Compared, change_chart
from assay.documents.charts.choice import explanation_chart
from assay.documents.explanation import Explanation
from assay.policy.gate import Verdict
from assay.stats.estimate import GroupReading

FIGURE = estimate(-0.004, -0.009, 0.003)
CLAIM = Compared(
    title="credit 2: no-worse",
    said="Pass: -0.004; at least -0.01 is asked.",
    other="4.1.3 in production",
    estimate=FIGURE,
    verdict=Verdict.PASS,
    limit=-0.01,
    at_most=False,
)


@pytest.mark.parametrize(
    ("verdict", "style"),
    [(Verdict.PASS, "pass"), (Verdict.FAIL, "fail"), (Verdict.INSUFFICIENT, "unsure")],
)
def test_each_verdict_has_a_bar_of_its_own(verdict: Verdict, style: str):
    """From bound to bound; what the data cannot tell is hatched."""
    spec = change_chart(replace(CLAIM, verdict=verdict))
    [bar] = drawn(spec, f"{style}-bar")
    assert (bar["x"], bar["x2"]) == (-0.009, 0.003)
    [dot] = drawn(spec, f"{style}-dot")
    assert dot["x"] == -0.004
    assert bool(drawn(spec, "hatch")) is (style == "unsure")


@pytest.mark.parametrize("at_most", [False, True])
def test_the_margin_and_no_change_are_two_lines(at_most: bool):
    """A solid one and a dashed one, each named; the side that breaks the margin is grey."""
    limit = 0.01 if at_most else -0.01
    spec = change_chart(replace(CLAIM, limit=limit, at_most=at_most))
    [margin], [none], [grey] = (drawn(spec, style) for style in ("limit", "reference", "breaks"))
    assert (margin["x"], none["x"]) == (limit, 0.0)
    assert grey["x" if at_most else "x2"] == limit
    assert {f"margin {limit:.3f}", "no change"} <= set(texts(spec))
    assert "4.1.3 in production" in spec["description"]


def test_groups_stand_below_and_none_is_dropped():
    """With intervals of their own; one without a figure says why."""
    readings = (
        GroupReading(group="sex: f", n=90, value=0.01, low=-0.02, high=0.04),
        GroupReading(group="sex: m", n=0, value=None, low=None, high=None, note="Nobody."),
    )
    spec = change_chart(replace(CLAIM, estimate=replace(FIGURE, groups=readings)))
    assert len(drawn(spec, "interval")) == len(drawn(spec, "dot")) == 1
    assert {"sex: f", "sex: m", "Nobody.", "no figure", "+0.010 [-0.020, 0.040]"} <= set(
        texts(spec)
    )
    assert "sex: f" in spec["description"]


def test_an_explanation_of_a_change_has_this_picture():
    """Whatever groups its figure carries; what it is against is named by the journal."""
    from assay.checks.performance import changes

    shown = report("denied-against-production")
    [item] = [
        judgement
        for judgement in shown.decision.judgements
        if judgement.requirement.id == "no-worse-than-production"
    ]
    source = Source(origin="here", family="performance", namespace=vars(changes))
    check = checks_of(source)["performance.accuracy_change"]
    spec = explanation_chart(Explanation(report=shown, judgement=item, check=check, provenance={}))
    assert spec["encoding"]["x"]["axis"]["title"] == "change against 4.1.3 in production"
    assert drawn(spec, "fail-bar")
    assert item.requirement in AGAINST_PRODUCTION.requirements
