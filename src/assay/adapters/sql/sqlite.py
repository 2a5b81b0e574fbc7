"""A journal in one SQLite file: WAL, full sync, and a read-only way that leaves no trace."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.pool import QueuePool

from assay.adapters.sql.database import DRIVER_ERRORS, Database, translate
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.tables import SCHEMA_VERSION, metadata, schema
from assay.errors import EnvironmentUnavailable, VerificationFailed
from assay.governance.projection import Fold

BUSY_SECONDS: Final = 30.0


class JournalMissing(EnvironmentUnavailable):
    """There is no journal at that place."""

    code = "journal.missing"


class JournalForeign(VerificationFailed):
    """The file is a database of something else."""

    code = "journal.foreign"


class JournalTooNew(EnvironmentUnavailable):
    """A later Assay wrote the journal."""

    code = "journal.too-new"


def open_sqlite(
    path: Path, *, fold: Fold, space: str = "workspace", read_only: bool = False
) -> SqlJournal:
    """A journal in a file, made if it is absent.

    Args:
        path: the file; its folder exists.
        fold: what makes records of events.
        space: whose journal it is, in a database of many.
        read_only: open an existing file without changing it. Where no one is writing, no
            lock and no other file is made either.

    Raises:
        JournalMissing: opened read-only, and nothing is there.
        JournalForeign: the file holds other tables.
        JournalDamaged: the file is not a database.
        JournalTooNew: its schema is of a later version.
        JournalUnreachable: it cannot be opened or written.
    """
    if read_only and not path.is_file():
        raise JournalMissing(
            "There is no journal here.", where=str(path), remedy="Run `assay init` first."
        )
    alone = read_only and not _being_written(path)
    before = _stamp(path) if alone else ()
    database = Database(
        _engine(path, read_only=read_only, alone=alone),
        where=str(path),
        unchanged=lambda: not alone or (_stamp(path) == before and not _being_written(path)),
    )
    try:
        _check_schema(database, read_only=read_only)
        return SqlJournal(database, fold=fold, space=space, create=not read_only)
    except BaseException:
        database.close()
        raise


def _engine(path: Path, *, read_only: bool, alone: bool) -> Engine:
    options = {(True, False): "?mode=ro", (True, True): "?immutable=1"}.get((read_only, alone), "")
    uri = path.absolute().as_uri() + options
    return create_engine(
        "sqlite+pysqlite://",
        creator=_connector(uri, where=str(path), read_only=read_only),
        poolclass=QueuePool,
    )


def _connector(uri: str, *, where: str, read_only: bool) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        # Without an isolation level the driver begins no transaction of its own.
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _damaged_or_not
        try:
            _check_ours(connection, where=where, read_only=read_only)
            if not read_only:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    def translated() -> sqlite3.Connection:
        try:
            return connect()
        except DRIVER_ERRORS as error:
            raise translate(error, where=where) from error

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


def _check_schema(database: Database, *, read_only: bool) -> None:
    if not read_only:
        _create(database)
    with database.reading() as connection:
        versions = list(connection.scalars(select(schema.c.version)))
    if len(versions) != 1 or type(versions[0]) is not int or versions[0] < 1:
        raise database.damaged("The journal does not say of which schema it is.")
    if versions[0] > SCHEMA_VERSION:
        raise JournalTooNew(
            f"The journal has schema {versions[0]}; this version of Assay knows "
            f"{SCHEMA_VERSION} and earlier.",
            where=database.where,
            remedy="Upgrade Assay.",
        )


def _create(database: Database) -> None:
    with database.reading() as connection:
        if connection.dialect.has_table(connection, schema.name):
            return
    with database.writing() as connection:
        metadata.create_all(connection)
        if connection.scalar(select(schema.c.version)) is None:  # Unless another was faster.
            connection.execute(insert(schema).values(version=SCHEMA_VERSION))


def _being_written(path: Path) -> bool:
    """Whether a write-ahead log lies beside the file: a writer is there, or was killed."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
