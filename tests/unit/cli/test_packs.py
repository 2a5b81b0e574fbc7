"""`assay pack` and `assay verify PACK`, as a person runs them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tests.packed import OTHER, TEXTS, repository

from assay import bootstrap
from assay.cli.run import run

OWN = """\
from assay import Confusion, check, stats

DECISIONS = Confusion()


@check("own.base_rate", better="lower", needs=(DECISIONS,))
def base_rate(evidence, *, errors):
    rates = evidence.proportions(
        DECISIONS, events=lambda c: c.positives, trials=lambda c: c.positives + c.negatives
    )
    return stats.proportion(rates[""], errors=errors)
"""


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose version was gated, by a check of its own among others."""
    folder = tmp_path_factory.mktemp("gated")
    policy = TEXTS["policy.yaml"].replace(
        "approvals:", "  rare: {check: own.base_rate, at_most: 0.9}\napprovals:"
    )
    repository(folder, policy=policy, assay=TEXTS["assay.yaml"] + "checks: [own.py]\n")
    (folder / "own.py").write_text(OWN)
    bootstrap.gate(folder / "assay.yaml", actor="ada")
    return folder


@pytest.fixture
def folder(gated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That repository, as the current folder, without packs."""
    monkeypatch.chdir(gated)
    for pack in gated.glob("*.zip"):
        pack.unlink()
    return gated


def key_in(folder: Path) -> str:
    return bootstrap.verify(folder).key


def test_a_pack_is_named_after_its_version_and_is_its_owners(folder, capsys):
    """The default name says which version and for whom; nobody else can read it."""
    assert run(["pack"]) == 0
    said = capsys.readouterr().out
    pack = folder / "credit-1.0.0-auditor.zip"
    assert said.startswith("PACKED  credit 1.0.0   for auditor\n  credit-1.0.0-auditor.zip")
    assert f"assay verify credit-1.0.0-auditor.zip --key {key_in(folder)}\n" in said
    assert stat.S_IMODE(pack.stat().st_mode) == 0o600


def test_packing_again_gives_the_same_file(folder):
    """From another process, under another name, at another time: the same bytes."""
    assert run(["pack", "1.0.0", "--output", "one.zip"]) == 0
    assert run(["pack", "1.0.0", "-o", "two.zip", "--for", "auditor"]) == 0
    assert run(["verify"]) == 0
    assert run(["pack", "-o", "one.zip"]) == 0
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    assert run(["pack", "-o", "public.zip", "--for", "public"]) == 0
    assert Path("public.zip").read_bytes() != Path("two.zip").read_bytes()


def test_with_the_key_it_is_verified_and_without_it_consistent(folder, capsys):
    """The headline never claims more than was shown."""
    assert run(["pack", "-o", "pack.zip"]) == 0
    capsys.readouterr()
    assert run(["verify", "pack.zip", "--key", key_in(folder)]) == 0
    assert capsys.readouterr().out.startswith("VERIFIED  credit 1.0.0   pack for an auditor\n")
    assert run(["verify", "pack.zip"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("CONSISTENT  credit 1.0.0   pack for an auditor\n")
    assert "ON HOLD on " in said
    assert run(["verify", "pack.zip", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verified"], found["consistent"], found["recomputed"]) == (False, True, None)


def test_no_workspace_is_needed(folder, tmp_path, monkeypatch, capsys):
    """An auditor has the zip and the key, and nothing else."""
    key = key_in(folder)
    assert run(["pack", "-o", str(tmp_path / "pack.zip")]) == 0
    monkeypatch.chdir(tmp_path)
    assert run(["verify", "pack.zip", "--key", key, "--recompute", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    skipped = {item["what"] for item in found["recomputed"]["skipped"]}
    assert skipped == {"rare (own.base_rate)", "the decision as a whole"}
    assert found["recomputed"]["measurements"] == 4
    assert {path.name for path in tmp_path.iterdir()} == {"pack.zip"}


def test_checks_of_ones_own_run_only_where_they_are_named(folder, capsys):
    """A pack never brings code; a manifest of one's own does."""
    assert run(["pack", "-o", "pack.zip"]) == 0
    for arguments in (["pack.zip"], ["--workspace", str(folder)]):
        capsys.readouterr()
        assert run(["verify", *arguments, "--recompute"]) == 0
        assert "not recomputed: rare (own.base_rate)" in capsys.readouterr().out
        assert run(["verify", *arguments, "--recompute", "--manifest", "assay.yaml"]) == 0
        said = capsys.readouterr().out
        assert "1 decision derived again" in said
        assert "not recomputed" not in said


def test_the_wrong_key_is_refused(folder, capsys):
    """A pack by somebody else than the key's holder is none of theirs."""
    assert run(["pack", "-o", "pack.zip"]) == 0
    assert run(["verify", "pack.zip", "--key", str(OTHER.key)]) == 4
    assert capsys.readouterr().err.startswith("pack.key-differs  log.vkey\n")
    assert run(["verify", "pack.zip", "--key", "nonsense"]) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["pack", "--for", "everyone"], 2, "pack.unknown-audience"),
        (["pack", "--output", "missing/pack.zip"], 5, "pack.not-written"),
        (["pack", "9.9.9"], 1, "version.unknown"),
        (["pack", "--format", "pdf"], 2, "usage.unknown-format"),
        (["verify", "absent.zip"], 2, "archive.unreadable"),
        (["verify", "."], 2, "archive.unreadable"),
        (["verify", "assay.yaml"], 4, "archive.malformed"),
        (["verify", "absent.zip", "--state"], 2, "usage.not-for-packs"),
        (["verify", "absent.zip", "--workspace", "elsewhere"], 2, "usage.not-for-packs"),
    ],
)
def test_misuse_is_told_apart(folder, capsys, arguments, code, error):
    """What cannot be done has a code of its own, and nothing is written."""
    assert run(arguments) == code
    assert capsys.readouterr().err.startswith(error)
    assert list(folder.glob("*.zip")) == []
