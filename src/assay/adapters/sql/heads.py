"""The head of a space: its size, its tree's right edge, and which records are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from assay.adapters.sql.database import Database
from assay.adapters.sql.statements import Statement
from assay.adapters.sql.tables import heads, projections
from assay.errors import EnvironmentUnavailable
from assay.evidence.instants import instant_text, parse_instant
from assay.tlog.merkle import Frontier

_STANDING: Final = select(
    heads.c.size, heads.c.frontier, heads.c.time, heads.c.projection, heads.c.fold
).where(heads.c.id == bindparam("space"))
_HEAD: Final = Statement(_STANDING)
_LOCKED_HEAD: Final = Statement(_STANDING.with_for_update())
"""SQLite has no such clause and needs none: a writer holds the whole database already."""

_MOVE: Final = Statement(
    update(heads)
    .where(heads.c.id == bindparam("of_space"))
    .values(size=bindparam("grown"), frontier=bindparam("edge"), time=bindparam("last"))
)
_READ: Final = Statement(
    select(heads.c.projection, heads.c.fold).where(heads.c.id == bindparam("space"))
)


class SpaceMissing(EnvironmentUnavailable):
    """The database has no journal of that space."""

    code = "journal.space-missing"


class ProjectionTooNew(EnvironmentUnavailable):
    """A later version of Assay made the records; writing to them would spoil them."""

    code = "journal.records-too-new"


class ProjectionTooOld(EnvironmentUnavailable):
    """An earlier version of Assay made the records, and they were opened only for reading."""

    code = "journal.records-too-old"


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A space's row: the tree's right edge, the last event's time, the projection that is read."""

    edge: Frontier
    time: datetime | None
    projection: int


class Heads:
    """The head of one space, within transactions of its database.

    Args:
        database: with its tables made.
        space: the space's number.
        fold_version: of the fold that this process has.
    """

    def __init__(self, database: Database, space: int, *, fold_version: int) -> None:
        self._database = database
        self.space = space
        self._fold_version = fold_version

    @classmethod
    def of(cls, database: Database, name: str, *, fold_version: int, create: bool) -> Self:
        """The head of a space, begun if it may be.

        Raises:
            SpaceMissing: there is none, and none may be begun.
        """
        wanted = select(heads.c.id).where(heads.c.space == name)
        with database.reading() as connection:
            found = connection.scalar(wanted)
        if found is None and create:
            with database.alone() as connection:
                found = connection.scalar(wanted)  # Unless another process was faster.
                if found is None:
                    found = _begin(connection, name, fold_version)
        if found is None:
            raise SpaceMissing(f"There is no journal of {name!r}.", where=database.where)
        return cls(database, found, fold_version=fold_version)

    def read(self, connection: Connection) -> StoredHead:
        """The head as of a transaction, whatever made its records."""
        return self._head(connection, _HEAD)[0]

    def locked(self, connection: Connection) -> StoredHead:
        """The head, which nobody else moves until the transaction ends.

        Raises:
            ProjectionTooNew: its records are not such as this process makes.
            ProjectionTooOld: neither.
        """
        head, fold = self._head(connection, _LOCKED_HEAD)
        self._demand(fold)
        return head

    def move(self, connection: Connection, edge: Frontier, time: datetime) -> None:
        """Write what a locked head became."""
        moved = {"grown": edge.size, "edge": edge.to_bytes(), "last": instant_text(time)}
        _MOVE.run(connection, [{"of_space": self.space, **moved}])

    def live(self, connection: Connection) -> int:
        """The projection that is read in a transaction.

        Raises:
            ProjectionTooNew: its records are not such as this process makes.
            ProjectionTooOld: neither.
        """
        ((projection, fold),) = _READ.rows(connection, {"space": self.space})
        self._demand(fold)
        return int(projection)

    def outdated(self) -> bool:
        """Whether an earlier version of the fold made the records."""
        with self._database.reading() as connection:
            return self._head(connection, _HEAD)[1] < self._fold_version

    def begin_projection(self, connection: Connection) -> int:
        """A new projection beside the one that is read; others that were begun are given up."""
        live = self.claim(connection).projection
        others = projections.c.space == self.space, projections.c.id != live
        connection.execute(delete(projections).where(*others))
        return _new_projection(connection, self.space)

    def claim(self, connection: Connection) -> StoredHead:
        """The head, locked by who will replace its records.

        Raises:
            ProjectionTooNew: a later version of Assay made them.
        """
        head, fold = self._head(connection, _LOCKED_HEAD)
        if fold > self._fold_version:
            self._demand(fold)
        return head

    def replace_projection(self, connection: Connection, projection: int) -> None:
        """Let another projection be read from now on instead of that of the head claimed."""
        moved = {"projection": projection, "fold": self._fold_version}
        connection.execute(update(heads).where(heads.c.id == self.space).values(**moved))
        others = projections.c.space == self.space, projections.c.id != projection
        connection.execute(delete(projections).where(*others))

    def _head(self, connection: Connection, query: Statement) -> tuple[StoredHead, int]:
        try:
            ((size, edge, time, projection, fold),) = query.rows(connection, {"space": self.space})
            time = time and parse_instant(time)
            return StoredHead(Frontier.from_bytes(size, edge), time, projection), fold
        except (TypeError, ValueError) as error:
            raise self._database.damaged("The journal's head is not one.") from error

    def _demand(self, fold: int) -> None:
        if fold == self._fold_version:
            return
        what = f"Version {fold} of the fold made the records; here is {self._fold_version}."
        if fold > self._fold_version:
            raise ProjectionTooNew(what, where=self._database.where, remedy="Upgrade Assay.")
        raise ProjectionTooOld(what, where=self._database.where, remedy="Run `assay log rebuild`.")


def _begin(connection: Connection, name: str, fold_version: int) -> int:
    row = insert(heads).values(space=name, size=0, frontier=b"", fold=fold_version)
    space = int(connection.execute(row.returning(heads.c.id)).scalar_one())
    projection = _new_projection(connection, space)
    connection.execute(update(heads).where(heads.c.id == space).values(projection=projection))
    return space


def _new_projection(connection: Connection, space: int) -> int:
    row = insert(projections).values(space=space).returning(projections.c.id)
    return int(connection.execute(row).scalar_one())
