"""When the demo cannot be played, it says why and leaves everything as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assay.cli.demo.stage import Diverged, Stage
from assay.cli.demo.story import tell
from assay.cli.run import run


def test_a_folder_of_somebody_else_ends_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not the demo's is a usage error, and nothing in it changes."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert run(["demo", "--directory", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "demo.directory-taken" in error
    assert "--directory DIR" in error
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_scikit_learn_the_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing extra has its own exit code and the command that installs it."""
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert run(["demo", "--directory", str(tmp_path / "demo")]) == 5
    assert "pip install 'assay[demo]'" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


def test_a_command_that_ends_otherwise_stops_the_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the gate does not decide as told, nothing further is told."""
    with pytest.raises(Diverged, match="exit code 5, and the story needs 1"):
        tell(tmp_path / "demo", run=lambda _: 5)
    assert "Denied." not in capsys.readouterr().out
    assert Path.cwd() != tmp_path / "demo"


def test_a_script_that_fails_stops_the_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script's own error is the remedy's text."""
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("raise SystemExit('no data')")
    with pytest.raises(Diverged) as caught:
        Stage(run=lambda _: 0).python("train.py")
    assert caught.value.remedy == "no data"
