"""A statement that was received is in the other log, by the proof that came with it."""

from __future__ import annotations

from assay.evidence.canonical import canonical
from assay.governance.events import Event
from assay.governance.received import ReceivedMalformed, original, received_key
from assay.tlog.checkpoint import open_checkpoint
from assay.tlog.keys import NoteVerifier
from assay.tlog.merkle import leaf_hash
from assay.tlog.offline_proof import parse_offline_proof
from assay.tlog.proofs import verify_inclusion


def signer_of(event: Event, verifier: NoteVerifier) -> NoteVerifier:
    """What checks the signature of a received statement.

    Whoever took it in vouches for the key: the entry that names it is in their own log.

    Args:
        event: the `statement.received`.
        verifier: any, for another key of its kind.

    Raises:
        AssayError: the entry contradicts itself.
    """
    original(event)
    return verifier.another(received_key(event, "signed_by"))


def check_proof(event: Event, proof: bytes, verifier: NoteVerifier) -> None:
    """Check that the original entry is in the other log.

    Args:
        event: the `statement.received`.
        proof: its offline proof.
        verifier: any, for another key of its kind.

    Raises:
        AssayError: it is not, or the other log's key did not sign the checkpoint.
    """
    told = parse_offline_proof(proof)
    key = received_key(event, "log_key")
    checkpoint = open_checkpoint(
        told.checkpoint, origin=key.name, verifiers=[verifier.another(key)]
    )
    if told.index != event.body["index"]:
        raise ReceivedMalformed(f"The proof is one of entry {told.index}.")
    verify_inclusion(
        index=told.index,
        size=checkpoint.size,
        leaf_hash=leaf_hash(canonical(event.body["event"])),
        proof=told.hashes,
        root=checkpoint.root,
    )
