"""The specifications of the charts, for the situations that stretch them; not their pixels."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from tests.golden.situations import report
from tests.unit.documents.charting import estimate, judged, score_table

from assay.documents.charts.bounds import bounds_chart
from assay.documents.charts.change import Compared, change_chart
from assay.documents.charts.groups import Claim, group_chart
from assay.documents.charts.reliability import reliability_chart
from assay.documents.charts.reliability_groups import GroupScores, reliability_groups_chart
from assay.policy.gate import Verdict
from assay.stats.estimate import READING, Errors, Estimate, GroupReading, Undefined
from assay.stats.gaps import largest_difference
from assay.stats.paired import PairedProportions, paired_difference
from assay.stats.proportions import Proportion

Spec = dict[str, Any]


def hard_cases() -> Spec:
    """Bounds that do not exist, no figure, a biased value, tiny and large numbers, long names."""
    return bounds_chart(
        report("held-for-one-approver"),
        [
            judged("auc", estimate(0.861, 0.853, 0.869), "0.82", at_most=False),
            judged("gap", estimate(0.071, 0.052, 0.09), "0.05"),
            judged("ratio-without-end", estimate(1.2, 0.8, math.inf), "1.25", at_most=False),
            judged("no-bound-at-all", estimate(1.4, -math.inf, math.inf), "1.25"),
            judged(
                "cost-in-euro-per-thousand-applications-received", estimate(9e3, 8e3, 1e4), "20000"
            ),
            judged("rare", estimate(0.0005, 0.0003, 0.0009), "0.001"),
            judged("biased", estimate(0.12, 0.02, 0.08), "0.1"),
            judged("unknown", Undefined(reason="Every label is negative."), "0.7", at_most=False),
            *report("held-for-one-approver").decision.judgements,
        ],
    )


def one_limit() -> Spec:
    """One figure has an axis of values."""
    shown = report("denied")
    return bounds_chart(
        shown, [item for item in shown.decision.judgements if item.requirement.id == "approval-gap"]
    )


def many_groups(count: int) -> Callable[[], Spec]:
    """Intersections, some of them too small, with the pair behind the bound."""

    def drawn() -> Spec:
        draw = random.Random(count)
        levels = [
            f"occupation {i // 5}, a long name × {20 + i % 5 * 10} to {29 + i % 5 * 10}"
            for i in range(count)
        ]
        family = {}
        for level in levels:
            trials = draw.randint(20, 700)
            events = sum(draw.random() < 0.6 for _ in range(trials))
            family[f"occupation × age: {level}"] = Proportion(events=events, trials=trials)
        gap = largest_difference([family], errors=READING, min_group_size=60, small_groups="report")
        assert isinstance(gap, Estimate)
        assert gap.high_binding is not None
        return group_chart(
            gap.groups,
            Claim(
                title="consumer-credit 4.2.0: approval-gap",
                said="Not enough data; at most 0.15 is asked.",
                pair=frozenset(("", group) for group in gap.high_binding.groups),
            ),
        )

    return drawn


def two_rates() -> Spec:
    """A claim over two rates and two columns, with groups left out."""
    shown = report("held-for-one-approver")
    [item] = [item for item in shown.decision.judgements if item.requirement.id == "equal-odds"]
    assert isinstance(item.measurement, Estimate)
    return group_chart(
        item.measurement.groups, Claim(title="consumer-credit 4.2.0: equal-odds", said="Pass.")
    )


def reliability(top: float, rows: int) -> Callable[[], Spec]:
    """Scores up to `top` that say a little too much."""

    def drawn() -> Spec:
        draw = random.Random(rows)
        scores = [round(draw.random() ** 2 * top, 4) for _ in range(rows)]
        labels = [int(draw.random() < 0.8 * score) for score in scores]
        return reliability_chart(
            score_table(scores, labels), title="consumer-credit 4.2.0: calibrated", claim="Pass."
        )

    return drawn


def change(won: int, lost: int, verdict: Verdict) -> Callable[[], Spec]:
    """A change of accuracy with its groups, one of them without a figure."""

    def drawn() -> Spec:
        whole = paired_difference(
            PairedProportions(first_only=won, second_only=lost, trials=2990),
            errors=Errors(low=0.05, high=0.0125),
        )
        assert isinstance(whole, Estimate)
        readings = [
            GroupReading(group="sex: female", n=1210, value=-0.006, low=-0.019, high=0.006),
            GroupReading(group="sex: male", n=1780, value=0.003, low=-0.006, high=0.012),
            GroupReading(group="age: <=25", n=640, value=-0.011, low=-0.032, high=0.009),
            GroupReading(group="age: >25", n=2350, value=0.001, low=-0.007, high=0.009),
            GroupReading(
                group="age: a level with a name that is far too long to stand beside a plot",
                n=0,
                value=None,
                low=None,
                high=None,
                note="No row has both readings, so they cannot be compared.",
            ),
        ]
        word = {Verdict.PASS: "Pass", Verdict.FAIL: "Fail"}.get(verdict, "Not enough data")
        return change_chart(
            Compared(
                title="consumer-credit 4.2.0: no-worse-than-production",
                said=f"{word}: {whole.value:.3f}; at least -0.01 is asked.",
                other="4.1.3 in production",
                estimate=replace(whole, groups=tuple(readings)),
                verdict=verdict,
                limit=-0.01,
                at_most=False,
            )
        )

    return drawn


def bare_change() -> Spec:
    """A change of ranking, which has no groups, and lies by the margin."""
    return change_chart(
        Compared(
            title="consumer-credit 4.2.0: ranks-no-worse",
            said="Not enough data: +0.000; at least -0.001 is asked.",
            other="production",
            estimate=estimate(0.0002, -0.0014, 0.0019),
            verdict=Verdict.INSUFFICIENT,
            limit=-0.001,
            at_most=False,
        )
    )


def reliability_groups() -> Spec:
    """Five groups, one of them small, one without rows, one with a long name."""
    draw = random.Random(5)
    groups = []
    for name, rows, honest in (
        ("sex: female", 1500, 1.0),
        ("sex: male", 1500, 0.8),
        ("age: <=25", 120, 0.6),
        ("age: a level with a name that is far too long to stand above a plot", 900, 1.1),
        ("age: >60", 0, 1.0),
    ):
        scores = [round(draw.random() ** 2 * 0.9, 4) for _ in range(rows)]
        labels = [int(draw.random() < honest * score) for score in scores]
        groups.append(GroupScores(name=name, table=score_table(scores, labels)))
    return reliability_groups_chart(
        groups, title="consumer-credit 4.2.0: honest-for-all", claim="Fail: at most 0.05 is asked."
    )


CHARTS: Final[Mapping[str, Callable[[], Spec]]] = {
    "bounds-denied": lambda: bounds_chart(report("denied")),
    "bounds-under-attack": lambda: bounds_chart(report("under-attack")),
    "bounds-hard-cases": hard_cases,
    "bounds-one-limit": one_limit,
    "groups-14": many_groups(14),
    "groups-40": many_groups(40),
    "groups-two-rates": two_rates,
    "change-passed": change(31, 33, Verdict.PASS),
    "change-failed": change(20, 140, Verdict.FAIL),
    "change-bare": bare_change,
    "reliability": reliability(1.0, 2000),
    "reliability-rare": reliability(0.05, 6000),
    "reliability-groups": reliability_groups,
    "reliability-none": lambda: reliability_chart(score_table([], []), title="calibrated"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_chart(name: str, golden: Callable[[str, str], None]):
    """The specification is as it was when a person last looked at the picture."""
    golden(
        f"charts/{name}.json",
        json.dumps(CHARTS[name](), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    )


@pytest.mark.parametrize("name", CHARTS)
def test_a_specification_is_whole(name: str):
    """It has its data in itself, a title, and a description with numbers in it."""
    spec = CHARTS[name]()
    assert '"url"' not in json.dumps(spec)
    assert spec["title"]["text"]
    assert len(spec["description"]) > 40
    assert spec == CHARTS[name]()
