"""The PostgreSQL database: how it is opened, what it is told, and what its failures are called."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from tests.postgres import Cluster, running_cluster

from assay.adapters.sql import postgres as adapter
from assay.adapters.sql.database import JournalBusy, JournalDamaged, JournalUnreachable
from assay.adapters.sql.heads import SpaceMissing
from assay.adapters.sql.postgres import DatabaseUrlMalformed, DriverMissing, open_postgres
from assay.adapters.sql.schema import JournalMissing, JournalTooNew
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.merkle import DamagedFrontier

Story = Callable[[int], list[Event]]

SECRET = "hunter2"


@pytest.fixture
def url(postgres: Cluster) -> str:
    """An empty schema of a database."""
    return postgres.new_schema()


def _connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_commits_wait_for_the_disk(postgres: Cluster) -> None:
    """Even where the database was set to answer before."""
    url = postgres.new_database()
    with _connect(url) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    with (
        open_postgres(url, fold=fold, space="a") as journal,
        journal._database.writing() as connection,
    ):
        found = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
        assert found == "on"


def test_plain_url_means_the_same_database(url: str, story: Story) -> None:
    """`postgresql://` and `postgres://` need not name a driver."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with open_postgres(plain, fold=fold, space="a") as journal:
        journal.append(story(3), expected={})
    other = url.replace("postgresql+psycopg", "postgres")
    with open_postgres(other, fold=fold, space="a", read_only=True) as journal:
        assert journal.head().size == 3


@pytest.mark.parametrize(
    "text",
    ["", "assay", f"mysql://assay:{SECRET}@db/assay", f"postgresql+asyncpg://u:{SECRET}@h/d",
     f"://{SECRET}", f"postgresql://u:{SECRET}@h:port/d"],
)  # fmt: skip
def test_what_is_no_url_is_refused_without_being_shown(text: str) -> None:
    """What was written may hold a password, so it is not repeated."""
    with pytest.raises(DatabaseUrlMalformed) as caught:
        open_postgres(text, fold=fold, space="a")
    assert "postgresql://" in caught.value.remedy
    _demand_no_secret(caught.value)


def _demand_no_secret(error: BaseException | None) -> None:
    while error is not None:
        assert SECRET not in f"{error!r} {error} {getattr(error, 'where', '')}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize("place", ["host=/nowhere&", "host=/nowhere&passfile=hunter2&"])
def test_server_out_of_reach_is_said_without_secrets(place: str) -> None:
    """The place is named with user and database, never with the password."""
    url = f"postgresql://assay:{SECRET}@/records?{place}port=1"
    with pytest.raises(JournalUnreachable) as caught:
        open_postgres(url, fold=fold, space="a")
    assert "server" in caught.value.remedy
    assert "records" in str(caught.value.where)
    assert SECRET not in f"{caught.value} {caught.value.where}"


def test_missing_database_is_out_of_reach(postgres: Cluster) -> None:
    """A database is made by who runs the server, not by a command in passing."""
    with pytest.raises(JournalUnreachable, match="absent"):
        open_postgres(postgres.url("absent"), fold=fold, space="a")


def test_missing_driver_has_a_remedy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named where it is not installed."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DriverMissing) as caught:
        open_postgres(url, fold=fold, space="a")
    assert "assay[postgres]" in caught.value.remedy


def test_readonly_journal_changes_nothing(url: str, story: Story) -> None:
    """It neither makes tables nor begins a space nor appends."""
    with pytest.raises(JournalMissing):
        open_postgres(url, fold=fold, space="a", read_only=True)
    with _connect(url) as connection:
        tables = "SELECT * FROM pg_tables WHERE schemaname = current_schema()"
        assert connection.execute(tables).fetchall() == []
    open_postgres(url, fold=fold, space="a").close()
    with pytest.raises(SpaceMissing):
        open_postgres(url, fold=fold, space="b", read_only=True)
    with (
        open_postgres(url, fold=fold, space="a", read_only=True) as journal,
        pytest.raises(JournalUnreachable),
    ):
        journal.append(story(1), expected={})


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE assay_schema SET version = 99", JournalTooNew),
        ("DELETE FROM assay_schema", JournalDamaged),
        ("UPDATE heads SET space = 'another'", SpaceMissing),
        (r"UPDATE heads SET frontier = '\x00'", DamagedFrontier),
        ("UPDATE heads SET time = 'noon'", JournalDamaged),
        ("DROP TABLE entries", JournalDamaged),
        ("ALTER TABLE entries ALTER COLUMN data TYPE text USING 'x'", JournalDamaged),
    ],
)
def test_what_contradicts_itself_is_refused(
    url: str, story: Story, statement: str, error: type[Exception]
) -> None:
    """A later schema, a damaged head or a lost table has an error of ours, never a driver's."""
    with open_postgres(url, fold=fold, space="a") as journal:
        journal.append(story(5), expected={})
    with _connect(url) as connection:
        connection.execute(statement.encode())

    def read() -> None:
        with open_postgres(url, fold=fold, space="a", read_only=True) as journal:
            journal.head()
            list(journal.entries())

    with pytest.raises(error):
        read()


def test_head_held_for_too_long_is_busy(
    url: str, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is not given up in time is said to be someone else's; other spaces go on."""
    monkeypatch.setattr(adapter, "BUSY_SECONDS", 0.02)
    with (
        open_postgres(url, fold=fold, space="a") as a,
        open_postgres(url, fold=fold, space="b") as b,
        _connect(url) as holder,
        holder.transaction(),
    ):
        holder.execute("SELECT * FROM heads WHERE space = 'a' FOR UPDATE")
        with pytest.raises(JournalBusy):
            a.append(story(1), expected={})
        assert a.head().size == 0
        assert b.append(story(1), expected={}) == (0,)


def test_spaces_of_one_database_are_apart(url: str, story: Story) -> None:
    """Each space has its own indices, records and counts, and is rebuilt by itself."""
    with (
        open_postgres(url, fold=fold, space="a") as a,
        open_postgres(url, fold=fold, space="b") as b,
    ):
        a.append(story(6), expected={})
        b.append(story(3), expected={})
        before = list(a.history()), list(a.subjects())
        assert b.rebuild() == 3
        assert (list(a.history()), list(a.subjects())) == before
        assert (a.head().size, b.head().size) == (6, 3)
        assert len(list(b.entries())) == 3
        assert {index for index, _ in b.history()} == {0, 1, 2}
        assert b.revision(story(4)[3].subject) == 0
        b.add_checkpoint(3, b"note")
        assert a.last_checkpoint() is None


def test_planner_knows_what_a_rebuild_wrote(url: str, story: Story) -> None:
    """Else the first lists after it would be read by the wrong index."""
    with open_postgres(url, fold=fold, space="a") as journal, _connect(url) as connection:
        journal.append(story(30), expected={})
        journal.rebuild()
        query = "SELECT reltuples FROM pg_class WHERE oid = 'records'::regclass"
        assert connection.execute(query).fetchall() == [(len(list(journal.history())),)]


def test_many_may_begin_at_once(url: str, story: Story) -> None:
    """Tables, a space and its entries are made once, whoever is first."""
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            with open_postgres(url, fold=fold, space="a") as journal:
                journal.append(story(1), expected={})
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with open_postgres(url, fold=fold, space="a") as journal:
        assert [entry.index for entry in journal.entries()] == list(range(6))


def test_connections_that_were_cut_are_replaced(postgres: Cluster, story: Story) -> None:
    """A server that restarted, or an idle connection that was dropped, costs no command."""
    url = postgres.new_database()
    with open_postgres(url, fold=fold, space="a") as journal, _connect(url) as other:
        journal.append(story(1), expected={})
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert journal.append(story(2)[1:], expected={}) == (1,)
        assert journal.head().size == 2


def test_server_that_is_gone_is_out_of_reach(story: Story) -> None:
    """Nothing of the driver's or of SQLAlchemy's reaches the reader."""
    with running_cluster(durable=False) as cluster:
        journal = open_postgres(cluster.new_database(), fold=fold, space="a")
        journal.append(story(1), expected={})
    try:
        with pytest.raises(JournalUnreachable):
            journal.append(story(2)[1:], expected={})
        with pytest.raises(JournalUnreachable):
            journal.head()
    finally:
        journal.close()
