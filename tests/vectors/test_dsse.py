"""The test vector of the DSSE specification, and its encoding of types and payloads."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from assay.errors import VerificationFailed
from assay.evidence.envelopes import (
    EnvelopeNotSigned,
    open_envelope,
    pae,
    parse_envelope,
    verify_envelope,
)

DATA = Path(__file__).parent / "data" / "dsse"
ENVELOPE = (DATA / "hello-world.envelope.json").read_bytes()
TYPE = "http://example.com/HelloWorld"


class EcdsaVerifier:
    """The specification's own key: P-256 with SHA-256, signatures as raw r and s."""

    public_key = (DATA / "hello-world.pub.pem").read_bytes()

    def verify(self, message: bytes, signature: bytes) -> None:
        key = load_pem_public_key(self.public_key)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise VerificationFailed("not this key's") from error


@pytest.mark.parametrize("case", json.loads((DATA / "pae-cases.json").read_text()))
def test_pre_authentication_encoding(case: dict[str, Any]) -> None:
    """Type and payload encode to the published bytes."""
    encoded = pae(case["payloadType"], base64.b64decode(case["body_b64"]))
    assert encoded == base64.b64decode(case["pae_b64"])
    assert hashlib.sha256(encoded).hexdigest() == case["pae_sha256"]


def test_specification_vector_verifies() -> None:
    """The published envelope verifies with the published key."""
    assert open_envelope(ENVELOPE, [EcdsaVerifier()], payload_type=TYPE) == b"hello world"


@pytest.mark.parametrize(("old", "new"), [("aGVsbG8", "aGVsbG9"), ("HelloWorld", "HelloWorle")])
def test_changed_payload_or_type_is_rejected(old: str, new: str) -> None:
    """Neither the payload nor its type can change under the signature."""
    changed = ENVELOPE.decode().replace(old, new, 1).encode()
    with pytest.raises(EnvelopeNotSigned):
        verify_envelope(parse_envelope(changed), [EcdsaVerifier()])


@pytest.mark.parametrize("key_hint", ["", "anything", "\N{SNOWMAN}"])
def test_key_hint_proves_nothing(key_hint: str) -> None:
    """The key id is only a hint: missing, empty or wrong, the signature decides."""
    raw = json.loads(ENVELOPE)
    raw["signatures"][0]["keyid"] = key_hint
    raw["unknown"] = {"field": 1.5}
    envelope = parse_envelope(json.dumps(raw).encode())
    assert verify_envelope(envelope, [EcdsaVerifier()]) == b"hello world"


def test_url_safe_base64_is_read() -> None:
    """The URL-safe alphabet spells the same signature."""
    raw = json.loads(ENVELOPE)
    raw["signatures"][0]["sig"] = raw["signatures"][0]["sig"].replace("+", "-").replace("/", "_")
    envelope = parse_envelope(json.dumps(raw).encode())
    assert verify_envelope(envelope, [EcdsaVerifier()]) == b"hello world"
