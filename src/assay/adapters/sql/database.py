"""Transactions on one database, with its failures in our words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from assay.adapters.sql.statements import Rows
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


class Database(ABC):
    """An engine that gives out transactions.

    Args:
        engine: ready for use.
        where: the place, for errors; it holds no secret.
        driver_errors: what the driver raises when it is called past SQLAlchemy.
    """

    def __init__(
        self, engine: Engine, *, where: str, driver_errors: tuple[type[Exception], ...]
    ) -> None:
        self.engine = engine
        self.where = where
        self._driver_errors = driver_errors

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent view of what is committed."""
        with self._translated():
            with self.engine.connect() as connection:
                self._begin_reading(connection)
                yield connection
            self.check_unchanged()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction: durable when the block ends, undone if it raises.

        It sees what was committed before it took the lock on a head, and holds that lock.
        """
        with self._translated(), self._writer() as connection, connection.begin():
            self._begin_writing(connection)
            yield connection

    @contextmanager
    def alone(self) -> Generator[Connection]:
        """A transaction to write in, while no other of this kind is open in the database."""
        with self.writing() as connection:
            self._exclude_others(connection)
            yield connection

    def damaged(self, what: str) -> JournalDamaged:
        """The error for content that contradicts itself."""
        return JournalDamaged(
            what, where=self.where, remedy="Restore the journal from its last backup."
        )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _writer(self) -> AbstractContextManager[Connection]:
        """A connection to write by."""
        return self.engine.connect()

    @abstractmethod
    def check_unchanged(self) -> None:
        """Refuse what was read if somebody may have been writing under it.

        Raises:
            JournalBusy: it was read without a lock, and the file changed.
        """

    @abstractmethod
    def check_integrity(self, connection: Connection) -> None:
        """Refuse a database whose tables and indexes do not agree, where it can tell.

        Raises:
            JournalDamaged: there is a contradiction.
        """

    @abstractmethod
    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert rows by the fastest way there is."""

    @abstractmethod
    def survey(self) -> None:
        """Let the database's planner know what tables hold after they were filled in bulk."""

    @abstractmethod
    def translate(self, error: Exception) -> AssayError:
        """A failure of the driver as one of ours."""

    @abstractmethod
    def _begin_reading(self, connection: Connection) -> None:
        """Make all that a transaction reads one snapshot."""

    @abstractmethod
    def _begin_writing(self, connection: Connection) -> None:
        """Prepare a transaction that writes."""

    @abstractmethod
    def _exclude_others(self, connection: Connection) -> None:
        """Wait until no other transaction is here; let go at this one's end."""

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            if not isinstance(error.orig, self._driver_errors):
                raise
            raise self.translate(error.orig) from error
        except self._driver_errors as error:
            raise self.translate(error) from error
