"""A user's own check, from an installed wheel and from a file, is a check like any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

MODULE = '''\
"""Checks of a bank's own package."""

from assay import Evidence, Fact, FileColumns, Profiles, check


def _needs(*, columns: FileColumns) -> list[Profiles]:
    return [Profiles(of=columns)]


@check("acme.sites", better="higher", needs=_needs, unit="sites")
def sites(evidence: Evidence, *, columns: FileColumns) -> Fact:
    """The fewest different values that any of these columns has.

    Args:
        evidence: the evidence.
        columns: columns of the file.
    """
    profiles = evidence[Profiles(of=columns)].columns
    return Fact(value=min(item.cells.distinct for item in profiles.values()), detail="Counted.")
'''

MANIFEST = """\
assay: 1
system: {id: lending, purpose: Approve loans, owner: team:lending, tier: medium}
version: {name: 1.0.0, kind: binary-classifier, model: model.json}
data:
  evaluation:
    path: holdout.csv
    label: defaulted
    score: p
    decision: {favourable_when: "<", threshold: 0.5}
policy: policy.yaml
"""

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  many-sites: {check: FAMILY.sites, with: {columns: [branch]}, at_least: 5}
"""


def wheel(folder: Path) -> Path:
    """A wheel with one module and the entry point that makes its checks a family."""
    path = folder / "acme_checks-2.1.0-py3-none-any.whl"
    info = "acme_checks-2.1.0.dist-info"
    files = {
        "acme_checks/__init__.py": "",
        "acme_checks/sampling.py": MODULE,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: acme-checks\nVersion: 2.1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/entry_points.txt": "[assay.checks]\nacme = acme_checks.sampling\n",
    }
    names = [*files, f"{info}/RECORD"]
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in names)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the wheel."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--target", str(folder / "packages"), str(wheel(folder))]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "packages"


def repository(folder: Path, *, family: str, more: str = "") -> Path:
    """A model's repository that asks for the check."""
    rows = "".join(f"{i % 2},0.{i % 9},b{i % 12}\n" for i in range(120))
    (folder / "holdout.csv").write_text(f"defaulted,p,branch\n{rows}")
    (folder / "model.json").write_text("{}")
    (folder / "assay.yaml").write_text(MANIFEST + more)
    (folder / "policy.yaml").write_text(POLICY.replace("FAMILY", family))
    return folder


def assay(folder: Path, *arguments: str, site: Path | None = None) -> str:
    """What a command prints, run as a user would."""
    paths = [str(site)] if site else []
    done = subprocess.run(
        [sys.executable, "-c", "from assay.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def everywhere(folder: Path, name: str, *, site: Path | None = None) -> None:
    """The check is listed, in the schema of policies, in the report and in what explains it."""
    listed = assay(folder, "check", "--list", site=site)
    assert f"{name} " in listed
    assert "The fewest different values" in listed
    schema = assay(folder, "schema", "policy", site=site)
    assert name in schema
    assert "columns of the file" in schema
    report = json.loads(assay(folder, "gate", "--as", "Ada", "--format", "json", site=site))
    [requirement] = report["requirements"]
    assert (requirement["check"], requirement["verdict"]) == (name, "pass")
    assert requirement["measurement"]["fact"] == 12
    explained = assay(folder, "explain", "many-sites", site=site)
    assert name in explained


def test_a_check_from_an_installed_wheel(tmp_path: Path, site: Path):
    """Found by its entry point, in all the places where the built-in ones are.

    A verifier without the package says what could not be derived again, and fails nothing.
    """
    everywhere(repository(tmp_path, family="acme"), "acme.sites", site=site)
    assert "acme.sites" not in assay(tmp_path, "verify", "--recompute", site=site)
    assert "acme.sites" in assay(tmp_path, "verify", "--recompute")


def test_a_check_from_a_path_in_the_manifest(tmp_path: Path):
    """The very same ten lines in a file of the repository."""
    folder = repository(tmp_path, family="own", more="checks: [checks/own.py]\n")
    (folder / "checks").mkdir()
    (folder / "checks" / "own.py").write_text(MODULE.replace("acme.sites", "own.sites"))
    everywhere(folder, "own.sites")
