"""A journal in PostgreSQL, for a hub: many writers, each space's head under a row lock."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from assay.adapters.sql.database import (
    Database,
    JournalBusy,
    JournalDamaged,
    JournalUnreachable,
)
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.schema import prepare_schema
from assay.adapters.sql.statements import Rows, insert_rows, target
from assay.adapters.sql.tables import lists, places, records, subjects
from assay.errors import AssayError, ConfigurationError, EnvironmentUnavailable
from assay.governance.fold import FOLD_VERSION
from assay.governance.projection import Fold

BUSY_SECONDS: Final = 30

_SCHEME: Final = "postgresql+psycopg"
_CONNECT_SECONDS: Final = 10
_LOCK: Final = 0x61737361_79  # "assay"
"""Of PostgreSQL's advisory locks, the one that whoever changes the tables holds."""

_COPIED: Final = 64
"""Rows from which COPY costs less than statements."""

_BUSY: Final = ("55P03", "57014", "40001", "40P01")
"""Lock not available, query cancelled, serialization failure, deadlock."""
_UNREACHABLE: Final = ("08", "28", "3D", "42501", "25006", "53", "57P", "58")
"""Connection, login, no such database, no right, read-only, out of resources, shut down, I/O."""


class DatabaseUrlMalformed(ConfigurationError):
    """What names the database is not the URL of one."""

    code = "journal.url-malformed"


class DriverMissing(EnvironmentUnavailable):
    """PostgreSQL's driver is not installed."""

    code = "journal.driver-missing"


def open_postgres(
    url: str,
    *,
    fold: Fold,
    space: str,
    fold_version: int = FOLD_VERSION,
    read_only: bool = False,
    create: bool = True,
) -> SqlJournal:
    """A journal in a database, begun if it may be, and brought to the present tables.

    Args:
        url: such as `postgresql://assay@db.example.org/assay`; a password in it appears in no
            error. Tables are made in the first schema of the user's search path.
        fold: what makes records of events.
        space: whose journal it is, in a database of many.
        fold_version: of the fold; records that another version made are made anew.
        read_only: change nothing.
        create: whether to begin an empty journal for a space that has none.

    Raises:
        DatabaseUrlMalformed: the URL names no PostgreSQL.
        DriverMissing: the extra `postgres` is not installed.
        SpaceMissing: it is not there, and may not be begun.
        JournalTooNew: its schema is of a later version.
        JournalTooOld: opened read-only, and its schema is of an earlier version.
        JournalUnreachable: the server cannot be reached, or refuses.
    """
    database = PostgresDatabase(_parse(url), read_only=read_only)
    try:
        prepare_schema(database, read_only=read_only)
        return SqlJournal(
            database,
            fold=fold,
            fold_version=fold_version,
            space=space,
            read_only=read_only,
            create=create and not read_only,
        )
    except BaseException:
        database.close()
        raise


class PostgresDatabase(Database):
    """A database of a server.

    Args:
        url: of SQLAlchemy's `postgresql+psycopg`.
        read_only: whether nothing may be changed.
    """

    def __init__(self, url: URL, *, read_only: bool) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise DriverMissing(
                "PostgreSQL's driver is not installed.",
                remedy="Install Assay with its extra: `pip install 'assay[postgres]'`.",
            ) from error
        # Options may hold secrets, as the password may.
        shown = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        self._read_only = read_only
        engine = _engine(url)
        super().__init__(engine, where=shown, driver_errors=(psycopg.Error,))

    def check_unchanged(self) -> None:
        """What was read was a snapshot."""

    def check_integrity(self, connection: Connection) -> None:
        """The server has no statement for it; its pages may have checksums."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert rows, many of them by COPY."""
        if len(rows) < _COPIED:
            insert_rows(connection, table, rows)
            return
        with (
            closing(connection.connection.cursor()) as cursor,
            cursor.copy(f"COPY {target(table)} FROM STDIN") as writer,
        ):
            for row in rows:
                writer.write_row(row)

    def survey(self) -> None:
        """Gather statistics now; until the server does so by itself, lists would be slow."""
        with self.writing() as connection:
            names = ", ".join(table.name for table in (subjects, records, places, lists))
            connection.exec_driver_sql(f"ANALYZE {names}")

    def translate(self, error: Exception) -> AssayError:
        """A failure of the server or the way to it as one of ours."""
        state = getattr(error, "sqlstate", None) or _stateless(error)
        said = getattr(getattr(error, "diag", None), "message_primary", None)
        words = said or str(error).strip().partition("\n")[0]
        if state in _BUSY:
            return JournalBusy(
                f"Another process has held the journal for too long: {words}.",
                where=self.where,
                remedy="Run the command again once the other has ended.",
            )
        if state.startswith(_UNREACHABLE):
            return JournalUnreachable(
                f"The journal's database cannot be used: {words}.",
                where=self.where,
                remedy="Look whether the server runs, has disk space, and lets this user in.",
            )
        return JournalDamaged(
            f"The journal's database is damaged: {words}.",
            where=self.where,
            remedy="Restore the journal from its last backup.",
        )

    def _begin_reading(self, connection: Connection) -> None:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _begin_writing(self, connection: Connection) -> None:
        # Each statement sees what was committed before it, so after the head's lock all.
        if self._read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    def _exclude_others(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _stateless(error: Exception) -> str:
    """A state for what the driver noticed by itself: mostly that the connection is gone."""
    from psycopg import InterfaceError, OperationalError

    return "08000" if isinstance(error, OperationalError | InterfaceError) else ""


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"postgres", "postgresql", _SCHEME}:
        # What was written is not shown: it may hold a password.
        raise DatabaseUrlMalformed(
            "The database is not named by a URL of PostgreSQL.",
            remedy="Write it like postgresql://user@host:5432/database.",
        ) from None
    return url.set(drivername=_SCHEME)


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS}
    )

    def prepare(connection: Any, _record: object) -> None:
        # A server may be set to answer before a commit is on disk; an append must not.
        settings = {
            "synchronous_commit": "on",
            "lock_timeout": f"{BUSY_SECONDS}s",
        }
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"SET {name} = '{value}'")
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine
