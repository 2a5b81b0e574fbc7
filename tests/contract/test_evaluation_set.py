"""An evaluation set is the same whatever scores lie beside it, and another with other rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.contract.reference_collector import ReferenceCollector
from tests.contract.test_collector import COLLECTORS, FORMATS, roles, write

from assay.adapters.engine import DuckDbCollector
from assay.evidence.recipe import ColumnRoles, Protected, recipe_for

PEOPLE: dict[str, Sequence[Any]] = {
    "sex": ["f", "m", "f", None, "f", "m", "m", "f"] * 5,
    "person": [f"p{i % 17}" for i in range(39)] + [None],
    "defaulted": [0, 0, 1, 1, 1, None, 0, 0] * 5,
}
SCORES = [0.1, 0.35, 0.8, 0.2, 0.5, 1.0, 0.0, 0.9] * 5


def identity(tmp_path: Path, ending: str, declared: ColumnRoles, **columns: Sequence[Any]) -> bytes:
    """The identity of a file, on which every collector agrees."""
    path = write(tmp_path / f"rows{ending}", {**PEOPLE, "p": SCORES, **columns})
    recipe = recipe_for(declared, [])
    found = {name: item.collect(path, recipe).evaluation_set for name, item in COLLECTORS.items()}
    assert len(set(found.values())) == 1, found
    return found["duckdb"]


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize("ending", FORMATS)
def test_other_scores_make_no_other_set(tmp_path: Path, ending: str, unit: str | None):
    """Neither values of scores, nor scores that are missing or of no use, change the identity."""
    declared = roles(Protected(column="sex"), unit=unit)
    first = identity(tmp_path, ending, declared)
    assert identity(tmp_path, ending, declared, p=[1 - score for score in SCORES]) == first
    assert identity(tmp_path, ending, declared, p=[None, 7.0, *SCORES[2:]]) == first
    assert json.loads(first)["rows"] == 40


def test_other_rows_make_another_set(tmp_path: Path):
    """A row less, another outcome, another group, or other columns give another identity."""
    declared = roles(Protected(column="sex"))
    first = identity(tmp_path, ".csv", declared)
    labels = [1, *PEOPLE["defaulted"][1:]]
    sexes = ["m", *PEOPLE["sex"][1:]]
    assert identity(tmp_path, ".csv", declared, defaulted=labels) != first
    assert identity(tmp_path, ".csv", declared, sex=sexes) != first
    assert identity(tmp_path, ".csv", roles()) != first
    shorter = {name: values[:-1] for name, values in PEOPLE.items()}
    assert identity(tmp_path, ".csv", declared, **shorter, p=SCORES[:-1]) != first


def test_the_order_of_rows_makes_no_other_set(tmp_path: Path):
    """The same rows in another order are the same people."""
    declared = roles(Protected(column="sex"), unit="person")
    first = identity(tmp_path, ".parquet", declared)
    turned = {name: list(reversed(values)) for name, values in PEOPLE.items()}
    assert identity(tmp_path, ".parquet", declared, **turned) == first


def test_more_columns_than_are_crossed_are_told_apart_by_the_first_two(tmp_path: Path):
    """Five protected columns have no crossing of all; the identity still depends on groups."""
    names = ["a", "b", "c", "d", "e"]
    columns: dict[str, Sequence[Any]] = {"p": SCORES, "defaulted": PEOPLE["defaulted"]}
    columns |= {name: [f"{name}{i % 3}" for i in range(40)] for name in names}
    recipe = recipe_for(roles(*(Protected(column=name) for name in names)), [])
    first = DuckDbCollector().collect(write(tmp_path / "rows.csv", columns), recipe)
    columns["a"] = ["a0", *columns["a"][:-1]]
    second = DuckDbCollector().collect(write(tmp_path / "rows.csv", columns), recipe)
    assert first.evaluation_set != second.evaluation_set
    again = ReferenceCollector().collect(tmp_path / "rows.csv", recipe)
    assert second.evaluation_set == again.evaluation_set
