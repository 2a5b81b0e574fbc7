"""`assay sign`, and `assay verify --model`: is this the model that was signed, or judged?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.packed import repository

from assay import bootstrap
from assay.cli.run import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a model, as the current folder."""
    repository(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def key(folder: Path) -> tuple[str, str]:
    """A key in PEM, and its public half."""
    make = "openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
    publish = "openssl ec -in key.pem -pubout -out key.pub.pem"
    for command in (make, publish):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return "key.pem", "key.pub.pem"


def test_a_model_is_signed_and_verified(folder, key, capsys):
    """The signature lies beside the model; a changed model is refused."""
    pytest.importorskip("model_signing")
    secret, public = key
    assert run(["sign", "model.json", "--key", secret]) == 0
    assert capsys.readouterr().out.startswith("SIGNED  model.json   1 file\n  model.json.sig\n")
    how = ["verify", "--model", "model.json", "--signature", "model.json.sig", "--signer", public]
    assert run([*how, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["pinned"]) == ("assay.signed-model/1", True)
    Path("model.json").write_text("{}")
    assert run(how) == 4
    assert capsys.readouterr().err.startswith("signing.not-verified  model.json.sig\n")


def test_a_pack_knows_its_model(folder, capsys):
    """Whoever holds a model learns whether a pack is about it."""
    bootstrap.gate("assay.yaml", actor="ada")
    assert run(["pack", "-o", "pack.zip"]) == 0
    assert run(["verify", "pack.zip", "--model", "model.json"]) == 0
    assert "  ✓ model.json is the model that the version names\n" in capsys.readouterr().out
    assert run(["verify", "pack.zip", "--model", "card.yaml"]) == 4
    assert capsys.readouterr().err.startswith("pack.model-differs  card.yaml\n")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["verify", "--model", "model.json"], 2, "usage.signature-incomplete"),
        (["verify", "--signature", "model.sig"], 2, "usage.signature-incomplete"),
        (["verify", "--signer", "key.pem"], 2, "usage.signature-incomplete"),
    ],
)
def test_a_model_alone_needs_signature_and_key(folder, capsys, arguments, code, error):
    """Nothing else is verified in its place."""
    assert run(arguments) == code
    assert capsys.readouterr().err.startswith(error)


def test_without_the_extra_a_remedy_is_given(folder, monkeypatch, capsys):
    """Signing needs a library that Assay alone does not bring."""
    monkeypatch.setitem(sys.modules, "model_signing", None)
    monkeypatch.setitem(sys.modules, "model_signing.signing", None)
    assert run(["sign", "model.json", "--key", "key.pem"]) == 5
    said = capsys.readouterr().err
    assert said.startswith("signing.missing\n")
    assert "pip install 'assay[signing]'" in said
