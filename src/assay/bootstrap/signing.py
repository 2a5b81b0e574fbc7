"""The keys of a workspace: its log's own, its successor, and those that sign beside it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import EnvironmentUnavailable

if TYPE_CHECKING:
    from assay.adapters.keys import Ed25519Signer
    from assay.app.ports import Journal
    from assay.app.services import Services
    from assay.tlog.keys import VerifierKey
    from assay.tlog.rotation import Rotation

KEY: Final = "keys/workspace.key"
"""The private key that signs the workspace's log."""

NEXT: Final = "keys/next.key"
"""The key to which the log is being handed on; only there until that is done."""


class KeyNotReplaced(EnvironmentUnavailable):
    """The file of a key cannot be replaced or taken away."""

    code = "key.not-replaced"


class KeyNotInForce(EnvironmentUnavailable):
    """The key of a workspace is not the one to which its log was handed on."""

    code = "key.not-in-force"


def load_signer(home: Path, *, origin: str) -> Ed25519Signer:
    """The workspace's key, made under that name if there is none."""
    from assay.adapters.keys import create_key, load_key

    key = home / KEY
    return load_key(key) if key.exists() else create_key(key, name=origin)


def settled_signer(home: Path, journal: Journal, signer: Ed25519Signer) -> Ed25519Signer:
    """The key in force, once a rotation that was interrupted has been made good.

    Raises:
        KeyNotInForce: the key that is here was handed on, or never was the log's.
    """
    from assay.adapters.keys import load_key

    if (home / NEXT).exists():
        with _rotating(home):
            _settle(home, journal, load_key(home / KEY))
    keys = workspace_keys(journal)
    if keys and signer.key != keys[-1]:
        signer = load_key(home / KEY)  # It may have been replaced since it was read.
        if signer.key != keys[-1]:
            raise KeyNotInForce(
                f"The log was handed on to the key {keys[-1]}, and another one is here.",
                where=str(home / KEY),
                remedy="Restore the latest key from its backup.",
            )
    return signer


def load_cosigners(home: Path) -> tuple[Ed25519Signer, ...]:
    """The keys that the workspace's settings name, which sign beside its own."""
    from assay.adapters.keys import load_key
    from assay.adapters.settings import load_settings

    return tuple(load_key(Path(file)) for file in load_settings(home).cosigners)


def rotate_workspace_key(services: Services, home: Path, *, actor: str) -> Rotation:
    """Make a new key for a workspace's log, record that it signs from now on, and use it.

    The old key's file is replaced last; a process that dies before leaves both keys, and the
    next command goes on with whichever the log says is in force.

    Raises:
        KeyNotReplaced, KeyUnusable: a file cannot be written.
        Refused: somebody else handed the log on meanwhile.
    """
    from assay.adapters.keys import create_key, load_key
    from assay.app.log.rotating import rotate_key

    with _rotating(home):
        _settle(home, services.journal, load_key(home / KEY))
        (home / NEXT).unlink(missing_ok=True)  # Left by a rotation that was never recorded.
        new = create_key(home / NEXT, name=services.signer.name)
        rotation = rotate_key(services, new, actor=actor)
        _put_in_place(home)
    return rotation


def workspace_keys(journal: Journal) -> tuple[VerifierKey, ...]:
    """The public keys of a log in the order in which they came into force."""
    from assay.app.log.verifying.keys import claimed_keys

    return claimed_keys(journal)


@contextmanager
def _rotating(home: Path) -> Generator[None]:
    """Keep other processes from replacing keys meanwhile; one that dies lets go."""
    lock = home / f"{NEXT}.lock"
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KeyNotReplaced(
            f"Keys cannot be replaced: {error.strerror}.",
            where=str(lock),
            remedy="Give yourself the right to write there.",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _settle(home: Path, journal: Journal, signer: Ed25519Signer) -> None:
    """Put the next key in place if the log was handed on to it."""
    from assay.adapters.keys import load_key
    from assay.app.log.rotating import finish_rotation

    following = home / NEXT
    if following.exists() and finish_rotation(journal, old=signer, new=load_key(following)):
        _put_in_place(home)


def _put_in_place(home: Path) -> None:
    from assay.adapters.files import sync_folder

    try:
        (home / NEXT).replace(home / KEY)
        sync_folder((home / KEY).parent)
    except OSError as error:
        raise KeyNotReplaced(
            f"The new key cannot be put in place: {error.strerror}.",
            where=str(home / KEY),
            remedy="Give yourself the right to write there; the next command does it.",
        ) from error
