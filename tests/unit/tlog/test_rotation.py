"""A log is handed on by the key in force, to a key whose holder accepts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.adapters.keys import Ed25519Signer
from assay.errors import InvalidArgument
from assay.tlog.rotation import RotationRejected, hand_over, rotation_message

OLD, NEW, OTHER = (Ed25519Signer.from_seed("log", bytes([number]) * 32) for number in (1, 2, 3))
ROTATION = hand_over(OLD, NEW)


def test_the_old_key_vouches_and_the_new_one_accepts() -> None:
    """What checks the new key's signatures follows from what checks the old one's."""
    successor = ROTATION.check(OLD.verifier)
    assert successor.public_key == NEW.public_key
    message = rotation_message(OLD.key, NEW.key)
    assert message == f"assay key rotation v1\n{OLD.key}\n{NEW.key}\n".encode()
    OLD.verifier.verify(message, ROTATION.by_old)
    NEW.verifier.verify(message, ROTATION.by_new)


@pytest.mark.parametrize(
    "rotation",
    [
        replace(ROTATION, by_old=ROTATION.by_new),
        replace(ROTATION, by_new=ROTATION.by_old),
        replace(ROTATION, by_old=b""),
        replace(ROTATION, new=OTHER.key),
        replace(hand_over(OTHER, NEW), old=OLD.key),
        hand_over(OTHER, NEW),
        hand_over(OLD, OLD),
        replace(ROTATION, new=Ed25519Signer.from_seed("other", b"n" * 32).key),
    ],
    ids=range(8),
)
def test_nobody_else_hands_a_log_on(rotation) -> None:
    """Each signature and each key counts, and a key is not its own successor."""
    with pytest.raises(RotationRejected):
        rotation.check(OLD.verifier)


def test_both_keys_have_the_logs_name() -> None:
    """A log keeps its name, by which others know it."""
    with pytest.raises(InvalidArgument):
        hand_over(OLD, Ed25519Signer.from_seed("other", b"n" * 32))
