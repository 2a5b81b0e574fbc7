"""Ed25519 keys by the `cryptography` package, and the file that keeps a workspace's own."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.adapters.files import write_whole
from assay.errors import EnvironmentUnavailable, VerificationFailed
from assay.tlog.cosignature import CosignatureVerifier
from assay.tlog.keys import (
    ED25519,
    ED25519_COSIGNATURE,
    MalformedKey,
    VerifierKey,
    parse_verifier_key,
)
from assay.tlog.text import decode_base64, encode_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PREFIX: Final = "PRIVATE+KEY+"
_FILE_BYTES_MAX: Final = 4096


class SignatureFailed(VerificationFailed):
    """A signature is not that key's over that message."""

    code = "key.signature-failed"


class KeyExposed(EnvironmentUnavailable):
    """Others than its owner may read a signing key."""

    code = "key.exposed"


class KeyUnusable(EnvironmentUnavailable):
    """A signing key is absent, exists already, or is no key."""

    code = "key.unusable"


class AlgorithmMissing(EnvironmentUnavailable):
    """What is installed cannot verify by an algorithm that a key asks for."""

    code = "key.algorithm-missing"


def verify_ed25519(*, public_key: bytes, message: bytes, signature: bytes) -> None:
    """Return if a raw signature (64 bytes) is that of a raw public key (32 bytes).

    Raises:
        SignatureFailed: it is not, or the key is no point of the curve.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureFailed(
            "The signature is not that of the key over these bytes: one of them was changed, "
            "or another key signed."
        ) from error


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """A named public key that checks notes and envelopes."""

    key: VerifierKey

    def __post_init__(self) -> None:
        if self.key.algorithm != ED25519:
            raise MalformedKey(
                f"{self.key.name!r} is a witness's key, not one that signs logs and statements.",
                remedy="Name the log's own key; its signature type is 01.",
            )

    @classmethod
    def parse(cls, text: str) -> Ed25519Verifier:
        """The verifier of a key written `name+id+key`; raises MalformedKey."""
        return cls(parse_verifier_key(text))

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.name

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before its signatures in a note."""
        return self.key.key_id

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""
        return self.key.public_key

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if the signature (64 bytes) is this key's, else raise SignatureFailed."""
        verify_ed25519(public_key=self.public_key, message=message, signature=signature)

    def another(self, key: VerifierKey) -> Ed25519Verifier:
        """What checks the signatures of another key."""
        return Ed25519Verifier(key)


@dataclass(frozen=True, slots=True)
class _Raw:
    """A key without a name, of an algorithm that cosigns."""

    public_key: bytes
    algorithm: int

    def verify(self, message: bytes, signature: bytes) -> None:
        if self.algorithm == ED25519_COSIGNATURE:
            verify_ed25519(public_key=self.public_key, message=message, signature=signature)
        else:
            _verify_ml_dsa_44(self.public_key, message, signature)


def cosignature_verifier(key: VerifierKey) -> CosignatureVerifier:
    """What checks the cosignatures of a witness's key."""
    return CosignatureVerifier(key, _Raw(key.public_key, key.algorithm))


class Ed25519Signer:
    """A private key with its name. No text of it ever shows the secret."""

    __slots__ = ("_private", "key")

    def __init__(self, name: str, private: Ed25519PrivateKey, *, algorithm: int = ED25519) -> None:
        self._private = private
        self.key = VerifierKey(
            name=name, public_key=private.public_key().public_bytes_raw(), algorithm=algorithm
        )

    @classmethod
    def from_seed(cls, name: str, seed: bytes, *, algorithm: int = ED25519) -> Ed25519Signer:
        """The key of a 32-byte secret seed (RFC 8032), a log's or a witness's by its type."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(name, Ed25519PrivateKey.from_private_bytes(seed), algorithm=algorithm)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.key})"

    @property
    def name(self) -> str:
        """The key's name: the origin of the log that it signs."""
        return self.key.name

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""
        return self.key.public_key

    @property
    def verifier(self) -> Ed25519Verifier:
        """The public half."""
        return Ed25519Verifier(self.key)

    def sign(self, message: bytes) -> bytes:
        """A raw 64-byte Ed25519 signature."""
        return self._private.sign(message)


def create_key(path: Path, *, name: str, algorithm: int = ED25519) -> Ed25519Signer:
    """Make a key and keep it in a file that only its owner can read (mode 0600).

    The file appears whole or not at all, and never replaces another: of two processes that
    create it at once, one fails. It is durable when this returns. Its line is the private
    form of Go's `sumdb/note`, so the name is part of the key.

    Args:
        path: the file; its folder exists.
        name: of the key, the origin of the log that it will sign.
        algorithm: the type of what it signs: a log, or as a witness.

    Raises:
        InvalidArgument: the name cannot be that of a key.
        KeyUnusable: the file exists, or cannot be written.
    """
    seed = secrets.token_bytes(32)
    signer = Ed25519Signer.from_seed(name, seed, algorithm=algorithm)
    typed = encode_base64(bytes([algorithm]) + seed)
    line = f"{_PREFIX}{name}+{signer.key.key_id.hex()}+{typed}\n"
    try:
        write_whole(path, line.encode(), replace=False)
    except FileExistsError as error:
        raise KeyUnusable(
            "A key is there already, and a new one would orphan what it signed.",
            where=str(path),
            remedy="Use it, or move it away to start a new log.",
        ) from error
    except OSError as error:
        raise KeyUnusable(
            f"The key cannot be written: {error.strerror}.", where=str(path)
        ) from error
    return signer


def load_key(path: Path, *, algorithm: int = ED25519) -> Ed25519Signer:
    """The key in a file that `create_key` wrote, for the same purpose.

    Raises:
        KeyExposed: someone besides the owner has any right to the file.
        KeyUnusable: it is absent or holds no key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, checked before it is read
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if mode & 0o077:
                raise KeyExposed(
                    f"The signing key has mode {mode:04o}: others than its owner can reach it.",
                    where=str(path),
                    remedy=f"Run `chmod 600 {path}`; if others may have read it, make a new key.",
                )
            data = file.read(_FILE_BYTES_MAX)
    except OSError as error:
        raise KeyUnusable(
            f"The signing key cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Restore the key from its backup. To verify only, give the log's public key "
            "with --key.",
        ) from error
    try:
        return _parse(data.decode("ascii"), algorithm)
    except ValueError:
        # The cause is left out on purpose: its message would quote the secret.
        raise KeyUnusable(
            "The file does not hold a signing key for this purpose.",
            where=str(path),
            remedy="Restore the key from its backup.",
        ) from None


def _parse(text: str, algorithm: int) -> Ed25519Signer:
    name, _, rest = text.removeprefix(_PREFIX).removesuffix("\n").partition("+")
    key_id, _, encoded = rest.partition("+")
    typed = decode_base64(encoded)
    if not text.startswith(_PREFIX) or typed[:1] != bytes([algorithm]):
        raise ValueError("not a private key")
    signer = Ed25519Signer.from_seed(name, typed[1:], algorithm=algorithm)
    if signer.key.key_id.hex() != key_id:
        raise ValueError("not the key id of its name and key")
    return signer


def _verify_ml_dsa_44(public_key: bytes, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError as error:
        raise AlgorithmMissing(
            "The installed `cryptography` cannot verify ML-DSA-44.",
            remedy="Install a later version, or name witnesses that cosign by Ed25519.",
        ) from error
    try:
        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureFailed("The cosignature is not that of the witness's key.") from error
