"""Chart 2: every group is there, small ones hollow, and names can be told apart."""

from __future__ import annotations

import math

import pytest
from tests.unit.documents.charting import drawn, texts

from assay.documents.charts.groups import Claim, group_chart
from assay.stats.estimate import GroupReading

CLAIM = Claim(title="system 1.0: gap", said="Fail: 0.200; at most 0.1 is asked.")


def reading(
    group: str, value: float | None, *, n: float = 100.0, note: str = "", rate: str = ""
) -> GroupReading:
    low, high = (None, None) if value is None else (max(0.0, value - 0.1), min(1.0, value + 0.1))
    return GroupReading(group=group, n=n, value=value, low=low, high=high, note=note, rate=rate)


SEXES = [reading("sex: female", 0.4), reading("sex: male", 0.6)]
SMALL = reading("sex: X", 0.5, n=12, note="left out: below the minimum of 30")
EMPTY = reading("sex: unknown", None, n=0, note="left out: below the minimum of 30")


def test_small_groups_are_hollow_and_stay():
    """A group left out keeps its dot, its interval and its size; one without rows its line."""
    spec = group_chart([*SEXES, SMALL, EMPTY], CLAIM)
    assert [dot["x"] for dot in drawn(spec, "dot")] == [0.4, 0.6]
    assert [dot["x"] for dot in drawn(spec, "hollow-dot")] == [0.5]
    assert len(drawn(spec, "thin-interval")) == 1
    assert {"female", "male", "X", "unknown", "no figure", "12", "0"} <= set(texts(spec))
    assert "Too few people, or no figure: sex: X (12), sex: unknown (0)." in spec["description"]


def test_farthest_from_the_reference_first():
    """Within a section groups stand by their figure; those without one at the end."""
    spec = group_chart([EMPTY, SEXES[1], SMALL, SEXES[0]], CLAIM)
    names = [
        (value["y"], value["text"])
        for value in drawn(spec, "label")
        if value["text"] in {"female", "male", "X", "unknown"}
    ]
    assert [name for _, name in sorted(names)] == ["female", "X", "male", "unknown"]


def test_the_reference_is_the_highest_of_those_compared():
    """A dashed line at the highest group of each section, never at one that is left out."""
    high = reading("sex: X", 0.9, n=12, note="left out")
    ages = [reading("age: old", 0.3), reading("age: young", 0.2)]
    spec = group_chart([*SEXES, high, *ages], CLAIM)
    assert [line["x"] for line in drawn(spec, "reference")] == [0.6, 0.3]
    assert drawn(group_chart(SEXES[:1], CLAIM), "reference") == []


def test_a_limit_on_each_group_replaces_the_reference():
    """Where the claim bounds every group, its limit is the line to compare with."""
    spec = group_chart(SEXES, Claim(title="t", said="s", limit=0.65))
    assert [line["x"] for line in drawn(spec, "limit")] == [0.65]
    assert drawn(spec, "reference") == []
    low, high = spec["encoding"]["x"]["scale"]["domain"]
    assert low < 0.3
    assert high > 0.7


def test_the_binding_groups_are_bold_in_their_rate_alone():
    """The same group of another rate is not behind the bound."""
    readings = [
        reading(group, value, rate=rate)
        for rate in ("true positive rate", "false positive rate")
        for group, value in (("sex: female", 0.4), ("sex: male", 0.6))
    ]
    pair = frozenset({("false positive rate", "sex: female"), ("false positive rate", "sex: male")})
    spec = group_chart(readings, Claim(title="t", said="s", pair=pair))
    assert sorted(value["text"] for value in drawn(spec, "strong")) == ["female", "male"]
    assert {"true positive rate, by sex", "false positive rate, by sex"} <= set(texts(spec))


def test_one_scale_for_all_within_0_and_1():
    """Sections share the scale, and no proportion's scale leaves 0 to 1."""
    spec = group_chart([reading("a: b", 0.02), reading("a: c", 0.99), reading("d: e", 0.5)], CLAIM)
    assert spec["encoding"]["x"]["scale"]["domain"] == [0.0, 1.0]


def test_an_interval_without_an_end_runs_to_the_edge():
    """An infinite bound is an arrow, not a number that no picture can have."""
    open_ended = GroupReading(group="a: b", n=50, value=1.1, low=0.8, high=math.inf)
    spec = group_chart([open_ended, reading("a: c", 1.0)], CLAIM)
    edge = spec["encoding"]["x"]["scale"]["domain"][1]
    assert [arrow["x"] for arrow in drawn(spec, "open-right")] == [edge]
    assert max(line["x2"] for line in drawn(spec, "interval")) == edge


@pytest.mark.parametrize("groups", [14, 40])
def test_long_names_can_be_told_apart(groups: int):
    """However they are shortened, no two rows have the same name."""
    readings = [
        reading(
            f"region × trade: a region with a very long name, number {i % 8}, far away × "
            f"a trade that takes a line to name, number {i // 8}, of many",
            0.3 + i / 100,
        )
        for i in range(groups)
    ]
    spec = group_chart(readings, CLAIM)
    names = [value["text"] for value in drawn(spec, "label") if "…" in value["text"]]
    assert len(set(names)) == len(names) == groups
    assert len({value["y"] for value in drawn(spec, "dot")}) == groups


def test_an_interval_that_is_not_known_is_not_drawn():
    """A figure without bounds is a dot alone, and says so."""
    bare = GroupReading(group="a", n=50, value=0.5, low=None, high=None)
    spec = group_chart([bare], CLAIM)
    assert drawn(spec, "interval") == []
    assert "0.500 [no interval]" in texts(spec)


def test_no_group_has_a_figure():
    """Then the names stand on an empty scale from 0 to 1."""
    spec = group_chart([EMPTY], CLAIM)
    assert spec["encoding"]["x"]["scale"]["domain"] == [0.0, 1.0]
    assert "no group has a figure" in spec["description"]
