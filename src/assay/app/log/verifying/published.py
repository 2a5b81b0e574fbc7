"""The files of a published log are those that its checkpoint signs; one that is not is named.

A tile above the leaves holds the roots of the tiles below it, and a bundle the entries whose
hashes the leaves are. So where a file does not lead to the signed root, what lies below it
tells which of its hashes was changed, if that too is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from assay.app.log.verifying.keys import LogKeys
from assay.app.ports import TileStore
from assay.errors import AssayError, VerificationFailed
from assay.tlog.checkpoint import Checkpoint, open_checkpoint
from assay.tlog.cosignature import Quorum
from assay.tlog.keys import NoteVerifier
from assay.tlog.merkle import Frontier, leaf_hash, tree_root
from assay.tlog.note import parse_note
from assay.tlog.tiles import (
    WIDTH,
    Tile,
    TileEdge,
    read_edge,
    read_entries,
    read_hashes,
    tile_of,
    tiles_between,
)

CHECKPOINT: Final = "checkpoint"
"""Where a place has its checkpoint, below the log's prefix."""

Read = Callable[[Tile], bytes]


class NothingPublished(VerificationFailed):
    """A place has no checkpoint, so nothing there is vouched for."""

    code = "published.nothing"


class PublishedCheckpointRejected(VerificationFailed):
    """A published checkpoint is malformed, or not signed as it must be."""

    code = "published.checkpoint-rejected"


class TilesDiffer(VerificationFailed):
    """The files of a published log do not hash to its signed root.

    Attributes:
        index: which hash of the tile, or which entry of the log, was changed; None where the
            files at hand cannot tell.
    """

    code = "publishing.tiles-differ"

    def __init__(self, what: str, *, where: str, index: int | None = None) -> None:
        self.index = index
        super().__init__(
            what,
            where=where,
            remedy="Compare the place with a copy, or publish the whole log to an empty one.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a published log was found to be.

    Attributes:
        checkpoint: the signed one, to which every tile leads.
        tiles: how many files of hashes there are for it.
        bundles: the checkpoint of the entries, to which every bundle leads; None if they were
            not looked at.
    """

    checkpoint: Checkpoint
    tiles: int
    bundles: Checkpoint | None = None


def verify_published(
    tiles: TileStore,
    *,
    origin: str,
    verifiers: Sequence[NoteVerifier],
    bundles: TileStore | None = None,
    threshold: int = 1,
    quorum: Quorum | None = None,
) -> Published:
    """Check every file that the checkpoint of a published log covers, in bounded memory.

    Args:
        tiles: where its hashes lie; nothing there is trusted.
        origin: the log's name.
        verifiers: the keys that may sign its checkpoints now.
        bundles: where its entries lie, with a checkpoint of their own.
        threshold: how many of the keys must have signed.
        quorum: the witnesses who must have cosigned the checkpoint of the hashes.

    Raises:
        NothingPublished: a place has no checkpoint.
        PublishedCheckpointRejected: a checkpoint is not one that the keys signed.
        TileAbsent, MalformedTile, TilesDiffer: a file is not what was signed; it is named,
            with the hash or the entry where that can be told.
        QuorumMissed: too few witnesses cosigned.
    """
    keys = LogKeys(verifiers, threshold=threshold)
    checkpoint, note = _open(tiles, keys, origin=origin)
    if quorum is not None:
        quorum.check(parse_note(note))
    check_tree(checkpoint, tiles.read, None if bundles is None else bundles.read)
    count = sum(tile.level is not None for tile in tiles_between(0, checkpoint.size))
    found = Published(checkpoint=checkpoint, tiles=count)
    if bundles is None:
        return found
    upto, _ = _open(bundles, keys, origin=origin)
    _check_bundles(upto, bundles.read, checkpoint, tiles.read)
    return replace(found, bundles=upto)


def check_tree(signed: Checkpoint, read: Read, read_bundle: Read | None = None) -> None:
    """Return if every tile leads to a signed root, else raise an error that names the first.

    Args:
        signed: the checkpoint, whose signature was checked.
        read: the content of a tile.
        read_bundle: the content of a bundle, by which to tell which leaf was changed.
    """
    below = _Below(read, read_bundle)
    edge = _edge(signed, read, below)
    for last, _ in reversed(edge.partial()):
        if last.level:
            for child, root in zip(_children(last), edge.levels[last.level], strict=True):
                _check_full(child, root, read, below)


def check_bundle(tile: Tile, read: Read, leaves: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of a bundle, once the first of them were found to be those of the log.

    Args:
        tile: which bundle.
        read: the content of a bundle.
        leaves: of the log, from the bundle's first entry on; as many as are known.

    Raises:
        MalformedTile: it is no bundle of that width.
        TilesDiffer: it has another entry, which is named.
    """
    hashes = [leaf_hash(entry) for entry in read_entries(read, tile)]
    place = _first_difference(hashes[: len(leaves)], leaves[: len(hashes)])
    if place is not None:
        index = tile.index * WIDTH + place
        raise TilesDiffer(f"Entry {index} is not the log's.", where=tile.path, index=index)
    return hashes


def _open(store: TileStore, keys: LogKeys, *, origin: str) -> tuple[Checkpoint, bytes]:
    note = store.checkpoint()
    if note is None:
        raise NothingPublished(
            "There is no checkpoint, so nothing here is vouched for.",
            where=CHECKPOINT,
            remedy="Name the place that `assay log publish` was given.",
        )
    try:
        keys.check_note(note)
        return open_checkpoint(note, origin=origin, verifiers=keys.in_force), note
    except AssayError as error:
        raise PublishedCheckpointRejected(
            f"The published checkpoint is not one of this log: {error.what}",
            where=CHECKPOINT,
            remedy="Compare it with checkpoints that others keep.",
        ) from error


class _Below:
    """The hashes that a tile must hold, by what lies below it."""

    def __init__(self, read: Read, read_bundle: Read | None) -> None:
        self._read = read
        self._read_bundle = read_bundle

    def __call__(self, tile: Tile) -> list[bytes] | None:
        """Those hashes; None where what lies below is not at hand, or is no tile."""
        try:
            if tile.level:
                return [tree_root(read_hashes(self._read, child)) for child in _children(tile)]
            if self._read_bundle is not None:
                bundle = replace(tile, level=None)
                return list(map(leaf_hash, read_entries(self._read_bundle, bundle)))
        except VerificationFailed:
            return None  # A bundle of another width, or several files are damaged.
        return None


def _edge(signed: Checkpoint, read: Read, below: _Below) -> TileEdge:
    """The hashes of the tiles that are not full, once they were found to give the signed root."""
    edge = read_edge(signed.size, read)
    if edge.frontier.root == signed.root:
        return edge
    last = {tile.level or 0: tile for tile, _ in edge.partial()}
    due = list(edge.levels)
    for level, tile in last.items():
        due[level] = tuple(below(tile) or edge.levels[level])
    changed = [level for level in last if due[level] != edge.levels[level]]
    if changed and TileEdge(edge.size, tuple(due)).frontier.root == signed.root:
        level = changed[0]
        raise _changed(last[level], _first_difference(edge.levels[level], due[level]))
    if 0 in last and not changed:
        # Nothing but the root commits to these leaves, so what is left is one of them.
        raise TilesDiffer(
            "One of the last leaf hashes was changed, or the files are of another log.",
            where=last[0].path,
        )
    raise TilesDiffer(
        "The last tiles of the levels do not hash to the signed root.",
        where=last[(changed or list(last))[0]].path if last else CHECKPOINT,
    )


def _check_full(tile: Tile, root: bytes, read: Read, below: _Below) -> None:
    """Check a full tile against its root, which is trusted, and then those below it."""
    hashes = read_hashes(read, tile)
    if tree_root(hashes) != root:
        due = below(tile)
        whole = due is not None and tree_root(due) == root
        raise _changed(tile, _first_difference(hashes, due) if due and whole else None)
    if tile.level:
        for child, child_root in zip(_children(tile), hashes, strict=True):
            _check_full(child, child_root, read, below)


def _check_bundles(signed: Checkpoint, read: Read, tree: Checkpoint, read_tile: Read) -> None:
    edge = Frontier()
    for bundle in tiles_between(0, signed.size):
        if bundle.level is None:
            first = bundle.index * WIDTH
            known = () if first >= tree.size else _leaves(tree, bundle.index, read_tile)
            edge = edge.extend(check_bundle(bundle, read, known))
    if edge.root != signed.root:
        raise TilesDiffer(
            f"The entries do not hash to the signed root of {signed.size}: one of those from "
            f"{min(tree.size, signed.size)} on was changed, or they are of another log.",
            where=CHECKPOINT,
        )


def _leaves(tree: Checkpoint, index: int, read: Read) -> tuple[bytes, ...]:
    return read_hashes(read, tile_of(tree.size, 0, index))


def _children(tile: Tile) -> Iterator[Tile]:
    """The full tiles whose roots a tile above the leaves holds."""
    level = (tile.level or 0) - 1
    return (Tile(level, tile.index * WIDTH + place) for place in range(tile.width))


def _changed(tile: Tile, place: int | None) -> TilesDiffer:
    which = "One of its hashes" if place is None else f"Hash {place} of the tile"
    return TilesDiffer(f"{which} is not what was signed.", where=tile.path, index=place)


def _first_difference(found: Sequence[bytes], due: Sequence[bytes]) -> int | None:
    pairs = zip(found, due, strict=True)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), None)
