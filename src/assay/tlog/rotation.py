"""Handing a log on to a new key: the old one vouches for it, and the new one accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.keys import NoteVerifier, Signer, VerifierKey

_HEADER: Final = "assay key rotation v1"
"""No other text that a log's key signs begins so: names of logs have no spaces."""


class RotationRejected(VerificationFailed):
    """A key was not handed on by the one in force, or not accepted by its holder."""

    code = "tlog.rotation-rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """From some entry on another key signs a log of the same name.

    Attributes:
        old: the key in force until then.
        new: the key in force from then on.
        by_old: the old key's signature, 64 bytes: it vouches for the new one.
        by_new: the new key's, 64 bytes: its holder has it, and takes on this log.
    """

    old: VerifierKey
    new: VerifierKey
    by_old: bytes
    by_new: bytes

    def check(self, verifier: NoteVerifier) -> NoteVerifier:
        """What checks the new key's signatures, once both signatures were checked.

        Args:
            verifier: of the key in force.

        Raises:
            RotationRejected: the key in force did not hand the log on to this one.
        """
        if (self.old.name, self.old.public_key) != (verifier.name, verifier.public_key):
            raise RotationRejected(f"The key {self.old} hands the log on, and is not in force.")
        if self.new.name != self.old.name or self.new.public_key == self.old.public_key:
            raise RotationRejected(f"The key {self.new} is not another one of the same log.")
        message = rotation_message(self.old, self.new)
        successor = verifier.another(self.new)
        try:
            verifier.verify(message, self.by_old)
            successor.verify(message, self.by_new)
        except VerificationFailed as error:
            raise RotationRejected(
                f"The key {self.new} is not vouched for: {error.what}"
            ) from error
        return successor


def rotation_message(old: VerifierKey, new: VerifierKey) -> bytes:
    """The bytes that both keys sign: three lines, the header and the keys' texts."""
    return f"{_HEADER}\n{old}\n{new}\n".encode()


def hand_over(old: Signer, new: Signer) -> Rotation:
    """The rotation that both keys' holder signs; they have the same name."""
    if old.name != new.name:
        raise InvalidArgument(f"A log is called by its key: {new.name!r} is not {old.name!r}.")
    keys = [VerifierKey(name=item.name, public_key=item.public_key) for item in (old, new)]
    message = rotation_message(*keys)
    return Rotation(old=keys[0], new=keys[1], by_old=old.sign(message), by_new=new.sign(message))
