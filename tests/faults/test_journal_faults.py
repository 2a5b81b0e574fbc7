"""The journal when writes fail, processes die and disks fill up."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as listening
from tests.postgres import Cluster, new_cluster, running

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql import rebuilding
from assay.adapters.sql.database import JournalBusy, JournalUnreachable
from assay.adapters.sql.filling import Filling
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.statements import Statement
from assay.app.log.verification import publish_checkpoint, verify_journal
from assay.governance.events import Event
from assay.governance.fold import fold

Story = Callable[[int], list[Event]]
Open = Callable[..., SqlJournal]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
WRITERS = Path(__file__).with_name("writers.py")

STATEMENTS_MAX = 150
"""More than an append and a publication take; the matrix ends where no statement is left."""


class Fault(Exception):
    """A write failed."""


class Place:
    """An empty place for one journal, in either database."""

    def __init__(self, open_journal: Open, *, place: str) -> None:
        self.open = open_journal
        self.place = place

    def verified_size(self) -> int:
        """The size of the journal, once all of it was verified through a new connection."""
        with self.open(read_only=True) as journal:
            report = verify_journal(
                journal,
                origin=SIGNER.name,
                verifiers=[SIGNER.verifier],
                blobs=MemoryBlobs(),
                fold=fold,
                state=True,
            )
        return report.size


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place in each database; commits wait for the disk."""
    if request.param == "sqlite":
        path = tmp_path / "journal.sqlite"
        return Place(lambda **how: open_sqlite(path, fold=fold, **how), place=str(tmp_path))
    url = request.getfixturevalue("durable_postgres").new_schema()
    return Place(lambda **how: open_postgres(url, fold=fold, space="a", **how), place=url)


def _fail_statement(
    monkeypatch: pytest.MonkeyPatch, journal: SqlJournal, number: int, *, after: bool
) -> None:
    """Let the n-th statement from now on fail, before or after the database ran it."""
    count = 0

    def strike(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            raise Fault

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def struck(*arguments: Any) -> Any:
            if not after:
                strike()
            result = call(*arguments)
            if after:
                strike()
            return result

        return struck

    # Some statements go through SQLAlchemy, those of an append to the driver.
    name = "after_cursor_execute" if after else "before_cursor_execute"
    listening.listen(journal._database.engine, name, strike)
    for way in ("rows", "run"):
        monkeypatch.setattr(Statement, way, wrap(getattr(Statement, way)))
    kind = type(journal._database)
    monkeypatch.setattr(kind, "insert", wrap(kind.insert))


def _fail_commit(
    monkeypatch: pytest.MonkeyPatch, journal: SqlJournal, number: int, *, after: bool
) -> None:
    """Let the n-th commit from now on fail, before or after it persisted."""
    dialect = journal._database.engine.dialect
    commit, count = dialect.do_commit, 0

    def strike(connection: Any) -> None:
        nonlocal count
        count += 1
        if count == number and not after:
            raise Fault
        commit(connection)
        if count == number:
            raise Fault

    monkeypatch.setattr(dialect, "do_commit", strike)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_statement_may_fail(place: Place, story: Story, after: bool) -> None:
    """Whichever statement of an append or publication fails, the journal is whole."""
    told = story(34)
    with place.open() as journal:
        journal.append(told[:3], expected={})
        publish_checkpoint(journal, SIGNER)
    size = 3
    for number in range(1, STATEMENTS_MAX):
        batch = told[size : size + 1]
        with place.open() as journal, pytest.MonkeyPatch.context() as patch:
            _fail_statement(patch, journal, number, after=after)
            failed = acknowledged = False
            try:
                journal.append(batch, expected={})
                acknowledged = True
                publish_checkpoint(journal, SIGNER)
            except Fault:
                failed = True
        found = place.verified_size()
        assert found == size + acknowledged
        size = found
        if not failed:
            break
    assert 10 < number < STATEMENTS_MAX - 1


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_statement_of_a_rebuild_may_fail(
    place: Place, story: Story, after: bool, stride: int
) -> None:
    """Whichever fails, the records that stood or the new ones are read, whole; it goes on."""
    told = story(12)
    with place.open() as journal:
        journal.append(told[:8], expected={})
        publish_checkpoint(journal, SIGNER)
    for number in range(1, STATEMENTS_MAX, stride):
        with place.open() as journal, pytest.MonkeyPatch.context() as patch:
            _fail_statement(patch, journal, number, after=after)
            failed = False
            try:
                journal.rebuild()
            except Fault:
                failed = True
        assert place.verified_size() == 8
        if not failed:
            break
    assert 20 < number < STATEMENTS_MAX - stride
    with place.open() as journal:
        journal.append(told[8:], expected={})
        assert journal.rebuild() == 12
        with journal._database.reading() as connection:
            for table in ("records", "places", "lists", "subjects"):
                query = f"SELECT count(DISTINCT projection) FROM {table}"
                assert connection.exec_driver_sql(query).scalar_one() == 1
    assert place.verified_size() == 12


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_commit_may_fail(
    place: Place, story: Story, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """A commit that fails before it persists left nothing; one that fails after left all."""
    told = story(40)
    with place.open() as journal:
        journal.append(told[:3], expected={})
    size, persisted = 3, []
    for number in range(1, 20):
        with place.open() as journal:
            _fail_commit(monkeypatch, journal, number, after=after)
            failed = acknowledged = False
            try:
                journal.append(told[size : size + 2], expected={})
                acknowledged = True
                publish_checkpoint(journal, SIGNER)
            except Fault:
                failed = True
        found = place.verified_size()
        assert found in {size, size + 2}
        assert found == size + 2 or not acknowledged
        if failed and not acknowledged:
            persisted.append(found == size + 2)
        size = found
        if not failed:
            break
    assert number < 19
    assert persisted == [after]


def test_append_goes_on_after_a_fault(
    place: Place, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very journal object whose append failed can append again."""
    told = story(6)
    with place.open() as journal:
        journal.append(told[:2], expected={})
        _fail_statement(monkeypatch, journal, 6, after=True)
        with pytest.raises(Fault):
            journal.append(told[2:4], expected={})
        assert journal.append(told[2:6], expected={}) == (2, 3, 4, 5)
    assert place.verified_size() == 6


def test_others_append_while_records_are_rebuilt(
    place: Place, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is appended during a rebuild is in the new records: caught up, or waited for."""
    told = story(300)
    monkeypatch.setattr(rebuilding, "_CHUNK", 20)
    monkeypatch.setattr(rebuilding, "_FEW", 5)
    with place.open() as journal, place.open() as other:
        journal.append(told[:100], expected={})
        appended = 100

        def between(step: Callable[..., Any]) -> Callable[..., Any]:
            def others_append(*arguments: Any, **options: Any) -> Any:
                nonlocal appended
                if appended < 200:
                    other.append(told[appended : appended + 10], expected={})
                    appended += 10
                return step(*arguments, **options)

            return others_append

        monkeypatch.setattr(Filling, "take", between(Filling.take))
        monkeypatch.setattr(Filling, "finish", between(Filling.finish))
        monkeypatch.setattr(rebuilding, "_size", between(rebuilding._size))
        assert journal.rebuild() == appended == 200
        other.append(told[appended:], expected={})
        publish_checkpoint(other, SIGNER)
    assert place.verified_size() == 300


def test_a_later_rebuild_takes_over(
    place: Place, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two at once the one that began first gives up, and the records are whole."""
    with place.open() as journal, place.open() as other:
        journal.append(story(60), expected={})
        finish = Filling.finish
        began = False

        def finish_while_another_rebuilds(filling: Any) -> None:
            nonlocal began
            if not began:
                began = True
                assert other.rebuild() == 60
            finish(filling)

        monkeypatch.setattr(Filling, "finish", finish_while_another_rebuilds)
        with pytest.raises(JournalBusy, match="Another rebuild"):
            journal.rebuild()
        publish_checkpoint(journal, SIGNER)
    assert place.verified_size() == 60


def test_full_file_loses_nothing(tmp_path: Path, story: Story) -> None:
    """An append that SQLite has no room for is refused whole, and says what to do."""
    told = story(400)
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:5], expected={})
        with journal._database.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(JournalUnreachable) as caught:
            journal.append(told[5:], expected={})
        assert "space" in caught.value.remedy
        with journal._database.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert journal.append(told[5:], expected={})[-1] == 399
    place = Place(lambda **how: open_sqlite(path, fold=fold, **how), place=str(tmp_path))
    assert place.verified_size() == 400


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 96 MiB of its own, where this user may mount one."""
    with tempfile.TemporaryDirectory(prefix="assay-disk-") as name:
        disk = Path(name)
        disk.chmod(0o755)
        words = ["mount", "-t", "tmpfs", "-o", "size=96m,mode=755", "tmpfs", name]
        if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("Only a system's administrator can mount a small disk.")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def _append_until_full(place: Place, told: list[Event], disk: Path) -> int:
    """How many were acknowledged before the disk was full, which is then no longer so."""
    ballast, refused = disk / "ballast", ""
    with place.open() as journal:
        journal.append(told[:10], expected={})
        publish_checkpoint(journal, SIGNER)
        acknowledged = 10
        ballast.write_bytes(bytes(_free(disk) - (3 << 18)))
        try:
            while acknowledged < len(told):
                journal.append(told[acknowledged : acknowledged + 50], expected={})
                acknowledged += 50
        except JournalUnreachable as error:
            refused = error.remedy
    assert "space" in refused
    assert 10 < acknowledged < len(told)
    ballast.unlink()
    return acknowledged


def _go_on(place: Place, told: list[Event], acknowledged: int) -> None:
    assert place.verified_size() == acknowledged
    with place.open() as journal:
        journal.append(told[acknowledged:], expected={})
        publish_checkpoint(journal, SIGNER)
    assert place.verified_size() == len(told)


def test_full_disk_loses_nothing(small_disk: Path, story: Story) -> None:
    """Appends to SQLite fail whole once the disk is full, and go on when it is not."""
    told, path = story(1500), small_disk / "journal.sqlite"
    place = Place(lambda **how: open_sqlite(path, fold=fold, **how), place=str(small_disk))
    _go_on(place, told, _append_until_full(place, told, small_disk))


def test_full_disk_of_a_server_loses_nothing(small_disk: Path, story: Story) -> None:
    """PostgreSQL refuses, or stops when it cannot write its log; restarted, it has all."""
    told = story(1500)
    with new_cluster(within=small_disk) as folder:
        with running(folder, durable=True) as cluster:
            place = _in_cluster(cluster)
            acknowledged = _append_until_full(place, told, small_disk)
        with running(folder, durable=True) as cluster:
            _go_on(place, told, acknowledged)


def _in_cluster(cluster: Cluster) -> Place:
    url = cluster.url()
    return Place(lambda **how: open_postgres(url, fold=fold, space="for-ever", **how), place=url)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _run(*arguments: object) -> dict[str, int]:
    command = [sys.executable, str(WRITERS), *map(str, arguments)]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=3_600, check=False, env=_environment()
    )
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, int] = json.loads(ended.stdout)
    return answer


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(WRITERS.parents[2])}


def test_killed_writer_loses_nothing_acknowledged(place: Place) -> None:
    """After SIGKILL at random moments the journal opens, is whole, and verifies."""
    assert _run("killed", place.place, 10, 1)["rounds"] == 10


@pytest.mark.slow
def test_writer_killed_200_times_loses_nothing_acknowledged(place: Place) -> None:
    """The same, often enough to meet every stage of a commit."""
    answer = _run("killed", place.place, 200, 2)
    assert answer["rounds"] == 200
    assert answer["committed_but_unacknowledged"] > 5


def test_writers_that_take_turns_know_what_the_other_wrote(place: Place, story: Story) -> None:
    """What an append remembers for the next is forgotten once somebody else has appended."""
    told = story(90)
    with place.open() as one, place.open() as other:
        for start in range(0, 90, 10):
            writer = other if start % 30 == 10 else one
            writer.append(told[start : start + 10], expected={})
            if start == 50:
                other.rebuild()
        publish_checkpoint(one, SIGNER)
    assert place.verified_size() == 90


def test_two_writers_at_once(place: Place) -> None:
    """Two processes that append to one guarded subject and publish take turns."""
    assert _run("together", place.place, 2)["least"] > 0


@pytest.mark.slow
def test_two_writers_for_a_minute(place: Place) -> None:
    """The same for long, with many turns of each."""
    assert _run("together", place.place, 60)["least"] > 20


@pytest.mark.parametrize("rounds", [1, pytest.param(30, marks=pytest.mark.slow)])
def test_server_that_crashes_loses_nothing_acknowledged(rounds: int) -> None:
    """PostgreSQL is cut off while a writer appends; recovered, it has all that was told."""
    draw, known = random.Random(rounds), 0
    with new_cluster() as folder:
        for _ in range(rounds):
            with running(folder, durable=True) as cluster:
                writer = subprocess.Popen(
                    [sys.executable, str(WRITERS), "for-ever", cluster.url(), "1"],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                )
                assert writer.stdout is not None
                told = [writer.stdout.readline() for _ in range(draw.randint(1, 30))]
            told += writer.stdout.readlines()
            assert writer.wait(timeout=60) != 0
            writer.stdout.close()
            known = max(known, *(int(line) for line in told if line.endswith(b"\n")))
            with running(folder, durable=True) as cluster:
                assert _in_cluster(cluster).verified_size() >= known
