"""Revisions: how many events each subject has, so that two writers cannot both be first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from assay.adapters.appending import check_revisions
from assay.adapters.sql.database import Database
from assay.adapters.sql.records import Live
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import subjects

_PAGE: Final = 500

_REVISION: Final = Statement(
    select(subjects.c.revision).where(
        subjects.c.projection == bindparam("projection"), subjects.c.subject == bindparam("name")
    )
)

_COUNT: Final = Statement(
    text(
        "INSERT INTO subjects (projection, subject, revision) VALUES (:projection, :name, :events) "
        "ON CONFLICT (projection, subject) "
        "DO UPDATE SET revision = subjects.revision + excluded.revision"
    )
)


def read_revisions(connection: Connection, projection: int, names: Sequence[str]) -> dict[str, int]:
    """How many events each of these subjects has; one without events is left out."""
    asked = [{"projection": projection, "name": name} for name in names]
    found = zip(names, _REVISION.each(connection, asked), strict=True)
    return {name: rows[0][0] for name, rows in found if rows}


def count_events(
    connection: Connection,
    projection: int,
    touched: Iterable[str],
    expected: Mapping[str, int],
) -> None:
    """Check what the writer had read, then count one more event for each subject named.

    Raises:
        JournalConflict: a subject has moved on; nothing was written.
    """
    check_revisions(expected, read_revisions(connection, projection, list(expected)))
    counted = Counter(touched).items()
    rows = [{"projection": projection, "name": name, "events": count} for name, count in counted]
    _COUNT.run(connection, rows)


def subject_pages(database: Database, live: Live) -> Iterator[tuple[str, int]]:
    """Every subject with its count of events, by name."""
    after: str | None = None
    while True:
        query = select(subjects.c.subject, subjects.c.revision)
        if after is not None:
            query = query.where(subjects.c.subject > after)
        with database.reading() as connection:
            query = query.where(subjects.c.projection == live(connection))
            rows = connection.execute(query.order_by(subjects.c.subject).limit(_PAGE)).all()
        yield from ((subject, revision) for subject, revision in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1].subject
