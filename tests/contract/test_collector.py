"""What every collector promises, on files of every format, whatever its threads."""

from __future__ import annotations

import datetime
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.contract.reference_collector import ReferenceCollector

from assay.adapters.engine import DuckDbCollector
from assay.app.ports import Collected, Collector
from assay.evidence.recipe import (
    ColumnRoles,
    DecisionRule,
    Label,
    Protected,
    Recipe,
    recipe_for,
)
from assay.stats.tallies import (
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    RowCounts,
    Rows,
    ScoreCounts,
    Scores,
    Spec,
    Weight,
    WeightedConfusion,
)

COLLECTORS: dict[str, Collector] = {
    "duckdb": DuckDbCollector(),
    "duckdb, one thread": DuckDbCollector(threads=1),
    "duckdb, small": DuckDbCollector(threads=4, memory_limit="200MB"),
    "reference": ReferenceCollector(),
}
FORMATS = (".parquet", ".csv", ".csv.gz", ".tsv")
AGES = (Decimal(25), Decimal("40.0"), Decimal(60))

NEW_YEAR = datetime.date(2024, 1, 1)

Columns = dict[str, Sequence[Any]]


@pytest.fixture(params=["duckdb", "reference"])
def collector(request: pytest.FixtureRequest) -> Collector:
    """Each collector in turn."""
    return COLLECTORS[request.param]


def roles(
    *protected: Protected,
    label: str = "defaulted",
    positive: str | None = None,
    favourable_when: Literal["<", "<=", ">", ">="] = "<",
    unit: str | None = None,
) -> ColumnRoles:
    """Roles as a manifest declares them."""
    return ColumnRoles(
        label=Label(column=label, positive=positive),
        score="p",
        decision=DecisionRule(favourable_when=favourable_when, threshold=Decimal("0.35")),
        protected=protected,
        unit=unit,
    )


def write(path: Path, columns: Columns) -> Path:
    """A file of rows, in the format that its name says."""
    if path.suffix == ".parquet":
        pq.write_table(pa.table(columns), path, row_group_size=7000)
        return path
    delimiter = "\t" if ".tsv" in path.name else ","
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(map(_field, row)) for row in zip(*columns.values(), strict=True)]
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def _field(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n\t') else text


def collect(collector: Collector, path: Path, columns: Columns, declared: ColumnRoles) -> Collected:
    """Write and collect."""
    return collector.collect(write(path, columns), recipe_for(declared, []))


def tally(collected: Collected, spec: Spec) -> Any:
    """One tally over all rows."""
    return collected.tallies.tallies[spec]


SMALL: Columns = {
    "p": [0.1, 0.35, 0.8, 0.2, None, 1.0, 0.0, 0.9],
    "sex": ["f", "m", "f", None, "f", "m", "m", "f"],
    "defaulted": [0, 0, 1, 1, 1, None, 0, 0],
    "age": [25, 26, 60, 61, 30, 41, 40, None],
}


@pytest.mark.parametrize("ending", FORMATS)
def test_small_data_are_counted_as_by_hand(collector: Collector, tmp_path: Path, ending: str):
    """Eight rows: decisions at a threshold, exclusions, missing levels and bands, by hand."""
    declared = roles(Protected(column="sex"), Protected(column="age", cuts=AGES))
    found = collect(collector, tmp_path / f"rows{ending}", SMALL, declared)
    assert tally(found, Rows()) == RowCounts(
        read=8,
        excluded={"missing label": 1, "missing score": 1},
        missing={"age": 1, "defaulted": 1, "p": 1, "sex": 1},
    )
    # The positive label is predicted where the score is not below 0.35.
    assert tally(found, Confusion()) == ConfusionCounts(
        by=(),
        cells={
            (): BinaryCounts(
                true_negatives=2, false_positives=2, false_negatives=1, true_positives=1
            )
        },
    )
    ages = tally(found, Confusion(by=("age",)))
    assert {levels[0]: counts.n for levels, counts in ages.cells.items()} == {
        "<=25": 1,
        "(25,40]": 2,
        "(40,60]": 1,
        ">60": 1,
        None: 1,
    }
    crossed = tally(found, Confusion(by=("sex", "age")))
    assert set(crossed.groups()) == {"f × <=25", "f × (40,60]", "m × (25,40]"}
    scores = tally(found, Scores(by=("sex",)))
    assert scores.slices[("f",)].exact == {0.1: (1, 0), 0.8: (0, 1), 0.9: (1, 0)}
    assert scores.slices[(None,)].exact == {0.2: (0, 1)}


def test_the_dataset_is_named_by_its_bytes(collector: Collector, tmp_path: Path):
    """The digest is the SHA-256 of the file; the recipe's digest is the recipe's."""
    path = write(tmp_path / "rows.csv", SMALL)
    recipe = recipe_for(roles(), [])
    found = collector.collect(path, recipe)
    assert found.dataset == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.tallies.recipe == recipe.digest


def test_one_row_is_a_tally_of_one_row(collector: Collector, tmp_path: Path):
    """A single row is no error; what it suffices for is for the checks to say."""
    columns: Columns = {"p": [0.5], "defaulted": [1]}
    found = collect(collector, tmp_path / "rows.parquet", columns, roles())
    assert tally(found, Confusion()).total == BinaryCounts(true_positives=1)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        ([True, False, None, True], None),
        ([1, 0, None, 1], None),
        ([1.0, 0.0, float("nan"), 1.0], None),
        (["bad", "good", None, "bad"], "bad"),
        ([2, 1, None, 2], "2"),
        ([NEW_YEAR, datetime.date(2023, 12, 31), None, NEW_YEAR], "2024-01-01"),
    ],
    ids=["booleans", "integers", "doubles", "text", "other integers", "dates"],
)  # fmt: skip
def test_labels_of_every_type(
    collector: Collector, tmp_path: Path, labels: list[Any], positive: str | None
):
    """Booleans and 0/1 say themselves which is positive; of other values one is declared."""
    columns: Columns = {"p": [0.1, 0.2, 0.3, 0.9], "defaulted": labels}
    found = collect(collector, tmp_path / "rows.parquet", columns, roles(positive=positive))
    assert tally(found, Confusion()).total == BinaryCounts(
        true_negatives=1, false_negatives=1, true_positives=1
    )


def test_levels_of_every_type(collector: Collector, tmp_path: Path):
    """Levels are text: whole numbers without a point, dates in ISO form, booleans in words."""
    columns: Columns = {
        "p": [0.1, 0.2, 0.3],
        "defaulted": [0, 1, 0],
        "flag": [True, False, None],
        "count": [7, -7, None],
        "float": [7.0, -0.0, float("nan")],
        "day": [datetime.date(2024, 2, 29), datetime.date(1969, 12, 31), None],
        "dictionary": pa.array(["ä", "b 'c'", None]).dictionary_encode(),
    }
    names = ("flag", "count", "float", "day", "dictionary")
    declared = roles(*(Protected(column=name) for name in names))
    found = collect(collector, tmp_path / "rows.parquet", columns, declared)
    levels = {name: set(tally(found, Confusion(by=(name,))).cells) for name in names}
    assert levels == {
        "flag": {("true",), ("false",), (None,)},
        "count": {("7",), ("-7",), (None,)},
        "float": {("7",), ("0",), (None,)},
        "day": {("2024-02-29",), ("1969-12-31",), (None,)},
        "dictionary": {("ä",), ("b 'c'",), (None,)},
    }


def test_columns_that_never_held_a_value(collector: Collector, tmp_path: Path):
    """A file may say of a column only that all is missing: then each value is counted so."""
    columns: Columns = {
        "p": [0.1, 0.2],
        "defaulted": [0, 1],
        "sex": pa.nulls(2),
        "age": pa.nulls(2),
    }
    declared = roles(Protected(column="sex"), Protected(column="age", cuts=AGES))
    found = collect(collector, tmp_path / "rows.parquet", columns, declared)
    assert set(tally(found, Confusion(by=("sex", "age"))).cells) == {(None, None)}
    assert tally(found, Rows()).missing == {"age": 2, "sex": 2}


def test_text_files_keep_their_spelling(collector: Collector, tmp_path: Path):
    """In a text file a level is what is written: codes keep their zeros, quotes their text."""
    columns: Columns = {
        "p": ["0.5", "1e-3", "1", ".25"],
        "defaulted": ["true", "false", "", "true"],
        "code": ["007", "7", 'a "quoted", text', "two\nlines"],
    }
    declared = roles(Protected(column="code"))
    found = collect(collector, tmp_path / "rows.csv", columns, declared)
    cells = tally(found, Confusion(by=("code",))).cells
    assert set(cells) == {("007",), ("7",), ("two\nlines",)}
    assert tally(found, Scores()).slices[()].exact == {
        0.001: (1, 0),
        0.25: (0, 1),
        0.5: (0, 1),
    }


@pytest.mark.parametrize("cuts", [(Decimal("0.5"),), (Decimal(-1), Decimal("2.50"))])
def test_bands_are_right_closed(collector: Collector, tmp_path: Path, cuts: tuple[Decimal, ...]):
    """A value at a cut is in the band below it; infinities are in the outer bands."""
    values = [-1.0, 0.5, 0.50001, 2.5, float("inf"), float("-inf"), float("nan"), None]
    columns: Columns = {"p": [0.1] * 8, "defaulted": [0] * 8, "x": values}
    declared = roles(Protected(column="x", cuts=cuts))
    found = collect(collector, tmp_path / "rows.parquet", columns, declared)
    counts = {names[0]: cell.n for names, cell in tally(found, Confusion(by=("x",))).cells.items()}
    expected = (
        {"<=0.5": 3, ">0.5": 3, None: 2}
        if len(cuts) == 1
        else {"<=-1": 2, "(-1,2.5]": 3, ">2.5": 1, None: 2}
    )
    assert counts == expected


@pytest.mark.parametrize("ending", FORMATS)
def test_bands_of_dates_are_right_closed(collector: Collector, tmp_path: Path, ending: str):
    """The day of a cut belongs to the band that it ends, at any hour; years before 1970 too."""
    days = [NEW_YEAR, datetime.date(2023, 12, 31), datetime.date(1969, 1, 1), None]
    columns: Columns = {"p": [0.1] * 4, "defaulted": [0] * 4, "joined": days}
    cuts = (datetime.date(1969, 1, 1), datetime.date(2023, 12, 31))
    declared = roles(Protected(column="joined", cuts=cuts))
    found = collect(collector, tmp_path / f"rows{ending}", columns, declared)
    cells = tally(found, Confusion(by=("joined",))).cells
    assert {names[0]: cell.n for names, cell in cells.items()} == {
        "<=1969-01-01": 1,
        "(1969-01-01,2023-12-31]": 1,
        ">2023-12-31": 1,
        None: 1,
    }


def test_times_without_a_zone_are_dates_too(collector: Collector, tmp_path: Path):
    """A time of day counts to its date's band; midnights are named as dates are."""
    times = [*map(datetime.datetime.fromisoformat, ("2023-12-31 23:59", "2024-01-01")), None]
    columns: Columns = {"p": [0.1] * 3, "defaulted": [0] * 3, "at": times, "day": times}
    declared = roles(
        Protected(column="at", cuts=(datetime.date(2023, 12, 31),)), Protected(column="day")
    )
    found = collect(collector, tmp_path / "rows.parquet", columns, declared)
    assert set(tally(found, Confusion(by=("at", "day"))).cells) == {
        ("<=2023-12-31", "2023-12-31 23:59:00"),
        (">2023-12-31", "2024-01-01"),
        (None, None),
    }


@pytest.mark.parametrize("ending", FORMATS)
def test_frequency_weights_are_rows_repeated(collector: Collector, tmp_path: Path, ending: str):
    """A row of weight 3 is three rows; a weight that is no whole number is left out by name."""
    weights = [3, 1, 2, 1, 4, 1, None, "0.5" if ending != ".parquet" else 0.5]
    declared = replace(roles(), weight=Weight(column="w", kind="frequency"))
    columns: Columns = {**SMALL, "w": weights}
    found = collect(collector, tmp_path / f"rows{ending}", columns, declared)
    assert tally(found, Confusion()).total == BinaryCounts(
        true_negatives=3, false_positives=1, false_negatives=1, true_positives=2
    )
    assert tally(found, Rows()) == RowCounts(
        read=14,
        excluded={
            "fractional weight": 1,
            "missing label": 1,
            "missing score": 4,
            "missing weight": 1,
        },
        missing={"defaulted": 1, "p": 4, "w": 1},
    )


@pytest.mark.parametrize("ending", FORMATS)
def test_sampling_weights_are_summed(collector: Collector, tmp_path: Path, ending: str):
    """Decisions carry sums of weights in steps of 2^-40 times the scale; scores are not kept."""
    weights = [0.5, 1.0, 2.5, 1.0, 1.0, 1.0, 8.0, 0.25]
    declared = replace(roles(), weight=Weight(column="w", kind="sampling", scale=8))
    columns: Columns = {**SMALL, "w": weights}
    found = collect(collector, tmp_path / f"rows{ending}", columns, declared)
    total = tally(found, WeightedConfusion()).total
    step = 2**40 // 8
    assert total.sums == BinaryCounts(
        true_negatives=int(8.5 * step),
        false_positives=int(1.25 * step),
        false_negatives=step,
        true_positives=int(2.5 * step),
    )
    assert total.squares.true_negatives == (64 * step**2) + step**2 // 4
    assert not any(isinstance(spec, Scores) for spec in found.tallies.tallies)


@pytest.mark.parametrize("ending", FORMATS)
def test_units_fall_into_buckets(collector: Collector, tmp_path: Path, ending: str):
    """The rows of one unit are in one bucket, SHA-256 of its text mod 64; totals are sums."""
    units = ["ann", "bob", "ann", None, "cy", "bob", "ann", "dee"]
    columns: Columns = {**SMALL, "unit": units}
    declared = roles(Protected(column="sex"), unit="unit")
    found = collect(collector, tmp_path / f"rows{ending}", columns, declared).tallies
    digests = [hashlib.sha256(name.encode()) for name in ("ann", "bob", "cy", "dee", "")]
    expected = {int(digest.hexdigest(), 16) % 64 for digest in digests}
    assert set(found.buckets) == expected
    rows = found.tallies[Rows()]
    assert isinstance(rows, RowCounts)
    assert rows.excluded == {"missing label": 1, "missing score": 1, "missing unit": 1}
    assert rows.missing["unit"] == 1
    in_buckets = [tallies[Rows()].read for tallies in found.buckets.values()]  # type: ignore[union-attr]
    assert sum(in_buckets) == 8


def large(rows: int, *, seed: int = 3) -> Columns:
    """Rows with a rare level at the end, unusable rows, and scores beyond what stays exact."""
    chance = np.random.default_rng(seed)
    scores = np.round(chance.random(rows) ** 3, 6)
    region = chance.choice(["north", "south", "west"], rows).tolist()
    region[-3:] = ["far", "far", "farther"]
    missing = chance.random(rows) < 0.01
    return {
        "p": [None if gone else float(score) for score, gone in zip(scores, missing, strict=True)],
        "defaulted": (chance.random(rows) < scores).astype(int).tolist(),
        "region": region,
        "age": chance.integers(18, 90, rows).tolist(),
        "person": chance.integers(0, rows // 3, rows).tolist(),
    }


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_many_rows_agree_to_the_byte(tmp_path: Path, ending: str, unit: str | None):
    """Twelve thousand rows, and levels that only the last of them hold: all agree."""
    path = write(tmp_path / f"rows{ending}", large(12_000))
    protected = (Protected(column="region"), Protected(column="age", cuts=AGES))
    recipe = recipe_for(roles(*protected, unit=unit), [Scores(by=("region", "age"))])
    found = {name: item.collect(path, recipe) for name, item in COLLECTORS.items()}
    assert len({item.tallies.to_bytes() for item in found.values()}) == 1
    overall = found["duckdb"].tallies.tallies[Scores()]
    assert isinstance(overall, ScoreCounts)
    assert overall.slices[()].exact is None


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("predictions", [".parquet", ".csv"])
def test_predictions_stand_beside_their_rows(tmp_path: Path, ending: str, predictions: str):
    """Scores from another file meet the rows in the same positions, however they are read."""
    columns = large(20_000)
    recipe = recipe_for(roles(Protected(column="region")), [])
    whole = ReferenceCollector().collect(write(tmp_path / f"whole{ending}", columns), recipe)
    scores = write(tmp_path / f"scores{predictions}", {"score": columns.pop("p")})
    rows = write(tmp_path / f"rows{ending}", columns)
    for collector in COLLECTORS.values():
        found = collector.collect(rows, recipe, predictions=scores)
        assert found.tallies.to_bytes() == whole.tallies.to_bytes()
        assert found.dataset == hashlib.sha256(rows.read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("scores", ["csv", "parquet"])
@pytest.mark.parametrize("rows", ["csv", "parquet"])
def test_millions_of_predictions_stand_beside_their_rows(tmp_path: Path, rows: str, scores: str):
    """Files of several buffers and row groups, read by four threads, keep their order."""
    size = 4_000_000
    table = (
        f"(SELECT hash(range) % 2 AS y, 0.1 + 0.8 * y + (range % 1000) / 1e5 AS score, "
        f"'padding ' || range AS text FROM range({size}))"
    )
    with duckdb.connect() as connection:
        for name, column in ((f"rows.{rows}", "y, text"), (f"scores.{scores}", "score")):
            connection.execute(f"COPY (SELECT {column} FROM {table}) TO '{tmp_path / name}'")
    declared = roles(label="y", favourable_when=">=")
    found = DuckDbCollector(threads=4).collect(
        tmp_path / f"rows.{rows}",
        recipe_for(declared, []),
        predictions=tmp_path / f"scores.{scores}",
    )
    assert tally(found, Confusion()).total.correct == size


def test_progress_ends_at_one(collector: Collector, tmp_path: Path):
    """The fraction done never falls, and ends at 1."""
    told: list[float] = []
    path = write(tmp_path / "rows.csv", large(30_000))
    declared = roles(Protected(column="region"))
    collector.collect(path, recipe_for(declared, []), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The folder to spill to is gone afterwards."""
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spill))
    path = write(tmp_path / "rows.parquet", large(9_000))
    DuckDbCollector().collect(path, recipe_for(roles(), []))
    assert list(spill.iterdir()) == []


def test_a_rare_level_may_come_late(tmp_path: Path):
    """A file sorted by group and by label is counted as any other."""
    columns = large(30_000)
    order = np.lexsort((columns["defaulted"], columns["region"]))
    by_group: Columns = {name: [values[i] for i in order] for name, values in columns.items()}
    recipe: Recipe = recipe_for(roles(Protected(column="region")), [])
    tallies = {
        DuckDbCollector().collect(write(tmp_path / name, rows), recipe).tallies.to_bytes()
        for name, rows in (("sorted.parquet", by_group), ("as-is.parquet", columns))
    }
    assert len(tallies) == 1
