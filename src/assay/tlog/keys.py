"""Keys as signed notes name them, and what signing and verifying need of their holder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from assay.errors import ConfigurationError, InvalidArgument
from assay.tlog.text import decode_base64, encode_base64

ED25519: Final = 0x01
"""The signature type of a log's own key."""

ED25519_COSIGNATURE: Final = 0x04
ML_DSA_44_COSIGNATURE: Final = 0x06
"""The signature types of witnesses."""

KEY_ID_BYTES: Final = 4
_NAME_LENGTH_MAX: Final = 255
_KEY_BYTES: Final = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44_COSIGNATURE: 1312}


class MalformedKey(ConfigurationError):
    """A text is not a verifier key."""

    code = "tlog.malformed-key"


class Verifier(Protocol):
    """A public key that can check signatures; the algorithm is its own affair."""

    @property
    def public_key(self) -> bytes:
        """The key's bytes; two verifiers with the same ones are one key."""
        ...

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if the signature is this key's over the message.

        Raises:
            VerificationFailed: it is not.
        """
        ...


class NoteVerifier(Verifier, Protocol):
    """A verifier with the name and id by which a signed note calls it."""

    @property
    def name(self) -> str:
        """The key's name, such as the origin of the log that it signs."""
        ...

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before its signatures."""
        ...

    def another(self, key: VerifierKey) -> NoteVerifier:
        """What checks the signatures of another key, which this one vouched for."""
        ...


class Signer(Protocol):
    """An Ed25519 key with a name, for checkpoints and statements."""

    @property
    def name(self) -> str:
        """The key's name: the origin of the log that it signs."""
        ...

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A raw 64-byte Ed25519 signature."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A named public key, written `name+<key id in hex>+<base64 of type and key>`.

    Source: C2SP signed-note 1.0; the text form is that of Go's `sumdb/note`.
    """

    name: str
    public_key: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if _KEY_BYTES.get(self.algorithm) != len(self.public_key):
            raise InvalidArgument(
                f"No key of signature type {self.algorithm:02x} has {len(self.public_key)} bytes."
            )

    @property
    def key_id(self) -> bytes:
        """SHA-256(name, LF, type, key), its first four bytes."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        return hashlib.sha256(named).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        key = encode_base64(bytes([self.algorithm]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{key}"


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that `str(key)` wrote.

    Raises:
        MalformedKey: the text is not a verifier key, its id is not that of its name and
            key, or its signature type is none of those above.
    """
    try:
        return _parse(text)
    except ValueError as error:
        raise MalformedKey(
            f"{text[:300]!r} is not a verifier key: {error}",
            remedy="Copy the whole line `name+id+key` that the owner of the log published.",
        ) from error


def check_name(name: str) -> None:
    """Refuse a key name that a signature line cannot carry.

    Raises:
        InvalidArgument: the name is empty or too long, or holds a space, a plus sign or a
            control character.
    """
    usable = name and len(name) <= _NAME_LENGTH_MAX and "+" not in name
    if not usable or any(char.isspace() or char < " " for char in name):
        raise InvalidArgument(
            f"{name[:300]!r} is not a key name: 1 to {_NAME_LENGTH_MAX} characters without "
            "space, plus sign or control character."
        )


def _parse(text: str) -> VerifierKey:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    typed = decode_base64(encoded)
    key = VerifierKey(name=name, public_key=typed[1:], algorithm=typed[0] if typed else 0)
    if key.key_id.hex() != key_id:
        raise ValueError(f"the id of that name and key is {key.key_id.hex()}.")
    return key
