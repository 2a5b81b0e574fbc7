"""What every place for a published log promises: in memory, in a folder, in an object store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.published import plain_root

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal, MemoryTiles
from assay.adapters.objects.store import open_objects
from assay.adapters.objects.tiles import ObjectTiles
from assay.adapters.tile_store import TileAbsent, TileConflict, TileFolder
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.verifying.published import TilesDiffer
from assay.app.ports import CheckpointReplaced, TileStore
from assay.errors import VerificationFailed
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.checkpoint import open_checkpoint
from assay.tlog.tiles import Tile, parse_bundle, parse_hashes, tile_of

Story = Callable[[int], list[Event]]
Open = Callable[[], TileStore]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)

pytestmark = pytest.mark.enable_socket


@pytest.fixture(params=["memory", "folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """What opens one empty place, as often as asked."""
    if request.param == "memory":
        published: dict[str, bytes] = {}
        return lambda: MemoryTiles(published)
    if request.param == "folder":
        return lambda: TileFolder(tmp_path / "log")
    url = request.getfixturevalue("s3")
    return lambda: ObjectTiles(open_objects(url))


def _journal(events: list[Event]) -> MemoryJournal:
    journal = MemoryJournal(fold=fold)
    journal.append(events, expected={})
    return journal


def _read(store: TileStore, size: int) -> None:
    """Read the whole published log of that size, and hold it against its signed root."""
    note = store.checkpoint()
    assert note is not None
    checkpoint = open_checkpoint(note, origin=SIGNER.name, verifiers=[SIGNER.verifier])
    assert checkpoint.size == size
    leaves: list[bytes] = []
    for index in range(-(-size // 256)):
        tile = tile_of(size, 0, index)
        leaves += parse_hashes(store.read(tile), tile.width)
    assert plain_root(leaves) == checkpoint.root


def test_tiles_are_written_once(place: Open) -> None:
    """The same bytes again do nothing, others are refused, and absence has its own error."""
    tile, other = Tile(0, 0, 3), Tile(0, 0, 4)
    place().add([(tile, b"a" * 96)])
    place().add([(tile, b"a" * 96)])
    assert place().read(tile) == b"a" * 96
    with pytest.raises(TileConflict):
        place().add([(tile, b"b" * 96)])
    assert place().read(tile) == b"a" * 96
    with pytest.raises(TileAbsent):
        place().read(other)


def test_partial_tiles_can_be_dropped_and_nothing_else(place: Open) -> None:
    """What was stored of a tile while it was not full goes; the full one and others stay."""
    full, next_one = Tile(0, 0), Tile(0, 1, 7)
    place().add([(Tile(0, 0, width), bytes(32 * width)) for width in (1, 200)])
    place().add([(full, bytes(8192)), (next_one, bytes(32 * 7))])
    place().drop_partial([full])
    place().drop_partial([full])
    for width in (1, 200):
        with pytest.raises(TileAbsent):
            place().read(Tile(0, 0, width))
    assert place().read(full) == bytes(8192)
    assert place().read(next_one) == bytes(32 * 7)


def test_a_checkpoint_is_replaced_only_where_it_was_read(place: Open) -> None:
    """Of two publishers that read the same one, the second is told."""
    first, second = place(), place()
    assert first.checkpoint() is None
    assert second.checkpoint() is None
    first.set_checkpoint(b"one")
    with pytest.raises(CheckpointReplaced):
        second.set_checkpoint(b"two")
    assert second.checkpoint() == b"one"
    second.set_checkpoint(b"three")
    with pytest.raises(CheckpointReplaced):
        first.set_checkpoint(b"four")
    assert place().checkpoint() == b"three"


def test_a_log_grows_there(place: Open, story: Story) -> None:
    """Each size that is published can be read, and only what is new was written."""
    told, size = story(600), 0
    journal = MemoryJournal(fold=fold)
    for grown in (1, 255, 256, 300, 600):
        journal.append(told[size:grown], expected={})
        publication = publish_tiles(journal, SIGNER, place())
        assert publication.added == grown - size
        size = grown
        _read(place(), size)


def test_bundles_go_to_a_place_of_their_own(place: Open, story: Story) -> None:
    """Entries are published apart from hashes, and come back whole."""
    told = story(300)
    publish_bundles(_journal(told), SIGNER, place())
    found: list[bytes] = []
    for index in range(2):
        tile = tile_of(300, None, index)
        found += parse_bundle(place().read(tile), tile.width)
    assert found == [event.entry() for event in told]
    with pytest.raises(TileAbsent):
        place().read(Tile(0, 0))


def test_damage_is_not_published_over(place: Open, story: Story) -> None:
    """Where the right edge was changed, nothing is signed and the checkpoint stays."""
    journal = _journal(story(10))
    publish_tiles(journal, SIGNER, place())
    before = place().checkpoint()
    journal.append(story(20)[10:], expected={})
    place().add([(Tile(0, 0, 20), bytes(640))])
    with pytest.raises((TileConflict, TilesDiffer)):
        publish_tiles(journal, SIGNER, place())
    assert place().checkpoint() == before


def test_publishers_that_race_corrupt_nothing(place: Open, story: Story) -> None:
    """While the log grows, four publish at once; whoever wins, what stands can be read."""
    told = story(700)
    journal = _journal(told[:1])
    failures: list[Exception] = []

    def publish() -> None:
        try:
            for _ in range(6):
                publish_tiles(journal, SIGNER, place())
        except CheckpointReplaced:
            pass  # The others were faster each time; that is no fault.
        except Exception as error:  # noqa: BLE001 - the assertion below shows it
            failures.append(error)

    def grow() -> None:
        for start in range(1, 700, 100):
            journal.append(told[start : start + 100], expected={})

    threads = [threading.Thread(target=publish) for _ in range(4)]
    threads.append(threading.Thread(target=grow))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    publish_tiles(journal, SIGNER, place())
    _read(place(), journal.head().size)


def test_who_was_overtaken_begins_again(place: Open, story: Story) -> None:
    """Between reading and replacing the checkpoint another publishes; both end well."""
    journal = _journal(story(5))
    told = story(300)

    class Overtaken:
        """Lets another publish a longer log just before the checkpoint is replaced."""

        def __init__(self) -> None:
            self.store, self.times = place(), 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.store, name)

        def set_checkpoint(self, note: bytes) -> None:
            if self.times == 0:
                self.times = 1
                journal.append(told[5:], expected={})
                publish_tiles(journal, SIGNER, _Unlocked(place()))  # type: ignore[arg-type]
            self.store.set_checkpoint(note)

    publication = publish_tiles(journal, SIGNER, _Unlocked(Overtaken()))  # type: ignore[arg-type]
    assert (publication.added, publication.checkpoint.size) == (0, 300)
    _read(place(), 300)


class _Unlocked:
    """A place without a lock, as an object store is."""

    def __init__(self, store: object) -> None:
        self.store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def locked(self):
        return MemoryTiles().locked()


def test_a_fault_of_ones_own_is_not_taken_for_a_race(place: Open, story: Story) -> None:
    """If nobody published meanwhile, the error is the error."""
    journal = _journal(story(10))
    publish_tiles(journal, SIGNER, place())
    shorter = _journal(story(5))
    with pytest.raises(VerificationFailed) as found:
        publish_tiles(shorter, SIGNER, place())
    assert found.value.code == "publishing.journal-behind"
