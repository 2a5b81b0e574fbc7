"""Cosignatures: a witness's word that a checkpoint continues what it saw (C2SP)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.checkpoint import parse_checkpoint
from assay.tlog.keys import (
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    NoteVerifier,
    Signer,
    Verifier,
    VerifierKey,
)
from assay.tlog.note import Note, NoteSignature, verified_lines
from assay.tlog.trust_policy import Party, TrustPolicy

_TIME_BYTES: Final = 8
_TIME_MAX: Final = 2**63 - 1
_SIGNATURE_BYTES: Final = {ED25519_COSIGNATURE: 64, ML_DSA_44_COSIGNATURE: 2420}


class MalformedCosignature(VerificationFailed):
    """Bytes are not a time and a signature of the key's algorithm."""

    code = "tlog.malformed-cosignature"


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """A witness's key, which checks its lines under a checkpoint.

    Attributes:
        key: named, of a type that cosigns.
        algorithm: checks the raw signature of that key.
    """

    key: VerifierKey
    algorithm: Verifier

    def __post_init__(self) -> None:
        if self.key.algorithm not in _SIGNATURE_BYTES:
            raise InvalidArgument(f"{self.key.name!r} is not a key that cosigns.")

    @property
    def name(self) -> str:
        """The witness's name."""
        return self.key.name

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before its cosignatures in a note."""
        return self.key.key_id

    @property
    def public_key(self) -> bytes:
        """The key's bytes."""
        return self.key.public_key

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if a line's signature is this witness's, over a checkpoint's text.

        Raises:
            MalformedCosignature: it is not a time and a signature.
            VerificationFailed: it is not the key's, or the text is no checkpoint.
        """
        if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES[self.key.algorithm]:
            raise MalformedCosignature(f"{len(signature)} bytes are not a cosignature.")
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        if not 0 < time <= _TIME_MAX:
            raise MalformedCosignature(f"{time} is not the time of a cosignature.")
        signed = cosigned_message(message, time=time, key=self.key)
        self.algorithm.verify(signed, signature[_TIME_BYTES:])

    def another(self, key: VerifierKey) -> CosignatureVerifier:
        """A witness has one key; see the port."""
        raise InvalidArgument(
            f"The witness {self.name!r} does not hand its key on to {key.name!r}."
        )


def cosigned_message(text: bytes, *, time: int, key: VerifierKey) -> bytes:
    """The bytes that a witness signs.

    Args:
        text: the checkpoint's, its last line feed included.
        time: seconds since 1970.
        key: the witness's; its type says which of the two forms.
    """
    if key.algorithm == ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n".encode() + text
    checkpoint = parse_checkpoint(text.decode())
    name, origin = key.name.encode(), checkpoint.origin.encode()
    # C2SP tlog-cosignature, "ML-DSA-44 signed message": a struct of RFC 8446, section 3.
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            time.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def cosign(note: Note, signer: Signer, *, time: int) -> NoteSignature:
    """A witness's line for a note, by an Ed25519 key of its own.

    Args:
        note: a log's checkpoint, whose signature and consistency were checked.
        signer: the witness's key.
        time: seconds since 1970, at least 1.
    """
    key = VerifierKey(name=signer.name, public_key=signer.public_key, algorithm=ED25519_COSIGNATURE)
    message = cosigned_message(note.text.encode(), time=time, key=key)
    signature = time.to_bytes(_TIME_BYTES, "big") + signer.sign(message)
    return NoteSignature(name=key.name, key_id=key.key_id, signature=signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """A trust policy with what checks its witnesses' cosignatures."""

    policy: TrustPolicy
    verifiers: Mapping[VerifierKey, NoteVerifier]

    @property
    def witnesses(self) -> Sequence[Party]:
        """The witnesses of the policy, in its order."""
        return [item for item in self.policy.members.values() if isinstance(item, Party)]

    def cosigners(self, note: Note) -> frozenset[VerifierKey]:
        """The witnesses whose cosignatures stand under a note.

        Raises:
            NoteSignatureFailed: a line in a witness's name is not its cosignature.
        """
        known = [self.verifiers[party.key] for party in self.witnesses]
        lines = {(line.name, line.key_id) for line in verified_lines(note, known)}
        keys = [party.key for party in self.witnesses]
        return frozenset(key for key in keys if (key.name, key.key_id) in lines)

    def check(self, note: Note) -> frozenset[VerifierKey]:
        """The witnesses that cosigned a note, if they suffice.

        Raises:
            QuorumMissed: they do not.
            NoteSignatureFailed: a line in a witness's name is not its cosignature.
        """
        cosigners = self.cosigners(note)
        self.policy.check(cosigners)
        return cosigners
