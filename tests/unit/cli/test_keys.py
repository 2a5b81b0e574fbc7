"""`assay log key`, keys beside the log's, and rotations that die on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.packed import repository

from assay import bootstrap
from assay.adapters.files import write_whole
from assay.adapters.keys import create_key, load_key
from assay.bootstrap import signing
from assay.cli import exits
from assay.cli.run import run
from assay.errors import AssayError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose version was gated."""
    repository(tmp_path)
    bootstrap.gate(tmp_path / "assay.yaml", actor="ada")
    return tmp_path


def _key(folder: Path) -> str:
    return str(load_key(folder / bootstrap.WORKSPACE / bootstrap.KEY).key)


def _entries(folder: Path) -> int:
    return bootstrap.verify(folder).report.size


def test_rotating_leads_from_the_old_key_to_the_new(folder, capsys):
    """Both keys verify the log and a pack; the old private key is gone."""
    old = _key(folder)
    assert run(["log", "key", "rotate", "--workspace", str(folder), "--as", "ada"]) == exits.OK
    new = _key(folder)
    assert capsys.readouterr().out == f"ROTATED  {old}\n  {new}\n"
    assert sorted(path.name for path in (folder / ".assay/keys").iterdir()) == [
        "next.key.lock",
        "workspace.key",
    ]
    bootstrap.gate(folder / "assay.yaml", actor="ada")
    assert run(["log", "key", "show", "--workspace", str(folder)]) == exits.OK
    assert capsys.readouterr().out == f"{old}\n{new}\n"
    pack = str(folder / "pack.zip")
    manifest = str(folder / "assay.yaml")
    assert run(["pack", "--manifest", manifest, "--output", pack]) == exits.OK
    for key in (old, new):
        capsys.readouterr()
        assert (
            run(["verify", "--workspace", str(folder), "--key", key, "--json", "--recompute"]) == 0
        )
        said = json.loads(capsys.readouterr().out)
        assert (said["key"], said["keys"]) == (key, [old, new])
        assert run(["verify", pack, "--key", key, "--recompute"]) == exits.OK


@pytest.mark.parametrize("recorded", [False, True])
def test_a_rotation_that_died_is_settled_by_the_next_command(folder, monkeypatch, recorded):
    """Before the entry nothing has happened; after it the new key is put in place."""
    old = _key(folder)

    class Died(Exception):
        pass

    def die(*_, **__):
        raise Died

    if recorded:
        monkeypatch.setattr(signing, "_put_in_place", die)
    else:
        monkeypatch.setattr("assay.app.log.rotating.rotate_key", die)
    home = folder / bootstrap.WORKSPACE
    with bootstrap.open_workspace(folder) as services, pytest.raises(Died):
        bootstrap.rotate_workspace_key(services, home, actor="ada")
    monkeypatch.undo()
    assert (home / signing.NEXT).exists()
    bootstrap.gate(folder / "assay.yaml", actor="ada")
    assert (_key(folder) != old) == recorded
    assert (home / signing.NEXT).exists() == (not recorded)
    assert run(["verify", "--workspace", str(folder), "--key", old]) == exits.OK
    assert run(["log", "key", "rotate", "--workspace", str(folder), "--as", "ada"]) == exits.OK
    assert run(["verify", "--workspace", str(folder), "--key", old]) == exits.OK


def test_a_key_that_was_handed_on_does_not_come_back(folder):
    """Restored from a backup, the old private key signs nothing."""
    file = folder / bootstrap.WORKSPACE / bootstrap.KEY
    old = file.read_bytes()
    assert run(["log", "key", "rotate", "--workspace", str(folder), "--as", "ada"]) == exits.OK
    write_whole(file, old, replace=True)
    with pytest.raises(bootstrap.KeyNotInForce):
        bootstrap.gate(folder / "assay.yaml", actor="ada")
    assert run(["log", "publish", str(folder / "public"), "--workspace", str(folder)]) == 5
    assert not (folder / "public").exists()


def test_a_teams_key_signs_beside_the_logs(tmp_path, capsys):
    """Named in the settings, it signs all; both can be demanded, and one cannot stand for two."""
    repository(tmp_path)
    home = tmp_path / bootstrap.WORKSPACE
    home.mkdir(mode=0o700)
    team = create_key(tmp_path / "team.key", name="team.example")
    (home / "settings.yaml").write_text(f"cosigners: [{tmp_path / 'team.key'}]\n")
    bootstrap.gate(tmp_path / "assay.yaml", actor="ada")
    both = ["--key", _key(tmp_path), "--key", str(team.key), "--threshold", "2"]
    where = ["--workspace", str(tmp_path)]
    assert run(["verify", *where, *both, "--recompute"]) == exits.OK
    pack = str(tmp_path / "pack.zip")
    assert run(["pack", "--manifest", str(tmp_path / "assay.yaml"), "-o", pack]) == exits.OK
    assert run(["verify", pack, *both]) == exits.OK
    assert run(["verify", pack, *both[:2], "--threshold", "2"]) == exits.NOT_EVALUATED
    (home / "settings.yaml").write_text("{}\n")
    bootstrap.gate(tmp_path / "assay.yaml", actor="ada")
    assert run(["verify", *where, *both]) == exits.NOT_EVALUATED
    assert "checkpoint" in capsys.readouterr().err


def test_a_key_that_cannot_be_put_in_place_says_so(folder, monkeypatch):
    """The new key waits beside the old one."""
    monkeypatch.setattr(
        Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no"))
    )
    with pytest.raises(AssayError) as found:
        signing._put_in_place(folder / bootstrap.WORKSPACE)
    assert found.value.code == "key.not-replaced"
