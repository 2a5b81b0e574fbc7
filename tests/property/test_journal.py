"""Journals under any appends, and under any flipped bit."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.app.ports import Journal
from assay.app.verification import publish_checkpoint, verify_journal
from assay.errors import AssayError
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport
from assay.tlog.merkle import tree_root

Story = Callable[[int], list[Event]]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
TABLES = "assay_schema", "heads", "entries", "checkpoints", "subjects", "records"


def _verify(journal: Journal) -> VerificationReport:
    return verify_journal(
        journal,
        origin=SIGNER.name,
        verifiers=[SIGNER.verifier],
        blobs=MemoryBlobs(),
        fold=fold,
        state=True,
    )


@given(
    batches=st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=8),
)
def test_any_appends_and_publishes_verify(story: Story, batches: list[tuple[int, bool]]) -> None:
    """However events are batched and whenever the head is signed, everything verifies."""
    told = story(80)
    journal = MemoryJournal(fold=fold)
    size = signed = 0
    for count, publish in batches:
        journal.append(told[size : size + count], expected={})
        size += count
        if publish:
            publish_checkpoint(journal, SIGNER)
            signed = size
    report = _verify(journal)
    assert (report.size, report.signed) == (size, signed)
    assert report.root == tree_root(entry.leaf_hash for entry in journal.entries())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, story: Story) -> bytes:
    """The file of a small journal, closed cleanly, signed in its middle and at its end."""
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite"
    told = story(30)
    with open_sqlite(path, fold=fold) as journal:
        for start in range(0, 30, 10):
            journal.append(told[start : start + 10], expected={})
            publish_checkpoint(journal, SIGNER)
    return path.read_bytes()


def _contents(path: Path) -> list[list[tuple[object, ...]]]:
    connection = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES]
    finally:
        connection.close()


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _check_flips(whole: bytes, tmp_path: Path, bits: list[int]) -> int:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(whole)
    contents = _contents(path)
    detected = 0
    for bit in bits:
        path.write_bytes(_flip(whole, bit))
        try:
            with open_sqlite(path, fold=fold, read_only=True) as journal:
                _verify(journal)
        except AssayError:
            detected += 1
        else:
            assert _contents(path) == contents, f"bit {bit} changed content unnoticed"
    return detected


def test_a_flipped_bit_of_the_file_is_detected_or_changes_nothing(
    whole: bytes, tmp_path: Path
) -> None:
    """Whatever bit flips, either verification fails as it should, or no table has changed."""
    bits = random.Random(1).sample(range(8 * len(whole)), 50)
    assert _check_flips(whole, tmp_path, bits) > 5


@pytest.mark.slow
def test_thousands_of_flipped_bits(whole: bytes, tmp_path: Path) -> None:
    """The same for a sample that meets every page and kind of cell many times."""
    bits = random.Random(2).sample(range(8 * len(whole)), 3_000)
    assert _check_flips(whole, tmp_path, bits) > 300


def test_every_kind_of_stored_bit_is_located(whole: bytes, tmp_path: Path) -> None:
    """A bit of an entry or of its hash names that entry; a bit of a note names its size."""
    draw = random.Random(3)
    for table, column, key in [
        ("entries", "data", "index"),
        ("entries", "leaf_hash", "index"),
        ("checkpoints", "note", "size"),
    ]:
        path = tmp_path / "journal.sqlite"
        path.write_bytes(whole)
        connection = sqlite3.connect(path)
        rows = connection.execute(f'SELECT "{key}", {column} FROM {table}').fetchall()
        for index, value in draw.sample(rows, 3):
            changed = _flip(value, draw.randrange(8 * len(value)))
            update = f'UPDATE {table} SET {column} = ? WHERE "{key}" = ?'
            connection.execute(update, (changed, index))
            connection.commit()
            with (
                open_sqlite(path, fold=fold) as journal,
                pytest.raises(AssayError, match=rf"\b{index}\b") as caught,
            ):
                _verify(journal)
            assert getattr(caught.value, "index", None) == index
            connection.execute(update, (value, index))
            connection.commit()
        connection.close()
