"""What every collector promises of a version in production that scored the same rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.contract.test_collector import (
    COLLECTORS,
    FORMATS,
    Columns,
    collect,
    large,
    roles,
    tally,
    write,
)

from assay.adapters.engine.columns import WrongType
from assay.app.ports import Collector
from assay.evidence.recipe import ColumnRoles, Protected, recipe_for
from assay.stats.tallies import BinaryCounts, PairCells, Pairs, Rows, ScorePairs, Unpaired

SMALL: Columns = {
    "p": [0.1, 0.35, 0.8, 0.2, None, 1.0, 0.0, 0.9],
    "now": [0.2, 0.1, 0.7, 0.9, 0.5, 1.0, None, 2.0],
    "sex": ["f", "m", "f", None, "f", "m", "m", "f"],
    "defaulted": [0, 0, 1, 1, 1, None, 0, 0],
}


def compared(*protected: Protected, unit: str | None = None) -> ColumnRoles:
    """Roles with a version in production."""
    return replace(roles(*protected, unit=unit), champion="now")


@pytest.mark.parametrize("name", ["duckdb", "reference"])
@pytest.mark.parametrize("ending", FORMATS)
def test_pairs_are_counted_as_by_hand(name: str, tmp_path: Path, ending: str):
    """Eight rows: four that both scored, two that each alone did, by hand."""
    declared = compared(Protected(column="sex"))
    found = collect(COLLECTORS[name], tmp_path / f"rows{ending}", SMALL, declared)
    pairs = tally(found, Pairs())
    assert pairs.total == PairCells(
        other_negative=BinaryCounts(true_negatives=1, false_positives=1),
        other_positive=BinaryCounts(false_negatives=1, true_positives=1),
    )
    assert pairs.unpaired == Unpaired(version_only=2, other_only=1)
    assert tally(found, Pairs(by=("sex",))).groups()["m"].n == 1
    assert tally(found, Rows()).missing == {"defaulted": 1, "now": 1, "p": 1, "sex": 1}
    scored = tally(found, ScorePairs())
    assert scored.unpaired == pairs.unpaired
    assert scored.rows.version.exact == {0.1: (1, 0), 0.2: (0, 1), 0.35: (1, 0), 0.8: (0, 1)}
    assert scored.rows.other.exact == {0.1: (1, 0), 0.2: (1, 0), 0.7: (0, 1), 0.9: (0, 1)}


def beside(columns: Columns) -> Columns:
    """The same rows with another version's scores, a few of them missing."""
    chance = np.random.default_rng(9)
    size = len(columns["p"])
    now = np.round(chance.random(size) ** 2, 6)
    gone = chance.random(size) < 0.01
    return {**columns, "now": [None if g else float(s) for s, g in zip(now, gone, strict=True)]}


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_many_pairs_agree_to_the_byte(tmp_path: Path, ending: str, unit: str | None):
    """Six thousand rows, counted by every collector, with threads and without."""
    path = write(tmp_path / f"rows{ending}", beside(large(6_000)))
    recipe = recipe_for(compared(Protected(column="region"), unit=unit), [])
    found = {name: item.collect(path, recipe) for name, item in COLLECTORS.items()}
    assert len({item.tallies.to_bytes() for item in found.values()}) == 1


@pytest.mark.parametrize("collector", COLLECTORS.values())
def test_computed_scores_meet_the_column_of_production(collector: Collector, tmp_path: Path):
    """The version's scores come from beside, those of production are a column."""
    columns = beside(large(6_000))
    recipe = recipe_for(compared(), [])
    whole = COLLECTORS["reference"].collect(write(tmp_path / "whole.csv", columns), recipe)
    scores = write(tmp_path / "scores.csv", {"score": columns.pop("p")})
    rows = write(tmp_path / "rows.csv", columns)
    found = collector.collect(rows, recipe, predictions=scores)
    assert found.tallies.to_bytes() == whole.tallies.to_bytes()


@pytest.mark.parametrize("late", [False, True])
def test_text_among_the_scores_of_production_is_refused(tmp_path: Path, late: bool):
    """Wherever it stands: no row is compared with a score that is a word."""
    columns = beside(large(20_000))
    columns["now"] = [*columns["now"][:-1], "n/a"] if late else ["n/a", *columns["now"][1:]]
    with pytest.raises(WrongType) as caught:
        collect(COLLECTORS["duckdb"], tmp_path / "rows.csv", columns, compared())
    assert "'now'" in caught.value.what
