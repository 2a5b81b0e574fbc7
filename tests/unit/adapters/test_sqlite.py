"""The SQLite file: how it is opened, what is refused, and what is left as it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.adapters.sql import sqlite
from assay.adapters.sql.database import JournalBusy, JournalDamaged, JournalUnreachable
from assay.adapters.sql.heads import SpaceMissing
from assay.adapters.sql.schema import JournalForeign, JournalMissing, JournalTooNew
from assay.adapters.sql.sqlite import open_sqlite
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.merkle import DamagedFrontier

Story = Callable[[int], list[Event]]


@pytest.fixture
def path(tmp_path: Path, story: Story) -> Path:
    """A closed journal of five entries."""
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(story(5), expected={})
    return path


def test_closed_journal_is_one_file(path: Path) -> None:
    """Nothing lies beside it once it is closed."""
    assert [file.name for file in path.parent.iterdir()] == ["journal.sqlite"]


def test_commits_are_durable(path: Path) -> None:
    """A commit is in the write-ahead log and synced before it returns."""
    with (
        open_sqlite(path, fold=fold) as journal,
        journal._database.reading() as connection,
    ):
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_reading_leaves_no_trace(path: Path) -> None:
    """A read-only journal makes no file, changes no byte, and needs no right to write."""
    before = path.read_bytes()
    path.chmod(0o444)
    with open_sqlite(path, fold=fold, read_only=True) as journal:
        assert journal.head().size == 5
        assert [file.name for file in path.parent.iterdir()] == ["journal.sqlite"]
    assert path.read_bytes() == before


def test_reading_beside_a_writer_sees_what_is_committed(path: Path, story: Story) -> None:
    """While a writer has the journal open, a reader sees each commit."""
    with open_sqlite(path, fold=fold) as writer:
        writer.append(story(6)[5:], expected={})
        with open_sqlite(path, fold=fold, read_only=True) as reader:
            assert reader.head().size == 6
            writer.append(story(7)[6:], expected={})
            assert reader.head().size == 7


def test_file_written_under_a_lockless_reader_is_not_believed(path: Path, story: Story) -> None:
    """A reader that took no lock notices that somebody wrote, and says to try again."""
    with open_sqlite(path, fold=fold, read_only=True) as reader:
        with open_sqlite(path, fold=fold) as writer:
            writer.append(story(6)[5:], expected={})
            with pytest.raises(JournalBusy):
                reader.head()
        with pytest.raises(JournalBusy):
            list(reader.entries())


def test_readonly_journal_cannot_append(path: Path, story: Story) -> None:
    """Nothing is written through a read-only journal."""
    with (
        open_sqlite(path, fold=fold, read_only=True) as journal,
        pytest.raises(JournalUnreachable),
    ):
        journal.append(story(6)[5:], expected={})


def test_missing_journal_is_said_to_be_missing(tmp_path: Path) -> None:
    """Reading makes no journal."""
    with pytest.raises(JournalMissing) as caught:
        open_sqlite(tmp_path / "absent.sqlite", fold=fold, read_only=True)
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_out_of_reach(tmp_path: Path) -> None:
    """A file in a folder that does not exist cannot be made."""
    with pytest.raises(JournalUnreachable):
        open_sqlite(tmp_path / "absent" / "journal.sqlite", fold=fold)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("content", [b"not a database at all", b"x" * 10_000])
def test_file_that_is_no_database_is_refused(
    tmp_path: Path, content: bytes, read_only: bool
) -> None:
    """A file of something else is refused and left as it is."""
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    with pytest.raises(JournalDamaged):
        open_sqlite(path, fold=fold, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [False, True])
def test_database_of_something_else_is_refused(tmp_path: Path, read_only: bool) -> None:
    """Another program's database is refused and left as it is."""
    path = tmp_path / "journal.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalForeign):
        open_sqlite(path, fold=fold, read_only=read_only)
    assert path.read_bytes() == before


def test_empty_file_becomes_a_journal_only_for_a_writer(tmp_path: Path) -> None:
    """An empty file is an empty database to SQLite, and no journal to a reader."""
    path = tmp_path / "journal.sqlite"
    path.touch()
    with pytest.raises(JournalForeign):
        open_sqlite(path, fold=fold, read_only=True)
    open_sqlite(path, fold=fold).close()
    open_sqlite(path, fold=fold, read_only=True).close()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE assay_schema SET version = 99", JournalTooNew),
        ("UPDATE assay_schema SET version = 0", JournalDamaged),
        ("UPDATE heads SET space = 'another'", SpaceMissing),
        ("UPDATE heads SET frontier = x'00'", DamagedFrontier),
        ("UPDATE heads SET time = 'noon'", JournalDamaged),
        ("UPDATE heads SET size = 'five'", JournalDamaged),
        ("DROP TABLE entries", JournalDamaged),
    ],
)
def test_what_contradicts_itself_is_refused(
    path: Path, statement: str, error: type[Exception]
) -> None:
    """A later schema, a damaged head or a lost table has an error of ours, never a driver's."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()

    def read() -> None:
        with open_sqlite(path, fold=fold, read_only=True) as journal:
            journal.head()
            list(journal.entries())

    with pytest.raises(error):
        read()


@pytest.mark.parametrize("read_only", [False, True])
def test_later_schema_is_left_alone(path: Path, read_only: bool) -> None:
    """A journal of a later Assay is neither read nor changed by this one."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE assay_schema SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(JournalTooNew) as caught:
        open_sqlite(path, fold=fold, read_only=read_only)
    assert "Upgrade" in caught.value.remedy


def test_a_journal_held_for_too_long_is_busy(
    path: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is not given up in time is said to be someone else's."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with open_sqlite(path, fold=fold) as journal, pytest.raises(JournalBusy):
            journal.append(story(6)[5:], expected={})
    finally:
        holder.close()


def test_spaces_of_one_database_are_apart(tmp_path: Path, story: Story) -> None:
    """Each space has its own indices, records and counts."""
    path = tmp_path / "hub.sqlite"
    with (
        open_sqlite(path, fold=fold, space="a") as a,
        open_sqlite(path, fold=fold, space="b") as b,
    ):
        a.append(story(6), expected={})
        b.append(story(3), expected={})
        assert (a.head().size, b.head().size) == (6, 3)
        assert b.head().root == a.frontier(3).root
        assert len(list(b.entries())) == 3
        assert {index for index, _ in b.history()} == {0, 1, 2}
        assert b.revision(story(4)[3].subject) == 0
        b.add_checkpoint(3, b"note")
        assert a.last_checkpoint() is None


def test_no_dialect_of_a_server_is_loaded(path: Path) -> None:
    """SQLite needs no other database's modules."""
    script = (
        "import sys; from pathlib import Path; from assay.governance.fold import fold;"
        "from assay.adapters.sql.sqlite import open_sqlite;"
        f"open_sqlite(Path({str(path)!r}), fold=fold).head();"
        "names = [n.split('.') for n in sys.modules if n.startswith('sqlalchemy.dialects.')];"
        "print(sorted({name[2] for name in names} - {'_typing'}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "['sqlite']"
