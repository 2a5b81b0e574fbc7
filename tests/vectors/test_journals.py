"""Journals that released versions wrote open, migrate, verify, and can be appended to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import inspect
from tests.postgres import Cluster

from assay.adapters.keys import Ed25519Verifier
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql import migrations, schema
from assay.adapters.sql.database import JournalDamaged
from assay.adapters.sql.heads import ProjectionTooNew, ProjectionTooOld
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.schema import JournalTooOld
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.tables import SCHEMA_VERSION, metadata
from assay.app.log.verification import verify_journal
from assay.governance.events import Event
from assay.governance.fold import FOLD_VERSION, fold

Story = Callable[[int], list[Event]]
Open = Callable[..., SqlJournal]

DATA = Path(__file__).parent / "data" / "journals"
RELEASES = sorted(path.stem for path in DATA.glob("*.sqlite"))
SPACES = {"sqlite": "workspace"}


@dataclass(frozen=True)
class Released:
    """A copy of a journal as a release left it: how it is opened, and what is known of it."""

    open: Open
    known: dict[str, Any]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture(params=RELEASES)
def released(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Released:
    """The journal of a release, in a database of its own."""
    known = json.loads((DATA / f"{request.param}.json").read_text())
    space = SPACES.get(database, known["origin"])
    if database == "sqlite":
        path = tmp_path / "journal.sqlite"
        shutil.copy(DATA / f"{request.param}.sqlite", path)
        return Released(lambda **how: open_sqlite(path, fold=fold, space=space, **how), known)
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.new_database()
    _restore(cluster, url, DATA / f"{request.param}.sql")
    return Released(lambda **how: open_postgres(url, fold=fold, space=space, **how), known)


def _restore(cluster: Cluster, url: str, dump: Path) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(host=str(cluster.folder), user="assay", dbname=name) as connection:
        connection.execute(dump.read_bytes())


def _check(journal: SqlJournal, known: dict[str, Any]) -> None:
    report = verify_journal(
        journal,
        origin=known["origin"],
        verifiers=[Ed25519Verifier.parse(known["key"])],
        blobs=MemoryBlobs(),
        fold=fold,
        state=True,
    )
    assert (report.size, report.root.hex()) == (known["size"], known["root"])
    assert [size for size, _ in journal.checkpoints()] == known["checkpoints"]
    assert report.signed == known["size"]
    assert report.changes == len(list(journal.history()))


def test_what_a_release_wrote_migrates_and_verifies(released: Released, story: Story) -> None:
    """Entries, checkpoints and records are what they were, and the journal goes on."""
    with released.open() as journal:
        _check(journal, released.known)
        assert journal.rebuild() == released.known["size"]
        _check(journal, released.known)
        (event,) = story(1)
        time = journal.head().time
        assert time is not None
        assert journal.append([replace(event, time=time)], expected={}) == (released.known["size"],)


def test_migrated_tables_are_those_of_a_new_database(
    released: Released, database: str, postgres: Cluster, tmp_path: Path
) -> None:
    """Columns, types, collations, keys and indexes: the steps lead to what is made at once."""
    made = (
        open_sqlite(tmp_path / "new.sqlite", fold=fold)
        if database == "sqlite"
        else open_postgres(postgres.new_database(), fold=fold, space="new")
    )
    with made, released.open() as migrated:
        described = _description(migrated)
        assert described == _description(made)
        assert set(described) == set(metadata.tables)


def _description(journal: SqlJournal) -> dict[str, Any]:
    found = inspect(journal._database.engine)
    return {
        table: {
            "columns": {
                column["name"]: (
                    str(column["type"]),
                    getattr(column["type"], "collation", None),
                    column["nullable"],
                    str(column["default"]).strip("'").replace("::regclass", ""),
                )
                for column in found.get_columns(table)
            },
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "unique": [item["column_names"] for item in found.get_unique_constraints(table)],
            "indexes": {
                item["name"]: (item["column_names"], _condition(item))
                for item in found.get_indexes(table)
            },
        }
        for table in found.get_table_names()
        if not table.startswith("sqlite_")
    }


def _condition(index: Any) -> str:
    where = next((str(v) for k, v in index.get("dialect_options", {}).items() if "where" in k), "")
    return where.strip("()").replace("records.", "")


def test_migration_that_fails_leaves_what_was(
    released: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one transaction: after a fault in its last step nothing has changed."""
    step = migrations.MIGRATIONS[SCHEMA_VERSION]

    class Fault(Exception):
        pass

    def fail(operations: Any) -> None:
        step(operations)
        raise Fault

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", {**migrations.MIGRATIONS, SCHEMA_VERSION: fail})
        with pytest.raises(Fault):
            released.open()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "SCHEMA_VERSION", 1)
        with pytest.raises(JournalDamaged, match="projection"):  # The tables are 0.1.0's.
            released.open()
    with released.open() as journal:
        _check(journal, released.known)


def test_reading_does_not_migrate(released: Released) -> None:
    """Who may change nothing is told what brings the journal up to date."""
    with pytest.raises(JournalTooOld) as caught:
        released.open(read_only=True)
    assert "assay log rebuild" in caught.value.remedy
    released.open().close()
    with released.open(read_only=True) as journal:
        _check(journal, released.known)


def test_records_of_an_earlier_fold_are_made_anew(released: Released) -> None:
    """A process with a later fold rebuilds when it opens; one with an earlier fold is refused."""
    later = FOLD_VERSION + 1
    released.open().close()
    with (
        released.open(read_only=True, fold_version=later) as reader,
        pytest.raises(ProjectionTooOld) as told,
    ):
        list(reader.history())
    assert "assay log rebuild" in told.value.remedy
    with released.open() as earlier, released.open(fold_version=later) as journal:
        _check(journal, released.known)
        with pytest.raises(ProjectionTooNew):
            list(earlier.history())
        with pytest.raises(ProjectionTooNew):
            earlier.rebuild()
        assert earlier.head().size == released.known["size"]
