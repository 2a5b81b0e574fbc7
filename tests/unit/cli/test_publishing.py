"""`assay log` and what is below it, as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.faults.published import check_bundles, check_tiles

from assay import bootstrap
from assay.adapters.keys import Ed25519Signer
from assay.cli import exits
from assay.cli.run import run
from assay.tlog.keys import ED25519_COSIGNATURE, VerifierKey


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with its first entry."""
    with bootstrap.open_workspace(tmp_path):
        pass
    return tmp_path


def _run(workspace: Path, *words: str) -> int:
    return run([*words, "--workspace", str(workspace)])


@pytest.mark.parametrize("words", [["log"], ["log", "list"], ["log", "--last", "3"]])
def test_log_lists_by_default(
    workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """With options or without, the name of the command may be left out."""
    assert _run(workspace, *words) == exits.OK
    assert "workspace.opened" in capsys.readouterr().out
    assert _run(workspace, *words, "--json") == exits.OK
    assert len(json.loads(capsys.readouterr().out)["entries"]) == 1


def test_an_unknown_command_is_misuse(workspace: Path) -> None:
    """A misspelt command is not taken for a listing."""
    assert _run(workspace, "log", "pulbish") == exits.USAGE


def test_publish_writes_hashes_and_entries_apart(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both folders verify by the workspace's key."""
    public, bundles = workspace / "public", workspace / "bundles"
    assert _run(workspace, "log", "publish", str(public), "--bundles", str(bundles)) == exits.OK
    assert "1 entries, 1 new" in capsys.readouterr().out
    with bootstrap.open_workspace(workspace) as services:
        key = services.signer.public_key
    assert check_tiles(public, key) == 1
    assert len(check_bundles(bundles, key)) == 1


def test_check_names_the_file_that_was_changed(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the key alone, or with the workspace's; of an entry too, if the bundles are there."""
    public, bundles = workspace / "public", workspace / "bundles"
    places = [str(public), "--bundles", str(bundles)]
    assert _run(workspace, "log", "publish", *places) == exits.OK
    with bootstrap.open_workspace(workspace) as services:
        key = str(VerifierKey(name=services.signer.name, public_key=services.signer.public_key))
    capsys.readouterr()
    assert _run(workspace, "log", "check", *places) == exits.OK
    assert capsys.readouterr().out.count("VERIFIED") == 2
    elsewhere = tmp_path / "elsewhere"
    assert _run(elsewhere, "log", "check", str(public), "--key", key) == exits.OK
    assert _run(elsewhere, "log", "check", str(public)) == exits.ENVIRONMENT
    assert _run(workspace, "log", "check", str(elsewhere)) == exits.NOT_EVALUATED
    tile = bundles / "tile" / "entries" / "000.p" / "1"
    tile.write_bytes(tile.read_bytes().replace(b"workspace.opened", b"workspace.upened"))
    capsys.readouterr()
    assert _run(workspace, "log", "check", *places) == exits.NOT_EVALUATED
    said = capsys.readouterr().err
    assert "tile/entries/000.p/1" in said
    assert "Entry 0 " in said


def test_publish_refuses_another_workspaces_folder(workspace: Path, tmp_path: Path) -> None:
    """The exit code is that of a failed verification."""
    with bootstrap.open_workspace(tmp_path / "other"):
        pass
    public = str(workspace / "public")
    assert _run(workspace, "log", "publish", public) == exits.OK
    assert _run(tmp_path / "other", "log", "publish", public) == exits.NOT_EVALUATED


def test_witnesses_of_the_settings_are_asked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where they cannot be had, nothing is published; named on the command line, others are."""
    key = Ed25519Signer.from_seed("w", b"w" * 32, algorithm=ED25519_COSIGNATURE).key
    home = workspace / ".assay"
    (home / "trusted").write_text(f"witness w {key}\nquorum w\n")
    (home / "settings.yaml").write_text("witnesses: trusted\n")
    public = str(workspace / "public")
    assert _run(workspace, "log", "publish", public) == exits.NOT_EVALUATED
    assert "tlog.quorum-missed" in capsys.readouterr().err
    assert not (workspace / "public" / "checkpoint").exists()
    none = workspace / "none"
    none.write_text("quorum none\n")
    assert _run(workspace, "log", "publish", public, "--witnesses", str(none)) == exits.OK


def test_a_witness_needs_a_log_and_a_name(workspace: Path) -> None:
    """Before it listens."""
    words = ["log", "witness", "--listen", "127.0.0.1:0", "--state", str(workspace / "s")]
    key = ["--key", str(workspace / "k")]
    assert run([*words, *key, "--log", "no key"]) == exits.USAGE
    with bootstrap.open_workspace(workspace) as services:
        log = str(VerifierKey(name=services.signer.name, public_key=services.signer.public_key))
    assert run([*words, *key, "--log", log]) == exits.USAGE  # its key has no name yet
    assert not (workspace / "k").exists()


def test_anchor_shows_the_checkpoint_unless_told_where(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is shown is what a file gets."""
    assert _run(workspace, "log", "anchor") == exits.OK
    shown = capsys.readouterr().out
    file = workspace / "kept.txt"
    assert _run(workspace, "log", "anchor", str(file)) == exits.OK
    assert file.read_text(encoding="utf-8") == shown


def test_proof_is_shown_or_written(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Alone on standard output, so that it can be piped; an unknown entry is misuse."""
    assert _run(workspace, "log", "proof", "0") == exits.OK
    shown = capsys.readouterr().out
    assert shown.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\n")
    file = workspace / "entry.tlog-proof"
    assert _run(workspace, "log", "proof", "0", str(file)) == exits.OK
    assert file.read_text(encoding="utf-8") == shown
    assert _run(workspace, "log", "proof", "9") == exits.USAGE
