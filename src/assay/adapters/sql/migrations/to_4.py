"""Schema 4: records are found by kind, parent and key, through the lists that they are in.

They are made anew by whoever opens the journal next, as in schema 3.
"""

from __future__ import annotations

from typing import Any, Final

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

_NAME: Final = Text().with_variant(Text(collation="C"), "postgresql")


def migrate(op: Operations) -> None:
    """Put empty tables in place of those of records and their names."""
    for table in ("records", "places", "children"):
        op.drop_table(table)
    op.create_table(
        "records",
        _projection(),
        *(_number(name, primary_key=True) for name in ("place", "valid_from")),
        *(Column(name, _NAME, nullable=False) for name in ("kind", "parent", "key")),
        Column("value", LargeBinary, nullable=False),
    )
    op.create_table(
        "lists",
        _projection(),
        *(Column(name, _NAME, primary_key=True) for name in ("kind", "parent")),
        _number("list"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "places",
        _projection(),
        _number("list", primary_key=True),
        Column("key", _NAME, primary_key=True),
        _number("place"),
        sqlite_with_rowid=False,
    )
    op.execute("UPDATE heads SET fold = 0")


def _projection() -> Column[int]:
    return Column("projection", Integer, primary_key=True, autoincrement=False)


def _number(name: str, **key: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, autoincrement=False, **key)
