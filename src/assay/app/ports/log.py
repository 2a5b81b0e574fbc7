"""The published log: who signs it, where it stands, who watches it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from assay.errors import EnvironmentUnavailable
from assay.tlog import keys
from assay.tlog.tiles import Tile

Signer = keys.Signer
"""An Ed25519 key with a name; defined on the floor of the log, which signs by it too."""


class CheckpointReplaced(EnvironmentUnavailable):
    """A published checkpoint was replaced by another publisher since it was read."""

    code = "publishing.checkpoint-replaced"


class TileStore(Protocol):
    """Where a log is published: files that any web server can serve below the log's prefix.

    A tile's path and width fix its content for ever, so tiles are written once; `checkpoint`
    alone is replaced, and by whole files only.
    """

    def locked(self) -> AbstractContextManager[None]:
        """Wait until no other process publishes here, and keep others waiting meanwhile.

        A store that cannot do that leaves it to `set_checkpoint` to find out.
        """
        ...

    def checkpoint(self) -> bytes | None:
        """The published note, or None before the first."""
        ...

    def set_checkpoint(self, note: bytes) -> None:
        """Publish a note in place of the one that was read last, durable when it returns.

        Raises:
            CheckpointReplaced: another stands there by now.
        """
        ...

    def read(self, tile: Tile) -> bytes:
        """A tile's or bundle's bytes, as stored (not yet trusted).

        Raises:
            VerificationFailed: it is not there.
        """
        ...

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Store tiles or bundles durably; the same bytes again do nothing.

        Raises:
            VerificationFailed: other bytes are there.
        """
        ...

    def drop_partial(self, tiles: Iterable[Tile]) -> None:
        """Take away what was stored of these full tiles while they were not full."""
        ...


class Anchor(Protocol):
    """A place outside the workspace where checkpoints are kept, such as a file or git notes."""

    def kept(self) -> Iterator[bytes]:
        """Every note that is kept there for this log (not yet trusted)."""
        ...

    def keep(self, note: bytes) -> None:
        """Keep a note; one that says less may give way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers a request by: an HTTP status and a body."""

    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Witness(Protocol):
    """Someone who cosigns checkpoints that continue what they saw (C2SP tlog-witness)."""

    def add_checkpoint(self, request: bytes) -> Answer:
        """Send a request and return the answer, which is bounded and not yet trusted.

        Raises:
            EnvironmentUnavailable: there was no answer in time.
        """
        ...


class WitnessState(Protocol):
    """What a witness remembers: of each log, the checkpoint that it cosigned last."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep every other request, in whatever process, waiting meanwhile."""
        ...

    def seen(self) -> Mapping[str, bytes]:
        """The last notes by their logs' origins, each with the log's signature."""
        ...

    def remember(self, origin: str, note: bytes) -> None:
        """Keep a note in place of the one before, durable when it returns."""
        ...
