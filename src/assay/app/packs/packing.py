"""Packing: what was recorded about a version, with proofs, as files that stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast

from assay.app.log.verification import publish_checkpoint
from assay.app.ports import Entry, Journal
from assay.app.services import Services
from assay.documents.packs.files import pack_files
from assay.documents.packs.index import Pack
from assay.documents.packs.layout import (
    ENVELOPE,
    SIGNATURE,
    SUMS,
    Audience,
    PackedEvent,
    belongs,
    contents_of,
    named_in,
    people_in,
    subjects_of,
)
from assay.errors import VerificationFailed
from assay.evidence.canonical import canonical
from assay.governance.events import KEY_SUBJECT, Event, parse_entry
from assay.governance.fold import ERASURE, PERSON, Record
from assay.tlog.checkpoint import Checkpoint
from assay.tlog.keys import VerifierKey
from assay.tlog.merkle import leaf_hash
from assay.tlog.proofs import inclusion_proof
from assay.tlog.tiles import WIDTH, Tile, TileEdge, tile_roots

_OPENED: Final = 0
"""The index of the entry that names the log's key."""


class LogDiffers(VerificationFailed):
    """The journal's entries do not hash to the root that was signed."""

    code = "pack.log-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A pack, and its files in their order."""

    pack: Pack
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selection:
    """What belongs in a pack, out of the log as it was at a checkpoint."""

    system: str
    version: str
    size: int


def pack_version(services: Services, version: Record, *, audience: Audience) -> Packed:
    """A version's pack; the same state of the workspace gives the same bytes.

    Reads the log twice, in memory that does not grow with it.

    Args:
        services: the workspace.
        version: the version's record.
        audience: for whom; a public pack has digests in the place of what is confidential.

    Raises:
        VerificationFailed: the log is not the one that was signed, or content is damaged.
    """
    checkpoint = publish_checkpoint(services.journal, services.signer)
    stored = services.journal.last_checkpoint()
    assert stored is not None  # noqa: S101 - it has just been published
    selection = _Selection(
        system=version.parent, version=cast(str, version.value["version"]), size=checkpoint.size
    )
    entries = _entries(services.journal, selection)
    contents = contents_of(entries, audience, lambda content: services.blobs.has(content.digest))
    key = VerifierKey(name=services.signer.name, public_key=services.signer.public_key)
    pack = Pack(
        audience=audience,
        system=selection.system,
        version=selection.version,
        name=cast(str, version.value["name"]),
        key=str(key),
        checkpoint=checkpoint,
        entries=entries,
        contents=contents,
    )
    files = pack_files(
        pack,
        key=key,
        checkpoint=stored[1],
        proofs=_proofs(services.journal, checkpoint, [item.index for item in entries]),
        blobs=_blobs(services, pack),
    )
    signature = services.signer.sign(files[SUMS])
    return Packed(pack=pack, files={**files, SIGNATURE: signature})


def _entries(journal: Journal, selection: _Selection) -> tuple[PackedEvent, ...]:
    """The entries that belong in the pack, by index."""
    found = {item.index: item.event for item in _about(journal, selection)}
    # Who erased something is introduced too, and that introduction may have been erased.
    while more := _further(journal, selection, found) - set(found):
        found.update((index, _event(next(journal.entries(index)))) for index in more)
    people, contents = people_in(found.values()), named_in(found.values())
    return tuple(
        PackedEvent(index=index, event=event)
        for index, event in sorted(found.items())
        if belongs(
            event,
            system=selection.system,
            version=selection.version,
            people=people,
            contents=contents,
        )
    )


def _further(journal: Journal, selection: _Selection, found: Mapping[int, Event]) -> set[int]:
    """The indices of what introduces people in some events, and tells of erased content."""
    asked = [(PERSON, person) for person in people_in(found.values())]
    asked += [(ERASURE, digest) for digest in named_in(found.values())]
    records = (journal.record(kind, key, at=selection.size) for kind, key in asked)
    return {cast(int, known.value["index"]) for known in records if known is not None}


def _about(journal: Journal, selection: _Selection) -> Iterator[PackedEvent]:
    """The log's first entry, and those whose subject is the version or its system."""
    wanted = (*subjects_of(selection.system, selection.version), KEY_SUBJECT)
    # Of millions of entries few are wanted, and looking for bytes is cheaper than parsing.
    spelled = [b'"subject":' + canonical(subject) for subject in wanted]
    for entry in _first(journal, selection.size):
        if entry.index != _OPENED and not any(subject in entry.data for subject in spelled):
            continue
        event = _event(entry)
        if entry.index == _OPENED or event.subject in wanted:
            yield PackedEvent(index=entry.index, event=event)


def _proofs(
    journal: Journal, checkpoint: Checkpoint, indices: list[int]
) -> dict[int, tuple[bytes, ...]]:
    """The inclusion proof of each entry in the checkpoint's tree.

    Kept are all tiles above level 0, a 256th of the tree, and on level 0 those that hold a
    wanted entry.
    """
    kept = {index // WIDTH for index in indices}
    tiles: dict[Tile, bytes] = {}
    edge = TileEdge()
    leaves = (leaf_hash(entry.data) for entry in _first(journal, checkpoint.size))
    while chunk := list(islice(leaves, WIDTH)):
        edge, full = edge.grow(chunk)
        tiles.update((tile, data) for tile, data in full if tile.level or tile.index in kept)
    tiles.update(edge.partial())
    if (edge.size, edge.frontier.root) != (checkpoint.size, checkpoint.root):
        raise LogDiffers(
            f"The first {checkpoint.size} entries do not hash to the root that was signed.",
            remedy="Run `assay verify`: it names the first entry that was changed.",
        )
    roots = tile_roots(checkpoint.size, tiles.__getitem__)
    return {index: inclusion_proof(index, checkpoint.size, roots) for index in indices}


def _blobs(services: Services, pack: Pack) -> Mapping[str, bytes]:
    envelopes = (item.event.digests.get(ENVELOPE) for item in pack.entries)
    here = (content.digest for content in pack.contents if content.state == "here")
    wanted = {digest for digest in (*envelopes, *here) if digest is not None}
    return {digest: services.blobs.get(digest) for digest in wanted}


def _first(journal: Journal, size: int) -> Iterator[Entry]:
    return islice(journal.entries(), size)


def _event(entry: Entry) -> Event:
    return parse_entry(entry.data)
