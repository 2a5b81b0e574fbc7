"""Where a workspace's journal lies, and making its tables anew, as commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.postgres import Cluster

from assay import bootstrap
from assay.bootstrap.journals import DATABASE, ELSEWHERE, open_journal
from assay.cli import exits
from assay.cli.run import run


def _run(folder: Path, *words: str) -> int:
    return run([*words, "--workspace", str(folder)])


def _begin(folder: Path) -> None:
    with bootstrap.open_workspace(folder):
        pass


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of an empty schema, as a person writes it."""
    return postgres.new_schema().replace("+psycopg", "")


def test_rebuild_makes_the_tables_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many entries were folded."""
    _begin(tmp_path)
    assert _run(tmp_path, "log", "rebuild") == exits.OK
    assert "   1 entries" in capsys.readouterr().out


def test_rebuild_needs_a_workspace(tmp_path: Path) -> None:
    """It makes none."""
    assert _run(tmp_path, "log", "rebuild") == exits.ENVIRONMENT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("named_by", ["environment", "settings"])
def test_journal_lies_in_the_database_that_is_named(
    tmp_path: Path,
    database: str,
    named_by: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two workspaces of one database have a space each, and no file."""
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        if named_by == "environment":
            monkeypatch.setenv(DATABASE, database)
        else:
            (folder / bootstrap.WORKSPACE).mkdir(parents=True)
            settings = folder / bootstrap.WORKSPACE / "settings.yaml"
            settings.write_text(f'database: "{database}"\n')
        _begin(folder)
        assert not (folder / bootstrap.WORKSPACE / bootstrap.JOURNAL).exists()
        assert _run(folder, "log") == exits.OK
        assert _run(folder, "log", "rebuild") == exits.OK
        assert "   1 entries" in capsys.readouterr().out
        assert _run(folder, "verify", "--state") == exits.OK
        assert "1 entry: canonical" in capsys.readouterr().out


def test_workspace_does_not_begin_twice(
    tmp_path: Path, database: str, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key signs one history: in a file, or in the database where it began."""
    in_file, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
    _begin(in_file)
    monkeypatch.setenv(DATABASE, database)
    assert _run(in_file, "log") == exits.USAGE
    _begin(elsewhere)
    monkeypatch.setenv(DATABASE, postgres.new_schema())
    assert _run(elsewhere, "log") == exits.ENVIRONMENT
    with pytest.raises(Exception, match="no journal of"):
        _begin(elsewhere)
    monkeypatch.delenv(DATABASE)
    assert _run(elsewhere, "log") == exits.ENVIRONMENT
    with pytest.raises(Exception, match="none is named"):
        _begin(elsewhere)
    assert not (elsewhere / bootstrap.WORKSPACE / bootstrap.JOURNAL).exists()


def test_where_a_journal_lies_is_said_without_its_password(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marker that is left in the workspace holds no secret."""
    url = database.replace("assay@", "assay:hunter2@")
    monkeypatch.setenv(DATABASE, url)
    with open_journal(tmp_path, space="example.org/log"):
        pass
    said = (tmp_path / ELSEWHERE).read_text()
    assert said.startswith("postgresql://assay:***@")
    assert "hunter2" not in said


@pytest.mark.parametrize("text", ["not a url: hunter2", "mysql://u:hunter2@h/d"])
def test_a_database_that_is_none_is_misuse(
    tmp_path: Path,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was written is not repeated: it may hold a password."""
    _begin(tmp_path / "x")
    monkeypatch.setenv(DATABASE, text)
    (tmp_path / "x" / bootstrap.WORKSPACE / bootstrap.JOURNAL).rename(tmp_path / "gone")
    (tmp_path / "x" / bootstrap.WORKSPACE / ELSEWHERE).touch()
    assert _run(tmp_path / "x", "log") == exits.USAGE
    shown = capsys.readouterr()
    assert "journal.url-malformed" in shown.err + shown.out
    assert "hunter2" not in shown.err + shown.out
