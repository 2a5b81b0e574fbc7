"""An independent implementation of C2SP reads our cosignatures, and we read its own."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.signing import MLDSA44CosignatureSigner, Vkey
from tlog_scales.tlog import Checkpoint as PeersCheckpoint

from assay.adapters.keys import Ed25519Signer, cosignature_verifier
from assay.errors import VerificationFailed
from assay.tlog.checkpoint import Checkpoint
from assay.tlog.cosignature import Quorum, cosign
from assay.tlog.keys import ED25519_COSIGNATURE, parse_verifier_key
from assay.tlog.note import Note, NoteSignature, parse_note
from assay.tlog.trust_policy import parse_trust_policy

LOG = Ed25519Signer.from_seed("example.org/log", b"l" * 32)
WITNESS = Ed25519Signer.from_seed("example.org/w", b"w" * 32, algorithm=ED25519_COSIGNATURE)
CHECKPOINT = Checkpoint(origin=LOG.name, size=1234, root=b"r" * 32)
NOTE = Note(text=str(CHECKPOINT)).signed(LOG)


def test_the_peer_verifies_our_signature_and_cosignature() -> None:
    """By the keys' published texts alone; and refuses them on another checkpoint."""
    ours = NOTE.with_lines([cosign(NOTE, WITNESS, time=1_700_000_000)]).to_bytes().decode()
    other = ours.replace("\n1234\n", "\n1235\n")
    for key in (LOG.key, WITNESS.key):
        vkey = Vkey.from_string(str(key))
        PeersCheckpoint.from_text(ours).verify(vkey)
        with pytest.raises(InvalidSignature):
            PeersCheckpoint.from_text(other).verify(vkey)


def test_we_verify_the_peers_ml_dsa_cosignature() -> None:
    """Of the type that the drafts prefer now; its key is spelled as the peer spells it."""
    peer = MLDSA44CosignatureSigner("example.org/q", b"q" * 32)
    signed = peer.sign(PeersCheckpoint(LOG.name, CHECKPOINT.size, CHECKPOINT.root, []))
    key = parse_verifier_key(peer.vkey.serialize())
    line = NoteSignature(
        name=signed.name, key_id=signed.key_id.to_bytes(4, "big"), signature=signed.payload
    )
    quorum = Quorum(
        policy=parse_trust_policy(f"witness q {key}\nquorum q\n".encode()),
        verifiers={key: cosignature_verifier(key)},
    )
    note = parse_note(NOTE.with_lines([line]).to_bytes())
    assert quorum.check(note) == {key}
    moved = dataclasses.replace(note, text=note.text.replace("\n1234\n", "\n1235\n"))
    with pytest.raises(VerificationFailed):
        quorum.check(moved)
