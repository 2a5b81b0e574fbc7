"""`assay pull`, as the last step of a CI job runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packed import repository

from assay import bootstrap
from assay.cli import exits
from assay.cli.run import run


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A pack from a workspace of its own, and that workspace's key."""
    folder = tmp_path_factory.mktemp("job")
    repository(folder)
    bootstrap.gate(folder / "assay.yaml", actor="ada")
    pack = folder / "bundle.zip"
    assert run(["pack", "-m", str(folder / "assay.yaml"), "-o", str(pack)]) == exits.OK
    return pack, bootstrap.verify(folder).key


def test_it_is_taken_in_once_and_judged_on_demand(bundle, tmp_path, capsys):
    """Without the data; the exit code is the gate's."""
    pack, key = bundle
    repository(tmp_path)
    (tmp_path / "holdout.csv").unlink()
    pull = ["pull", str(pack), "--key", key, "-m", str(tmp_path / "assay.yaml"), "--as", "hugo"]
    capsys.readouterr()
    assert run(pull) == exits.OK
    assert "2 new statements" in capsys.readouterr().out
    assert run([*pull, "--gate"]) == exits.HELD
    assert "nothing new, 2 known before" in capsys.readouterr().out
    assert run(["verify", "-w", str(tmp_path), "--state", "--recompute"]) == exits.OK
    capsys.readouterr()
    assert run([*pull, "--gate", "--json"]) == exits.HELD
    assert capsys.readouterr().out.startswith("{")


def test_a_stranger_is_refused(bundle, tmp_path):
    """A key that is not the pack's; nothing but the beginning is recorded."""
    pack, _ = bundle
    with bootstrap.open_workspace(tmp_path) as services:
        key = str(services.signer.key)  # type: ignore[attr-defined]
    assert run(["pull", str(pack), "--key", key, "-m", str(tmp_path / "assay.yaml")]) == 4
    with bootstrap.open_workspace(tmp_path) as services:
        assert services.journal.head().size == 1
