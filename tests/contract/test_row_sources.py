"""The same rows give the same bytes, whatever holds them: a file, a frame, a reader, a relation."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.adapters.engine import DuckDbCollector
from assay.adapters.engine.memory import UnknownData
from assay.adapters.engine.source import EmptyData, UnknownColumn
from assay.errors import NotEvaluated
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label, Protected, Recipe, recipe_for
from assay.stats.tallies import Rows, Weight

ROWS = 18_000
"""More than the engine surveys first, so that a level may come late."""


def table() -> Any:
    """Every type that a column can have, with missing values, and a level in the last rows."""
    chance = np.random.default_rng(11)
    region = chance.choice(["north", "south"], ROWS).tolist()
    region[5], region[-1] = None, "far"
    ages = chance.integers(18, 90, ROWS).tolist()
    ages[7] = None
    start = datetime.date(2019, 1, 1)
    joined = [start + datetime.timedelta(int(days)) for days in chance.integers(0, 900, ROWS)]
    scores = np.round(chance.random(ROWS), 6).tolist()
    scores[11], scores[12] = None, 1.5
    columns = {
        "unused": pa.array(["text"] * ROWS),
        "p": pa.array(scores, pa.float64()),
        "defaulted": pa.array((chance.random(ROWS) < 0.3).astype(int).tolist(), pa.int64()),
        "region": pa.array(region, pa.string()),
        "age": pa.array(ages, pa.int64()),
        "flag": pa.array((chance.random(ROWS) < 0.5).tolist(), pa.bool_()),
        "joined": pa.array([None, *joined[1:]], pa.date32()),
        "person": pa.array(chance.integers(0, ROWS // 3, ROWS).tolist(), pa.int64()),
        "w": pa.array(chance.integers(1, 5, ROWS).tolist(), pa.int64()),
    }
    return pa.table(columns)


TABLE = table()
ROLES = ColumnRoles(
    label=Label(column="defaulted"),
    score="p",
    decision=DecisionRule(favourable_when="<", threshold=Decimal("0.35")),
    protected=(
        Protected(column="region"),
        Protected(column="age", cuts=(Decimal(25), Decimal(60))),
        Protected(column="flag"),
        Protected(column="joined", cuts=(datetime.date(2019, 12, 31),)),
    ),
)


def recipe(**roles: object) -> Recipe:
    """The base recipe."""
    return recipe_for(replace(ROLES, **roles), [])  # type: ignore[arg-type]


def _categorical(given: Any) -> pd.DataFrame:
    frame = given.to_pandas()
    return frame.assign(region=frame["region"].astype("category"))


def _objects(given: Any) -> pd.DataFrame:
    """What pandas made of text before it had a type for it: NaN among objects."""
    frame = given.to_pandas().astype({"region": object})
    frame.loc[frame["region"].isna(), "region"] = np.nan
    return frame


def _stored(given: Any, folder: Path) -> Path:
    pq.write_table(given, folder / "lazy.parquet", row_group_size=5_000)
    return folder / "lazy.parquet"


SOURCES: dict[str, Callable[[Any, Path], object]] = {
    "arrow table": lambda given, _: given,
    "arrow batch": lambda given, _: given.combine_chunks().to_batches()[0],
    "arrow reader, read once": lambda given, _: given.to_reader(max_chunksize=1_000),
    "arrow dictionaries": lambda given, _: given.set_column(
        3, "region", given["region"].dictionary_encode()
    ),
    "pandas": lambda given, _: given.to_pandas(),
    "pandas, nullable": lambda given, _: given.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, numpy's nullable": lambda given, _: given.to_pandas().convert_dtypes(),
    "pandas, categories": lambda given, _: _categorical(given),
    "pandas, objects": lambda given, _: _objects(given),
    "pandas, times": lambda given, _: given.to_pandas(date_as_object=False),
    "polars": lambda given, _: pl.from_arrow(given),
    "polars, categories": lambda given, _: pl.DataFrame(given).with_columns(
        pl.col("region").cast(pl.Categorical)
    ),
    "polars, lazy": lambda given, _: pl.DataFrame(given).lazy(),
    "polars, lazy from a file": lambda given, folder: pl.scan_parquet(_stored(given, folder)),
    "duckdb relation": lambda given, _: duckdb.connect().from_arrow(given),
    "duckdb relation of a file": lambda given, folder: duckdb.connect().read_parquet(
        str(_stored(given, folder))
    ),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows in a Parquet file."""
    return _stored(TABLE, tmp_path_factory.mktemp("rows"))


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_gives_the_bytes_of_the_file(name: str, stored: Path, tmp_path: Path):
    """Categories, numbers in bands, booleans, dates in bands, and a level that comes late."""
    expected = DuckDbCollector().collect(stored, recipe()).tallies
    assert expected.tallies[Rows()].read == ROWS  # type: ignore[union-attr]
    found = DuckDbCollector().collect_rows(SOURCES[name](TABLE, tmp_path), recipe())
    assert found.to_bytes() == expected.to_bytes()


@pytest.mark.parametrize("name", ["pandas", "polars", "arrow reader, read once"])
@pytest.mark.parametrize("kind", ["frequency", "sampling"])
def test_units_and_weights_are_read_from_every_source(
    name: str, kind: str, stored: Path, tmp_path: Path
):
    """The same with people that have several rows, and weights of rows."""
    weight = Weight(column="w", kind=kind)  # type: ignore[arg-type]
    wanted = recipe(unit="person", weight=weight)
    expected = DuckDbCollector().collect(stored, wanted).tallies
    found = DuckDbCollector().collect_rows(SOURCES[name](TABLE, tmp_path), wanted)
    assert found.to_bytes() == expected.to_bytes()


def test_text_files_give_the_same_bytes(tmp_path: Path):
    """A CSV file of these rows holds booleans, dates and numbers as text."""
    frame = pl.DataFrame(TABLE)
    frame.write_csv(tmp_path / "rows.csv")
    expected = DuckDbCollector().collect(tmp_path / "rows.csv", recipe()).tallies
    assert DuckDbCollector().collect_rows(frame, recipe()).to_bytes() == expected.to_bytes()


def test_progress_ends_at_one():
    """The fraction done never falls, and ends at 1."""
    told: list[float] = []
    DuckDbCollector().collect_rows(TABLE, recipe(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_rows_beyond_the_memory_limit_go_to_disk():
    """A reader of more than the engine may hold is read by and by, and counted whole."""
    batch = TABLE.combine_chunks().to_batches()[0]
    reader = pa.RecordBatchReader.from_batches(TABLE.schema, (batch for _ in range(60)))
    collector = DuckDbCollector(memory_limit="60MB", threads=2)
    found = collector.collect_rows(reader, recipe())
    assert found.tallies[Rows()].read == 60 * ROWS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (object(), UnknownData, "type object"),
        ([1, 2], UnknownData, "type list"),
        (None, UnknownData, "type NoneType"),
        (TABLE.slice(0, 0), EmptyData, "no rows"),
        (TABLE.to_pandas().head(0), EmptyData, "no rows"),
        (pl.DataFrame(TABLE).head(0).lazy(), EmptyData, "no rows"),
        (TABLE.drop_columns(["region"]), UnknownColumn, "'region' does not exist"),
        (TABLE.rename_columns([*TABLE.column_names[:-1], "p"]), UnknownColumn, "more than once"),
        (
            pd.concat([TABLE.to_pandas(), TABLE.to_pandas()[["p"]]], axis=1),
            UnknownColumn,
            "more than once",
        ),
    ],
)
def test_what_gives_no_rows_is_refused(data: object, error: type[NotEvaluated], says: str):
    """What is wrong, and what could be given instead."""
    with pytest.raises(error, match=says) as told:
        DuckDbCollector().collect_rows(data, recipe())
    assert told.value.remedy
    assert told.value.where == "the data in memory"


_WITHOUT_PYARROW = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
sys.meta_path.insert(0, Without())
import assay, pandas, polars
held = {"y": [0, 1, 1, 0], "p": [0.1, 0.9, 0.4, 0.2], "sex": ["f", None, "m", "f"]}
asked = dict(label="y", score="p", protected=["sex"], checks=["performance.accuracy"])
first = assay.evaluate(pandas.DataFrame(held), **asked)
second = assay.evaluate(polars.DataFrame(held), **asked)
assert first.tallies.digest == second.tallies.digest
print(first["performance.accuracy"].value)
"""


def test_frames_are_read_without_pyarrow():
    """Whoever has pandas or Polars needs nothing more."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PYARROW], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "0.75", done.stderr
