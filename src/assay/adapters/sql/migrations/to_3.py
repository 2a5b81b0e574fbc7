"""Schema 3: the names of records apart from their versions, whose ranges follow from each other.

What followed from the entries is not moved but made anew: the heads say that no version of the
fold made what is there, so that whoever opens the journal next folds it again.
"""

from __future__ import annotations

from typing import Any, Final

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

_NAME: Final = Text().with_variant(Text(collation="C"), "postgresql")


def migrate(op: Operations) -> None:
    """Put empty tables in place of those of records and counts."""
    for table in ("records", "subjects"):
        op.drop_table(table)
    _create(op, "subjects", _key("subject"), _number("revision"))
    op.create_table(
        "records",
        _projection(),
        Column("place", BigInteger, primary_key=True, autoincrement=False),
        Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
        *(Column(name, _NAME, nullable=False) for name in ("kind", "key", "parent")),
        Column("value", LargeBinary, nullable=False),
    )
    _create(op, "places", _key("kind"), _key("key"), _number("place"))
    _create(op, "children", _key("kind"), _key("parent"), _key("key"), _number("place"))
    op.execute("UPDATE heads SET fold = 0")


def _create(op: Operations, name: str, *columns: Column[Any]) -> None:
    op.create_table(name, _projection(), *columns, sqlite_with_rowid=False)


def _projection() -> Column[int]:
    return Column("projection", Integer, primary_key=True, autoincrement=False)


def _key(name: str) -> Column[str]:
    return Column(name, _NAME, primary_key=True)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)
