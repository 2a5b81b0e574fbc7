"""Tiles: a tree as files of hashes that any web server can serve (C2SP tlog-tiles).

A full tile has 256 hashes. On level 0 they are leaf hashes; on each level above, a hash is
the root of a full tile below, so a tile that is not full never reaches upward.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.merkle import HASH_BYTES, Frontier, tree_root
from assay.tlog.proofs import RangeRoot

WIDTH: Final = 256
"""Hashes in a full tile, entries in a full bundle."""

ENTRY_BYTES_MAX: Final = 65_535

_HEIGHT: Final = 8
_LEVEL_MAX: Final = 63
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class MalformedTile(VerificationFailed):
    """A path names no tile, or bytes are not the content of the tile named."""

    code = "tlog.malformed-tile"


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file of hashes, or of entries where `level` is None.

    Attributes:
        level: 0 for leaf hashes; each level spans 256 times as many entries; None for entries.
        index: of the tile within its level, from 0.
        width: how many hashes or entries it holds, 1 to 256.
    """

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= _LEVEL_MAX:
            raise InvalidArgument(f"There is no level {self.level}.")
        if self.index < 0 or not 1 <= self.width <= WIDTH:
            raise InvalidArgument(f"No tile has index {self.index} and width {self.width}.")

    @property
    def path(self) -> str:
        """Where it is served below the log's prefix.

        >>> Tile(0, 1234067, 112).path
        'tile/0/x001/x234/067.p/112'
        """
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{index}{partial}"


def parse_path(path: str) -> Tile:
    """The tile that is served at a path.

    Raises:
        MalformedTile: no tile has that path.
    """
    match = _PATH.fullmatch(path)
    try:
        if match is not None:
            level = None if match["level"] == "entries" else int(match["level"])
            index = int(match["index"].replace("x", "").replace("/", ""))
            tile = Tile(level, index, int(match["width"] or WIDTH))
            if tile.path == path:
                return tile
    except InvalidArgument as error:
        raise MalformedTile(f"{path[:200]!r} is no tile's path: {error}") from error
    raise MalformedTile(f"{path[:200]!r} is no tile's path.")


def tile_of(size: int, level: int | None, index: int) -> Tile:
    """The tile with an index in a log of `size` entries, as wide as it is there.

    Raises:
        InvalidArgument: such a log has no such tile.
    """
    count = size >> _HEIGHT * (level or 0)
    return Tile(level, index, min(WIDTH, count - index * WIDTH))


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """Every tile and bundle that a log of the new size has and one of the old size has not."""
    for level in (None, *range(_LEVEL_MAX + 1)):
        shift = _HEIGHT * (level or 0)
        old, new = old_size >> shift, new_size >> shift
        if new == 0:
            break
        for index in range(old // WIDTH, -(-new // WIDTH)):
            tile = tile_of(new_size, level, index)
            if index * WIDTH + tile.width > old:
                yield tile


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """A bundle's content: each entry after its length as a 16-bit big-endian number."""
    if any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise InvalidArgument(f"An entry exceeds {ENTRY_BYTES_MAX:,} bytes.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The `width` entries of a bundle.

    Raises:
        MalformedTile: the bytes hold fewer or more, or end within an entry.
    """
    found: list[bytes] = []
    start = 0
    while start < len(data) and len(found) < width:
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if end > len(data) or start + 2 > len(data):
            break
        found.append(data[start + 2 : end])
        start = end
    if start != len(data) or len(found) != width:
        raise MalformedTile(f"{len(data):,} bytes are not a bundle of {width} entries.")
    return tuple(found)


def parse_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """The `width` hashes of a tile.

    Raises:
        MalformedTile: the bytes are not that many hashes.
    """
    if len(data) != width * HASH_BYTES:
        raise MalformedTile(f"{len(data):,} bytes are not a tile of {width} hashes.")
    return tuple(data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES))


def read_hashes(read: Callable[[Tile], bytes], tile: Tile) -> tuple[bytes, ...]:
    """The hashes of a tile that lies somewhere; raises MalformedTile, which names it."""
    return _naming(tile, parse_hashes, read(tile))


def read_entries(read: Callable[[Tile], bytes], bundle: Tile) -> tuple[bytes, ...]:
    """The entries of a bundle that lies somewhere; raises MalformedTile, which names it."""
    return _naming(bundle, parse_bundle, read(bundle))


@dataclass(frozen=True, slots=True)
class TileEdge:
    """The tiles of a log that are not full yet: all that a writer needs to go on.

    Attributes:
        size: entries in the log.
        levels: for each level from 0, the hashes of its last tile; fewer than 256 each.
    """

    size: int = 0
    levels: tuple[tuple[bytes, ...], ...] = ()

    def grow(self, leaf_hashes: Iterable[bytes]) -> tuple[TileEdge, list[tuple[Tile, bytes]]]:
        """The edge after these leaf hashes, and the tiles that became full with their content."""
        levels = [list(level) for level in self.levels] or [[]]
        full: list[tuple[Tile, bytes]] = []
        size = self.size
        for leaf in leaf_hashes:
            levels[0].append(leaf)
            size += 1
            if len(levels[0]) == WIDTH:
                full += _carry(levels, size)
        return TileEdge(size, tuple(map(tuple, levels))), full

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The last tile of each level with its content; an empty one does not exist."""
        return [
            (tile_of(self.size, level, self.size >> _HEIGHT * (level + 1)), b"".join(hashes))
            for level, hashes in enumerate(self.levels)
            if hashes
        ]

    @property
    def frontier(self) -> Frontier:
        """The right edge of the tree: the same full subtrees, hashed together."""
        hashes: list[bytes] = []
        for level in reversed(self.levels):
            start = 0
            for bit in reversed(range(_HEIGHT)):
                if len(level) & 1 << bit:
                    hashes.append(tree_root(level[start : start + (1 << bit)]))
                    start += 1 << bit
        return Frontier(self.size, tuple(hashes))


def read_edge(size: int, read: Callable[[Tile], bytes]) -> TileEdge:
    """The edge of a log that was published before.

    Args:
        size: entries then.
        read: the content of a tile.

    Raises:
        MalformedTile: a tile has not the content that one of its width has.
    """
    levels: list[tuple[bytes, ...]] = []
    while count := size >> _HEIGHT * len(levels):
        level, width = len(levels), count % WIDTH
        tile = Tile(level, count // WIDTH, width) if width else None
        levels.append(read_hashes(read, tile) if tile else ())
    return TileEdge(size, tuple(levels))


def tile_roots(size: int, read: Callable[[Tile], bytes]) -> RangeRoot:
    """Roots of ranges out of tiles, for the proofs of a log of `size` entries.

    A tile is read once, so a proof reads two for each level at most.
    """
    tiles: dict[Tile, tuple[bytes, ...]] = {}

    def subtree(height: int, index: int) -> bytes:
        level, within = divmod(height, _HEIGHT)
        first = index << within
        tile = tile_of(size, level, first // WIDTH)
        if tile not in tiles:
            tiles[tile] = read_hashes(read, tile)
        start = first % WIDTH
        return tree_root(tiles[tile][start : start + (1 << within)])

    def range_root(start: int, end: int) -> bytes:
        # A node of the tree is a row of full subtrees, each aligned to its own size.
        hashes: list[bytes] = []
        for height in reversed(range((end - start).bit_length())):
            if (end - start) & 1 << height:
                offset = (end - start) >> (height + 1) << (height + 1)
                hashes.append(subtree(height, (start + offset) >> height))
        return Frontier(end - start, tuple(hashes)).root

    return range_root


def _naming(
    tile: Tile, parse: Callable[[bytes, int], tuple[bytes, ...]], data: bytes
) -> tuple[bytes, ...]:
    try:
        return parse(data, tile.width)
    except MalformedTile as error:
        raise MalformedTile(
            error.what, where=tile.path, remedy="Compare the file with a copy."
        ) from error


def _carry(levels: list[list[bytes]], size: int) -> list[tuple[Tile, bytes]]:
    """Move the root of each full tile up a level; the tiles that became full."""
    full: list[tuple[Tile, bytes]] = []
    level = 0
    while len(levels[level]) == WIDTH:
        hashes = levels[level]
        full.append((Tile(level, (size >> _HEIGHT * (level + 1)) - 1), b"".join(hashes)))
        if len(levels) == level + 1:
            levels.append([])
        levels[level + 1].append(tree_root(hashes))
        levels[level] = []
        level += 1
    return full
