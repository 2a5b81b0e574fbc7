"""A workspace whose content and published log lie in an object store."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packed import repository

from assay import bootstrap
from assay.adapters.objects.store import open_objects
from assay.cli import exits
from assay.cli.run import run

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def folder(tmp_path: Path, s3: str) -> Path:
    """A version that was gated into such a workspace."""
    repository(tmp_path)
    home = tmp_path / bootstrap.WORKSPACE
    home.mkdir(mode=0o700)
    (home / "settings.yaml").write_text(f"blobs: {s3}/blobs\n")
    bootstrap.gate(tmp_path / "assay.yaml", actor="ada")
    return tmp_path


def test_content_is_there_and_verifies(folder, s3, capsys):
    """Nothing is left in the workspace's folder; damage in the store is found."""
    assert not (folder / bootstrap.WORKSPACE / bootstrap.BLOBS).exists()
    objects = open_objects(f"{s3}/blobs")
    names = list(objects.names(""))
    assert len(names) > 5
    where = ["--workspace", str(folder)]
    assert run(["verify", *where, "--state", "--recompute"]) == exits.OK
    found = objects.get(names[0], bytes_max=1 << 20)
    objects.replace(names[0], found.data + b" ", tag=found.tag)
    assert run(["verify", *where]) == exits.NOT_EVALUATED
    assert "content-damaged" in capsys.readouterr().err


def test_hashes_and_entries_are_published_apart(folder, s3, capsys):
    """Only what is new is written, and nothing of the entries lies beside the hashes."""
    where = ["--workspace", str(folder)]
    places = [f"{s3}/public", "--bundles", f"{s3}/entries"]
    assert run(["log", "publish", *places, *where]) == exits.OK
    assert f"{s3}/public" in capsys.readouterr().out
    assert run(["log", "publish", *places, *where]) == exits.OK
    assert " 0 new" in capsys.readouterr().out
    public, entries = (
        set(open_objects(f"{s3}/{name}").names("")) for name in ("public", "entries")
    )
    assert {name.split("/")[0] for name in public} == {"checkpoint", "tile"}
    assert not any("entries" in name for name in public)
    assert all("entries" in name for name in entries - {"checkpoint"})


def test_a_malformed_address_is_misuse(folder):
    """Neither a folder of that name is made, nor anything signed for it."""
    assert run(["log", "publish", "s3://x", "--workspace", str(folder)]) == exits.USAGE
