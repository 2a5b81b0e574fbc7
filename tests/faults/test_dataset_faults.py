"""Bad data: each kind gets one error that names the place and the remedy, and no tallies."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.adapters.digests import FileChanged, MissingFile, NotARegularFile
from assay.adapters.engine import DuckDbCollector
from assay.adapters.engine.columns import WrongType
from assay.adapters.engine.labels import LabelHasOtherValues, PositiveAbsent
from assay.adapters.engine.limits import TooManyCells
from assay.adapters.engine.scan import PredictionsDoNotMatch
from assay.adapters.engine.session import UnreadableData
from assay.adapters.engine.source import EmptyData, UnknownColumn, UnknownFormat
from assay.adapters.engine.survey import FractionalLevels, TooManyLevels, UnusableLevel
from assay.app.ports import Collected
from assay.errors import NotEvaluated
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label, Protected, recipe_for
from assay.stats.tallies import RowCounts, Rows

LATE = 20_000
"""A row beyond those that the survey asks."""


def roles(
    *protected: str | Protected, positive: str | None = None, unit: str | None = None
) -> ColumnRoles:
    """Roles for columns `y` and `p`."""
    return ColumnRoles(
        label=Label(column="y", positive=positive),
        score="p",
        decision=DecisionRule(favourable_when=">=", threshold=Decimal("0.5")),
        protected=tuple(
            item if isinstance(item, Protected) else Protected(column=item) for item in protected
        ),
        unit=unit,
    )


def collect(path: Path, declared: ColumnRoles | None = None, **options: Any) -> Collected:
    """Collect by the base recipe."""
    return DuckDbCollector().collect(path, recipe_for(declared or roles(), []), **options)


def refused(
    kind: type[NotEvaluated], path: Path, declared: ColumnRoles | None = None, **options: Any
) -> NotEvaluated:
    """The error of that very kind, with all that a reader needs."""
    with pytest.raises(kind) as caught:
        collect(path, declared, **options)
    error = caught.value
    assert error.code == kind.code
    assert error.what.endswith(".")
    assert path.parent.name in str(error.where)
    assert error.remedy or kind is EmptyData
    return error


def parquet(folder: Path, **columns: Any) -> Path:
    """A Parquet file with a label and a score, unless others are given."""
    size = len(next(iter(columns.values()))) if columns else 2
    whole = {"y": [i % 2 for i in range(size)], "p": [0.1] * size, **columns}
    pq.write_table(pa.table(whole), folder / "rows.parquet")
    return folder / "rows.parquet"


def text(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    """A text file with that content."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


# Files


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_a_missing_file(tmp_path: Path, name: str):
    """The path is named."""
    refused(MissingFile, tmp_path / name)


def test_a_folder_and_a_pipe(tmp_path: Path):
    """What is no regular file is not opened: a pipe would wait for ever."""
    (tmp_path / "folder.parquet").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("folder.parquet", "pipe.csv"):
        refused(NotARegularFile, tmp_path / name)


@pytest.mark.parametrize("name", ["rows.json", "rows", "rows.xlsx", "rows*.csv", "rows[1].csv"])
def test_an_unknown_format(tmp_path: Path, name: str):
    """A name that does not say the format, or that the engine would take for a pattern."""
    refused(UnknownFormat, text(tmp_path, "y,p\n1,0.5\n", name))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.parquet", b""),
        ("rows.csv", b""),
        ("rows.csv", b"\n\n"),
        ("rows.csv", b"y,p\n"),
        ("rows.csv", b"y,p"),
        ("rows.csv.gz", gzip.compress(b"y,p\n", mtime=0)),
    ],
)
def test_no_rows(tmp_path: Path, name: str, content: bytes):
    """An empty file, and one with only a header."""
    refused(EmptyData, text(tmp_path, content, name))


def test_a_parquet_file_without_rows(tmp_path: Path):
    """A table of no rows."""
    refused(EmptyData, parquet(tmp_path, y=pa.array([], pa.int8()), p=pa.array([], pa.float64())))


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _garbled(data: bytes) -> bytes:
    middle = len(data) // 3
    return data[:middle] + bytes(b ^ 0xFF for b in data[middle : 2 * middle]) + data[2 * middle :]


@pytest.mark.parametrize("damage", [_truncated, _garbled, lambda _: b"PAR1 nothing PAR1"])
def test_a_damaged_parquet_file(tmp_path: Path, damage: Callable[[bytes], bytes]):
    """Cut off, overwritten within, or no Parquet at all."""
    path = parquet(tmp_path, p=[i / 5000 for i in range(5000)])
    path.write_bytes(damage(path.read_bytes()))
    refused(UnreadableData, path)


@pytest.mark.parametrize("row", ["1", "1,0.5,9", '1,"0.5'])
@pytest.mark.parametrize("before", [0, LATE])
def test_ragged_rows(tmp_path: Path, row: str, before: int):
    """Too few fields, too many, or a quote that never closes, early and late."""
    error = refused(UnreadableData, text(tmp_path, "y,p\n" + "1,0.5\n" * before + row + "\n"))
    assert "Original" not in error.what


def test_lines_that_do_not_end_alike(tmp_path: Path):
    """A line that another program appended, with another ending, is named as the cause."""
    error = refused(UnreadableData, text(tmp_path, "y,p\r\n" + "1,0.5\r\n" * 900 + "0,0.5\n"))
    assert "End every line alike" in error.remedy


def test_text_that_is_not_utf8(tmp_path: Path):
    """Another encoding is not guessed, in a name or in a value."""
    for content in ("yé,p\n1,0.5\n", "y,p\né,0.5\n"):
        refused(UnreadableData, text(tmp_path, content.encode("latin-1")))


def test_damaged_gzip(tmp_path: Path):
    """A compressed file cut off, early or late, and one that is not compressed."""
    whole = gzip.compress(
        os.urandom(1) + b"y,p\n" + b"".join(b"%d,0.5\n" % (i % 2) for i in range(9))
    )
    refused(UnreadableData, text(tmp_path, whole[:20], "rows.csv.gz"))
    rows = "".join(f"{i % 2},{hash(i) % 9973 / 9973}\n" for i in range(60_000))
    late = gzip.compress(("y,p\n" + rows).encode())
    refused(UnreadableData, text(tmp_path, late[:-2000], "rows.csv.gz"))
    refused(UnreadableData, text(tmp_path, "y,p\n1,0.5\n", "rows.csv.gz"))


# Columns


@pytest.mark.parametrize(
    ("declared", "name", "near"),
    [
        (roles(), "y", "Y"),
        (roles("agee"), "agee", "age"),
        (roles(unit="person_id"), "person_id", "person"),
    ],
)
def test_a_missing_column(tmp_path: Path, declared: ColumnRoles, name: str, near: str):
    """The remedy names the nearest column; case counts."""
    header = {"y": "Y", "agee": "y,age", "person_id": "y,person"}[name]
    values = ",".join("1" for _ in header.split(","))
    path = text(tmp_path, f"{header},p\n{values},0.5\n")
    error = refused(UnknownColumn, path, declared)
    assert repr(name) in error.what
    assert f"Did you mean {near!r}?" in error.remedy


def test_a_column_twice(tmp_path: Path):
    """A name that two columns have does not say which is meant; others may repeat."""
    path = text(tmp_path, "y,p,p,x,x\n1,0.5,0.6,1,1\n")
    assert "more than once" in refused(UnknownColumn, path).what
    collect(text(tmp_path, "y,p,x,x\n1,0.5,1,1\n"))


@pytest.mark.parametrize(
    ("columns", "declared"),
    [
        ({"p": ["0.1", "0.2"]}, roles()),
        ({"p": [True, False]}, roles()),
        ({"p": [[0.1], [0.2]]}, roles()),
        ({"x": ["1", "2"]}, roles(Protected(column="x", cuts=(Decimal(1),)))),
        ({"x": [[1], [2]]}, roles("x")),
        ({"x": [b"1", b"2"]}, roles("x")),
        ({"x": [{"a": 1}, {"a": 2}]}, roles(unit="x")),
        ({"y": [[0], [1]]}, roles()),
        ({"x": pa.array([0, 1], pa.timestamp("us", tz="UTC"))}, roles("x")),
    ],
)
def test_a_wrong_type(tmp_path: Path, columns: dict[str, Any], declared: ColumnRoles):
    """Text where numbers must be, lists where names must be: the type is named."""
    refused(WrongType, parquet(tmp_path, **columns), declared)


@pytest.mark.parametrize("before", [0, LATE])
def test_text_among_numbers(tmp_path: Path, before: int):
    """In a text file, what is no number is named with its count, wherever it stands."""
    rows = "y,p,age\n" + "1,0.5,30\n" * before + "0,n/a,40\n1,n/a,50\n0,0.1,60\n"
    error = refused(WrongType, text(tmp_path, rows))
    assert "'n/a' (2 rows)" in error.what
    rows = "y,p,age\n" + "1,0.5,30\n" * before + "0,0.2,old\n"
    declared = roles(Protected(column="age", cuts=(Decimal(40),)))
    assert "'old' (1 rows)" in refused(WrongType, text(tmp_path, rows), declared).what


# Values


@pytest.mark.parametrize("before", [0, LATE])
def test_a_third_label(tmp_path: Path, before: int):
    """All values are named with their counts in the whole file."""
    rows = "y,p\n" + "1,0.5\n" * (before + 1) + "0,0.1\nunknown,0.2\nunknown,0.3\n"
    for positive in (None, "1"):
        error = refused(LabelHasOtherValues, text(tmp_path, rows), roles(positive=positive))
        assert "'unknown' (2 rows)" in error.what
        assert "'0' (1 rows)" in error.what


def test_two_labels_of_which_none_is_known_to_be_positive(tmp_path: Path):
    """Good and bad, one and two: the remedy is the line to write."""
    error = refused(LabelHasOtherValues, text(tmp_path, "y,p\ngood,0.1\nbad,0.9\ngood,0.2\n"))
    assert "label: {column: y, positive: 'bad'}" in error.remedy
    refused(LabelHasOtherValues, parquet(tmp_path, y=[1, 2]))
    refused(LabelHasOtherValues, parquet(tmp_path, y=[0.5, 1.5]))


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["good", "bad"], "Bad"),
        (["good", "good"], "bad"),
        ([None, None], "1"),
        ([0, 1], "yes"),
        ([0, 0], "1"),
        ([True, False], "1.5"),
    ],
)
def test_a_positive_value_that_never_occurs(tmp_path: Path, labels: list[Any], positive: str):
    """It is misspelt, or the file holds one class only, or none."""
    column = pa.array(labels, None if any(v is not None for v in labels) else pa.int8())
    refused(PositiveAbsent, parquet(tmp_path, y=column), roles(positive=positive))


def test_one_class_that_says_itself_which_it_is(tmp_path: Path):
    """All labels 0 are no error here: the metrics that need both classes say so."""
    collect(parquet(tmp_path, y=[0, 0]))


@pytest.mark.parametrize("before", [0, LATE])
def test_too_many_levels(tmp_path: Path, before: int):
    """Ten thousand levels are not groups but people; the remedy is cut points."""
    levels = ["x"] * before + [f"level {i}" for i in range(10_000)]
    error = refused(TooManyLevels, parquet(tmp_path, g=levels), roles("g"))
    assert "cut points" in error.remedy
    assert "10,00" in error.what


def test_too_many_cells(tmp_path: Path):
    """Columns that are few levels each may still cross to too many groups."""
    a, b = [i % 150 for i in range(30_000)], [i // 150 for i in range(30_000)]
    error = refused(TooManyCells, parquet(tmp_path, a=a, b=b), roles("a", "b"))
    assert "30,000" in error.what
    columns = {name: [i % 190 for i in range(400)] for name in "abc"}
    refused(TooManyCells, parquet(tmp_path, **columns), roles(*"abc"))
    columns["u"] = list(range(400))
    refused(TooManyCells, parquet(tmp_path, **columns), roles("a", unit="u"))


@pytest.mark.parametrize("before", [0, LATE])
def test_fractions_without_cut_points(tmp_path: Path, before: int):
    """Numbers with fractions name no groups and no units."""
    path = parquet(tmp_path, x=[1.0] * before + [0.5, 2.0])
    refused(FractionalLevels, path, roles("x"))
    refused(FractionalLevels, path, roles(unit="x"))


@pytest.mark.parametrize("level", ["a × b", "x" * 201])
def test_a_value_that_cannot_name_a_group(tmp_path: Path, level: str):
    """The sign that joins levels, and a text too long for a name."""
    refused(UnusableLevel, parquet(tmp_path, g=["a", level]), roles("g"))


def test_unusable_rows_are_counted_and_not_filled_in(tmp_path: Path):
    """NaN, nothing, infinities, scores outside [0, 1] and missing labels, each by its reason."""
    scores = [0.5, float("nan"), None, float("inf"), -0.1, 1.0000001, -1.7976931348623157e308, 0.5]
    labels = [1, 1, 0, 0, 1, 1, 0, None]
    [rows] = [
        tally
        for spec, tally in collect(parquet(tmp_path, y=labels, p=scores)).tallies.tallies.items()
        if spec == Rows()
    ]
    expected = RowCounts(
        read=8,
        excluded={"missing label": 1, "missing score": 2, "score out of range": 4},
        missing={"p": 2, "y": 1},
    )
    assert rows == expected
    values = ["0.5", "NaN", "", "inf", "-0.1", "1.0000001", "-1.7976931348623157e308", "0.5"]
    lines = [f"{'' if y is None else y},{p}\n" for y, p in zip(labels, values, strict=True)]
    in_text = collect(text(tmp_path, "y,p\n" + "".join(lines)))
    assert in_text.tallies.tallies[Rows()] == expected


# Files that change


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"1,0.5\n")


def _rewrite(path: Path) -> None:
    """As many other bytes, with the old time put back."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.mark.parametrize(
    "change", [_append, _rewrite, _replace, Path.unlink, lambda p: p.chmod(0o600)]
)
@pytest.mark.parametrize("which", ["rows.csv", "scores.csv"])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, change: Callable[[Path], None], which: str
):
    """Whatever happens to a file between the first batch and the last is noticed."""
    rows = text(tmp_path, "y,p\n" + "1,0.5\n0,0.5\n" * LATE)
    scores = text(tmp_path, "p\n" + "0.5\n0.5\n" * LATE, "scores.csv")
    done: list[float] = []

    def meddle(fraction: float) -> None:
        if not done:
            change(tmp_path / which)
        done.append(fraction)

    error = refused(FileChanged, rows, predictions=scores, progress=meddle)
    assert which in str(error.where)


# Predictions


@pytest.mark.parametrize("size", [0, 1, 2, 4, 3 * LATE])
def test_predictions_of_another_number(tmp_path: Path, size: int):
    """Fewer or more scores than rows: both numbers are named."""
    rows = parquet(tmp_path, x=[1, 2, 3])
    scores = text(tmp_path, "score\n" + "0.5\n" * size, "scores.csv")
    error = refused(PredictionsDoNotMatch, rows, predictions=scores)
    assert f"{size:,} predictions for 3 rows" in error.what


def test_predictions_in_several_columns_or_in_words(tmp_path: Path):
    """A file of predictions is one column of numbers."""
    rows = parquet(tmp_path, x=[1, 2])
    two = text(tmp_path, "a,b\n1,0.5\n0,0.5\n", "two.csv")
    refused(PredictionsDoNotMatch, rows, predictions=two)
    words = text(tmp_path, "score\nhigh\n0.5\n", "words.csv")
    refused(WrongType, rows, predictions=words)
