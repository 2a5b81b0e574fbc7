"""The formats of `assay gate` and `assay approve`: asked for early, written where wanted."""

import subprocess
from pathlib import Path

import pytest
from tests.golden.situations import report

from assay.cli.gate_report import GATE_FORMATS, emit_gate_report
from assay.cli.output import ReportUnwritable
from assay.cli.run import run


@pytest.mark.parametrize("command", [["gate"], ["approve", "--role", "r", "--reason", "x"]])
def test_an_unknown_format_is_refused_before_anything_is_read(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Exit 2, with the nearest name, and no workspace is made."""
    words = [*command, "--manifest", str(tmp_path / "assay.yaml"), "--format", "sariv=x"]
    assert run(words) == 2
    assert "Did you mean 'sarif'?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", GATE_FORMATS)
def test_every_format_is_written_to_its_file_or_printed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """NAME goes to standard output, NAME=FILE to the file, with the same content."""
    file = tmp_path / "report"
    emit_gate_report(report("denied"), [name, f"{name}={file}"], folder=tmp_path)
    printed = capsys.readouterr().out
    assert printed
    assert file.read_text(encoding="utf-8") == printed


def test_a_file_that_cannot_be_written_has_an_error_of_its_own(tmp_path: Path):
    """The place is named, and that the decision stands."""
    with pytest.raises(ReportUnwritable) as caught:
        emit_gate_report(report("denied"), [f"tap={tmp_path}/no/report"], folder=tmp_path)
    assert caught.value.where == f"{tmp_path}/no/report"


def test_paths_count_from_the_repositorys_top(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A manifest in a folder of a git repository has its policy found from the top."""
    folder = tmp_path / "models" / "credit"
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    emit_gate_report(report("denied"), ["github"], folder=folder)
    assert "file=models/credit/policy/lending.yaml,line=9" in capsys.readouterr().out
