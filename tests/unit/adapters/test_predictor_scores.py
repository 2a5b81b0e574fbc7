"""What a command wrote: a column of as many numbers as rows, or one clear error."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from assay.adapters.predictor.scores import (
    MalformedScores,
    NoScores,
    WrongRowCount,
    keep_scores,
)
from assay.errors import NotEvaluated

Write = Callable[[Path], object]


def kept(tmp_path: Path, write: Write, *, rows: int = 3) -> list[float | None]:
    """The scores that are kept of what was written."""
    written, parquet = tmp_path / "scores.csv", tmp_path / "kept.parquet"
    write(written)
    keep_scores(written, parquet, rows=rows, where="python score.py")
    table = duckdb.read_parquet(str(parquet))
    assert table.columns == ["score"]
    assert table.types == ["DOUBLE"]
    return [score for (score,) in table.fetchall()]


def text(content: bytes) -> Write:
    """A file of those bytes."""
    return lambda path: path.write_bytes(content)


def parquet(query: str) -> Write:
    """A Parquet file of a query's rows."""
    return lambda path: duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


@pytest.mark.parametrize(
    "content",
    [
        b"score\n0.25\n0.5\n1e-3\n",
        b'"score"\r\n"0.25"\r\n0.5\r\n.001',
        b"\xef\xbb\xbfscore\n0.25\n+0.50\n0.001\n",
    ],
)
def test_text_may_be_written_as_programs_do(tmp_path: Path, content: bytes) -> None:
    """Quotes, ends of lines and a byte order mark are no matter."""
    assert kept(tmp_path, text(content)) == [0.25, 0.5, 0.001]


@pytest.mark.parametrize("content", [b"score\n0.5\n\n0.25\n", b'score\n0.5\n""\n0.25\n'])
def test_a_missing_score_is_left_empty(tmp_path: Path, content: bytes) -> None:
    """It stays missing, to be counted later, and keeps its place."""
    assert kept(tmp_path, text(content)) == [0.5, None, 0.25]


def test_nan_and_what_is_out_of_range_are_kept(tmp_path: Path) -> None:
    """They are the collector's to exclude and to count."""
    nan, infinite, large = kept(tmp_path, text(b"score\nnan\ninf\n7\n"))
    assert math.isnan(nan or 0)
    assert (infinite, large) == (math.inf, 7.0)


@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE", "DECIMAL(5, 4)", "TINYINT"])
def test_parquet_may_hold_any_kind_of_number(tmp_path: Path, kind: str) -> None:
    """Every one becomes a double."""
    query = f"SELECT i::{kind} AS score FROM (VALUES (1), (NULL), (0)) t(i)"
    assert kept(tmp_path, parquet(query)) == [1.0, None, 0.0]


@pytest.mark.parametrize(
    ("write", "problem"),
    [
        (text(b"score,id\n1,2\n1,2\n1,2\n"), "columns are 'score', 'id'"),
        (text(b",score\n0,1\n1,1\n2,1\n"), "columns are '', 'score'"),
        (text(b"Score\n1\n1\n1\n"), "columns are 'Score'"),
        (text(b"0.1\n0.2\n0.3\n0.4\n"), "columns are '0.1'"),
        (text(b"score\n0.1\nNA\n0.3\n"), "'NA' is not a number"),
        (text(b'score\n0.1\n"0,2"\n0.3\n'), "'0,2' is not a number"),
        (text(b"score\n0.1\n0.2,0.3\n0.4\n"), "cannot be read"),
        (text(b"score\n0.1\n\xff\n0.3\n"), "cannot be"),
        (text(b"\x80\x04\x95pickle"), "cannot be"),
        (text(b"PAR1 and then nothing"), "cannot be read"),
        (text(b"score\n" + b"0" * (2 << 20) + b"\n1\n1\n"), "bytes for 3 rows"),
        (parquet("SELECT 'a' AS score FROM range(3)"), "VARCHAR"),
        (parquet("SELECT true AS score FROM range(3)"), "BOOLEAN"),
        (parquet("SELECT i AS score, i FROM range(3) r(i)"), "columns are 'score', 'i'"),
        (lambda path: path.mkdir(), "not in a regular file"),
        (
            lambda path: path.with_suffix(".parquet").mkdir() or path.write_bytes(b"PAR1"),
            "directory",
        ),
        (os.mkfifo, "not in a regular file"),
        (lambda path: path.symlink_to("/etc/passwd"), "not in a regular file"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, write: Write, problem: str) -> None:
    """With what is wrong, the command as the place, and what to write instead."""
    with pytest.raises(MalformedScores, match=problem) as caught:
        kept(tmp_path, write)
    assert caught.value.code == "predict.malformed-scores"
    assert caught.value.where == "python score.py"
    assert "'score'" in caught.value.remedy
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (text(b"score\n"), "0"),
        (text(b"score\n1\n1\n"), "2"),
        (text(b"score\n1\n1\n1\n\n"), "4"),
        (parquet("SELECT 1 AS score FROM range(4)"), "4"),
        (parquet("SELECT 1 AS score FROM range(5_000_000)"), "5,000,000"),
    ],
)
def test_there_are_as_many_scores_as_rows(tmp_path: Path, write: Write, found: str) -> None:
    """Neither more nor fewer, and what is too much is counted without being read."""
    with pytest.raises(WrongRowCount, match=f"wrote {found} scores for 3 rows") as caught:
        kept(tmp_path, write)
    assert caught.value.remedy


@pytest.mark.parametrize("write", [text(b""), lambda path: path.parent])
def test_an_empty_file_is_no_scores(tmp_path: Path, write: Write) -> None:
    """As is none."""
    with pytest.raises(NoScores):
        kept(tmp_path, write)


def test_no_rows_of_parquet_are_refused(tmp_path: Path) -> None:
    """An empty table is not taken for scores of nothing."""
    with pytest.raises(NotEvaluated):
        kept(tmp_path, parquet("SELECT 1 AS score WHERE false"))
