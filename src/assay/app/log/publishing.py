"""Publishing a log: tiles for everyone, bundles of entries for those who may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from assay.app.log.verification import PublishingRefused, own_checkpoint, publish_checkpoint
from assay.app.log.verifying.published import CHECKPOINT, TilesDiffer, check_bundle, check_tree
from assay.app.log.witnessing import Cosigned, Witnesses
from assay.app.ports import CheckpointReplaced, Journal, Signer, TileStore
from assay.errors import AssayError, VerificationFailed
from assay.governance.events import KEY_SUBJECT
from assay.tlog.checkpoint import Checkpoint, parse_checkpoint
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.note import parse_note
from assay.tlog.tiles import (
    WIDTH,
    Tile,
    TileEdge,
    encode_bundle,
    read_edge,
    read_hashes,
    tile_of,
    tile_roots,
    tiles_between,
)

_RACES_MAX: Final = 20
"""How often a publisher begins again since another was faster, where no lock is to be had."""

_BATCH: Final = 64 * WIDTH
"""Entries between two writes: enough to sync a folder seldom, few enough to hold."""


class JournalBehind(VerificationFailed):
    """The published log has more entries than the journal: an old backup was restored."""

    code = "publishing.journal-behind"


class LogForked(VerificationFailed):
    """The journal does not begin with the entries that were published."""

    code = "publishing.forked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a publication did.

    Attributes:
        checkpoint: the one that stands now.
        added: how many entries are new.
        cosigners: the names of the witnesses whose cosignatures stand under it.
        failures: why other witnesses that were asked did not cosign, by name.
    """

    checkpoint: Checkpoint
    added: int
    cosigners: tuple[str, ...] = ()
    failures: Mapping[str, AssayError] = field(default_factory=dict[str, AssayError])


def publish_tiles(
    journal: Journal, signer: Signer, tiles: TileStore, *, witnesses: Witnesses | None = None
) -> Publication:
    """Publish the hashes of the committed entries with a signed checkpoint.

    Only what grew is written; the partial tiles of each published size stay until the full
    one is there. The checkpoint is replaced last, once the root that it signs
    was computed again from the files; a publisher that dies before leaves the log as it was.

    Args:
        journal: the log.
        signer: its key.
        tiles: where to publish.
        witnesses: who must cosign before the checkpoint is replaced; their cosignatures
            stay with it, in the journal and where it is published.

    Raises:
        WitnessRefused, WitnessAhead, QuorumMissed: too few witnesses cosigned.
        EnvironmentUnavailable: the same, since one could not be reached.
        JournalBehind: more was published than the journal has.
        LogForked: what was published is not what the journal has.
        TilesDiffer: files were damaged or changed.
        VerificationFailed: the journal does not continue what was signed.
    """

    def write(before: Checkpoint, after: Checkpoint) -> None:
        edge = read_edge(before.size, tiles.read)
        _demand_root(tiles, edge, before)
        _write_tiles(journal, tiles, edge, after.size)
        _check_tiles(tiles, edge, after)

    def witness(note: bytes, published: bytes | None) -> Cosigned:
        if witnesses is None:
            return _unwitnessed(note, published)
        size = own_checkpoint(note, signer).size
        return witnesses.cosign(note, tile_roots(size, tiles.read), last=published)

    return _publish(journal, signer, tiles, write, witness)


def publish_bundles(journal: Journal, signer: Signer, bundles: TileStore) -> Publication:
    """Publish the entries themselves, as confidential as the journal, to a place of their own.

    Like `publish_tiles`, with a checkpoint that says how far the bundles go.
    """

    def write(before: Checkpoint, after: Checkpoint) -> None:
        _check_last_bundle(journal, bundles, before)
        bundles.add(_new_bundles(journal, before.size, after.size))
        _check_bundles(journal, bundles, before.size, after)

    return _publish(journal, signer, bundles, write, _unwitnessed)


def signed_note(journal: Journal, signer: Signer) -> bytes:
    """The note of the committed head, signed now unless it was before.

    Raises:
        PublishingRefused: the journal does not continue what was signed.
    """
    publish_checkpoint(journal, signer)
    last = journal.last_checkpoint()
    # Another process may have signed a larger head meanwhile, which is as good.
    if last is None:
        raise PublishingRefused("The checkpoint that was signed is not in the journal.")
    return last[1]


def known_checkpoint(journal: Journal, data: bytes, signer: Signer) -> Checkpoint:
    """The checkpoint in a note of this log, signed by its key or by one before it.

    Of a key that was handed on only the public half is left, so its line must be the one that
    the journal has kept. What is known so is only held against the journal, never signed.

    Raises:
        PublishingRefused: it is none that this log has signed.
    """
    try:
        return own_checkpoint(data, signer)
    except PublishingRefused:
        note = parse_note(data)
        checkpoint = parse_checkpoint(note.text)
        kept = (item for size, item in journal.checkpoints() if size == checkpoint.size)
        for other in map(parse_note, kept if journal.revision(KEY_SUBJECT) else ()):
            lines = [line for line in other.signatures if line.name == signer.name]
            if other.text == note.text and any(line in note.signatures for line in lines):
                return checkpoint
        raise


def demand_continuation(journal: Journal, published: Checkpoint) -> None:
    """Return if the journal begins with the entries of a checkpoint that others hold.

    Raises:
        JournalBehind: the checkpoint has more entries than the journal.
        LogForked: the journal's first entries are others.
    """
    size = journal.head().size
    if published.size > size:
        raise JournalBehind(
            f"{published.size} entries were published, but only {size} are here.",
            remedy="Restore the latest backup: this one is older than what was published.",
        )
    if journal.frontier(published.size).root != published.root:
        raise LogForked(
            f"The first {published.size} entries are not those that were published.",
            remedy="Run `assay verify`. If an old backup was restored and then continued, "
            "restore the latest one; what was published cannot be taken back.",
        )


def _publish(
    journal: Journal,
    signer: Signer,
    store: TileStore,
    write: Callable[[Checkpoint, Checkpoint], None],
    witness: Callable[[bytes, bytes | None], Cosigned],
) -> Publication:
    for _ in range(_RACES_MAX):
        with store.locked():
            published = store.checkpoint()
            try:
                return _publish_once(
                    journal, signer, store, write=write, witness=witness, published=published
                )
            except (CheckpointReplaced, VerificationFailed):
                # Someone who published meanwhile may also have taken away partial tiles that
                # were about to be read. Whoever stands alone here really has found a fault.
                if store.checkpoint() == published:
                    raise
    raise CheckpointReplaced(
        f"Others have published {_RACES_MAX} times meanwhile.",
        remedy="Let fewer processes publish at once.",
    )


def _publish_once(
    journal: Journal,
    signer: Signer,
    store: TileStore,
    *,
    write: Callable[[Checkpoint, Checkpoint], None],
    witness: Callable[[bytes, bytes | None], Cosigned],
    published: bytes | None,
) -> Publication:
    before = Checkpoint(origin=signer.name, size=0, root=Frontier().root)
    if published is not None:
        before = _published_before(journal, published, signer)
    demand_continuation(journal, before)  # Before anything is signed.
    note = signed_note(journal, signer)
    after = own_checkpoint(note, signer)
    write(before, after)
    cosigned = witness(note, published)
    if cosigned.note.to_bytes() != note:
        note = cosigned.note.to_bytes()
        journal.add_checkpoint(after.size, note)
    if note != published:
        store.set_checkpoint(note)
        # Readers of an older checkpoint fall back to the full tile, as C2SP asks of them.
        # Kept for ever, a log published at each entry would be a hundred times its size.
        grown = tiles_between(before.size, after.size)
        store.drop_partial(tile for tile in grown if tile.width == WIDTH)
    return Publication(
        checkpoint=after,
        added=after.size - before.size,
        cosigners=cosigned.cosigners,
        failures=cosigned.failures,
    )


def _published_before(journal: Journal, note: bytes, signer: Signer) -> Checkpoint:
    try:
        return known_checkpoint(journal, note, signer)
    except VerificationFailed as error:
        error.where = CHECKPOINT  # It is known here alone that the note lies there.
        raise


def _unwitnessed(note: bytes, _published: bytes | None) -> Cosigned:
    return Cosigned(note=parse_note(note))


def _write_tiles(journal: Journal, tiles: TileStore, edge: TileEdge, size: int) -> None:
    entries = islice(journal.entries(edge.size), size - edge.size)
    while batch := [leaf_hash(entry.data) for entry in islice(entries, _BATCH)]:
        edge, full = edge.grow(batch)
        tiles.add(full)
    tiles.add(edge.partial())


def _check_tiles(tiles: TileStore, edge: TileEdge, signed: Checkpoint) -> None:
    """Compute the root again from the files, and every hash above the leaves with it."""
    for leaves in _new_leaves(tiles, edge.size, signed.size):
        edge, full = edge.grow(leaves)
        for tile, data in full:
            if tiles.read(tile) != data:
                raise _differing(tiles, signed)
    if read_edge(signed.size, tiles.read) != edge:
        raise _differing(tiles, signed)
    _demand_root(tiles, edge, signed)


def _new_leaves(tiles: TileStore, old: int, new: int) -> Iterator[tuple[bytes, ...]]:
    for tile in tiles_between(old, new):
        if tile.level == 0:
            hashes = read_hashes(tiles.read, tile)
            yield hashes[max(0, old - tile.index * WIDTH) :]


def _check_last_bundle(journal: Journal, bundles: TileStore, published: Checkpoint) -> None:
    # Also finds a folder of hashes alone, whose checkpoint promises no bundles.
    if published.size:
        last = tile_of(published.size, None, (published.size - 1) // WIDTH)
        _check_bundles(journal, bundles, last.index * WIDTH, published)


def _new_bundles(journal: Journal, old: int, new: int) -> Iterator[tuple[Tile, bytes]]:
    # A bundle that was not full is written whole again, under the name of its new width.
    first = old - old % WIDTH
    entries = islice(journal.entries(first), new - first)
    for tile in tiles_between(old, new):
        if tile.level is None:
            yield tile, encode_bundle([entry.data for entry in islice(entries, tile.width)])


def _check_bundles(journal: Journal, bundles: TileStore, start: int, signed: Checkpoint) -> None:
    """Compute the root again from the files with the entries from `start` on."""
    edge = journal.frontier(start)
    added = [tile for tile in tiles_between(start, signed.size) if tile.level is None]
    for tile in added:
        hashes = check_bundle(tile, bundles.read, ())
        edge = edge.extend(hashes[max(0, edge.size - tile.index * WIDTH) :])
    if edge.root != signed.root:
        for tile in added:  # The journal tells which of them is not as it was written.
            entries = islice(journal.entries(tile.index * WIDTH), tile.width)
            check_bundle(tile, bundles.read, [leaf_hash(entry.data) for entry in entries])
        raise _no_root(signed)


def _demand_root(tiles: TileStore, edge: TileEdge, signed: Checkpoint) -> None:
    if edge.frontier.root != signed.root:
        raise _differing(tiles, signed)


def _differing(tiles: TileStore, signed: Checkpoint) -> TilesDiffer:
    """The error for tiles that do not lead to a signed root; it names the first."""
    try:
        check_tree(signed, tiles.read)
    except TilesDiffer as error:
        return error
    return _no_root(signed)


def _no_root(signed: Checkpoint) -> TilesDiffer:
    return TilesDiffer(
        f"The published files do not hash to the signed root of {signed.size} entries.",
        where=CHECKPOINT,
    )
