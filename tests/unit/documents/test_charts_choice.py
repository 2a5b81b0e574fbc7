"""Which picture an explanation has."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.golden.situations import report
from tests.unit.documents.charting import drawn, estimate

from assay.adapters.plugins import find_checks
from assay.documents.charts.choice import NothingToDraw, explanation_chart
from assay.documents.explanation import Explanation
from assay.policy.policy import RequirementId
from assay.stats.estimate import Binding, GroupReading
from assay.stats.tallies import ScoreCounts
from assay.stats.tallies.scores import ScoreSlice

CHECKS = find_checks()


def explained(situation: str, requirement: str) -> Explanation:
    """The explanation of a requirement in a situation of the golden reports."""
    shown = report(situation)
    [item] = [item for item in shown.decision.judgements if item.requirement.id == requirement]
    return Explanation(
        report=shown, judgement=item, check=CHECKS.get(item.requirement.check), provenance={}
    )


def test_a_gap_is_drawn_by_its_groups():
    """With the claim above, and the pair behind the bound that decided in bold."""
    spec = explanation_chart(explained("denied", "approval-gap"))
    assert spec["title"]["text"] == "consumer-credit 4.2.0: approval-gap"
    assert spec["title"]["subtitle"][0].startswith("Fail: 0.407 (at least 0.298, at most 0.4")
    assert sorted(value["text"] for value in drawn(spec, "strong")) == ["<=25", ">25"]
    assert drawn(spec, "limit") == []


def test_groups_are_drawn_even_without_a_figure():
    """What cannot be told is explained by who is there."""
    spec = explanation_chart(explained("held-for-data", "approval-gap"))
    assert spec["title"]["subtitle"][0].startswith("Not enough data: Groups below the minimum")
    assert len(drawn(spec, "hollow-dot")) == 2


def test_the_worst_group_is_drawn_against_the_limit():
    """Where one group binds the claim, the limit is one for each group."""
    explanation = explained("denied", "approval-gap")
    worst = replace(
        estimate(0.2, 0.1, 0.3),
        high_binding=Binding(groups=("a: b",), value=0.2, bound=0.3, n=50),
        low_binding=Binding(groups=("a: b",), value=0.2, bound=0.1, n=50),
        groups=(GroupReading(group="a: b", n=50, value=0.2, low=0.1, high=0.3),),
    )
    item = replace(explanation.judgement, measurement=worst, threshold=Decimal("0.25"))
    spec = explanation_chart(replace(explanation, judgement=item))
    assert [line["x"] for line in drawn(spec, "limit")] == [0.25]


def test_calibration_is_a_reliability_diagram():
    """Of the scores that the figure sums up, in as many bins as the policy asks for."""
    explanation = explained("denied", "ranks-well")
    rule = replace(
        explanation.judgement.requirement,
        id=RequirementId("calibrated"),
        check="calibration.expected_calibration_error",
        parameters={"bins": 4},
    )
    scores = ScoreSlice(steps=2048, exact={i / 100: (100 - i, i) for i in range(1, 100)}, bins={})
    calibrated = replace(
        explanation,
        judgement=replace(explanation.judgement, requirement=rule),
        check=CHECKS.get(rule.check),
        scores=ScoreCounts(by=(), slices={(): scores}),
    )
    spec = explanation_chart(calibrated)
    assert len(drawn(spec, "dot")) == 4
    assert spec["title"]["subtitle"][0].startswith("Pass: 0.800 (at least")
    without_scores = explanation_chart(replace(calibrated, scores=None))
    assert "vconcat" not in without_scores


def test_any_other_figure_is_drawn_against_its_limit():
    """On a scale of its values."""
    spec = explanation_chart(explained("denied", "ranks-well"))
    assert spec["title"]["text"] == "consumer-credit 4.2.0: does ranks-well clear its limit?"
    assert len(drawn(spec, "pass-bar")) == 1


def test_a_fact_has_no_picture():
    """It is an error, which says that the text has all there is."""
    with pytest.raises(NothingToDraw):
        explanation_chart(explained("denied", "model-card"))
