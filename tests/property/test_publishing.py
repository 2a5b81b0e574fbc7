"""Publishing for any sequence of appends and publications, and for any changed bit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.faults.published import check_bundles, check_tiles

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.adapters.tile_store import TileFolder
from assay.app.publishing import publish_bundles, publish_tiles
from assay.errors import VerificationFailed
from assay.governance.events import Event
from assay.governance.fold import fold

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

    So does the next publisher, which reads the last tiles, before it builds on them.
    """
    journal = MemoryJournal(fold=fold)
    journal.append(story(40), expected={})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish(journal, SIGNER, TileFolder(folder))
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
        path = data.draw(st.sampled_from(files))
        content = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        check = check_bundles if publish is publish_bundles else check_tiles
        with pytest.raises((AssertionError, ValueError, InvalidSignature, IndexError)):
            check(folder, SIGNER.public_key)
        with pytest.raises(VerificationFailed):
            publish(journal, SIGNER, TileFolder(folder))
