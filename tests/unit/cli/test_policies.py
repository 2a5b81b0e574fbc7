"""`assay policy show`: what holds here, merged, and which text says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.cli import exits
from assay.cli.run import run

MANIFEST = """\
assay: 1
system: {id: credit, purpose: Decide loans, owner: "team:lending", tier: high}
version: {name: 1.0.0, kind: binary-classifier, model: model.json}
data:
  evaluation:
    path: holdout.csv
    label: defaulted
    score: p_default
    decision: {favourable_when: "<", threshold: 0.5}
policy: policy.yaml
"""
HUB = """\
policy: hub
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
"""
OWN = """\
policy: lending
version: 1.0.0
extends: [hub.yaml]
requirements:
  ranks-well: {at_least: 0.62}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose policy builds on another file, as the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("assay", MANIFEST), ("hub", HUB), ("policy", OWN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_it_shows_the_manifests_policy_with_origins(folder: Path, capsys):
    """Each value ends in the file and line that gave it; the text names its layers."""
    assert run(["policy", "show", "--origin"]) == exits.OK
    said = capsys.readouterr().out
    assert said.startswith("# Merged from hub.yaml < policy.yaml; digest ")
    lines = {line.partition("#")[0].strip(): line.partition("# ")[2] for line in said.splitlines()}
    assert lines["low: 0.62"] == "policy.yaml:5:26"
    assert lines["check: performance.roc_auc"] == "hub.yaml:4:23"


def test_a_policy_alone_is_printed_as_written(folder: Path, capsys):
    """As text; as yaml it is the merged form, which loads to the same digest."""
    assert run(["policy", "show", "hub.yaml"]) == exits.OK
    assert capsys.readouterr().out == HUB
    assert run(["policy", "show", "hub.yaml", "--format", "yaml", "--json"]) == exits.OK
    merged, _, form = capsys.readouterr().out.partition("\n{\n")
    policy = parse_policy(Written(file="merged.yaml", source=merged.encode()), find_checks())
    document = json.loads("{" + form)
    assert document["digest"] == policy.digest
    assert document["schema"] == "assay.merged-policy/1"
    assert document["layers"] == ["hub.yaml"]


def test_settings_put_policies_beneath_the_manifests(folder: Path, capsys):
    """Shown, and enforced, whether or not the repository's text says so."""
    (folder / "policy.yaml").write_text(OWN.replace("extends: [hub.yaml]\n", ""))
    (folder / ".assay").mkdir()
    (folder / ".assay" / "settings.yaml").write_text("policies: [hub.yaml]\n")
    assert run(["policy", "show"]) == exits.OK
    assert "hub.yaml < policy.yaml" in capsys.readouterr().out
    (folder / "policy.yaml").write_text(OWN.replace("0.62", "0.5"))
    assert run(["gate"]) == exits.USAGE
    said = capsys.readouterr().err
    assert "policy.loosened  policy.yaml:5:26" in said
    assert "0.5 here, which is laxer than 0.6, at hub.yaml:4:" in said


def test_a_hub_that_settings_name_and_is_gone_stops_everything(folder: Path, capsys):
    """Absence fails closed."""
    (folder / ".assay").mkdir()
    (folder / ".assay" / "settings.yaml").write_text("policies: [gone.yaml]\n")
    assert run(["policy", "show"]) == exits.USAGE
    assert "There is no file 'gone.yaml'." in capsys.readouterr().err
