"""What the engine finds in columns and rows is what a plain reading of every record finds."""

from __future__ import annotations

import datetime
import hashlib
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.contract.reference_collector import read
from tests.contract.test_collector import roles, tally, write
from tests.property.tallies.naive_inspections import inspect

from assay.adapters.engine import DuckDbCollector
from assay.adapters.engine.inspecting.inspector import NoTrainingFiles, TooManyColumns
from assay.adapters.engine.source import UnknownColumn
from assay.evidence.recipe import ColumnRoles, Protected, recipe_for
from assay.evidence.tallies import TallySet
from assay.stats.tallies.inspections import (
    Associations,
    Duplicates,
    Inspection,
    Limits,
    Overlap,
    Profiles,
)

COLLECTORS = {
    ".csv.gz": DuckDbCollector(threads=1),
    ".parquet": DuckDbCollector(threads=4, memory_limit="200MB"),
}
"""One for each kind of file, so that all is seen without being seen twice."""
SPECS: list[Inspection] = [
    Profiles(),
    Profiles(of=("age", "seen")),
    Associations(),
    Associations(target="sex"),
    Associations(target="age", of=("income", "job")),
    Limits("age", Decimal(18), Decimal("64.5")),
    Limits("job", None, Decimal(5)),
    Duplicates(),
    Duplicates(on=("sex", "age")),
    Overlap(),
    Overlap(on=("sex", "age")),
    Overlap(units=True),
]


def columns(n: int, *, seed: int = 7) -> dict[str, Sequence[Any]]:
    """Columns of every kind, with everything that is hard about them."""
    draw = random.Random(seed)
    day = datetime.date(2024, 2, 28)
    found: dict[str, Sequence[Any]] = {
        "p": [draw.random() for _ in range(n)],
        "defaulted": [draw.choice([0, 0, 1]) for _ in range(n)],
        "sex": [draw.choice(["f", "m", None]) for _ in range(n)],
        "age": [draw.choice([*range(17, 80), None]) for _ in range(n)],
        "person": [f"p{draw.randrange(n // 3 + 1)}" for _ in range(n)],
        "income": [draw.lognormvariate(10, 1) for _ in range(n)],
        "year": [draw.randrange(1980, 2024) + draw.random() for _ in range(n)],
        "balance": [draw.gauss(0, 1e-3) for _ in range(n)],
        "job": [draw.choice(["nurse", "clerk, senior", "none", None]) for _ in range(n)],
        "note": [f"text {draw.randrange(400)}" for _ in range(n)],
        "essay": ["x" * 300 if i == 5 else "short" for i in range(n)],
        "since": [day + datetime.timedelta(days=draw.randrange(900)) for _ in range(n)],
        "empty": [None] * n,
        "fixed": ["same"] * n,
        "flag": [draw.choice([True, False]) for _ in range(n)],
        "zero": [draw.choice([0.0, -0.0, 1.5]) for _ in range(n)],
    }
    seen = [datetime.datetime(2024, 1, 1, 12) + datetime.timedelta(hours=i) for i in range(n)]  # noqa: DTZ001
    return {**found, "seen": seen}


def declared(unit: str | None = "person") -> ColumnRoles:
    """Two protected columns, one of them in bands."""
    ages = Protected(column="age", cuts=(Decimal(25), Decimal(40)))
    return roles(Protected(column="sex"), ages, unit=unit)


@pytest.mark.parametrize("unit", ["person", None])
@pytest.mark.parametrize("ending", COLLECTORS)
def test_every_inspection_is_as_a_plain_reading_says(tmp_path: Path, ending: str, unit: str | None):
    """Each tally, over all rows and in every bucket of units, is exactly the plain one."""
    path = write(tmp_path / f"rows{ending}", columns(900))
    half = {name: values[::2] for name, values in columns(900).items() if name != "note"}
    training = write(tmp_path / "training.parquet", half)
    mine = declared(unit)
    specs = [spec for spec in SPECS if unit or not (isinstance(spec, Overlap) and spec.units)]
    recipe = recipe_for(mine, specs)
    records, trained = read(path), read(training)
    buckets: dict[int, list[Any]] = {}
    for record in records:
        name = str(record["person"]).encode()
        number = int.from_bytes(hashlib.sha256(name).digest(), "big") % 64
        buckets.setdefault(number, []).append(record)
    found = COLLECTORS[ending].collect(path, recipe, training=training).tallies
    for spec in specs:
        assert found.tallies[spec] == inspect(spec, records, mine, trained), spec
        for number, part in found.buckets.items():
            if isinstance(spec, Duplicates) and spec.on:
                continue  # which bucket holds the first of equal rows is the engine's choice
            assert part[spec] == inspect(spec, buckets[number], mine, trained), (spec, number)
    assert TallySet.from_bytes(found.to_bytes()).to_bytes() == found.to_bytes()


def test_numbers_that_are_none_are_counted_apart(tmp_path: Path):
    """NaN is missing, infinity is a number, and text among numbers is text."""
    values: dict[str, Sequence[Any]] = {
        "p": [0.5] * 6,
        "defaulted": [0, 1, 0, 1, 0, 1],
        "x": [1.0, math.nan, math.inf, -math.inf, None, 2.5],
        "y": ["1", "nan", "inf", "many", None, "2.5"],
    }
    path = write(tmp_path / "rows.parquet", values)
    recipe = recipe_for(roles(), [Profiles()])
    found = DuckDbCollector().collect(path, recipe).tallies.tallies[Profiles()]
    assert found == inspect(Profiles(), read(path), roles())


def test_files_of_other_formats_and_types_compare(tmp_path: Path):
    """1, 1.0 and "1" are equal, and so are dates of a text file and of Parquet."""
    days = [datetime.date(2024, 1, day) for day in range(1, 9)]
    rows: dict[str, Sequence[Any]] = {
        "p": [0.5] * 8,
        "defaulted": [0, 1] * 4,
        "n": [float(i) for i in range(8)],
        "day": days,
        "id": [2**60 + i for i in range(8)],
        "flag": [True, False] * 4,
    }
    other = {**rows, "n": list(range(8)), "flag": ["True", "False"] * 4, "p": [0.1] * 8}
    recipe = recipe_for(roles(), [Overlap()])
    path = write(tmp_path / "rows.parquet", rows)
    training = write(tmp_path / "training.csv", other)
    found = tally(DuckDbCollector().collect(path, recipe, training=training), Overlap())
    assert (found.compared, found.shared) == (("defaulted", "n", "day", "id", "flag"), 8)
    moved = write(tmp_path / "moved.csv", {**other, "id": [2**60 + i + 8 for i in range(8)]})
    found = tally(DuckDbCollector().collect(path, recipe, training=moved), Overlap())
    assert found.shared == 0


def test_a_folder_of_training_data_is_read_whole(tmp_path: Path):
    """Every data file of the folder counts, whatever its format."""
    rows = columns(400)
    path = write(tmp_path / "rows.csv", rows)
    folder = tmp_path / "training" / "more"
    folder.mkdir(parents=True)
    parts = [{name: values[i::4] for name, values in rows.items()} for i in range(2)]
    write(folder.parent / "a.parquet", parts[0])
    write(folder / "b.csv.gz", parts[1])
    (folder / "README.md").write_text("What this is.")
    recipe = recipe_for(declared(), [Overlap()])
    found = DuckDbCollector().collect(path, recipe, training=folder.parent)
    assert tally(found, Overlap()).shared == 200


def test_an_empty_folder_of_training_data_is_refused(tmp_path: Path):
    """No file to compare with is an error, not an overlap of 0."""
    path = write(tmp_path / "rows.csv", columns(10))
    (tmp_path / "training").mkdir()
    with pytest.raises(NoTrainingFiles, match="no file that can be compared"):
        DuckDbCollector().collect(
            path, recipe_for(roles(), [Overlap()]), training=tmp_path / "training"
        )


@pytest.mark.parametrize(
    "spec",
    [
        Profiles(of=("incom",)),
        Associations(of=("incom",)),
        Limits("incom", Decimal(0), None),
        Duplicates(on=("incom",)),
        Overlap(on=("incom",)),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path, spec: Inspection):
    """A slip in a policy says which column was meant."""
    path = write(tmp_path / "rows.csv", columns(10))
    with pytest.raises(UnknownColumn, match="'incom' does not exist") as caught:
        DuckDbCollector().collect(path, recipe_for(roles(), [spec]), training=path)
    assert "Did you mean 'income'?" in caught.value.remedy


def test_a_file_of_too_many_columns_is_refused(tmp_path: Path):
    """A profile of every column is bounded."""
    many = {f"c{i}": [0] for i in range(1001)}
    path = write(tmp_path / "rows.csv", {"p": [0.5], "defaulted": [0], **many})
    with pytest.raises(TooManyColumns, match="1,003 columns"):
        DuckDbCollector().collect(path, recipe_for(roles(), [Profiles()]))


def test_progress_is_told_through_counting_and_inspecting(tmp_path: Path):
    """It never goes back, and ends at 1."""
    told: list[float] = []
    path = write(tmp_path / "rows.csv", columns(300))
    recipe = recipe_for(declared(), [Profiles(), Associations(), Duplicates()])
    DuckDbCollector().collect(path, recipe, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10
