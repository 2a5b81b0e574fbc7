"""Transactions on one database, with its failures in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from assay.errors import AssayError, EnvironmentUnavailable, VerificationFailed


class JournalDamaged(VerificationFailed):
    """The database is not one, or contradicts itself."""

    code = "journal.damaged"


class JournalBusy(EnvironmentUnavailable):
    """Someone else holds the journal, or wrote to it while it was read without locks."""

    code = "journal.busy"


class JournalUnreachable(EnvironmentUnavailable):
    """The database cannot be opened, read or written where it is."""

    code = "journal.unreachable"


class Database:
    """An engine that gives out transactions.

    Args:
        engine: ready for use.
        where: the place, for errors.
        unchanged: whether what was read without locks is still what is there.
    """

    def __init__(
        self, engine: Engine, *, where: str, unchanged: Callable[[], bool] = lambda: True
    ) -> None:
        self.engine = engine
        self.where = where
        self._unchanged = unchanged

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent view of what is committed."""
        with self._translated():
            with self.engine.connect() as connection:
                self._begin(connection, "BEGIN")
                yield connection
            self.check_unchanged()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction, alone: durable when the block ends, undone if it raises."""
        with self._translated(), self.engine.begin() as connection:
            self._begin(connection, "BEGIN IMMEDIATE")
            yield connection

    def check_unchanged(self) -> None:
        """Refuse what was read if somebody may have been writing under it.

        Raises:
            JournalBusy: the file changed.
        """
        if not self._unchanged():
            raise JournalBusy(
                "The journal was written to while it was read.",
                where=self.where,
                remedy="Run the command again.",
            )

    def check_integrity(self, connection: Connection) -> None:
        """Refuse a file whose tables and indexes do not agree.

        Raises:
            JournalDamaged: SQLite finds a contradiction.
        """
        if connection.dialect.name == "sqlite":
            finding = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
            if finding != "ok":
                raise self.damaged(f"The journal's database is damaged: {finding}.")

    def damaged(self, what: str) -> JournalDamaged:
        """The error for content that contradicts itself."""
        return JournalDamaged(
            what, where=self.where, remedy="Restore the journal from its last backup."
        )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _begin(self, connection: Connection, statement: str) -> None:
        # Readers see one snapshot; a writer takes the lock first, so that what it read holds.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(statement)

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            raise translate(error.orig, where=self.where) from error
        except DRIVER_ERRORS as error:
            raise translate(error, where=self.where) from error


DRIVER_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""A damaged file can also make the driver fail to read SQLite's own words about it."""


def translate(error: Exception, *, where: str) -> AssayError:
    """A failure of SQLite as one of ours."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalBusy(
            "Another process has held the journal for too long.",
            where=where,
            remedy="Run the command again once the other has ended.",
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return JournalUnreachable(
            f"The journal cannot be used where it is: {error}.",
            where=where,
            remedy="Look at the disk's space and at the rights of the file and its folder.",
        )
    return JournalDamaged(
        f"The journal's database is damaged: {error}.",
        where=where,
        remedy="Restore the journal from its last backup.",
    )
