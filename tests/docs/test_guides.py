"""What the README and the guides say is done, block by block, as a reader would do it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.blocks import ROOT, blocks
from tests.docs.session import Session, assert_shown

TOLD_ELSEWHERE = {"demo"}  # its figures are those of tests/unit/demo/test_story.py
GUIDES = [
    path
    for path in sorted((ROOT / "docs" / "guides").glob("*.md"))
    if path.stem not in TOLD_ELSEWHERE
]
REFERENCE = [ROOT / "docs" / "reference" / name for name in ("manifest.md", "policy.md")]
RECORDS = [path for path in sorted((ROOT / "docs" / "decisions").glob("*.md")) if blocks(path)]
TARGETS = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *GUIDES, *REFERENCE], ids=lambda path: path.stem
)
def test_it_does_what_it_says(document: Path, tmp_path: Path):
    """Every command ends as shown, every file loads, every output shown is what is printed."""
    session = Session(tmp_path)
    session.follow(document)
    assert session.executed > 0


def test_the_readme_shows_the_main_job(tmp_path: Path):
    """It runs the gate, an approval, a promotion and a verification, and shows outputs."""
    spelled = [block.text for block in blocks(ROOT / "README.md") if block.language == "console"]
    for command in ("assay init", "assay gate", "assay approve", "assay promote", "assay verify"):
        assert any(f"$ {command}" in text for text in spelled), command


@pytest.mark.parametrize("document", RECORDS, ids=lambda path: path.stem[:4])
def test_a_record_proves_what_it_claims(document: Path, tmp_path: Path):
    """The Python of a decision record runs."""
    Session(tmp_path).follow(document)


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
def test_shell_blocks_name_targets(document: Path):
    """What is not run here is a `make` target that exists."""
    for block in blocks(document):
        if block.language != "sh":
            continue
        for line in block.text.splitlines():
            make, target = line.split("#", maxsplit=1)[0].split()
            assert make == "make"
            assert f"\n{target}:" in TARGETS, f"{block.place}: {line}"


def test_a_false_output_is_noticed():
    """The comparison itself can fail: otherwise no document could be wrong."""
    with pytest.raises(AssertionError, match="DENIED"):
        assert_shown("ALLOWED ...", "DENIED  consumer-credit 1.0.0\n", where="here")
    assert_shown("DENIED ...\n...", "DENIED  consumer-credit\nmore\n", where="here")
