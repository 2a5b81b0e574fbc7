"""Schema 2: projections beside each other, and what stands apart from what stood once."""

from __future__ import annotations

from typing import Final

from alembic.operations import Operations
from sqlalchemy import Column, Integer, Text, text

_KEYS: Final = {"heads": ["space"], "subjects": ["subject"], "records": ["kind", "key", "parent"]}


def migrate(op: Operations) -> None:
    """Give each space a projection, which holds the records and counts it had."""
    op.create_table(
        "projections",
        Column("id", Integer, primary_key=True),
        Column("space", Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO projections (id, space) SELECT id, id FROM heads")
    for name in ("projection", "fold"):
        op.add_column("heads", Column(name, Integer, nullable=False, server_default="0"))
    op.execute("UPDATE heads SET projection = id, fold = 1")
    for table in ("subjects", "records"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN space TO projection")
    if op.get_bind().dialect.name == "postgresql":
        _order_by_bytes(op)
        op.execute("SELECT setval('projections_id_seq', (SELECT max(id) FROM projections))")
    stands = text("valid_to IS NULL")
    op.create_index(
        "records_standing",
        "records",
        ["projection", "kind", "key"],
        sqlite_where=stands,
        postgresql_where=stands,
    )


def _order_by_bytes(op: Operations) -> None:
    for table, names in _KEYS.items():
        for name in names:
            op.alter_column(table, name, type_=Text(collation="C"))
