"""Trees and notes for any input: the plain recursion of the RFC is the oracle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.adapters.keys import Ed25519Signer
from assay.errors import VerificationFailed
from assay.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from assay.tlog.merkle import Frontier, leaf_hash, tree_root
from assay.tlog.note import Note, parse_note
from assay.tlog.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
ORIGIN = SIGNER.name

entries = st.lists(st.binary(max_size=40), max_size=70)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def plain_root(entries: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it stands there."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(entries[:k]) + plain_root(entries[k:])).digest()


@given(batches=st.lists(entries, max_size=6))
def test_any_appends_give_the_plain_root(batches: list[list[bytes]]) -> None:
    """However entries arrive, and though the edge is stored between, the root is the RFC's."""
    edge, appended = Frontier(), list[bytes]()
    for batch in batches:
        stored = Frontier.from_bytes(edge.size, edge.to_bytes())
        edge = stored.extend(map(leaf_hash, batch))
        appended += batch
        assert edge.root == plain_root(appended)


@given(entries=entries.filter(bool), data=st.data())
def test_every_inclusion_proof_verifies_and_no_other_leaf(
    entries: list[bytes], data: st.DataObject
) -> None:
    """A leaf's path shows that leaf, at that index, in that tree."""
    leaves = [leaf_hash(entry) for entry in entries]
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(index, len(leaves), lambda start, end: tree_root(leaves[start:end]))
    root = plain_root(entries)
    verify_inclusion(index=index, size=len(leaves), leaf_hash=leaves[index], proof=proof, root=root)
    with pytest.raises(VerificationFailed):
        verify_inclusion(
            index=index, size=len(leaves), leaf_hash=leaf_hash(b"!" * 41), proof=proof, root=root
        )


@given(entries=entries.filter(bool), data=st.data())
def test_every_consistency_proof_verifies(entries: list[bytes], data: st.DataObject) -> None:
    """Any two sizes of one log are consistent."""
    leaves = [leaf_hash(entry) for entry in entries]
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(old, len(leaves), lambda start, end: tree_root(leaves[start:end]))
    verify_consistency(
        old_size=old,
        old_root=plain_root(entries[:old]),
        new_size=len(leaves),
        new_root=plain_root(entries),
        proof=proof,
    )


@given(entries=entries.filter(lambda some: len(some) > 1), data=st.data())
def test_a_rewritten_past_is_not_consistent(entries: list[bytes], data: st.DataObject) -> None:
    """No proof leads from a tree with another entry in it to this one."""
    leaves = [leaf_hash(entry) for entry in entries]
    old = data.draw(st.integers(1, len(leaves)))
    changed = data.draw(st.integers(0, old - 1))
    past = [*entries[:changed], entries[changed] + b"!", *entries[changed + 1 : old]]
    proof = consistency_proof(old, len(leaves), lambda start, end: tree_root(leaves[start:end]))
    with pytest.raises(VerificationFailed):
        verify_consistency(
            old_size=old,
            old_root=plain_root(past),
            new_size=len(leaves),
            new_root=plain_root(entries),
            proof=proof,
        )


@given(origin=texts, size=st.integers(0, 2**63 - 1), root=st.binary(min_size=32, max_size=32))
def test_checkpoints_survive_their_text(origin: str, size: int, root: bytes) -> None:
    """Parsing a rendered checkpoint gives it back."""
    checkpoint = Checkpoint(origin=origin, size=size, root=root)
    assert parse_checkpoint(str(checkpoint)) == checkpoint


@given(lines=st.lists(texts, min_size=1))
def test_notes_survive_their_bytes(lines: list[str]) -> None:
    """Parsing a rendered note gives it back."""
    note = Note(text="".join(f"{line}\n" for line in lines)).signed(SIGNER)
    assert parse_note(note.to_bytes()) == note


@given(bit=st.integers(min_value=0))
def test_any_flipped_bit_of_a_checkpoint_note_is_detected(bit: int) -> None:
    """No bit of a signed checkpoint can change unnoticed."""
    checkpoint = Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32)))
    data = bytearray(Note(text=str(checkpoint)).signed(SIGNER).to_bytes())
    bit %= 8 * len(data)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationFailed):
        open_checkpoint(bytes(data), origin=ORIGIN, verifiers=[SIGNER.verifier])
