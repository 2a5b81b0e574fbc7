"""The order in which groups are listed."""

from __future__ import annotations

import pytest

from assay.documents.group_order import ascending
from assay.stats.estimate import GroupReading


def reading(group: str, rate: str = "") -> GroupReading:
    return GroupReading(group=group, n=1, value=None, low=None, high=None, rate=rate)


@pytest.mark.parametrize(
    ("told", "listed"),
    [
        (
            ["age: (100,200]", "age: (25,100]", "age: <=25", "age: >200"],
            ["age: <=25", "age: (25,100]", "age: (100,200]", "age: >200"],
        ),
        (
            ["born: (1990-01-01,2000-01-01]", "born: <=1990-01-01", "born: >2000-01-01"],
            ["born: <=1990-01-01", "born: (1990-01-01,2000-01-01]", "born: >2000-01-01"],
        ),
        (
            ["sex × age: f × (-5,40]", "sex × age: f × <=-5", "sex × age: m × <=-5"],
            ["sex × age: f × <=-5", "sex × age: f × (-5,40]", "sex × age: m × <=-5"],
        ),
        (["sex: m", "race: b", "race: a"], ["sex: m", "race: a", "race: b"]),
        (["income: >50K", "income: <=50K"], ["income: <=50K", "income: >50K"]),
    ],
)
def test_bands_ascend_within_their_slice(told: list[str], listed: list[str]):
    assert [item.group for item in ascending(map(reading, told))] == listed


def test_rates_keep_their_order():
    told = [reading("a: >1", "tpr"), reading("a: <=1", "tpr"), reading("a: <=1", "fpr")]
    assert [(item.rate, item.group) for item in ascending(told)] == [
        ("tpr", "a: <=1"),
        ("tpr", "a: >1"),
        ("fpr", "a: <=1"),
    ]
