"""The entries of a pack: canonical, in the log, about one version, folded to records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from assay.app.log.verifying.keys import LogKeys
from assay.app.packs.unpacking.problems import (
    PackedEntryRejected,
    PackedProofRejected,
    PackIncomplete,
)
from assay.documents.packs.layout import (
    CHECKPOINT,
    INDEX,
    PackedEvent,
    belongs,
    entry_file,
    named_in,
    people_in,
    proof_file,
)
from assay.errors import VerificationFailed
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.events import Event, parse_entry
from assay.governance.versions import MODEL, model_digest, version_digest
from assay.tlog.checkpoint import Checkpoint, open_checkpoint
from assay.tlog.keys import NoteVerifier, VerifierKey
from assay.tlog.merkle import leaf_hash
from assay.tlog.offline_proof import parse_offline_proof
from assay.tlog.proofs import verify_inclusion

ITEMS_MAX: Final = 1 << 20
"""Lists, objects and items in all entries of a pack together."""

_KEYS: Final = ("person", "system", "version")
"""The fields of events that become keys of records."""

_ENTRY: Final = re.compile(r"entries/(0|[1-9][0-9]{0,18})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a pack's entries are about: one version of one system.

    Attributes:
        system: its id.
        version: the version digest.
        name: what people call the version.
        model: the digest of its model alone; None where it has none.
    """

    system: str
    version: str
    name: str
    model: str | None


def read_checkpoint(
    files: Mapping[str, bytes],
    *,
    origin: str,
    verifiers: Sequence[NoteVerifier],
    threshold: int = 1,
) -> Checkpoint:
    """The checkpoint, signed by enough of the trusted keys in the log's name.

    Raises:
        PackedProofRejected: it is not.
    """
    try:
        LogKeys(verifiers, threshold=threshold).check_note(files[CHECKPOINT])
        return open_checkpoint(files[CHECKPOINT], origin=origin, verifiers=verifiers)
    except VerificationFailed as error:
        raise PackedProofRejected(error.what, file=CHECKPOINT) from error


def read_entries(files: Mapping[str, bytes], checkpoint: Checkpoint) -> tuple[PackedEvent, ...]:
    """The entries, by index, each shown to be in the log; times never run backwards.

    Raises:
        PackProblem: the first that is malformed, without proof, or older than its forerunner.
    """
    found: list[PackedEvent] = []
    items = 0
    for index in _indices(files):
        file = entry_file(index)
        items += _items(files[file])
        if items > ITEMS_MAX:
            raise PackedEntryRejected("The entries hold more than any version's do.", file=file)
        event = _event(files[file], file)
        if found and event.time < found[-1].event.time:
            raise PackedEntryRejected("The event is older than the one before it.", file=file)
        _check_inclusion(files, index, checkpoint)
        found.append(PackedEvent(index=index, event=event))
    return tuple(found)


def read_about(entries: Sequence[PackedEvent], key: VerifierKey) -> About:
    """The version that the entries are about.

    Args:
        entries: the entries, by index.
        key: the one under which the log was opened.

    Raises:
        PackProblem: they register none, are about another besides, or are another log's.
    """
    registered = [item for item in entries if item.event.type == events.VERSION_REGISTERED]
    if not registered:
        raise PackIncomplete("No entry registers a version.", file=INDEX)
    last = registered[-1]
    components = _components(last)
    about = About(
        system=_text(last, "system"),
        version=_text(last, "version"),
        name=_text(last, "name"),
        model=model_digest(components),
    )
    if version_digest(components) != about.version:
        raise PackedEntryRejected(
            "The version's digest is not that of its components.", file=entry_file(last.index)
        )
    people = people_in(item.event for item in entries)
    contents = named_in(item.event for item in entries)
    for item in entries:
        if not belongs(
            item.event,
            system=about.system,
            version=about.version,
            people=people,
            contents=contents,
        ):
            raise PackedEntryRejected(
                "The entry is not about the pack's version.", file=entry_file(item.index)
            )
        opened = {"origin": key.name, "key": str(key)}
        if item.event.type == events.WORKSPACE_OPENED and item.event.body != opened:
            raise PackedEntryRejected("The entry opens another log.", file=entry_file(item.index))
    return about


def _indices(files: Mapping[str, bytes]) -> Iterator[int]:
    """The indices of the files of entries, ascending."""
    matches = map(_ENTRY.fullmatch, files)
    yield from sorted(int(match[1]) for match in matches if match is not None)


def _items(data: bytes) -> int:
    """At least how many values the JSON has: they cost memory long before bytes do."""
    return data.count(b"[") + data.count(b"{") + data.count(b",")


def _event(data: bytes, file: str) -> Event:
    try:
        event = parse_entry(data)
    except VerificationFailed as error:
        raise PackedEntryRejected(error.what, file=file) from error
    for name in _KEYS:
        if not isinstance(event.body.get(name, ""), str):
            raise PackedEntryRejected(f"Its {name} is not text.", file=file)
    return event


def _check_inclusion(files: Mapping[str, bytes], index: int, checkpoint: Checkpoint) -> None:
    file = proof_file(index)
    if file not in files:
        raise PackIncomplete(f"Entry {index} comes without a proof.", file=file)
    try:
        proof = parse_offline_proof(files[file])
        verify_inclusion(
            index=index,
            size=checkpoint.size,
            leaf_hash=leaf_hash(files[entry_file(index)]),
            proof=proof.hashes,
            root=checkpoint.root,
        )
    except VerificationFailed as error:
        raise PackedProofRejected(error.what, file=file) from error
    # The proof's own checkpoint is what others will check, so it must be the very same.
    if (proof.index, proof.extra) != (index, None) or proof.checkpoint != files[CHECKPOINT]:
        raise PackedProofRejected("The proof is of another entry or checkpoint.", file=file)


def _components(item: PackedEvent) -> Mapping[str, Mapping[str, Json]]:
    components = item.event.body["components"]
    if (
        not isinstance(components, Mapping)
        or MODEL not in components
        or not all(isinstance(component, Mapping) for component in components.values())
    ):
        raise PackedEntryRejected(
            "Its components are not a version's.", file=entry_file(item.index)
        )
    return cast(Mapping[str, Mapping[str, Json]], components)


def _text(item: PackedEvent, name: str) -> str:
    value = item.event.body[name]
    if not isinstance(value, str):
        raise PackedEntryRejected(f"Its {name} is not text.", file=entry_file(item.index))
    return value
