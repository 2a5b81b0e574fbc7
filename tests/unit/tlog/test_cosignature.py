"""Cosignatures of both types, and what a witness agrees to cosign."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from assay.adapters.keys import Ed25519Signer, cosignature_verifier
from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.checkpoint import Checkpoint
from assay.tlog.cosignature import (
    CosignatureVerifier,
    MalformedCosignature,
    Quorum,
    cosign,
    cosigned_message,
)
from assay.tlog.keys import (
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    VerifierKey,
    parse_verifier_key,
)
from assay.tlog.merkle import EMPTY_ROOT, leaf_hash, tree_root
from assay.tlog.note import Note, NoteNotSigned, NoteSignature, NoteSignatureFailed
from assay.tlog.proofs import ConsistencyFailed, consistency_proof
from assay.tlog.trust_policy import QuorumMissed, parse_trust_policy
from assay.tlog.witness import (
    CosignRequest,
    ForkSeen,
    MalformedRequest,
    OtherSizeSeen,
    UnknownLog,
    check_request,
)

LOG = Ed25519Signer.from_seed("example.org/log", b"l" * 32)
WITNESS = Ed25519Signer.from_seed("example.org/w", b"w" * 32, algorithm=ED25519_COSIGNATURE)
VERIFIER = cosignature_verifier(WITNESS.key)
QUANTUM = MLDSA44PrivateKey.from_seed_bytes(b"q" * 32)
QUANTUM_KEY = VerifierKey(
    name="example.org/q",
    public_key=QUANTUM.public_key().public_bytes_raw(),
    algorithm=ML_DSA_44_COSIGNATURE,
)
LEAVES = [leaf_hash(bytes([number])) for number in range(12)]
LOGS = {LOG.name: [LOG.verifier]}


def root(start: int, end: int) -> bytes:
    return tree_root(LEAVES[start:end])


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(origin=LOG.name, size=size, root=root(0, size))


def signed(of: Checkpoint, signer: Ed25519Signer = LOG) -> Note:
    return Note(text=str(of)).signed(signer)


def request(old: int, new: int, note: Note | None = None) -> CosignRequest:
    proof = consistency_proof(old, new, root) if old else ()
    data = (note or signed(checkpoint(new))).to_bytes()
    return CosignRequest(old_size=old, proof=proof, checkpoint=data)


def test_an_ed25519_cosignature_verifies_at_its_time() -> None:
    """The line is 8 bytes of time and a signature over header, time and text."""
    note = signed(checkpoint(7))
    line = cosign(note, WITNESS, time=1_679_315_147)
    assert int.from_bytes(line.signature[:8], "big") == 1_679_315_147
    assert (line.name, line.key_id) == (WITNESS.name, WITNESS.key.key_id)
    VERIFIER.verify(note.text.encode(), line.signature)
    message = cosigned_message(note.text.encode(), time=1_679_315_147, key=WITNESS.key)
    assert message == b"cosignature/v1\ntime 1679315147\n" + note.text.encode()


@pytest.mark.parametrize("position", [0, 7, 8, 71])
def test_every_part_of_a_cosignature_counts(position: int) -> None:
    """A changed time or signature is not the witness's."""
    note = signed(checkpoint(7))
    changed = bytearray(cosign(note, WITNESS, time=9).signature)
    changed[position] ^= 1
    with pytest.raises(VerificationFailed):
        VERIFIER.verify(note.text.encode(), bytes(changed))


@pytest.mark.parametrize("signature", [b"", bytes(71), bytes(73), bytes(72), b"\xff" * 72])
def test_what_is_no_cosignature_is_refused(signature: bytes) -> None:
    """Its length is fixed, and its time is positive and below 2^63."""
    with pytest.raises(MalformedCosignature):
        VERIFIER.verify(b"text\n", signature)


def test_an_ml_dsa_cosignature_commits_to_name_origin_size_and_root() -> None:
    """The struct is that of C2SP tlog-cosignature 1.1, built here byte by byte."""
    of, time = checkpoint(7), 1_700_000_000
    message = (
        b"subtree/v1\n\0\x0dexample.org/q"
        + time.to_bytes(8, "big")
        + b"\x0fexample.org/log"
        + bytes(8)
        + bytes([0, 0, 0, 0, 0, 0, 0, 7])
        + of.root
    )
    assert cosigned_message(str(of).encode(), time=time, key=QUANTUM_KEY) == message
    line = time.to_bytes(8, "big") + QUANTUM.sign(message)
    verifier = cosignature_verifier(QUANTUM_KEY)
    verifier.verify(str(of).encode(), line)
    for other in (checkpoint(8), dataclasses.replace(of, origin="example.org/other")):
        with pytest.raises(VerificationFailed):
            verifier.verify(str(other).encode(), line)


def test_a_logs_key_does_not_cosign() -> None:
    """A signature of one type is never taken for one of the other."""
    with pytest.raises(InvalidArgument):
        CosignatureVerifier(LOG.key, LOG.verifier)
    with pytest.raises(InvalidArgument):
        VERIFIER.another(LOG.key)


class TestAWitnessAgrees:
    """To what continues what it saw, and to nothing else."""

    @pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (1, 2), (5, 5), (4, 12), (11, 12)])
    def test_a_continuation(self, old: int, new: int) -> None:
        """From nothing, from the same size, and from any size before."""
        seen = {LOG.name: checkpoint(old)} if old else {}
        found = check_request(request(old, new), logs=LOGS, seen=seen)
        assert found == checkpoint(new)

    def test_not_to_an_unknown_log(self) -> None:
        """404."""
        with pytest.raises(UnknownLog):
            check_request(request(0, 5), logs={"example.org/other": [LOG.verifier]}, seen={})

    def test_not_to_an_unknown_key(self) -> None:
        """403."""
        other = Ed25519Signer.from_seed(LOG.name, b"o" * 32)
        with pytest.raises(NoteNotSigned):
            check_request(request(0, 5, signed(checkpoint(5), other)), logs=LOGS, seen={})

    def test_not_to_a_changed_checkpoint(self) -> None:
        """403."""
        note = dataclasses.replace(signed(checkpoint(5)), text=str(checkpoint(6)))
        with pytest.raises(NoteSignatureFailed):
            check_request(request(0, 6, note), logs=LOGS, seen={})

    def test_not_to_fewer_entries(self) -> None:
        """400: the old size is larger."""
        rollback = CosignRequest(old_size=9, proof=(), checkpoint=signed(checkpoint(5)).to_bytes())
        with pytest.raises(MalformedRequest):
            check_request(rollback, logs=LOGS, seen={LOG.name: checkpoint(9)})

    @pytest.mark.parametrize("old", [0, 3, 8])
    def test_not_from_another_size_than_it_saw(self, old: int) -> None:
        """409, with the size that it saw."""
        with pytest.raises(OtherSizeSeen) as found:
            check_request(request(old, 9), logs=LOGS, seen={LOG.name: checkpoint(5)})
        assert found.value.size == 5

    def test_not_to_another_tree_of_the_same_size(self) -> None:
        """409."""
        fork = Checkpoint(origin=LOG.name, size=5, root=bytes(32))
        with pytest.raises(ForkSeen):
            check_request(request(5, 5, signed(fork)), logs=LOGS, seen={LOG.name: checkpoint(5)})
        empty = Checkpoint(origin=LOG.name, size=0, root=bytes(32))
        with pytest.raises(ForkSeen):
            check_request(request(0, 0, signed(empty)), logs=LOGS, seen={})
        assert checkpoint(0).root == EMPTY_ROOT

    def test_not_to_another_history(self) -> None:
        """422: no proof leads from what it saw to a fork."""
        fork = Checkpoint(origin=LOG.name, size=9, root=bytes(32))
        for asked in (request(5, 9, signed(fork)), dataclasses.replace(request(5, 9), proof=())):
            with pytest.raises(ConsistencyFailed):
                check_request(asked, logs=LOGS, seen={LOG.name: checkpoint(5)})

    def test_not_to_a_proof_from_nothing(self) -> None:
        """422."""
        asked = dataclasses.replace(request(0, 9), proof=(bytes(32),))
        with pytest.raises(ConsistencyFailed):
            check_request(asked, logs=LOGS, seen={})

    def test_not_to_a_root_that_is_no_hash(self) -> None:
        """400."""
        short = Checkpoint(origin=LOG.name, size=5, root=b"r" * 31)
        with pytest.raises(MalformedRequest):
            check_request(request(0, 5, signed(short)), logs=LOGS, seen={})


def _quorum(lines: str, *keys: VerifierKey) -> Quorum:
    policy = parse_trust_policy(lines.encode())
    return Quorum(policy=policy, verifiers={key: cosignature_verifier(key) for key in keys})


def test_a_quorum_counts_verified_cosignatures_alone() -> None:
    """Two of three, each by its own key; a false line in a witness's name rejects the note."""
    signers = [
        Ed25519Signer.from_seed(f"w{number}", bytes([number]) * 32, algorithm=ED25519_COSIGNATURE)
        for number in range(3)
    ]
    keys = [signer.key for signer in signers]
    named = "".join(f"witness w{number} {key}\n" for number, key in enumerate(keys))
    quorum = _quorum(named + "group g 2 w0 w1 w2\nquorum g\n", *keys)
    note = signed(checkpoint(7))
    with pytest.raises(QuorumMissed):
        quorum.check(note)
    one = note.with_lines([cosign(note, signers[0], time=1)])
    with pytest.raises(QuorumMissed):
        quorum.check(one.with_lines([cosign(note, signers[0], time=2)]))
    two = one.with_lines([cosign(note, signers[2], time=1)])
    assert quorum.check(two) == {keys[0], keys[2]}
    false = NoteSignature(name="w1", key_id=keys[1].key_id, signature=bytes(7) + b"\1" + bytes(64))
    with pytest.raises(NoteSignatureFailed):
        quorum.check(two.with_lines([false]))
    elsewhere = cosign(signed(checkpoint(8)), signers[1], time=1)
    with pytest.raises(NoteSignatureFailed):
        quorum.check(one.with_lines([elsewhere]))


def test_a_published_cosigned_checkpoint_reads() -> None:
    """A witness's key in its text form, type 04, has the id under which it signs."""
    key = parse_verifier_key(str(WITNESS.key))
    note = signed(checkpoint(3))
    quorum = _quorum(f"witness w {key}\nquorum w\n", key)
    assert quorum.check(note.with_lines([cosign(note, WITNESS, time=5)])) == {key}
