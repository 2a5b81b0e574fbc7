"""Changing one byte of a journal behind its back, to show that it is noticed."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Final

from assay.errors import NotEvaluated

_YEAR: Final = re.compile(rb'"time":"\d{3}(\d)-[^"]*","type":"[a-z._]*"}$')
"""The end of every entry; the digits before it are found nowhere else in the database."""


class EntryNotFound(NotEvaluated):
    """The bytes of an entry are not in the database file as they were read."""

    code = "demo.entry-not-found"


def change_year(database: Path, entry: bytes) -> str:
    """Flip one bit of the year of an entry, in the file that holds it.

    Args:
        database: an SQLite database that nobody has open.
        entry: the entry's canonical bytes.

    Returns:
        What was changed, for the reader: "byte 21,334, 6 becomes 7".

    Raises:
        EntryNotFound: the file does not hold the entry's end exactly once.
    """
    _fold_in_the_log(database)
    content = bytearray(database.read_bytes())
    end = _YEAR.search(entry)
    if end is None or content.count(end.group()) != 1:
        raise EntryNotFound("The entry is not found in the database.", where=str(database))
    offset = content.index(end.group()) + end.start(1) - end.start()
    before = content[offset]
    content[offset] ^= 1
    database.write_bytes(content)
    return f"byte {offset:,} of {database.name}, {before:c} becomes {content[offset]:c}"


def _fold_in_the_log(database: Path) -> None:
    """Bring what is still in the write-ahead log into the file, so that the change counts."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
