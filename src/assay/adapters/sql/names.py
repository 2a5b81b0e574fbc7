"""Names of records in SQL: at which place the versions of each one are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from assay.adapters.sql.statements import ListStatement, Statement
from assay.adapters.sql.tables import children, places, records

Names = tuple[str, str]
"""A record's kind and key."""

_PLACES: Final = ListStatement(
    select(places.c.key, places.c.place).where(
        places.c.projection == bindparam("projection"), places.c.kind == bindparam("kind")
    ),
    places.c.key,
)
_CHILD: Final = Statement(
    select(children.c.place).where(
        children.c.projection == bindparam("projection"),
        children.c.kind == bindparam("kind"),
        children.c.parent == bindparam("parent"),
        children.c.key == bindparam("key"),
    )
)
_LAST: Final = Statement(
    select(func.max(records.c.place)).where(records.c.projection == bindparam("projection"))
)


def find_places(
    connection: Connection, projection: int, names: Iterable[Names]
) -> dict[Names, int]:
    """The places of those records of these names that there are."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for kind, key in names:
        keys[kind].append(key)
    return {
        (kind, key): place
        for kind, wanted in keys.items()
        for key, place in _PLACES.rows(connection, {"projection": projection, "kind": kind}, wanted)
    }


def is_child(connection: Connection, projection: int, kind: str, parent: str, key: str) -> bool:
    """Whether a record was listed under a parent before."""
    named = {"projection": projection, "kind": kind, "parent": parent, "key": key}
    return bool(_CHILD.rows(connection, named))


def last_place(connection: Connection, projection: int) -> int:
    """The last place that is taken."""
    ((last,),) = _LAST.rows(connection, {"projection": projection})
    return last or 0
