"""Journals under any appends, and under any flipped bit."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select, update
from tests.faults.published import plain_root
from tests.postgres import Cluster

from assay.adapters.blobs import LocalBlobs
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.tables import checkpoints, entries, heads, records
from assay.app.log.verification import publish_checkpoint, verify_journal
from assay.app.log.verifying.problems import ContentDamaged
from assay.app.ports import Journal
from assay.errors import AssayError
from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport

Story = Callable[[int], list[Event]]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TABLES = (
    *("assay_schema", "heads", "projections", "entries", "checkpoints"),
    *("subjects", "records", "places", "lists"),
)


def _verify(journal: Journal) -> VerificationReport:
    return verify_journal(
        journal,
        origin=SIGNER.name,
        verifiers=[SIGNER.verifier],
        blobs=MemoryBlobs(),
        fold=fold,
        state=True,
    )


batches = st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=8)


@given(batches=batches)
def test_any_appends_and_publishes_verify(story: Story, batches: list[tuple[int, bool]]) -> None:
    """However events are batched and whenever the head is signed, everything verifies."""
    _append_and_publish(MemoryJournal(fold=fold), story(80), batches)


@given(batches=batches)
@settings(max_examples=15)
def test_any_appends_and_publishes_verify_in_sqlite(
    story: Story, batches: list[tuple[int, bool]]
) -> None:
    """The same in a file."""
    with (
        tempfile.TemporaryDirectory() as name,
        open_sqlite(Path(name) / "journal.sqlite", fold=fold) as journal,
    ):
        _append_and_publish(journal, story(80), batches)


@given(batches=batches)
@settings(max_examples=8)
def test_any_appends_and_publishes_verify_in_postgres(
    story: Story, postgres: Cluster, batches: list[tuple[int, bool]]
) -> None:
    """The same in a server."""
    with open_postgres(postgres.new_schema(), fold=fold, space="a") as journal:
        _append_and_publish(journal, story(80), batches)


def _append_and_publish(
    journal: Journal, told: list[Event], batches: list[tuple[int, bool]]
) -> None:
    size = signed = 0
    for count, publish in batches:
        journal.append(told[size : size + count], expected={})
        size += count
        if publish:
            publish_checkpoint(journal, SIGNER)
            signed = size
    report = _verify(journal)
    assert (report.size, report.signed) == (size, signed)
    leaves = [hashlib.sha256(b"\0" + event.entry()).digest() for event in told[:size]]
    assert report.root == plain_root(leaves)
    assert [entry.leaf_hash for entry in journal.entries()] == leaves


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


@pytest.fixture(params=["sqlite", "postgres"])
def stored(request: pytest.FixtureRequest, tmp_path: Path, story: Story) -> Iterator[SqlJournal]:
    """A journal in each database, signed in its middle and at its end."""
    told = story(30)
    with (
        open_sqlite(tmp_path / "journal.sqlite", fold=fold)
        if request.param == "sqlite"
        else open_postgres(request.getfixturevalue("postgres").new_schema(), fold=fold, space="a")
    ) as journal:
        for start in range(0, 30, 10):
            journal.append(told[start : start + 10], expected={})
            publish_checkpoint(journal, SIGNER)
        yield journal


@pytest.mark.parametrize(
    ("table", "column", "keys"),
    [
        (entries, "data", ["index"]),
        (entries, "leaf_hash", ["index"]),
        (checkpoints, "note", ["size"]),
        (checkpoints, "frontier", ["size"]),
        (records, "value", ["kind", "key", "valid_from"]),
    ],
)
def test_every_kind_of_stored_bit_is_located(
    stored: SqlJournal, table: Table, column: str, keys: list[str]
) -> None:
    """A bit of an entry, of its hash, of a note, of an edge or of a record names its entry."""
    draw = random.Random(3)
    columns = [table.c[name] for name in keys]
    with stored._database.reading() as connection:
        rows = connection.execute(select(table.c[column], *columns).order_by(*columns)).all()
    for value, *key in draw.sample(rows, 3):
        changed = _flip(value, draw.randrange(8 * len(value)))
        _store(stored, table, column, dict(zip(keys, key, strict=True)), changed)
        with pytest.raises(AssayError) as caught:
            _verify(stored)
        found = getattr(caught.value, "index", None)
        # Bytes that are no JSON any more are refused as they are read, by kind and key.
        assert found == key[-1] or (
            table is records and str(caught.value.where) == " ".join(key[:2])
        )
        _store(stored, table, column, dict(zip(keys, key, strict=True)), value)
    assert _verify(stored).size == 30


@pytest.mark.parametrize("column", ["frontier", "size", "time", "fold"])
def test_a_changed_head_is_noticed(stored: SqlJournal, column: str) -> None:
    """The head's own row commits to nothing, but must agree with the entries."""
    with stored._database.reading() as connection:
        value = connection.execute(select(heads.c[column])).scalar_one()
    changed = {
        "frontier": lambda: _flip(value, 5),
        "size": lambda: value ^ 1,
        "time": lambda: value.replace("Z", "X"),
        "fold": lambda: value ^ 1,
    }[column]()
    _store(stored, heads, column, {}, changed)
    with pytest.raises(AssayError):
        _verify(stored)


def _store(
    journal: SqlJournal, table: Table, column: str, key: dict[str, object], value: object
) -> None:
    where = [table.c[name] == item for name, item in key.items()]
    with journal._database.writing() as connection:
        connection.execute(update(table).where(*where).values({column: value}))


@given(data=st.data())
@settings(max_examples=25)
def test_a_changed_bit_of_content_is_located(data: st.DataObject) -> None:
    """A bit of a tally, a policy, a text or a signed envelope names the entry and the digest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        blobs, journal = LocalBlobs(folder), MemoryJournal(fold=fold)
        payload = b"a policy", b"what was meant", b"a manifest"
        digests = [blobs.put(item) for item in payload]
        told = [
            Event(
                type=events.SYSTEM_DECLARED,
                time=NOON,
                actor=PersonId("p-1"),
                subject="system/a",
                body={"system": "a", "tier": "low", "tier_source": "declared"},
                digests={"manifest": digest},
            )
            for digest in digests
        ]
        journal.append(told, expected={})
        publish_checkpoint(journal, SIGNER)
        number = data.draw(st.integers(0, 2))
        (path,) = (path for path in folder.rglob("*") if path.name.endswith(digests[number][2:]))
        bit = data.draw(st.integers(0, 8 * len(payload[number]) - 1))
        path.chmod(0o600)
        path.write_bytes(_flip(path.read_bytes(), bit))
        with pytest.raises(ContentDamaged, match=digests[number]) as caught:
            verify_journal(
                journal, origin=SIGNER.name, verifiers=[SIGNER.verifier], blobs=blobs, fold=fold
            )
        assert caught.value.index == number
