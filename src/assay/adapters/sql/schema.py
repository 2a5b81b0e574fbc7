"""The schema of a database: made where there is none, migrated where it is older.

A migration is one transaction. It may change any table but what `entries` and `checkpoints`
hold; everything else could be made anew from those.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from assay.adapters.sql.database import Database
from assay.adapters.sql.tables import SCHEMA_VERSION, metadata, schema
from assay.errors import EnvironmentUnavailable, VerificationFailed


class JournalMissing(EnvironmentUnavailable):
    """There is no journal at that place."""

    code = "journal.missing"


class JournalForeign(VerificationFailed):
    """The database is one of something else."""

    code = "journal.foreign"


class JournalTooNew(EnvironmentUnavailable):
    """A later Assay wrote the journal."""

    code = "journal.too-new"


class JournalTooOld(EnvironmentUnavailable):
    """An earlier Assay wrote the journal, and it was opened without the right to migrate it."""

    code = "journal.too-old"


def prepare_schema(database: Database, *, read_only: bool) -> None:
    """Bring a database's tables to the present version, or only look whether they are.

    Raises:
        JournalMissing: there are none, and nothing may be changed.
        JournalTooNew: they are of a later version.
        JournalTooOld: they are of an earlier one, and nothing may be changed.
        JournalDamaged: they do not say of which.
    """
    with database.reading() as connection:
        found = _version(database, connection)
    if found == SCHEMA_VERSION:
        return
    if read_only and found is None:
        raise missing(database.where)
    if read_only:
        raise JournalTooOld(
            f"The journal has schema {found}; this version of Assay reads {SCHEMA_VERSION}.",
            where=database.where,
            remedy="Run `assay log rebuild`, which brings it up to date; nothing that was "
            "recorded changes.",
        )
    with database.alone() as connection:
        found = _version(database, connection)  # Unless another process was faster.
        if found is None:
            metadata.create_all(connection)
            connection.execute(insert(schema).values(version=SCHEMA_VERSION))
        elif found < SCHEMA_VERSION:
            _migrate(connection, found)


def missing(where: str) -> JournalMissing:
    """The error where a journal was looked for and is not."""
    return JournalMissing(
        "There is no journal here.", where=where, remedy="Run `assay init` first."
    )


def _version(database: Database, connection: Connection) -> int | None:
    """The version of the tables, None if there are none yet."""
    if not connection.dialect.has_table(connection, schema.name):
        return None
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
    return versions[0]


def _migrate(connection: Connection, since: int) -> None:
    # Alembic takes longer to load than a command may take, and is seldom needed.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    from assay.adapters.sql.migrations import MIGRATIONS

    operations = Operations(MigrationContext.configure(connection))
    for version in range(since + 1, SCHEMA_VERSION + 1):
        MIGRATIONS[version](operations)
    connection.execute(update(schema).values(version=SCHEMA_VERSION))
