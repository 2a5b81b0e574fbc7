"""Changing one byte of a database."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from assay.cli.demo.tampering import EntryNotFound, change_year

ENTRY = b'{"actor":"ab","time":"2026-11-24T08:46:50.123456Z","type":"decision.made"}'


def _database(path: Path, *entries: bytes) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE entries (data BLOB)")
        connection.executemany("INSERT INTO entries VALUES (?)", [(entry,) for entry in entries])
        connection.commit()
    return path


def test_one_bit_of_the_year_is_flipped_and_no_other(tmp_path: Path) -> None:
    """The database opens as before and tells of another year."""
    database = _database(tmp_path / "journal.db", ENTRY)
    before = database.read_bytes()
    said = change_year(database, ENTRY)
    after = database.read_bytes()
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert said == f"byte {changed[0]:,} of journal.db, 6 becomes 7"
    assert len(changed) == 1
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (data,) = connection.execute("SELECT data FROM entries").fetchone()
    assert data == ENTRY.replace(b"2026", b"2027")


@pytest.mark.parametrize("entries", [(), (ENTRY, ENTRY)], ids=["absent", "twice"])
def test_an_entry_that_is_not_there_once_is_left_alone(
    tmp_path: Path, entries: tuple[bytes, ...]
) -> None:
    """What cannot be pointed at for certain is not changed."""
    database = _database(tmp_path / "journal.db", *entries)
    before = database.read_bytes()
    with pytest.raises(EntryNotFound):
        change_year(database, ENTRY)
    assert database.read_bytes() == before
