"""A journal in one SQLite file: WAL, full sync, and a read-only way that leaves no trace."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, Table, create_engine
from sqlalchemy.pool import QueuePool

from assay.adapters.sql.database import (
    Database,
    JournalBusy,
    JournalDamaged,
    JournalUnreachable,
)
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.schema import JournalForeign, missing, prepare_schema
from assay.adapters.sql.statements import Rows, driver_cursor, insert_rows
from assay.adapters.sql.tables import schema
from assay.errors import AssayError
from assay.governance.fold import FOLD_VERSION
from assay.governance.projection import Fold

BUSY_SECONDS: Final = 30.0

_CACHE_KIB: Final = 32 * 1024
"""At most; enough that the indexes of a large journal are not read again for each append."""

_LOG_PAGES: Final = 4_000
"""Of the write-ahead log, 16 MiB, before they are copied to the file.

A commit is durable in the log; the later pages are copied, the more often one was overwritten
there meanwhile.
"""

_DRIVER_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""A damaged file can also make the driver fail to read SQLite's own words about it."""


def open_sqlite(
    path: Path,
    *,
    fold: Fold,
    fold_version: int = FOLD_VERSION,
    space: str = "workspace",
    read_only: bool = False,
) -> SqlJournal:
    """A journal in a file, made if it is absent, and brought to the present tables.

    Args:
        path: the file; its folder exists.
        fold: what makes records of events.
        fold_version: of the fold; records that another version made are made anew.
        space: whose journal it is, in a database of many.
        read_only: open an existing file without changing it. Where no one is writing, no
            lock and no other file is made either.

    Raises:
        JournalMissing: opened read-only, and nothing is there.
        JournalForeign: the file holds other tables.
        JournalDamaged: the file is not a database.
        JournalTooNew: its schema is of a later version.
        JournalTooOld: opened read-only, and its schema is of an earlier version.
        JournalUnreachable: it cannot be opened or written.
    """
    if read_only and not path.is_file():
        raise missing(str(path))
    database = SqliteDatabase(path, read_only=read_only)
    try:
        prepare_schema(database, read_only=read_only)
        return SqlJournal(
            database,
            fold=fold,
            fold_version=fold_version,
            space=space,
            read_only=read_only,
            create=not read_only,
        )
    except BaseException:
        database.close()
        raise


class SqliteDatabase(Database):
    """A file; whoever writes holds the whole of it.

    Args:
        path: the file.
        read_only: whether nothing may be changed.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._lockless = read_only and not _being_written(path)
        self._stamp = _stamp(path) if self._lockless else ()
        self._idle: deque[Connection] = deque()
        engine = self._engine(read_only=read_only)
        super().__init__(engine, where=str(path), driver_errors=_DRIVER_ERRORS)

    def check_unchanged(self) -> None:
        """Refuse what was read without a lock if the file was written meanwhile."""
        if self._lockless and (_stamp(self._path) != self._stamp or _being_written(self._path)):
            raise JournalBusy(
                "The journal was written to while it was read.",
                where=self.where,
                remedy="Run the command again.",
            )

    def check_integrity(self, connection: Connection) -> None:
        """Refuse a file whose tables and indexes do not agree."""
        finding = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if finding != "ok":
            raise self.damaged(f"The journal's database is damaged: {finding}.")

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert rows."""
        insert_rows(connection, table, rows)

    def survey(self) -> None:
        """Its planner goes by the indexes' columns alone, which suffices here."""

    def translate(self, error: Exception) -> AssayError:
        """A failure of SQLite as one of ours."""
        return _translate(error, where=self.where)

    def close(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop().close()
        super().close()

    @contextmanager
    def _writer(self) -> Generator[Connection]:
        # Kept from one transaction to the next: a pool's ceremony takes longer than a statement.
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._idle:
            connection.close()
        else:  # Two threads may come here at once; both connections are closed in the end.
            self._idle.append(connection)

    def _begin_reading(self, connection: Connection) -> None:
        driver_cursor(connection).execute("BEGIN")

    def _begin_writing(self, connection: Connection) -> None:
        # The lock is taken first, so that what is read under it still holds at the end.
        driver_cursor(connection).execute("BEGIN IMMEDIATE")

    def _exclude_others(self, connection: Connection) -> None:
        """A writer is alone already."""

    def _engine(self, *, read_only: bool) -> Engine:
        mode = "?immutable=1" if self._lockless else "?mode=ro" if read_only else ""
        return create_engine(
            "sqlite+pysqlite://",
            creator=_connector(self._path, mode, read_only=read_only),
            poolclass=QueuePool,
        )


def _connector(path: Path, mode: str, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    where = str(path)

    def connect() -> sqlite3.Connection:
        # Without an isolation level the driver begins no transaction of its own.
        connection = sqlite3.connect(
            path.absolute().as_uri() + mode,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.text_factory = _damaged_or_not
        try:
            _check_ours(connection, where=where, read_only=read_only)
            if not read_only:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
                connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        except BaseException:
            connection.close()
            raise
        return connection

    def translated() -> sqlite3.Connection:
        try:
            return connect()
        except _DRIVER_ERRORS as error:
            raise _translate(error, where=where) from error

    return translated


def _damaged_or_not(text: bytes) -> str:
    # A damaged cell must reach whoever can say which it is, not fail in the driver.
    return text.decode("utf-8", "surrogateescape")


def _check_ours(connection: sqlite3.Connection, *, where: str, read_only: bool) -> None:
    # Asked before the first change, so that a file of something else stays as it is.
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {row[0] for row in rows}
    if schema.name not in tables and (tables or read_only):
        raise JournalForeign(
            "The file is not a journal of Assay.",
            where=where,
            remedy="Name another file, or move this one away.",
        )


def _being_written(path: Path) -> bool:
    """Whether a write-ahead log lies beside the file: a writer is there, or was killed."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _translate(error: Exception, *, where: str) -> AssayError:
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
