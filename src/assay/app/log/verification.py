"""Verifying a journal from its entries alone, and signing what was committed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from itertools import chain, islice

from assay.app.log.verifying.events import ABSENT_LISTED, EventCheck
from assay.app.log.verifying.keys import LogKeys, claimed_keys
from assay.app.log.verifying.state import StateCheck
from assay.app.log.verifying.tree import TreeWalk
from assay.app.ports import BlobStore, Head, Journal, Signer
from assay.errors import VerificationFailed
from assay.governance.projection import Fold
from assay.governance.verification import VerificationReport
from assay.tlog.checkpoint import Checkpoint, parse_checkpoint
from assay.tlog.cosignature import Quorum
from assay.tlog.keys import NoteVerifier, VerifierKey
from assay.tlog.merkle import Frontier, leaf_hash
from assay.tlog.note import Note, parse_note
from assay.tlog.trust_policy import QuorumMissed


class PublishingRefused(VerificationFailed):
    """What is committed does not continue what was signed; nothing was signed."""

    code = "journal.publishing-refused"


def verify_journal(
    journal: Journal,
    *,
    origin: str,
    verifiers: Sequence[NoteVerifier],
    blobs: BlobStore,
    fold: Fold,
    state: bool = False,
    quorum: Quorum | None = None,
    threshold: int = 1,
) -> VerificationReport:
    """Check a journal entry by entry, in memory that does not grow with it.

    Args:
        journal: nothing that it returns is trusted.
        origin: the log's name, which its checkpoints must bear.
        verifiers: the trusted keys, which sign checkpoints and statements; where the log was
            handed on to another key, the one in force by then must have signed.
        blobs: where the content lies that events name.
        fold: what makes records of events.
        state: whether also to fold the entries and compare every stored record.
        quorum: the witnesses who must have cosigned a checkpoint; None asks for none.
        threshold: how many of the keys must have signed each checkpoint and statement.

    Raises:
        QuorumMissed: no checkpoint was cosigned by enough of them.
        VerificationFailed: something is not what it claims to be; a JournalProblem names the
            first such entry.
    """
    keys = LogKeys(verifiers, threshold=threshold, claimed=claimed_keys(journal))
    walk = TreeWalk(journal, origin=origin, keys=keys, quorum=quorum)
    events = EventCheck(blobs, keys)
    with StateCheck(journal, fold) if state else nullcontext() as records:
        for entry in chain.from_iterable(walk.pages()):
            event = events.check(entry)
            if records is not None:
                records.check(entry.index, event)
        keys.finish(signed=walk.signed)
        if records is not None:
            records.finish(walk.head.size)
    if quorum is not None and walk.witnessed is None:
        raise QuorumMissed(
            f"None of the {walk.checkpoints} checkpoints was cosigned by enough witnesses.",
            remedy="Run `assay log publish` with the same witnesses.",
        )
    return VerificationReport(
        size=walk.head.size,
        root=walk.head.root,
        checkpoints=walk.checkpoints,
        signed=walk.signed,
        contents=events.contents,
        statements=events.statements,
        absent=events.absent,
        absent_count=events.absent_count,
        erased=tuple(islice(events.erased.values(), ABSENT_LISTED)),
        erased_count=len(events.erased),
        lingering=tuple(sorted(events.lingering)[:ABSENT_LISTED]),
        changes=None if records is None else records.changes,
        witnessed=walk.witnessed,
        keys=tuple(
            str(VerifierKey(name=item.name, public_key=item.public_key)) for item in keys.every
        ),
    )


def publish_checkpoint(
    journal: Journal, signer: Signer, *, others: Sequence[Signer] = ()
) -> Checkpoint:
    """Sign the committed head, unless it is signed already.

    A log must never sign two trees of which neither begins with the other. So the entries
    since the last signed size are hashed again, on top of the edge that its root commits to.

    Args:
        journal: the log.
        signer: its key.
        others: keys that sign beside it, one of which may have signed before in its place.

    Raises:
        PublishingRefused: the last checkpoint is not this key's, the journal has become
            shorter, or its entries do not lead from the signed root to the committed one.
    """
    last = journal.last_checkpoint()
    head = journal.head()  # Read second: others append and sign meanwhile, and it only grows.
    signed = None if last is None else own_checkpoint(last[1], signer, *others)
    edge = _edge_of(journal, signed)
    if edge.size > head.size:
        raise PublishingRefused(
            f"{edge.size} entries were signed, but only {head.size} are here.",
            remedy="Restore the latest backup: this one is older than what was signed.",
        )
    edge = _continue(journal, edge, head)
    checkpoint = Checkpoint(origin=signer.name, size=edge.size, root=edge.root)
    if checkpoint != signed:
        note = Note(text=str(checkpoint))
        for key in (signer, *others):
            note = note.signed(key)
        journal.add_checkpoint(checkpoint.size, note.to_bytes())
    return checkpoint


def own_checkpoint(data: bytes, signer: Signer, *others: Signer) -> Checkpoint:
    """The checkpoint in a note that this very key signed, or one of the others.

    Raises:
        PublishingRefused: only further keys signed it.
        VerificationFailed: the bytes are not a checkpoint's note.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    # Ed25519 signs deterministically, so the key's own line is the one it would write again.
    lines = [Note(text=note.text).signed(key).signatures[0] for key in (signer, *others)]
    if not any(line in note.signatures for line in lines):
        raise PublishingRefused(
            f"The checkpoint of {checkpoint.size} entries is not signed by the key "
            f"{signer.name!r}.",
            remedy="Sign with the key that signed before.",
        )
    return checkpoint


def _edge_of(journal: Journal, signed: Checkpoint | None) -> Frontier:
    """The right edge at the signed size; that its root was signed makes it trustworthy."""
    if signed is None:
        return Frontier()
    edge = journal.frontier(signed.size)
    if edge.root != signed.root:
        raise PublishingRefused(
            f"The first {signed.size} entries are not those that were signed.",
            remedy="Run `assay verify`: it names the first entry that was changed.",
        )
    return edge


def _continue(journal: Journal, edge: Frontier, head: Head) -> Frontier:
    added = islice(journal.entries(edge.size), head.size - edge.size)
    edge = edge.extend(leaf_hash(entry.data) for entry in added)
    if (edge.size, edge.root) != (head.size, head.root):
        raise PublishingRefused(
            f"The entries up to {head.size} do not hash to the recorded root.",
            remedy="Run `assay verify`: it names the first entry that was changed.",
        )
    return edge
