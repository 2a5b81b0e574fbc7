"""The journal's tables, as they are since the last migration.

Only `entries` and `checkpoints` hold truth; the others follow from them and can be made anew.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

SCHEMA_VERSION: Final = 4
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
    sqlite_with_rowid=False,
)

records: Final = Table(
    "records",
    metadata,
    _projection(),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", NAME, nullable=False),
    Column("parent", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""A version of a record holds from the event `valid_from` until the next of the same place.

Versions are added in the order of events, so at the table's end; a place is a number so that
the one index that they change is small.
"""

lists: Final = Table(
    "lists",
    metadata,
    _projection(),
    Column("kind", NAME, primary_key=True),
    Column("parent", NAME, primary_key=True),
    Column("list", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The number of the list of records of a kind below a parent: the place of its first."""

places: Final = Table(
    "places",
    metadata,
    _projection(),
    Column("list", BigInteger, primary_key=True, autoincrement=False),
    Column("key", NAME, primary_key=True),
    Column("place", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Where a record's versions are, by its list and key: written once, when it is first made.

Keys are mostly digests. Were they ordered by themselves, each new one would change a page of
its own; lists that began at about the same time lie together.
"""
