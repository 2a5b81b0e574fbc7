"""Publishing a log to folders: what is written, what is refused, and that others can read it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from tests.faults.published import check_bundles, check_tiles

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.adapters.tile_store import TileAbsent, TileConflict, TileFolder, TilesUnreachable
from assay.app.log.publishing import (
    JournalBehind,
    LogForked,
    publish_bundles,
    publish_tiles,
)
from assay.app.log.verification import PublishingRefused
from assay.app.log.verifying.published import TilesDiffer
from assay.app.ports import Entry
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.tiles import Tile

Story = Callable[[int], list[Event]]
Publish = Callable[[MemoryJournal, Ed25519Signer, TileFolder], object]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
OTHER = Ed25519Signer.from_seed("example.org/log", b"o" * 32)
BOTH = pytest.mark.parametrize("publish", [publish_tiles, publish_bundles])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the log is published; nothing is there yet."""
    return tmp_path / "public" / "log"


def _journal(events: list[Event]) -> MemoryJournal:
    journal = MemoryJournal(fold=fold)
    journal.append(events, expected={})
    return journal


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_an_independent_reader_verifies_what_is_published(folder: Path, story: Story) -> None:
    """At each published size, across full tiles and several levels, the signed root follows."""
    journal, told, size = MemoryJournal(fold=fold), story(600), 0
    for grown in (1, 2, 255, 256, 257, 512, 600):
        journal.append(told[size:grown], expected={})
        publication = publish_tiles(journal, SIGNER, TileFolder(folder))
        assert (publication.added, publication.checkpoint.size) == (grown - size, grown)
        publish_bundles(journal, SIGNER, TileFolder(folder / "bundles", confidential=True))
        size = grown
        assert check_tiles(folder, SIGNER.public_key) == size
        entries = check_bundles(folder / "bundles", SIGNER.public_key)
        assert entries == [event.entry() for event in told[:size]]


def test_an_empty_log_is_published(folder: Path) -> None:
    """A log without entries has a checkpoint and no tile."""
    publish_tiles(MemoryJournal(fold=fold), SIGNER, TileFolder(folder))
    assert check_tiles(folder, SIGNER.public_key) == 0
    assert list(_files(folder)) == ["checkpoint"]


@BOTH
def test_what_was_published_stays(folder: Path, story: Story, publish: Publish) -> None:
    """Each file but the checkpoint is written once, and stays until it has a full one."""
    journal, told, size = MemoryJournal(fold=fold), story(600), 0
    before: dict[str, bytes] = {}
    for grown in (3, 3, 250, 300, 511, 512, 600):
        if grown > size:
            journal.append(told[size:grown], expected={})
        publish(journal, SIGNER, TileFolder(folder))
        after = _files(folder)
        assert (after == before) == (grown == size)
        for name, data in before.items():
            outgrown = ".p/" in name and name.partition(".p/")[0] in after
            assert name == "checkpoint" or after.get(name) == (None if outgrown else data)
        size, before = grown, after


class Large(MemoryJournal):
    """A journal of many small entries, put there without folding any."""

    def __init__(self, size: int) -> None:
        super().__init__(fold=fold)
        data = [index.to_bytes(4, "big") for index in range(size)]
        self._entries = [
            Entry(index=index, data=item, leaf_hash=leaf_hash(item))
            for index, item in enumerate(data)
        ]
        self._edge = Frontier().extend(entry.leaf_hash for entry in self._entries)


class Rotten(TileFolder):
    """A disk that gives back other bytes than it took for one tile."""

    def __init__(self, root: Path, tile: Tile) -> None:
        super().__init__(root)
        self._tile = tile

    def read(self, tile: Tile) -> bytes:
        """The bytes, of that tile with the last bit changed."""
        data = super().read(tile)
        return data[:-1] + bytes([data[-1] ^ 1]) if tile == self._tile else data


def test_tiles_of_three_levels(tmp_path: Path) -> None:
    """The levels above the leaves are written, and read back like these."""
    journal = Large(66_000)
    publish_tiles(journal, SIGNER, TileFolder(tmp_path / "log"))
    assert check_tiles(tmp_path / "log", SIGNER.public_key) == 66_000
    with pytest.raises(TilesDiffer):
        publish_tiles(journal, SIGNER, Rotten(tmp_path / "rotten", Tile(1, 0)))
    assert not (tmp_path / "rotten" / "checkpoint").exists()


class Watched(MemoryJournal):
    """A journal that remembers from where it was read."""

    asked: ClassVar[list[int]] = []

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """As the base, noted."""
        self.asked.append(start)
        return super().entries(start)


def test_only_new_entries_are_read(folder: Path, story: Story) -> None:
    """To go on, a publisher needs the last tiles and the entries since."""
    journal, told = Watched(fold=fold), story(530)
    journal.append(told[:520], expected={})
    publish_tiles(journal, SIGNER, TileFolder(folder))
    for full in ("tile/0/000", "tile/0/001"):
        (folder / full).unlink()
    journal.append(told[520:], expected={})
    journal.asked.clear()
    assert publish_tiles(journal, SIGNER, TileFolder(folder)).added == 10
    assert min(journal.asked) == 520


def test_hashes_are_for_everyone_and_bundles_are_not(folder: Path, story: Story) -> None:
    """A web server can read tiles and checkpoint; nobody but the owner reads entries."""
    journal = _journal(story(3))
    publish_tiles(journal, SIGNER, TileFolder(folder))
    publish_bundles(journal, SIGNER, TileFolder(folder / "bundles", confidential=True))
    assert not [name for name in _files(folder) if name.startswith("tile/entries")]
    for path in (folder / "tile" / "0" / "000.p" / "3", folder / "checkpoint"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    for path in (folder / "bundles").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@BOTH
def test_an_old_backup_is_refused(folder: Path, story: Story, publish: Publish) -> None:
    """A journal behind what was published signs nothing and writes nothing."""
    publish(_journal(story(9)), SIGNER, TileFolder(folder))
    restored, before = _journal(story(5)), _files(folder)
    with pytest.raises(JournalBehind):
        publish(restored, SIGNER, TileFolder(folder))
    assert _files(folder) == before
    assert restored.last_checkpoint() is None


@BOTH
def test_an_old_backup_that_went_on_is_refused(
    folder: Path, story: Story, publish: Publish
) -> None:
    """A journal that grew past what was published by other entries is a fork."""
    publish(_journal(story(9)), SIGNER, TileFolder(folder))
    forked, before = _journal([*story(7), *story(12)[9:]]), _files(folder)
    with pytest.raises(LogForked):
        publish(forked, SIGNER, TileFolder(folder))
    assert _files(folder) == before
    assert forked.last_checkpoint() is None


@BOTH
def test_another_keys_folder_is_refused(folder: Path, story: Story, publish: Publish) -> None:
    """A folder that another key signed is not published over."""
    publish(_journal(story(9)), OTHER, TileFolder(folder))
    with pytest.raises(PublishingRefused):
        publish(_journal(story(9)), SIGNER, TileFolder(folder))


@pytest.mark.parametrize("name", ["tile/0/001.p/44", "tile/1/000.p/1"])
@pytest.mark.parametrize("bit", [0, 77, 255])
def test_a_changed_bit_at_the_edge_is_noticed(
    folder: Path, story: Story, name: str, bit: int
) -> None:
    """Nothing is built on tiles that do not hash to the signed root."""
    journal = _journal(story(300))
    publish_tiles(journal, SIGNER, TileFolder(folder))
    data = bytearray((folder / name).read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    (folder / name).write_bytes(data)
    journal.append(story(301)[300:], expected={})
    before = _files(folder)
    with pytest.raises(TilesDiffer):
        publish_tiles(journal, SIGNER, TileFolder(folder))
    assert _files(folder) == before


@BOTH
def test_a_tile_of_another_log_is_not_replaced(
    folder: Path, story: Story, publish: Publish
) -> None:
    """Where a tile was written that no checkpoint covers, other bytes are a conflict."""
    publish(_journal(story(10)[7:]), SIGNER, TileFolder(folder))
    (folder / "checkpoint").unlink()
    with pytest.raises(TileConflict):
        publish(_journal(story(3)), SIGNER, TileFolder(folder))
    assert not (folder / "checkpoint").exists()


@pytest.mark.parametrize(
    ("publish", "tile"),
    [
        (publish_tiles, Tile(0, 0)),
        (publish_tiles, Tile(0, 1, 44)),
        (publish_tiles, Tile(1, 0, 1)),
        (publish_bundles, Tile(None, 0)),
        (publish_bundles, Tile(None, 1, 44)),
    ],
)
def test_the_root_is_computed_again_from_what_was_written(
    folder: Path, story: Story, publish: Publish, tile: Tile
) -> None:
    """A checkpoint is not published over a file that does not read back as it should."""
    with pytest.raises(TilesDiffer):
        publish(_journal(story(300)), SIGNER, Rotten(folder, tile))
    assert not (folder / "checkpoint").exists()


def test_bundles_do_not_go_on_from_a_folder_of_hashes(folder: Path, story: Story) -> None:
    """The checkpoint of a folder without bundles is not taken for a promise of bundles."""
    journal = _journal(story(3))
    publish_tiles(journal, SIGNER, TileFolder(folder))
    with pytest.raises(TileAbsent):
        publish_bundles(journal, SIGNER, TileFolder(folder))


def test_a_missing_tile_is_named(folder: Path, story: Story) -> None:
    """A tile that the checkpoint covers and the folder lacks is named with its path."""
    journal = _journal(story(3))
    publish_tiles(journal, SIGNER, TileFolder(folder))
    (folder / "tile/0/000.p/3").unlink()
    with pytest.raises(TileAbsent) as caught:
        publish_tiles(journal, SIGNER, TileFolder(folder))
    assert str(caught.value.where).endswith("tile/0/000.p/3")


def test_a_folder_that_is_a_file_is_out_of_reach(tmp_path: Path, story: Story) -> None:
    """What cannot be written has a place and a remedy."""
    (tmp_path / "log").write_bytes(b"")
    with pytest.raises(TilesUnreachable) as caught:
        publish_tiles(_journal(story(3)), SIGNER, TileFolder(tmp_path / "log"))
    assert caught.value.where
    assert caught.value.remedy
