"""Kept checkpoints: signed notes, each with the tree's right edge at its size.

The edge needs no trust: its root is the one that the note signs. So consistency with what
was signed last costs no more than hashing what was appended since.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from assay.adapters.sql.database import Database
from assay.adapters.sql.tables import checkpoints, entries
from assay.tlog.merkle import Frontier

_PAGE: Final = 500
_LARGEST: Final = 2**63 - 1

_NEAREST: Final = (
    select(checkpoints.c.size, checkpoints.c.frontier, checkpoints.c.note)
    .where(checkpoints.c.space == bindparam("space"), checkpoints.c.size <= bindparam("size"))
    .order_by(checkpoints.c.size.desc())
    .limit(1)
)
_LEAVES: Final = (
    select(entries.c.leaf_hash)
    .where(
        entries.c.space == bindparam("space"),
        entries.c["index"] >= bindparam("start"),
        entries.c["index"] < bindparam("end"),
    )
    .order_by(entries.c["index"])
    .execution_options(yield_per=_PAGE)
)


def keep_checkpoint(connection: Connection, space: int, edge: Frontier, note: bytes) -> None:
    """Keep a note of a size, in place of another of the same size (with fewer cosignatures)."""
    where = checkpoints.c.space == space, checkpoints.c.size == edge.size
    changed = connection.execute(update(checkpoints).where(*where).values(note=note))
    if changed.rowcount == 0:
        row = {"space": space, "size": edge.size, "frontier": edge.to_bytes(), "note": note}
        connection.execute(insert(checkpoints), row)


def last_checkpoint(connection: Connection, space: int) -> tuple[int, bytes] | None:
    """The kept checkpoint of the largest size."""
    row = connection.execute(_NEAREST, {"space": space, "size": _LARGEST}).first()
    return None if row is None else (row.size, row.note)


def checkpoint_pages(database: Database, space: int) -> Iterator[tuple[int, bytes]]:
    """Every kept checkpoint, by ascending size."""
    after: int | None = None
    while True:
        query = select(checkpoints.c.size, checkpoints.c.note).where(checkpoints.c.space == space)
        if after is not None:
            query = query.where(checkpoints.c.size > after)
        with database.reading() as connection:
            rows = connection.execute(query.order_by(checkpoints.c.size).limit(_PAGE)).all()
        for size, note in rows:
            if (type(size), type(note)) != (int, bytes):
                raise database.damaged(f"The checkpoint of size {size} is not stored as bytes.")
            yield size, note
            after = size
        if len(rows) < _PAGE:
            return


def stored_frontier(
    connection: Connection, space: int, size: int, *, database: Database
) -> Frontier:
    """The right edge at a committed size: that of the last checkpoint before, and what followed.

    Raises:
        JournalDamaged: entries are missing.
    """
    nearest = connection.execute(_NEAREST, {"space": space, "size": size}).first()
    edge = Frontier.from_bytes(nearest.size, nearest.frontier) if nearest else Frontier()
    try:
        with connection.execute(
            _LEAVES, {"space": space, "start": edge.size, "end": size}
        ) as leaves:
            edge = edge.extend(leaves.scalars())
    except (TypeError, ValueError) as error:
        raise database.damaged("A leaf hash is not 32 bytes.") from error
    if edge.size != size:
        raise database.damaged(f"Of {size} entries, some are missing.")
    return edge
