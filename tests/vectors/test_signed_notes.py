"""The notes, checkpoints and offline proofs that C2SP and transparency-dev published."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from assay.adapters.keys import Ed25519Verifier
from assay.errors import VerificationFailed
from assay.tlog.checkpoint import Checkpoint, MalformedCheckpoint, parse_checkpoint
from assay.tlog.keys import MalformedKey, VerifierKey, parse_verifier_key
from assay.tlog.note import NoteNotSigned, NoteSignatureFailed, parse_note, verify_note
from assay.tlog.offline_proof import MalformedProof, OfflineProof, parse_offline_proof
from assay.tlog.trust_policy import QuorumMissed, parse_trust_policy
from assay.tlog.witness import parse_request

DATA = Path(__file__).parent / "data" / "signed-note"
CASES: dict[str, list[dict[str, Any]]] = json.loads((DATA / "parse-cases.json").read_text())
NOTE = (DATA / "note.txt").read_bytes()
VKEY = (DATA / "note.vkey").read_text().strip()


def _cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["desc"]) for case in CASES[name]]


def test_note_verifies() -> None:
    """The published note verifies with the published key and renders to its very bytes."""
    note = parse_note(NOTE)
    (line,) = verify_note(note, [Ed25519Verifier.parse(VKEY)])
    assert line.key_id.hex() == "530d903a"
    assert note.to_bytes() == NOTE


@pytest.mark.parametrize("position", range(NOTE.index(b"\n\n")))
def test_every_changed_byte_of_the_text_is_rejected(position: int) -> None:
    """A note with one byte of its text changed does not verify."""
    changed = bytearray(NOTE)
    changed[position] ^= 1
    with pytest.raises(VerificationFailed):
        verify_note(parse_note(bytes(changed)), [Ed25519Verifier.parse(VKEY)])


def test_another_name_is_an_unknown_key() -> None:
    """The same key under another name has another id, and signed nothing here."""
    key = dataclasses.replace(parse_verifier_key(VKEY), name="example.com/bar")
    with pytest.raises(NoteNotSigned):
        verify_note(parse_note(NOTE), [Ed25519Verifier(key)])


def test_known_key_with_wrong_signature_rejects() -> None:
    """A line that names a known key must be that key's signature."""
    note = parse_note(NOTE)
    (line,) = note.signatures
    forged = dataclasses.replace(line, signature=bytes(64))
    with pytest.raises(NoteSignatureFailed):
        verify_note(dataclasses.replace(note, signatures=(forged,)), [Ed25519Verifier.parse(VKEY)])


def test_wrong_key_id_in_the_key_text_is_refused() -> None:
    """A verifier key whose id is not that of its name and key is refused."""
    with pytest.raises(MalformedKey):
        parse_verifier_key(VKEY.replace("530d903a", "530d903b"))


def test_verifier_key_renders_as_published() -> None:
    """A parsed key renders to its text."""
    key = parse_verifier_key(VKEY)
    assert str(key) == VKEY
    assert key == VerifierKey(name="example.com/foo", public_key=key.public_key)


@pytest.mark.parametrize("name", ["checkpoint-form.txt", "checkpoint-cosigned-form.txt"])
def test_checkpoint_forms(name: str) -> None:
    """The published checkpoints parse, and render byte for byte."""
    data = (DATA / name).read_bytes()
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == note.text
    assert note.to_bytes() == data


def test_cosign_request_form() -> None:
    """The published request to a witness parses, and renders byte for byte."""
    data = (DATA / "add-checkpoint-request-form.txt").read_bytes()
    request = parse_request(data)
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert len(parse_note(request.checkpoint).signatures) == 2
    assert request.to_bytes() == data


def test_trust_policy_form() -> None:
    """The published policy, with keys in their places, says who must cosign."""
    text = (DATA / "trust-policy-form.txt").read_text()
    keys = [VerifierKey(name=f"k{number}", public_key=bytes([number]) * 32) for number in range(7)]
    for key in keys:
        text = text.replace("<vkey>", str(key), 1)
    policy = parse_trust_policy(text.encode())
    assert [log.key for log in policy.logs] == keys[:1]
    x1, x2, x3, y1, y2, _ = keys[1:]
    for enough in ([x1, x2, y1], [x1, x3, y2], keys):
        policy.check(enough)
    for few in ([], [x1, y1, y2], [x1, x2, x3]):
        with pytest.raises(QuorumMissed):
            policy.check(few)


@pytest.mark.parametrize("case", _cases("checkpoint_parse"))
def test_checkpoint_texts(case: dict[str, Any]) -> None:
    """A checkpoint's text parses to the published fields, or is rejected as the text says."""
    if case["wantErr"] or case.get("strictErr"):
        with pytest.raises(MalformedCheckpoint):
            parse_checkpoint(case["text"])
        return
    expected = Checkpoint(
        origin=case["origin"],
        size=case["size"],
        root=base64.b64decode(case["hash_b64"]),
        extensions=tuple(case["rest"].splitlines()),
    )
    assert parse_checkpoint(case["text"]) == expected
    assert str(expected) == case["text"]


@pytest.mark.parametrize("case", _cases("tlog_proof_marshal"))
def test_offline_proofs(case: dict[str, Any]) -> None:
    """An offline proof has exactly the published text, both ways."""
    extra = case.get("extra_b64")
    proof = OfflineProof(
        index=case["index"],
        hashes=tuple(base64.b64decode(item) for item in case["hashes"]),
        checkpoint=case["checkpoint"].encode(),
        extra=None if extra is None else base64.b64decode(extra),
    )
    assert proof.to_bytes() == case["text"].encode()
    assert parse_offline_proof(case["text"].encode()) == proof


@pytest.mark.parametrize("case", _cases("tlog_proof_reject"))
def test_malformed_offline_proofs(case: dict[str, Any]) -> None:
    """What must not parse as an offline proof does not."""
    with pytest.raises(MalformedProof):
        parse_offline_proof(case["text"].encode())
