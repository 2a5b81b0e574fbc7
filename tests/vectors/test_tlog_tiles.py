"""The fifteen-entry log of transparency-dev/tessera, at every size from 0 to 15."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.adapters.keys import Ed25519Verifier
from assay.tlog.checkpoint import Checkpoint, open_checkpoint
from assay.tlog.merkle import leaf_hash, tree_root
from assay.tlog.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from assay.tlog.tiles import (
    Tile,
    TileEdge,
    encode_bundle,
    parse_bundle,
    parse_hashes,
    read_edge,
    tile_roots,
)

DATA = Path(__file__).parent / "data" / "tlog-tiles-log15"
KEY = Ed25519Verifier.parse((DATA / "log.vkey").read_text().strip())
SIZES = range(16)


def _read(tile: Tile) -> bytes:
    return (DATA / "log" / tile.path).read_bytes()


def _checkpoint(size: int) -> Checkpoint:
    data = (DATA / "log" / f"checkpoint.{size}").read_bytes()
    return open_checkpoint(data, origin=KEY.name, verifiers=[KEY])


@pytest.mark.parametrize("size", SIZES)
def test_checkpoints_verify_and_roots_follow_from_tiles(size: int) -> None:
    """Each checkpoint is signed, and its root is that of the tile of its width."""
    checkpoint = _checkpoint(size)
    assert checkpoint.size == size
    assert read_edge(size, _read).frontier.root == checkpoint.root


@pytest.mark.parametrize("size", SIZES[1:])
def test_entries_hash_to_the_tile(size: int) -> None:
    """Each entry of a bundle hashes to its place in the tile of the same width."""
    entries = parse_bundle(_read(Tile(None, 0, size)), size)
    assert tuple(map(leaf_hash, entries)) == parse_hashes(_read(Tile(0, 0, size)), size)


@pytest.mark.parametrize("new", SIZES[1:])
def test_every_two_sizes_are_consistent(new: int) -> None:
    """A proof from tiles leads from each earlier root to each later one, and to each entry."""
    roots = tile_roots(new, _read)
    leaves = parse_hashes(_read(Tile(0, 0, new)), new)
    for old in range(1, new + 1):
        verify_consistency(
            old_size=old,
            old_root=_checkpoint(old).root,
            new_size=new,
            new_root=_checkpoint(new).root,
            proof=consistency_proof(old, new, roots),
        )
        verify_inclusion(
            index=old - 1,
            size=new,
            leaf_hash=leaves[old - 1],
            proof=inclusion_proof(old - 1, new, roots),
            root=_checkpoint(new).root,
        )


def test_writer_makes_the_same_files() -> None:
    """Appended one at a time, the fifteen entries give the published files and texts."""
    entries = parse_bundle(_read(Tile(None, 0, 15)), 15)
    assert (entries[0], entries[-1]) == (b"one", b"fivten")
    edge = TileEdge()
    for size, entry in enumerate(entries, 1):
        edge, full = edge.grow([leaf_hash(entry)])
        assert full == []
        assert edge.partial() == [(Tile(0, 0, size), _read(Tile(0, 0, size)))]
        assert encode_bundle(entries[:size]) == _read(Tile(None, 0, size))
        ours = Checkpoint(origin=KEY.name, size=size, root=edge.frontier.root)
        assert ours == _checkpoint(size)
    published = {path for path in (DATA / "log" / "tile").rglob("*") if path.is_file()}
    assert len(published) == 30


def test_published_checkpoint_is_the_last() -> None:
    """The log serves the checkpoint of its full size."""
    served = (DATA / "log" / "checkpoint").read_bytes()
    assert served == (DATA / "log" / "checkpoint.15").read_bytes()
    assert _checkpoint(0).root == tree_root([])
