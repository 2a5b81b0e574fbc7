"""The reference lists everything there is, as the code has it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tests.docs import reference
from tests.docs.blocks import ROOT, blocks

from assay.adapters.settings import SETTINGS, load_settings
from assay.cli.gate_report import GATE_FORMATS


@pytest.mark.parametrize("name", reference.BLOCKS)
def test_the_reference_is_that_of_the_code(name: str):
    """A page's generated part is what `make golden` would write now."""
    assert reference.generated_part(name) == reference.BLOCKS[name]()


def test_every_command_is_documented():
    """Each command of the program has a section of its own."""
    text = reference.page("commands").read_text(encoding="utf-8")
    names = set(reference.commands())
    assert {"check", "gate", "explain", "approve", "promote", "verify"} <= names
    assert set(re.findall(r"^## assay (.+)$", text, re.MULTILINE)) == names


def test_every_exit_code_is_documented():
    """Each exit code has a row, and no row has a code that does not exist."""
    text = reference.page("exit-codes").read_text(encoding="utf-8")
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert rows == set(reference.exit_codes().values())


def test_every_error_code_is_documented():
    """Each error of the family, in whatever module it is raised, has a row."""
    text = reference.page("errors").read_text(encoding="utf-8")
    codes = [kind.code for kind in reference.error_types()]
    assert len(codes) > 50
    assert set(re.findall(r"^\| `([a-z.-]+)` \|", text, re.MULTILINE)) == set(codes)


def test_a_code_means_one_thing():
    """No two errors that end a command differently have the same code."""
    kinds = {(kind.code, reference.exit_of(kind)) for kind in reference.error_types()}
    codes = Counter(code for code, _ in kinds)
    assert [code for code, count in codes.items() if count > 1] == []


def test_every_check_is_documented():
    """Each built-in check has a row, and its family's page speaks of it."""
    text = reference.page("checks").read_text(encoding="utf-8")
    for name in reference.built_in_checks():
        assert f"[`{name}`]" in text
        page = ROOT / "docs" / "checks" / f"{name.partition('.')[0]}.md"
        assert name.partition(".")[2] in page.read_text(encoding="utf-8"), page.name


def test_every_format_is_documented():
    """Each format of the gate's report has a row, and no row has one that does not exist."""
    text = reference.page("formats").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE))
    assert rows == set(GATE_FORMATS)


def test_every_word_of_a_verdict_is_in_the_glossary():
    """A verdict, a decision, a tier, a mode and a stage that the gate may print is explained."""
    from assay.adapters.loaders.stages import shipped_stages
    from assay.policy.gate import Verdict
    from assay.policy.policy import Mode, Outcome
    from assay.policy.tiers import Tier

    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = {
        word
        for line in re.findall(r"^([a-z_, ]+)\n: ", text, re.MULTILINE)
        for word in line.split(", ")
    }
    assert {item.value for kind in (Verdict, Outcome) for item in kind} <= terms
    for word in (*map(str, Tier), *(item.value for item in Mode), *shipped_stages().stages):
        assert f"**{word}**" in text, word


def test_the_settings_that_are_shown_load(tmp_path: Path):
    (example,) = [block for block in blocks(reference.page("settings")) if block.language == "yaml"]
    (tmp_path / SETTINGS).write_text(example.text, encoding="utf-8")
    assert load_settings(tmp_path).retention_days == {"tallies": 3650, "reason": 730}
