"""Public keys that other people hand out: PEM files, or a log's key written `name+id+base64`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.adapters.keys import Ed25519Verifier, SignatureFailed
from assay.errors import ConfigurationError
from assay.tlog.keys import Verifier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes


class UnusablePublicKey(ConfigurationError):
    """A text is not a public key that can check signatures here."""

    code = "key.unusable-public"


@dataclass(frozen=True, slots=True)
class PemVerifier:
    """A key from a PEM file: `public_key` is its SubjectPublicKeyInfo in DER."""

    public_key: bytes
    check: Callable[[bytes, bytes], None] = field(compare=False)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if the signature is this key's over the message, else raise SignatureFailed."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.check(message, signature)
        except (InvalidSignature, ValueError) as error:
            raise SignatureFailed(
                "The signature is not that of the key over these bytes."
            ) from error


def public_key(text: str, *, where: str | None = None) -> Verifier:
    """The key in a text: PEM of Ed25519, or of ECDSA on P-256 or P-384; or `name+id+base64`.

    Args:
        text: at most one key.
        where: the file that it came from, for the error.

    Raises:
        UnusablePublicKey: it is none of these.
    """
    if not text.lstrip().startswith("-----"):
        try:
            return Ed25519Verifier.parse(text.strip())
        except ConfigurationError as error:
            raise _unusable(where) from error
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return _verifier(load_pem_public_key(text.encode()), where)
    except (TypeError, UnsupportedAlgorithm, ValueError) as error:
        raise _unusable(where) from error


def _verifier(key: PublicKeyTypes, where: str | None) -> PemVerifier:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, Ed25519PublicKey):
        edwards = key
        return PemVerifier(der, lambda message, signature: edwards.verify(signature, message))
    hashes = {"secp256r1": SHA256, "secp384r1": SHA384}
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in hashes:
        curve, algorithm = key, ec.ECDSA(hashes[key.curve.name]())
        return PemVerifier(
            der, lambda message, signature: curve.verify(signature, message, algorithm)
        )
    raise _unusable(where)


def _unusable(where: str | None) -> UnusablePublicKey:
    return UnusablePublicKey(
        "The text is not a public key that can be used here.",
        where=where,
        remedy="Name a PEM file of an Ed25519, P-256 or P-384 public key.",
    )
