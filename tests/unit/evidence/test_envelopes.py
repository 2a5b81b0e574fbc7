"""DSSE envelopes: how they are written, read and verified."""

from __future__ import annotations

import json

import pytest

from assay.adapters.keys import Ed25519Signer
from assay.errors import InvalidArgument
from assay.evidence.envelopes import (
    EnvelopeNotSigned,
    MalformedEnvelope,
    ed25519_key_hint,
    open_envelope,
    parse_envelope,
    seal,
    verify_envelope,
)

ALICE = Ed25519Signer.from_seed("alice", b"a" * 32)
BOB = Ed25519Signer.from_seed("bob", b"b" * 32)
PAYLOAD = '{"name":"café"}'.encode()


def test_sealed_payload_opens_to_its_very_bytes() -> None:
    """What was verified is handed on unchanged, and the envelope renders as it was."""
    data = seal(PAYLOAD, ALICE)
    assert open_envelope(data, [BOB.verifier, ALICE.verifier]) == PAYLOAD
    assert parse_envelope(data).to_bytes() == data


def test_threshold_counts_keys_not_signatures() -> None:
    """The same key twice, in the envelope or among the trusted, is one key."""
    twice = parse_envelope(seal(PAYLOAD, ALICE, ALICE))
    with pytest.raises(EnvelopeNotSigned):
        verify_envelope(twice, [ALICE.verifier, ALICE.verifier, BOB.verifier], threshold=2)
    both = parse_envelope(seal(PAYLOAD, ALICE, BOB))
    assert verify_envelope(both, [ALICE.verifier, BOB.verifier], threshold=2) == PAYLOAD
    with pytest.raises(InvalidArgument):
        verify_envelope(both, [ALICE.verifier], threshold=0)


def test_foreign_signature_is_refused() -> None:
    """An envelope that no trusted key signed does not open."""
    with pytest.raises(EnvelopeNotSigned):
        open_envelope(seal(PAYLOAD, BOB), [ALICE.verifier])
    with pytest.raises(EnvelopeNotSigned):
        open_envelope(seal(PAYLOAD, BOB), [])


def test_another_type_is_refused() -> None:
    """A signed payload of another type is not taken for a statement."""
    data = seal(PAYLOAD, ALICE, payload_type="application/x-other")
    with pytest.raises(MalformedEnvelope):
        open_envelope(data, [ALICE.verifier])


def test_key_hint_is_that_of_openssl() -> None:
    """The hint is SHA-256 over the DER form of the public key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.hashes import SHA256, Hash
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(ALICE.public_key)
    sha256 = Hash(SHA256())
    sha256.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert ed25519_key_hint(ALICE.public_key) == sha256.finalize().hex()


@pytest.mark.parametrize("bit", range(0, 8 * len(seal(PAYLOAD, ALICE)), 7))
def test_a_flipped_bit_is_detected_or_changes_nothing_signed(bit: int) -> None:
    """Whatever still opens has the payload that was signed (the hint carries no meaning)."""
    data = bytearray(seal(PAYLOAD, ALICE))
    data[bit // 8] ^= 1 << bit % 8
    try:
        assert open_envelope(bytes(data), [ALICE.verifier]) == PAYLOAD
    except (MalformedEnvelope, EnvelopeNotSigned):
        return
    hint = json.loads(seal(PAYLOAD, ALICE))["signatures"][0]["keyid"].encode()
    start = seal(PAYLOAD, ALICE).index(b'"keyid"')
    assert start <= bit // 8 < start + len(hint) + 12


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"payload":"","payloadType":"t","signatures":[]}',
        b'{"payload":"","payloadType":"t","signatures":[1]}',
        b'{"payload":"","payloadType":"t","signatures":[{}]}',
        b'{"payload":"","payloadType":"t","signatures":[{"sig":"AA==","keyid":1}]}',
        b'{"payload":"","payloadType":1,"signatures":[{"sig":"AA=="}]}',
        b'{"payload":"A","payloadType":"t","signatures":[{"sig":"AA=="}]}',
        b'{"payload":"AB==","payloadType":"t","signatures":[{"sig":"AA=="}]}',
        b'{"payload":"-/==","payloadType":"t","signatures":[{"sig":"AA=="}]}',
        b'{"payload":"AA","payloadType":"t","signatures":[{"sig":"AA=="}]}',
        b'{"payload":"","payload":"","payloadType":"t","signatures":[{"sig":"AA=="}]}',
        b'{"payload":NaN,"payloadType":"t","signatures":[{"sig":"AA=="}]}',
        json.dumps(
            {"payload": "", "payloadType": "t", "signatures": [{"sig": "AA=="}] * 101}
        ).encode(),
    ],
    ids=range(17),
)
def test_malformed_envelopes_are_refused(data: bytes) -> None:
    """Wrong types, double keys, sloppy base64 and giant lists are not envelopes."""
    with pytest.raises(MalformedEnvelope):
        parse_envelope(data)
