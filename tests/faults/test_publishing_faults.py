"""Publishing when any step of a write fails, and when several publishers race."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.faults.failing_files import fail_step
from tests.faults.published import check_bundles, check_tiles

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.tile_store import TileFolder, TilesUnreachable
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.verification import publish_checkpoint
from assay.app.ports import Journal
from assay.errors import VerificationFailed
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.tiles import Tile

Story = Callable[[int], list[Event]]
Publish = Callable[[Journal, Ed25519Signer, TileFolder], object]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
STEPS_MAX = 60


def _check(folder: Path, publish: Publish) -> int:
    if publish is publish_bundles:
        return len(check_bundles(folder, SIGNER.public_key))
    return check_tiles(folder, SIGNER.public_key)


@pytest.mark.parametrize("publish", [publish_tiles, publish_bundles])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_step_may_fail(tmp_path: Path, story: Story, publish: Publish, after: bool) -> None:
    """Whatever fails, what is published verifies, as it was or grown, and can go on."""
    told = story(260)
    for number in range(1, STEPS_MAX):
        folder = tmp_path / str(number)
        journal = MemoryJournal(fold=fold)
        journal.append(told[:250], expected={})
        publish(journal, SIGNER, TileFolder(folder))
        journal.append(told[250:], expected={})
        with pytest.MonkeyPatch.context() as patch:
            struck = fail_step(patch, number, after=after)
            failed = False
            try:
                publish(journal, SIGNER, TileFolder(folder))
            except TilesUnreachable:
                failed = True
        assert failed is struck()
        assert _check(folder, publish) in ({250, 260} if failed else {260})
        publish(journal, SIGNER, TileFolder(folder))
        assert _check(folder, publish) == 260
        assert not [path for path in folder.rglob(".*.*") if path.is_file()]
        if not failed:
            break
    assert 8 < number < STEPS_MAX - 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_step_of_the_first_publication_may_fail(
    tmp_path: Path, story: Story, after: bool
) -> None:
    """Until the first checkpoint there is none; nothing that was left behind is in the way."""
    told = story(3)
    for number in range(1, STEPS_MAX):
        folder = tmp_path / str(number) / "log"
        journal = MemoryJournal(fold=fold)
        journal.append(told, expected={})
        with pytest.MonkeyPatch.context() as patch:
            struck = fail_step(patch, number, after=after)
            failed = False
            try:
                publish_tiles(journal, SIGNER, TileFolder(folder))
            except TilesUnreachable:
                failed = True
        assert failed is struck()
        if (folder / "checkpoint").exists():
            assert check_tiles(folder, SIGNER.public_key) == 3
        publish_tiles(journal, SIGNER, TileFolder(folder))
        assert check_tiles(folder, SIGNER.public_key) == 3
        if not failed:
            break
    assert 8 < number < STEPS_MAX - 1


def test_a_signature_that_was_not_kept_is_not_published(tmp_path: Path, story: Story) -> None:
    """If the journal cannot keep the signed note, the folder stays as it was."""
    journal = MemoryJournal(fold=fold)
    journal.append(story(4)[:2], expected={})
    publish_tiles(journal, SIGNER, TileFolder(tmp_path))
    journal.append(story(4)[2:], expected={})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryJournal, "add_checkpoint", _refuse)
        with pytest.raises(VerificationFailed):
            publish_tiles(journal, SIGNER, TileFolder(tmp_path))
    assert check_tiles(tmp_path, SIGNER.public_key) == 2


def _refuse(*_: object) -> None:
    raise VerificationFailed("The database is gone.")


def test_publishers_may_race(tmp_path: Path, story: Story) -> None:
    """Processes append and publish at once, to the same folders; none corrupts another's."""
    told = story(3)
    path = tmp_path / "journal.sqlite"
    with open_sqlite(path, fold=fold) as journal:
        journal.append(told, expected={})
    children = [_fork(lambda: _append_and_publish(path, tmp_path, told[2])) for _ in range(3)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0, 0]
    with open_sqlite(path, fold=fold) as journal:
        publish_tiles(journal, SIGNER, TileFolder(tmp_path / "log"))
        publish_bundles(journal, SIGNER, TileFolder(tmp_path / "bundles"))
    assert check_tiles(tmp_path / "log", SIGNER.public_key) == 3 + 3 * 90
    assert len(check_bundles(tmp_path / "bundles", SIGNER.public_key)) == 3 + 3 * 90


class Guarded(TileFolder):
    """A folder that is used only by who holds its lock."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._lock = root / ".lock"
        self.used = 0

    def checkpoint(self) -> bytes | None:
        """As the base, once nobody else can take the lock."""
        self._demand_lock()
        return super().checkpoint()

    def set_checkpoint(self, note: bytes) -> None:
        """As the base, once nobody else can take the lock."""
        self._demand_lock()
        super().set_checkpoint(note)

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """As the base, once nobody else can take the lock."""
        self._demand_lock()
        super().add(tiles)

    def _demand_lock(self) -> None:
        self.used += 1
        with self._lock.open("r+b") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_one_publishes_while_others_wait(tmp_path: Path, story: Story) -> None:
    """From the first look at the checkpoint until it was replaced, nobody else may begin."""
    journal, folder = MemoryJournal(fold=fold), Guarded(tmp_path)
    journal.append(story(300), expected={})
    publish_tiles(journal, SIGNER, folder)
    assert folder.used > 2
    with (tmp_path / ".lock").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_publisher_killed_at_any_moment_leaves_a_whole_log(tmp_path: Path, story: Story) -> None:
    """SIGKILL after the n-th step of a write: the lock is let go, and the log verifies."""
    told, folder = story(40), tmp_path / "log"
    with open_sqlite(tmp_path / "journal.sqlite", fold=fold) as journal:
        journal.append(told[:2], expected={})
        publish_tiles(journal, SIGNER, TileFolder(folder))
    for number in range(1, 16):
        with open_sqlite(tmp_path / "journal.sqlite", fold=fold) as journal:
            journal.append(told[1 + number : 2 + number], expected={})
            publish_checkpoint(journal, SIGNER)
        child = _fork(lambda: _die_publishing(tmp_path / "journal.sqlite", folder, number))  # noqa: B023 - runs now
        os.waitpid(child, 0)
        assert check_tiles(folder, SIGNER.public_key) in {1 + number, 2 + number}
        with open_sqlite(tmp_path / "journal.sqlite", fold=fold) as journal:
            publish_tiles(journal, SIGNER, TileFolder(folder))
        assert check_tiles(folder, SIGNER.public_key) == 2 + number


def _append_and_publish(path: Path, folder: Path, told: Event) -> None:
    with open_sqlite(path, fold=fold) as journal:
        for _ in range(6):
            for _ in range(15):
                journal.append([told], expected={})
            _publish_both(journal, folder)


def _publish_both(journal: SqlJournal, folder: Path) -> None:
    publish_tiles(journal, SIGNER, TileFolder(folder / "log"))
    publish_bundles(journal, SIGNER, TileFolder(folder / "bundles"))


def _die_publishing(path: Path, folder: Path, number: int) -> None:
    with open_sqlite(path, fold=fold) as journal, pytest.MonkeyPatch.context() as patch:
        fail_step(patch, number, after=True, fault=lambda: os.kill(os.getpid(), 9))
        publish_tiles(journal, SIGNER, TileFolder(folder))


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)
