"""Publishing for any sequence of appends and publications, and for any changed bit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.faults.published import check_bundles, check_tiles

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal, MemoryTiles
from assay.adapters.tile_store import TileFolder
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.verifying.published import Published, verify_published
from assay.app.ports import Entry
from assay.errors import VerificationFailed
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.tiles import parse_path

Story = Callable[[int], list[Event]]
Publish = Callable[[MemoryJournal, Ed25519Signer, TileFolder], object]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)

steps = st.lists(st.tuples(st.integers(0, 300), st.booleans(), st.booleans()), max_size=5)


@given(steps=steps)
@example(steps=[(256, True, True), (256, True, False), (1, False, True)])
@settings(max_examples=12)
def test_any_sequence_gives_the_plain_tree(
    story: Story, steps: list[tuple[int, bool, bool]]
) -> None:
    """However appends and publications alternate, an independent reader finds the same entries."""
    told = story(1500)
    journal, size = MemoryJournal(fold=fold), 0
    with tempfile.TemporaryDirectory() as name:
        tiles, bundles = Path(name) / "tiles", Path(name) / "bundles"
        for count, with_tiles, with_bundles in steps:
            if count:
                journal.append(told[size : size + count], expected={})
                size += count
            if with_tiles:
                publish_tiles(journal, SIGNER, TileFolder(tiles))
                assert check_tiles(tiles, SIGNER.public_key) == size
            if with_bundles:
                publish_bundles(journal, SIGNER, TileFolder(bundles))
                found = check_bundles(bundles, SIGNER.public_key)
                assert found == [event.entry() for event in told[:size]]


@pytest.mark.parametrize("publish", [publish_tiles, publish_bundles])
@given(data=st.data())
@settings(max_examples=30)
def test_any_changed_bit_is_noticed(story: Story, publish: Publish, data: st.DataObject) -> None:
    """A bit of any file that the checkpoint covers: the reader rejects it.

    So does the next publisher, which reads the last tiles, before it builds on them; it names
    the file.
    """
    journal = MemoryJournal(fold=fold)
    journal.append(story(40), expected={})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish(journal, SIGNER, TileFolder(folder))
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
        path = data.draw(st.sampled_from(files))
        content = path.read_bytes()
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        path.write_bytes(_flip(content, bit))
        check = check_bundles if publish is publish_bundles else check_tiles
        with pytest.raises((AssertionError, ValueError, InvalidSignature, IndexError)):
            check(folder, SIGNER.public_key)
        with pytest.raises(VerificationFailed) as caught:
            publish(journal, SIGNER, TileFolder(folder))
        assert str(caught.value.where) == str(path.relative_to(folder))


SIZE: Final = 66_000
"""Enough for tiles of three levels, of which none is full at the end."""


class Large(MemoryJournal):
    """A journal of many small entries, put there without folding any."""

    def __init__(self, size: int) -> None:
        super().__init__(fold=fold)
        data = [index.to_bytes(4, "big") for index in range(size)]
        self._entries = [Entry(index, item, leaf_hash(item)) for index, item in enumerate(data)]
        self._edge = Frontier().extend(entry.leaf_hash for entry in self._entries)


@pytest.fixture(scope="module")
def log() -> tuple[MemoryTiles, MemoryTiles]:
    """The hashes and the entries of a large log, as they were published."""
    journal, tiles, bundles = Large(SIZE), MemoryTiles(), MemoryTiles()
    publish_tiles(journal, SIGNER, tiles)
    publish_bundles(journal, SIGNER, bundles)
    assert _verify(tiles, bundles).tiles == 258 + 2 + 1
    return tiles, bundles


def _verify(tiles: MemoryTiles, bundles: MemoryTiles | None) -> Published:
    return verify_published(tiles, origin=SIGNER.name, verifiers=[SIGNER.verifier], bundles=bundles)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


KINDS: Final = (
    "checkpoint",
    "tile/0/",
    "tile/0/257.p/208",
    "tile/1/000",
    "tile/1/001.p/1",
    "tile/2/000.p/1",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("with_bundles", [False, True])
@given(data=st.data())
@settings(max_examples=4)
def test_a_changed_bit_of_a_tile_is_located(
    log: tuple[MemoryTiles, MemoryTiles], kind: str, with_bundles: bool, data: st.DataObject
) -> None:
    """Its file is named, and the hash in it wherever something below tells which it is."""
    tiles, bundles = log
    name = data.draw(st.sampled_from([name for name in tiles.published if name.startswith(kind)]))
    bit = data.draw(st.integers(0, 8 * len(tiles.published[name]) - 1))
    changed = MemoryTiles(tiles.published | {name: _flip(tiles.published[name], bit)})
    with pytest.raises(VerificationFailed) as caught:
        _verify(changed, bundles if with_bundles else None)
    assert caught.value.where == name
    told = with_bundles or not name.startswith("tile/0/")
    due = bit // 256 if told and name != "checkpoint" else None
    assert getattr(caught.value, "index", None) == due


@pytest.mark.parametrize("kind", ["checkpoint", "tile/entries/", "tile/entries/257.p/208"])
@given(data=st.data())
@settings(max_examples=10)
def test_a_changed_bit_of_a_bundle_is_located(
    log: tuple[MemoryTiles, MemoryTiles], kind: str, data: st.DataObject
) -> None:
    """Its file is named, and the entry too unless it ends where it should not."""
    tiles, bundles = log
    some = [name for name in bundles.published if name.startswith(kind)]
    name = data.draw(st.sampled_from(some))
    bit = data.draw(st.integers(0, 8 * len(bundles.published[name]) - 1))
    changed = MemoryTiles(bundles.published | {name: _flip(bundles.published[name], bit)})
    with pytest.raises(VerificationFailed) as caught:
        _verify(tiles, changed)
    assert caught.value.where == name
    if name != "checkpoint" and bit // 8 % 6 >= 2:  # Each entry is four bytes after two.
        index = parse_path(name).index * 256 + bit // 8 // 6
        assert getattr(caught.value, "index", None) == index
