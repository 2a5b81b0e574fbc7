"""The journal when writes fail, processes die and disks fill up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as listening

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql.database import JournalUnreachable
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.statements import Statement
from assay.app.verification import publish_checkpoint, verify_journal
from assay.governance.events import Event
from assay.governance.fold import fold

Story = Callable[[int], list[Event]]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
WRITERS = Path(__file__).with_name("writers.py")

STATEMENTS_MAX = 60
"""More than an append and a publication take; the matrix ends where no statement is left."""


class Fault(Exception):
    """A write failed."""


def _verified_size(path: Path) -> int:
    with open_sqlite(path, fold=fold, read_only=True) as journal:
        report = verify_journal(
            journal,
            origin=SIGNER.name,
            verifiers=[SIGNER.verifier],
            blobs=MemoryBlobs(),
            fold=fold,
            state=True,
        )
    return report.size


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
def test_every_statement_may_fail(tmp_path: Path, story: Story, after: bool) -> None:
    """Whichever statement of an append or publication fails, the journal is whole."""
    told = story(24)
    path = tmp_path / "journal.sqlite"
    size = 0
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:3], expected={})
        publish_checkpoint(journal, SIGNER)
        size = 3
    for number in range(1, STATEMENTS_MAX):
        batch = told[size : size + 1]
        with open_sqlite(path, fold=fold) as journal, pytest.MonkeyPatch.context() as patch:
            _fail_statement(patch, journal, number, after=after)
            failed = acknowledged = False
            try:
                journal.append(batch, expected={})
                acknowledged = True
                publish_checkpoint(journal, SIGNER)
            except Fault:
                failed = True
        found = _verified_size(path)
        assert found == size + acknowledged
        size = found
        if not failed:
            break
    assert 10 < number < STATEMENTS_MAX - 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_commit_may_fail(
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """A commit that fails before it persists left nothing; one that fails after left all."""
    told = story(40)
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:3], expected={})
    size, persisted = 3, []
    for number in range(1, 20):
        with open_sqlite(path, fold=fold) as journal:
            _fail_commit(monkeypatch, journal, number, after=after)
            failed = acknowledged = False
            try:
                journal.append(told[size : size + 2], expected={})
                acknowledged = True
                publish_checkpoint(journal, SIGNER)
            except Fault:
                failed = True
        found = _verified_size(path)
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
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very journal object whose append failed can append again."""
    told = story(6)
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:2], expected={})
        _fail_statement(monkeypatch, journal, 6, after=True)
        with pytest.raises(Fault):
            journal.append(told[2:4], expected={})
        assert journal.append(told[2:6], expected={}) == (2, 3, 4, 5)
    assert _verified_size(path) == 6


def test_full_disk_loses_nothing(tmp_path: Path, story: Story) -> None:
    """An append that the disk has no room for is refused whole, and says what to do."""
    told = story(400)
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told[:5], expected={})
        with journal._database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(JournalUnreachable) as caught:
            journal.append(told[5:], expected={})
        assert "space" in caught.value.remedy
        with journal._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert journal.append(told[5:], expected={})[-1] == 399
    assert _verified_size(path) == 400


def _run(*arguments: object) -> dict[str, int]:
    command = [sys.executable, str(WRITERS), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, int] = json.loads(ended.stdout)
    return answer


def test_killed_writer_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """After SIGKILL at random moments the journal opens, is whole, and verifies."""
    assert _run("killed", tmp_path, 10, 1)["rounds"] == 10


@pytest.mark.slow
def test_writer_killed_200_times_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """The same, often enough to meet every stage of a commit."""
    answer = _run("killed", tmp_path, 200, 2)
    assert answer["rounds"] == 200
    assert answer["committed_but_unacknowledged"] > 0


def test_two_writers_at_once(tmp_path: Path) -> None:
    """Two processes that append to one guarded subject and publish take turns."""
    assert _run("together", tmp_path, 25) == {"entries": 50}


@pytest.mark.slow
def test_two_writers_for_long(tmp_path: Path) -> None:
    """The same with thousands of turns."""
    assert _run("together", tmp_path, 1_500) == {"entries": 3_000}
