"""Witnesses: those that a trust policy names, and one of our own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from assay.adapters.witness_server import WitnessServer
    from assay.app.log.witnessing import Witnesses


class NoLogToWatch(ConfigurationError):
    """A witness was started without a log to watch."""

    code = "witness.no-log"


class WitnessNameMissing(ConfigurationError):
    """A witness's key is to be made, and nobody said how it is called."""

    code = "witness.name-missing"


def witnesses_in(policy: Path | None, home: Path) -> Witnesses | None:
    """The witnesses that a trust policy names, to be asked at their URLs.

    Args:
        policy: its file; None takes the one that the workspace's settings name, if they do.
        home: the workspace's own folder.
    """
    from assay.adapters.settings import load_settings
    from assay.adapters.witnesses import HttpWitness, load_quorum
    from assay.app.log.witnessing import Witnesses

    named = load_settings(home).witnesses
    if policy is None and named is not None:
        policy = home / named
    return None if policy is None else Witnesses(quorum=load_quorum(policy), at=HttpWitness)


@contextmanager
def open_witness(
    *, listen: str, state: Path, key: Path, name: str | None, logs: Sequence[str]
) -> Generator[tuple[WitnessServer, str]]:
    """A witness that listens, with its public key; it answers within `serve_forever`.

    Args:
        listen: `HOST:PORT`.
        state: the file of what it cosigned.
        key: the file of its key, made if it is not there.
        name: of the key, where it is made.
        logs: the public keys of the logs that it watches.

    Raises:
        ConfigurationError: a key is none, or the address cannot be had.
        EnvironmentUnavailable: a file cannot be read or written.
    """
    from assay.adapters.clocks import SystemClock
    from assay.adapters.keys import Ed25519Verifier, create_key, load_key
    from assay.adapters.witness_server import FileWitnessState, WitnessServer
    from assay.app.log.witnessing import answer_request
    from assay.tlog.keys import ED25519_COSIGNATURE

    watched: dict[str, list[Ed25519Verifier]] = {}
    for log in logs:
        verifier = Ed25519Verifier.parse(log)
        watched.setdefault(verifier.name, []).append(verifier)
    if not watched:
        raise NoLogToWatch("No log is named.", remedy="Name each log's public key by --log.")
    if key.exists():
        signer = load_key(key, algorithm=ED25519_COSIGNATURE)
    elif name:
        signer = create_key(key, name=name, algorithm=ED25519_COSIGNATURE)
    else:
        raise WitnessNameMissing(
            f"There is no key {key} yet.",
            remedy="Make it by --name NAME, such as the address at which others reach you.",
        )
    memory, clock = FileWitnessState(state), SystemClock()
    with memory.locked():
        memory.seen()  # Damage is found before anyone asks.

    with WitnessServer(
        listen,
        lambda body: answer_request(body, logs=watched, state=memory, signer=signer, clock=clock),
    ) as server:
        yield server, str(signer.key)
