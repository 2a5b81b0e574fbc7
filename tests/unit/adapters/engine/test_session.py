"""The engine reaches the files that it was given, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from assay.adapters.engine import session as module
from assay.adapters.engine.session import (
    OutOfMemory,
    Session,
    UnreadableData,
    open_session,
    quoted,
    select,
)
from assay.adapters.engine.source import open_source


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A Parquet file whose name needs quoting."""
    path = tmp_path / "it's here.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT range AS x FROM range(300000)) TO {quoted(str(path))}")
    (tmp_path / "other.csv").write_text("x\n1\n")
    return path


@pytest.fixture
def session(rows: Path) -> Iterator[Session]:
    """A session on that file."""
    with open_session([rows], memory_limit="100MB", threads=2) as opened:
        yield opened


def test_its_own_file_is_read_in_order(session: Session, rows: Path):
    """Batches come in the order of the rows, and there are several."""
    source = open_source(session, rows)
    query = select("CAST(x AS DOUBLE)", source=source.table)
    batches = [columns[0].copy() for columns in session.batches(query)]
    assert len(batches) > 1
    assert np.array_equal(np.concatenate(batches), np.arange(300_000.0))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{folder}/other.csv')",
        "SELECT * FROM '{folder}/other.csv'",
        "SELECT * FROM read_text('{folder}/other.csv')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_parquet('{folder}/*.parquet')",
        "SELECT * FROM read_parquet('https://localhost/x.parquet')",
        "COPY (SELECT 1) TO '{folder}/new.csv'",
        "COPY (SELECT 1) TO '{folder}/it''s here.parquet.csv'",
        "EXPORT DATABASE '{folder}/all'",
        "ATTACH '{folder}/new.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET memory_limit = '10GB'",
        "RESET lock_configuration",
        "CREATE PERSISTENT SECRET s (TYPE s3)",
    ],
)
def test_nothing_else_is_reached(session: Session, tmp_path: Path, statement: str):
    """No other file, no writing, no network, no extension, no way back."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UnreadableData):
        session.run(statement.format(folder=tmp_path))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM frame", "SELECT * FROM '{file}'", "SELECT * FROM read_csv('{file}')"],
)
def test_a_session_on_memory_reaches_no_file_and_no_other_object(rows: Path, statement: str):
    """A name in a query is a registered object, and never a variable or a file."""
    frame = {"x": np.arange(3)}
    with open_session([], memory_limit="100MB", threads=1) as session:
        with pytest.raises(UnreadableData):
            session.rows(statement.format(file=rows.with_name("other.csv")))
        session.register("given", frame)
        assert session.rows("SELECT sum(x) FROM given") == [(3,)]
        session.unregister("given")
        with pytest.raises(UnreadableData):
            session.rows("SELECT sum(x) FROM given")


def test_a_folder_may_be_made_writable(rows: Path, tmp_path: Path):
    """For a copy of the rows; what lies beside that folder stays out of reach."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_session([rows], writable=scratch, memory_limit="100MB", threads=1) as session:
        session.run(f"COPY (SELECT 1 AS x) TO '{scratch}/x.csv'")
        with pytest.raises(UnreadableData):
            session.run(f"COPY (SELECT 1) TO '{tmp_path}/x.csv'")
    assert (scratch / "x.csv").read_text() == "x\n1\n"


def test_relative_paths_and_links_lead_to_their_file(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As the manifest writes them."""
    (tmp_path / "link.parquet").symlink_to(rows)
    monkeypatch.chdir(tmp_path)
    for path in (Path(rows.name), Path("link.parquet"), Path("../") / tmp_path.name / rows.name):
        with open_session([path], memory_limit="100MB", threads=1) as session:
            source = open_source(session, path)
            assert session.rows(select("max(x)", source=source.table)) == [(299_999,)]


def test_too_little_memory_says_so(rows: Path):
    """What cannot spill ends with an error of its own."""
    with (
        open_session([rows], memory_limit="2MB", threads=1) as session,
        pytest.raises(OutOfMemory) as caught,
    ):
        session.rows("SELECT list(range) FROM range(10_000_000)")
    assert caught.value.remedy


def test_a_query_can_be_left_before_its_end(session: Session, rows: Path):
    """A batch that nobody asks for is no trouble, and the session goes on."""
    source = open_source(session, rows)
    batches = session.batches(select("CAST(x AS DOUBLE)", source=source.table))
    next(batches)
    del batches
    assert session.rows("SELECT 1") == [(1,)]


def test_messages_hold_no_rows():
    """The engine quotes the row that it cannot read; a message must not."""
    error = duckdb.Error(
        "CSV Error on Line: 3\nOriginal Line: Ann Smith,7\nExpected Number of Columns: 3 Found: 2\n"
        "Possible fixes:\n* many"
    )
    words = module._first_words(error)
    assert words == "CSV Error on Line: 3; Expected Number of Columns: 3 Found: 2."
