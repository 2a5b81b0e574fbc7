"""The journal's tables, as they are since the last migration.

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

SCHEMA_VERSION: Final = 2
"""A change of a table raises it, with a migration from the version before."""

NAME: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is a key: ordered by its bytes, on every server, as SQLite orders it."""

metadata: Final = MetaData()

schema: Final = Table(
    "assay_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)
"""One row; a version of Assay refuses what a later one has migrated."""

heads: Final = Table(
    "heads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("space", NAME, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("time", Text),
    Column("projection", Integer, nullable=False, server_default="0"),
    Column("fold", Integer, nullable=False, server_default="0"),
)
"""One row for each space; whoever appends holds its lock.

It says which projection is read, and by which version of the fold that was made.
"""


def _space() -> Column[int]:
    return Column("space", Integer, primary_key=True, autoincrement=False)


def _projection() -> Column[int]:
    return Column("projection", Integer, primary_key=True, autoincrement=False)


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

projections: Final = Table(
    "projections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("space", Integer, nullable=False),
    sqlite_autoincrement=True,  # A number is never given twice, as those of a sequence.
)
"""The records and counts of a space, folded once; one that no head names is being built.

So a rebuild works beside what is read, and takes its place by a change of one number.
"""

subjects: Final = Table(
    "subjects",
    metadata,
    _projection(),
    Column("subject", NAME, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

records: Final = Table(
    "records",
    metadata,
    _projection(),
    Column("kind", NAME, primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_to", BigInteger),
    Column("parent", NAME, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""A version of a record holds after the event `valid_from` until the event `valid_to`."""

Index(
    "records_by_parent",
    records.c.projection,
    records.c.kind,
    records.c.parent,
    records.c.key,
    records.c.valid_from,
)

STANDS: Final = records.c.valid_to.is_(None)

records_standing: Final = Index(
    "records_standing",
    records.c.projection,
    records.c.kind,
    records.c.key,
    sqlite_where=STANDS,
)
"""What holds now, apart from what held once: a list of today's is read without its past.

`postgres` adds the condition for its own dialect, which SQLite alone need not load.
"""
