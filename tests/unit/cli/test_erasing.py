"""`assay log erase` and `assay log retention`, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.packed import repository

from assay import bootstrap
from assay.cli import exits
from assay.cli.run import run


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose version Ada gated."""
    folder = tmp_path_factory.mktemp("gated")
    repository(folder)
    bootstrap.gate(folder / "assay.yaml", actor="ada")
    return folder


def test_content_goes_and_the_log_says_so(gated, capsys):
    """Due content is listed, erased with a word, and reported by the verification."""
    where = ["--workspace", str(gated)]
    assert run(["log", "retention", *where]) == exits.OK
    assert "No retention time is set" in capsys.readouterr().out
    (gated / ".assay" / "settings.yaml").write_text("retention_days: {profile: 0, tallies: 0}\n")
    assert run(["log", "retention", *where, "--json"]) == exits.OK
    due = json.loads(capsys.readouterr().out)["due"]
    held = {item["name"]: item["bears_decisions_on"] for item in due}
    assert held == {"profile": [], "tallies": ["1.0.0"]}
    (tallies,) = (item["digest"] for item in due if item["name"] == "tallies")
    assert run(["log", "retention", *where]) == exits.OK
    assert f"{tallies}  tallies" in capsys.readouterr().out
    erase = ["log", "erase", *where, "--as", "dora", "--reason"]
    assert run([*erase, "retention", tallies]) == exits.DENIED
    assert run([*erase, "because", tallies]) == exits.USAGE
    assert run([*erase, "request", "nobody"]) == exits.USAGE
    capsys.readouterr()
    assert run([*erase, "retention", tallies, "--confirm"]) == exits.OK
    assert run([*erase, "request", "ada"]) == exits.OK
    assert capsys.readouterr().out.count("ERASED  ") == 2
    assert run(["verify", *where, "--state", "--json"]) == exits.OK
    report = json.loads(capsys.readouterr().out)
    assert (report["blobs_erased"], report["blobs_absent"]) == (2, 0)
    assert run(["log", "retention", *where, "--json"]) == exits.OK
    left = {item["digest"] for item in json.loads(capsys.readouterr().out)["due"]}
    assert tallies not in left
    assert left - {item["digest"] for item in due}  # Dora's own profile
