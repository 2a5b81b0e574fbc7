"""The journal's tables.

Only `entries` and `checkpoints` hold truth; the others follow from them and can be made anew.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

SCHEMA_VERSION: Final = 1


metadata: Final = MetaData()

schema: Final = Table(
    "assay_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

heads: Final = Table(
    "heads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("space", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("time", Text),
)
"""One row for each space; whoever appends holds its lock."""


def _space() -> Column[int]:
    return Column("space", Integer, primary_key=True, autoincrement=False)


entries: Final = Table(
    "entries",
    metadata,
    _space(),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    _space(),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""The right edge beside a note needs no trust: its root is the one that the note signs."""

subjects: Final = Table(
    "subjects",
    metadata,
    _space(),
    Column("subject", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

records: Final = Table(
    "records",
    metadata,
    _space(),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_to", BigInteger),
    Column("parent", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Index("records_by_parent", "space", "kind", "parent", "key", "valid_from"),
)
"""A version of a record holds after the event `valid_from` until the event `valid_to`."""
