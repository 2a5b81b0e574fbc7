"""Tiles of logs of any size, against the definition of the specification."""

from __future__ import annotations

import functools

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.tlog.merkle import Frontier, leaf_hash, tree_root
from assay.tlog.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from assay.tlog.tiles import Tile, TileEdge, parse_path, read_edge, tile_roots, tiles_between

LEAVES = [leaf_hash(index.to_bytes(4, "big")) for index in range(66_000)]

sizes = st.integers(0, 1_500) | st.integers(65_400, 66_000)
few = settings(max_examples=25)


@functools.cache
def _edge(blocks: int) -> Frontier:
    """The right edge after so many blocks of 256 leaves."""
    if blocks == 0:
        return Frontier()
    return _edge(blocks - 1).extend(LEAVES[(blocks - 1) * 256 : blocks * 256])


def _root(size: int) -> bytes:
    """The plain root, in less time: what came before is remembered."""
    for blocks in range(size // 256):  # From the bottom, so that no recursion is deep.
        _edge(blocks)
    return _edge(size // 256).extend(LEAVES[size // 256 * 256 : size]).root


def _defined(tile: Tile) -> bytes:
    """The hashes of a tile by the specification's formula."""
    span = 256 ** (tile.level or 0)
    starts = [(tile.index * 256 + offset) * span for offset in range(tile.width)]
    return b"".join(tree_root(LEAVES[start : start + span]) for start in starts)


def _published(size: int, steps: list[int]) -> dict[Tile, bytes]:
    """Every tile that a writer makes who publishes at each of these sizes."""
    edge, made = TileEdge(), dict[Tile, bytes]()
    for end in [*steps, size]:
        again = read_edge(edge.size, made.__getitem__)
        assert again.frontier == edge.frontier
        edge, full = again.grow(LEAVES[edge.size : end])
        made.update(full)
        made.update(edge.partial())
    assert edge.frontier.root == _root(size)
    return made


@few
@given(size=sizes, data=st.data())
def test_growing_in_any_steps_gives_the_defined_tiles(size: int, data: st.DataObject) -> None:
    """Whenever a writer publishes, its tiles are those of the formula, and those alone."""
    steps = sorted(data.draw(st.lists(st.integers(0, size), max_size=4)))
    made = _published(size, steps)
    old = 0
    named: set[Tile] = set()
    for end in [*steps, size]:
        named.update(tile for tile in tiles_between(old, end) if tile.level is not None)
        old = end
    assert set(made) == named
    some = sorted(made)
    for tile in {*some[:2], *some[-4:]}:
        assert made[tile] == _defined(tile)
        assert parse_path(tile.path) == tile


@few
@given(size=sizes.filter(bool), data=st.data())
def test_proofs_from_tiles_verify(size: int, data: st.DataObject) -> None:
    """Any leaf and any older size can be proved from tiles alone, reading few of them."""
    made = _published(size, [])
    reads: list[Tile] = []

    def read(tile: Tile) -> bytes:
        reads.append(tile)
        return made[tile]

    root = _root(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = inclusion_proof(index, size, tile_roots(size, read))
    verify_inclusion(index=index, size=size, leaf_hash=LEAVES[index], proof=proof, root=root)
    assert len(reads) <= 5
    bridge = consistency_proof(old, size, tile_roots(size, read))
    verify_consistency(
        old_size=old,
        old_root=_root(old),
        new_size=size,
        new_root=root,
        proof=bridge,
    )
