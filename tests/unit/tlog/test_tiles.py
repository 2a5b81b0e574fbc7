"""Tiles: their paths, widths and contents."""

from __future__ import annotations

from collections import Counter

import pytest

from assay.errors import InvalidArgument
from assay.tlog.merkle import leaf_hash, tree_root
from assay.tlog.tiles import (
    ENTRY_BYTES_MAX,
    MalformedTile,
    Tile,
    TileEdge,
    encode_bundle,
    parse_bundle,
    parse_hashes,
    parse_path,
    tile_of,
    tiles_between,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999, 1), "tile/0/999.p/1"),
        (Tile(1, 1000, 255), "tile/1/x001/000.p/255"),
        (Tile(63, 1234067), "tile/63/x001/x234/067"),
        (Tile(None, 1234067, 112), "tile/entries/x001/x234/067.p/112"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """Indices go in groups of three digits, partial tiles say their width."""
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/data/000",
        "../tile/0/000",
        "tile/0/000\n",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    """A tile has one path."""
    with pytest.raises(MalformedTile):
        parse_path(path)


def test_log_of_70000_has_the_tiles_of_the_specification() -> None:
    """The example of the specification, tile by tile."""
    tiles = list(tiles_between(0, 70_000))
    full = Counter(tile.level for tile in tiles if tile.width == 256)
    partial = {tile.level: tile.width for tile in tiles if tile.width < 256}
    assert full == {None: 273, 0: 273, 1: 1}
    assert partial == {None: 112, 0: 112, 1: 17, 2: 1}


def test_only_what_grew_is_written() -> None:
    """Between two sizes, a tile that has not changed is not named again."""
    assert list(tiles_between(70_000, 70_000)) == []
    assert list(tiles_between(255, 256)) == [Tile(None, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(256, 257)) == [Tile(None, 1, 1), Tile(0, 1, 1)]


def test_empty_log_has_no_tiles() -> None:
    """An empty tile does not exist."""
    assert list(tiles_between(0, 0)) == []
    assert TileEdge().partial() == []
    with pytest.raises(InvalidArgument):
        tile_of(256, 0, 1)


def test_full_tiles_carry_their_root_upward() -> None:
    """The 256th leaf fills a tile, whose root begins the level above."""
    leaves = [leaf_hash(str(index).encode()) for index in range(257)]
    edge, full = TileEdge().grow(leaves)
    assert full == [(Tile(0, 0), b"".join(leaves[:256]))]
    assert edge.partial() == [
        (Tile(0, 1, 1), leaves[256]),
        (Tile(1, 0, 1), tree_root(leaves[:256])),
    ]
    assert edge.frontier.root == tree_root(leaves)


def test_bundles_keep_entries_apart() -> None:
    """Empty and largest entries come back as they were."""
    entries = (b"", b"x", b"y" * ENTRY_BYTES_MAX)
    assert parse_bundle(encode_bundle(entries), 3) == entries
    with pytest.raises(InvalidArgument):
        encode_bundle([b"z" * (ENTRY_BYTES_MAX + 1)])


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"", 1), (b"\x00", 1), (b"\x00\x02x", 1), (b"\x00\x01x", 2), (b"\x00\x01x\x00\x00", 1)],
)
def test_malformed_bundles_are_refused(data: bytes, width: int) -> None:
    """A bundle holds exactly as many whole entries as its width says."""
    with pytest.raises(MalformedTile):
        parse_bundle(data, width)


def test_malformed_hashes_are_refused() -> None:
    """A tile holds exactly as many hashes as its width says."""
    with pytest.raises(MalformedTile):
        parse_hashes(bytes(33), 1)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_impossible_tiles_are_refused(level: int, index: int, width: int) -> None:
    """What has no path cannot be named."""
    with pytest.raises(InvalidArgument):
        Tile(level, index, width)
