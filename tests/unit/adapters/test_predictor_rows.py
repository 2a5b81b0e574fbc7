"""Rows for a model: all of them, in their order, without what is withheld."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import duckdb
import pytest

from assay.adapters.engine.source import EmptyData, UnknownColumn
from assay.adapters.predictor.rows import NothingToShow, write_rows

ROWS = 200_000


def copied(tmp_path: Path, text: bytes, *, name: str = "rows.csv", withhold: str = "y") -> bytes:
    """What a model sees of a text."""
    source = tmp_path / name
    source.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    folder = tmp_path / "room"
    folder.mkdir()
    given = write_rows(source, folder, withhold=[withhold])
    with given.path.open(newline="") as file:
        assert given.count == len(list(csv.reader(file))) - 1
    return given.path.read_bytes()


def test_text_stays_as_it_is_spelt(tmp_path: Path) -> None:
    """Nothing is taken for a number or a date; what needs quotes gets them."""
    text = b'a,y,"b, c"\n007,1,"x ""y"""\n1.50,0,\n"l\nm",1,\xc3\xa9\n'
    assert copied(tmp_path, text) == b'a,"b, c"\n007,"x ""y"""\n1.50,\n"l\nm",\xc3\xa9\n'


def test_names_stay_as_they_are(tmp_path: Path) -> None:
    """Even without a name, or with one that is there twice."""
    assert copied(tmp_path, b",a,y,a\n0,1,2,3\n") == b'"",a,a\n0,1,3\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", b"a;y;b\n1;2;3,5\n"),
        ("rows.tsv", b"a\ty\tb\n1\t2\t3,5\n"),
        ("rows.csv.gz", b'a,y,b\n1,2,"3,5"\n'),
    ],
)
def test_every_text_becomes_comma_separated(tmp_path: Path, name: str, text: bytes) -> None:
    """A command has one form of text to read."""
    assert copied(tmp_path, text, name=name) == b'a,b\n1,"3,5"\n'


def test_a_missing_value_alone_is_still_a_row(tmp_path: Path) -> None:
    """Readers of CSV skip an empty line, so it is not left empty."""
    assert copied(tmp_path, b"a,y\n1,0\n,1\n2,0\n") == b'a\n1\n""\n2\n'


def test_order_is_exact_in_a_large_text(tmp_path: Path) -> None:
    """80 MB of text are read by several threads and written in order."""
    source, padding = tmp_path / "rows.csv", "x" * 400
    with source.open("w") as file:
        file.write("i,y,padding\n")
        file.writelines(f"{i},1,{padding}\n" for i in range(ROWS))
    room = tmp_path / "room"
    room.mkdir()
    given = write_rows(source, room, withhold=["y", "padding"])
    assert given.count == ROWS
    assert given.path.read_text() == "i\n" + "".join(f"{i}\n" for i in range(ROWS))


def test_order_is_exact_in_many_row_groups(tmp_path: Path) -> None:
    """Parquet is read by several threads and written in order, with its types."""
    source, room = tmp_path / "rows.parquet", tmp_path / "room"
    room.mkdir()
    query = f"SELECT hash(i) AS x, i % 2 AS y, [i] AS z FROM range({ROWS}) r(i)"
    duckdb.execute(f"COPY ({query}) TO '{source}' (FORMAT parquet, ROW_GROUP_SIZE 5000)")
    given = write_rows(source, room, withhold=["y"])
    table = duckdb.read_parquet(str(given.path))
    assert (given.count, table.columns) == (ROWS, ["x", "z"])
    assert table.types == ["UBIGINT", "BIGINT[]"]
    expected = duckdb.execute(f"SELECT hash(i), [i] FROM range({ROWS}) r(i)").fetchall()
    assert table.fetchall() == expected


def test_wide_rows_come_in_short_row_groups(tmp_path: Path) -> None:
    """A row group is written from memory, so its values are bounded, not its rows."""
    source, room = tmp_path / "rows.parquet", tmp_path / "room"
    room.mkdir()
    columns = ", ".join(f"i AS c{n}" for n in range(1000))
    duckdb.execute(f"COPY (SELECT {columns} FROM range(5000) r(i)) TO '{source}' (FORMAT parquet)")
    given = write_rows(source, room, withhold=["c0"])
    metadata = f"SELECT max(row_group_num_rows) FROM parquet_metadata('{given.path}')"
    [(largest,)] = duckdb.execute(metadata).fetchall()
    assert largest <= 4096


def test_a_name_is_withheld_in_its_very_spelling(tmp_path: Path) -> None:
    """A label that is misspelt is not quietly shown."""
    with pytest.raises(UnknownColumn, match="'Y' does not exist"):
        copied(tmp_path, b"a,y\n1,0\n", withhold="Y")


def test_a_label_alone_is_nothing_to_predict_from(tmp_path: Path) -> None:
    """There must be a column to show."""
    with pytest.raises(NothingToShow) as caught:
        copied(tmp_path, b"y\n1\n0\n")
    assert caught.value.code == "predict.no-columns"


def test_no_rows_are_nothing_to_predict(tmp_path: Path) -> None:
    """A text with a header only has none."""
    with pytest.raises(EmptyData):
        copied(tmp_path, b"a,y\n")
