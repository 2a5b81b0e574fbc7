"""DSSE envelopes (1.0.2): a payload, its type, and signatures over both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.evidence.canonical import Json, canonical, parse_object
from assay.tlog.keys import Signer, Verifier
from assay.tlog.text import decode_base64, encode_base64

STATEMENT_TYPE: Final = "application/vnd.in-toto+json"

ENVELOPE_BYTES_MAX: Final = 64 << 20
SIGNATURES_MAX: Final = 100

ED25519_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What precedes a raw Ed25519 key in its SubjectPublicKeyInfo (RFC 8410)."""


class MalformedEnvelope(VerificationFailed):
    """Bytes are not a DSSE envelope."""

    code = "envelope.malformed"


class EnvelopeNotSigned(VerificationFailed):
    """Fewer trusted keys signed the envelope than are asked for."""

    code = "envelope.not-signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """A signature; `key_hint` only says where to look first and proves nothing."""

    signature: bytes
    key_hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with signatures over its very bytes; not yet to be trusted."""

    payload: bytes
    payload_type: str
    signatures: tuple[EnvelopeSignature, ...]

    def to_bytes(self) -> bytes:
        """The envelope as canonical JSON with standard base64."""
        signatures: list[Json] = [
            {"keyid": item.key_hint, "sig": encode_base64(item.signature)}
            if item.key_hint
            else {"sig": encode_base64(item.signature)}
            for item in self.signatures
        ]
        return canonical(
            {
                "payload": encode_base64(self.payload),
                "payloadType": self.payload_type,
                "signatures": signatures,
            }
        )


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: the pre-authentication encoding of type and payload.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, *signers: Signer, payload_type: str = STATEMENT_TYPE) -> bytes:
    """The bytes of an envelope around a payload, with a signature of each signer."""
    message = pae(payload_type, payload)
    signatures = tuple(
        EnvelopeSignature(
            signature=signer.sign(message), key_hint=ed25519_key_hint(signer.public_key)
        )
        for signer in signers
    )
    return Envelope(payload=payload, payload_type=payload_type, signatures=signatures).to_bytes()


def parse_envelope(data: bytes) -> Envelope:
    """An envelope as anyone may write it; nothing is verified.

    Both alphabets of base64 are read and unknown fields are ignored, as DSSE asks, so
    writing an envelope again need not give the same bytes: keep those that came.

    Raises:
        MalformedEnvelope: the bytes are not an envelope, or exceed its bounds.
    """
    if len(data) > ENVELOPE_BYTES_MAX:
        raise MalformedEnvelope(f"An envelope of {len(data):,} bytes is too large.")
    try:
        return _parse(data)
    except (TypeError, ValueError) as error:
        raise MalformedEnvelope(f"The bytes are not a DSSE envelope: {error}") from error


def verify_envelope(
    envelope: Envelope, verifiers: Sequence[Verifier], *, threshold: int = 1
) -> bytes:
    """The payload, once enough trusted keys are found to have signed it.

    Args:
        envelope: as parsed.
        verifiers: the trusted keys; the same key twice counts once.
        threshold: how many different keys must have signed; at least 1.

    Raises:
        EnvelopeNotSigned: fewer did.
    """
    if threshold < 1:
        raise InvalidArgument("At least one key must have signed.")
    message = pae(envelope.payload_type, envelope.payload)
    signed = {
        verifier.public_key
        for verifier in verifiers
        if any(_verifies(verifier, message, item.signature) for item in envelope.signatures)
    }
    if len(signed) < threshold:
        raise EnvelopeNotSigned(
            f"{len(signed)} trusted keys signed the envelope, and {threshold} must: its payload "
            "or a signature was changed, or other keys signed."
        )
    return envelope.payload


def open_envelope(
    data: bytes,
    verifiers: Sequence[Verifier],
    *,
    payload_type: str = STATEMENT_TYPE,
    threshold: int = 1,
) -> bytes:
    """The payload in an envelope's bytes, verified, of the type that the caller can read.

    Raises:
        VerificationFailed: malformed, of another type, or not signed by enough trusted keys.
    """
    envelope = parse_envelope(data)
    payload = verify_envelope(envelope, verifiers, threshold=threshold)
    if envelope.payload_type != payload_type:
        raise MalformedEnvelope(
            f"The payload's type is {envelope.payload_type[:200]!r}, not {payload_type!r}."
        )
    return payload


def ed25519_key_hint(public_key: bytes) -> str:
    """SHA-256 (hex) of a raw key's SubjectPublicKeyInfo, as `openssl` writes it in DER."""
    return hashlib.sha256(ED25519_SPKI + public_key).hexdigest()


def _parse(data: bytes) -> Envelope:
    raw = parse_object(data)
    payload, payload_type, signatures = (
        raw.get("payload"),
        raw.get("payloadType"),
        raw.get("signatures"),
    )
    if not isinstance(payload, str) or not isinstance(payload_type, str):
        raise TypeError("payload and payloadType must be text.")
    if not isinstance(signatures, list) or not 0 < len(signatures) <= SIGNATURES_MAX:
        raise ValueError(f"it must have 1 to {SIGNATURES_MAX} signatures.")
    return Envelope(
        payload=_any_base64(payload),
        payload_type=payload_type,
        signatures=tuple(_signature(item) for item in signatures),
    )


def _signature(raw: Json) -> EnvelopeSignature:
    if not isinstance(raw, dict):
        raise TypeError("a signature must be an object.")
    signature, key_hint = raw.get("sig"), raw.get("keyid") or ""
    if not isinstance(signature, str) or not isinstance(key_hint, str):
        raise TypeError("sig and keyid must be text.")
    return EnvelopeSignature(signature=_any_base64(signature), key_hint=key_hint)


def _any_base64(text: str) -> bytes:
    url_safe = "-" in text or "_" in text
    if url_safe and ("+" in text or "/" in text):
        raise ValueError("a value mixes standard and URL-safe base64.")
    return decode_base64(text.replace("-", "+").replace("_", "/") if url_safe else text)


def _verifies(verifier: Verifier, message: bytes, signature: bytes) -> bool:
    # Only here does a failure mean "not this key's"; the count of keys decides.
    try:
        verifier.verify(message, signature)
    except VerificationFailed:
        return False
    return True
