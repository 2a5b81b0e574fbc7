"""A pack's README is true: its commands, run as written, verify the pack and notice changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.docs.blocks import Block, blocks, commands
from tests.packed import SIGNER, Files, a_pack, a_rich_pack, a_story, named, packed

from assay.adapters.keys import Ed25519Signer
from assay.app.log.rotating import rotate_key
from assay.documents.packs.layout import Audience

SECOND = Ed25519Signer.from_seed(SIGNER.name, b"2" * 32)
TOOLS = ("bash", "openssl", "python3", "sha256sum")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"one of {', '.join(TOOLS)} is not installed"
)


def lay_out(files: Files, folder: Path) -> Path:
    """A pack's files in a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def extracted(tmp_path: Path) -> Callable[[Audience], Path]:
    """The pack for an audience, in a folder."""
    return lambda audience: lay_out(a_pack(audience), tmp_path)


def steps(folder: Path) -> list[Block]:
    """The blocks of the README that need no Assay, in order."""
    found = blocks(folder / "README.md")
    return [block for block in found if "assay verify" not in block.text]


def follow(folder: Path) -> list[tuple[str, int, str]]:
    """Do what the README says; each command with its exit code and output."""
    done: list[tuple[str, int, str]] = []
    for block in steps(folder):
        if block.file:
            (folder / block.file).write_text(block.text)
            continue
        for command in commands(block):
            ran = subprocess.run(
                ["bash", "-c", command.text],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            done.append((command.text, ran.returncode, ran.stdout))
    return done


@pytest.mark.parametrize("audience", Audience)
def test_every_command_verifies_the_pack(extracted, audience):
    """All end well; where they print, it is what the README promises."""
    folder = extracted(audience)
    done = follow(folder)
    assert [(text, said) for text, code, said in done if code] == []
    assert len(done) == 13
    assert sum("Signature Verified Successfully" in said for _, _, said in done) == 3
    (pem,) = [said for text, _, said in done if text.startswith("openssl pkey ")]
    (vkey,) = [said for text, _, said in done if text.startswith("cut ")]
    assert pem == vkey
    assert len(vkey.strip()) == 44
    (statement,) = [said for text, _, said in done if text == "sha256sum payload"]
    assert statement[:64] in (folder / "index.json").read_text()


def test_statements_of_an_earlier_key_are_verified_by_that_key(tmp_path):
    """After a rotation the README makes the earlier key out of the entry that names it."""
    services = a_story()
    rotate_key(services, SECOND, actor="ada")
    folder = lay_out(packed(replace(services, signer=SECOND, key_revision=1)), tmp_path)
    done = follow(folder)
    assert [(text, said) for text, code, said in done if code] == []
    (by,) = [text for text, _, _ in done if "-inkey earlier.pem" in text]
    assert by.startswith("openssl pkeyutl -verify")
    assert (folder / "earlier.pem").read_bytes() != (folder / "log.pem").read_bytes()


def test_what_else_a_log_may_tell_is_verified_too(tmp_path):
    """Statements that were received have the proofs of another log, among the contents."""
    done = follow(lay_out(a_rich_pack(), tmp_path))
    assert [(text, said) for text, code, said in done if code] == []
    assert sum("Signature Verified Successfully" in said for _, _, said in done) == 3


def test_the_inclusion_proofs_say_nothing_where_they_hold(extracted):
    """Step 3 is silent, as promised."""
    (said,) = [said for text, _, said in follow(extracted(Audience.AUDITOR)) if "inclusion" in text]
    assert said == ""


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("README.md", {"sha256sum --check"}),
        ("log.pem", {"sha256sum --check"}),
        ("checkpoint", {"sha256sum --check", "python3 inclusion.py"}),
        ("entries/2.json", {"sha256sum --check", "python3 inclusion.py"}),
        ("entries/2.tlog-proof", {"sha256sum --check", "python3 inclusion.py"}),
        ("contents/policy/", {"sha256sum --check", "for file in contents"}),
    ],
)
def test_a_changed_file_is_noticed(extracted, name, starts):
    """The list notices every file; each further step notices its own."""
    folder = extracted(Audience.AUDITOR)
    path = folder / named(a_pack(), name)
    data = path.read_bytes()
    path.write_bytes(
        re.sub(rb"[0-9]", lambda digit: b"%d" % ((int(digit[0]) + 1) % 10), data, count=1)
    )
    assert path.read_bytes() != data
    failed = {text for text, code, _ in follow(folder) if code}
    for start in starts:
        assert any(text.startswith(start) for text in failed), (start, failed)


def test_a_forged_signature_is_noticed(extracted):
    """A list that was made anew needs the key."""
    folder = extracted(Audience.AUDITOR)
    sums = (folder / "SHA256SUMS").read_bytes()
    (folder / "SHA256SUMS.sig").write_bytes(SIGNER.sign(sums + b"\n"))
    failed = [text for text, code, _ in follow(folder) if code]
    assert [text.split()[0] for text in failed] == ["openssl"]


def test_it_says_what_is_kept_back_or_gone(extracted):
    """A reader of a public pack learns what it lacks."""
    text = (extracted(Audience.PUBLIC) / "README.md").read_text()
    assert "**Kept back**, since the pack is public: profile (`" in text
    assert "--recompute" not in text
