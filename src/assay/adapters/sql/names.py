"""Names of records in SQL: in which list each one is, and at which place its versions are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, select

from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import lists, places, records
from assay.governance.fold import Names

_FIND: Final = Statement(
    select(lists.c.list, places.c.place)
    .select_from(lists)
    .outerjoin(
        places,
        and_(
            places.c.projection == lists.c.projection,
            places.c.list == lists.c.list,
            places.c.key == bindparam("key"),
        ),
    )
    .where(
        lists.c.projection == bindparam("projection"),
        lists.c.kind == bindparam("kind"),
        lists.c.parent == bindparam("parent"),
    )
)
_LAST: Final = Statement(
    select(func.max(records.c.place)).where(records.c.projection == bindparam("projection"))
)


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a name.

    Attributes:
        list: the number of its list, None if there is no such list.
        place: where its record's versions are, None if there is no such record.
    """

    list: int | None
    place: int | None


def find_names(
    connection: Connection, projection: int, wanted: Sequence[Names]
) -> dict[Names, Found]:
    """What is known of each of these names."""
    asked = [
        {"projection": projection, "kind": kind, "parent": parent, "key": key}
        for kind, parent, key in wanted
    ]
    found = _FIND.each(connection, asked)
    return {
        names: Found(*rows[0]) if rows else Found(None, None)
        for names, rows in zip(wanted, found, strict=True)
    }


def last_place(connection: Connection, projection: int) -> int:
    """The last place that is taken."""
    ((last,),) = _LAST.rows(connection, {"projection": projection})
    return last or 0
