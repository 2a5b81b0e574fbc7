"""A workspace with all that lies around it, and attackers who write to any of it.

`rewritten` is the strongest that writing to a database allows: a history of the attacker's own,
with every hash, table and right edge as an honest program would have written them. What only a
key can make stays as it was: checkpoints, and statements in their envelopes.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace
from tests.packed import SIGNER, VERIFIER, canonical_json

from assay.adapters.anchors import FileAnchor
from assay.adapters.blobs import LocalBlobs
from assay.adapters.keys import Ed25519Signer, cosignature_verifier
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.tile_store import TileFolder
from assay.adapters.witness_server import FileWitnessState
from assay.app.log.anchoring import anchor_checkpoint
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.verification import publish_checkpoint, verify_journal
from assay.app.log.witnessing import Witnesses, answer_request
from assay.app.ports import Answer
from assay.app.services import Services
from assay.governance.events import Event, parse_entry
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport
from assay.tlog.cosignature import Quorum
from assay.tlog.keys import ED25519_COSIGNATURE
from assay.tlog.trust_policy import parse_trust_policy

WITNESS = Ed25519Signer.from_seed("witness.example", b"w" * 32, algorithm=ED25519_COSIGNATURE)
OTHER = Ed25519Signer.from_seed(SIGNER.name, b"o" * 32)
"""A key that the attacker made, in the log's name."""

Change = Callable[[list[Event]], list[Event]]


@dataclass
class Clock:
    """The witness's, which says when it saw what."""

    time: datetime = field(default_factory=lambda: datetime(2026, 3, 2, tzinfo=UTC))

    def now(self) -> datetime:
        return self.time


class Scene:
    """A version in production, published, anchored, witnessed and packed.

    Attributes:
        database: the journal's file, which the attacker writes to.
        public, bundles: the published log, which the attacker writes to.
        blobs: content, which the attacker writes to.
        kept: an anchor: a file that somebody else keeps.

    Args:
        folder: where it lies; a copy of another's folder is a scene like it.
        story: what happened, where it is not there yet.
    """

    def __init__(self, folder: Path, story: Services | None = None) -> None:
        self.folder = folder
        self.blobs = LocalBlobs(folder / "blobs")
        self.database = folder / "journal.db"
        self.public, self.bundles = folder / "public", folder / "bundles"
        self.kept = folder / "kept"
        self.state = FileWitnessState(folder / "witness.json")
        self.clock = Clock()
        if story is not None:
            self._tell(story)

    def events(self) -> list[Event]:
        """The journal's events as they are."""
        with open_sqlite(self.database, fold=fold, read_only=True) as journal:
            return [parse_entry(entry.data) for entry in journal.entries()]

    def notes(self) -> dict[int, bytes]:
        """The kept checkpoints by size."""
        with open_sqlite(self.database, fold=fold, read_only=True) as journal:
            return dict(journal.checkpoints())

    def verify(
        self, *, key: Ed25519Signer = SIGNER, witnessed: bool = False, state: bool = True
    ) -> VerificationReport:
        """What an auditor runs."""
        with open_sqlite(self.database, fold=fold, read_only=True) as journal:
            return verify_journal(
                journal,
                origin=SIGNER.name,
                verifiers=[key.verifier],
                blobs=self.blobs,
                fold=fold,
                state=state,
                quorum=self.quorum() if witnessed else None,
            )

    def publish(self, signer: Ed25519Signer = SIGNER, *, place: str = "public") -> None:
        """What the log's keeper runs, with a witness."""
        with open_sqlite(self.database, fold=fold) as journal:
            publish_tiles(
                journal, signer, TileFolder(self.folder / place), witnesses=self.witnesses()
            )
            if place == "public":
                publish_bundles(journal, signer, TileFolder(self.bundles))

    def publish_alone(self, place: str) -> None:
        """What a keeper runs who asks no witness."""
        with open_sqlite(self.database, fold=fold) as journal:
            publish_tiles(journal, SIGNER, TileFolder(self.folder / place))

    def anchor(self) -> None:
        """What keeps the checkpoint outside."""
        with open_sqlite(self.database, fold=fold) as journal:
            anchor_checkpoint(journal, SIGNER, FileAnchor(self.kept))

    def sign(self) -> None:
        """What every command does in the end: sign what was committed."""
        with open_sqlite(self.database, fold=fold) as journal:
            publish_checkpoint(journal, SIGNER)

    def sql(self, *statements: str) -> None:
        """Write to the database's tables."""
        connection = sqlite3.connect(self.database)
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
        connection.commit()
        connection.close()

    def rewritten(self, change: Change, *, keep: Callable[[int], bool] = lambda _: True) -> None:
        """A history of the attacker's own, with those of the old checkpoints that fit its size.

        Args:
            change: what the attacker makes of the events.
            keep: which checkpoints, by size, are left.
        """
        notes = {size: note for size, note in self.notes().items() if keep(size)}
        events = change(self.events())
        self.database.unlink()
        for name in ("-wal", "-shm"):
            self.database.with_name(self.database.name + name).unlink(missing_ok=True)
        self._make(events, {size: note for size, note in notes.items() if size <= len(events)})

    def forked(self, change: Change) -> None:
        """The same by the key's holder, who signs it too."""
        self.rewritten(change, keep=lambda _: False)
        self.sign()

    def quorum(self) -> Quorum:
        """The witness must have cosigned."""
        policy = f"witness w {WITNESS.key} http://witness.example\nquorum w\n"
        return Quorum(
            policy=parse_trust_policy(policy.encode()),
            verifiers={WITNESS.key: cosignature_verifier(WITNESS.key)},
        )

    def witnesses(self) -> Witnesses:
        """The witness, asked without a network."""
        return Witnesses(quorum=self.quorum(), at=lambda _: _Asked(self))

    def _tell(self, story: Services) -> None:
        assert isinstance(story.blobs, MemoryBlobs)
        for data in story.blobs._contents.values():
            self.blobs.put(data)
        told = [parse_entry(entry.data) for entry in story.journal.entries()]
        self._make(told, dict(story.journal.checkpoints()))
        self.publish()
        self.anchor()

    def _make(self, events: Sequence[Event], notes: dict[int, bytes]) -> None:
        with open_sqlite(self.database, fold=fold) as journal:
            for event in events:
                journal.append([event], expected={})
            for size, note in notes.items():
                journal.add_checkpoint(size, note)


@dataclass(frozen=True)
class _Asked:
    scene: Scene

    def add_checkpoint(self, request: bytes) -> Answer:
        return answer_request(
            request,
            logs={SIGNER.name: [VERIFIER]},
            state=self.scene.state,
            signer=WITNESS,
            clock=self.scene.clock,
        )


def edited(index: int, **body: str) -> Change:
    """Another body in one entry."""

    def change(events: list[Event]) -> list[Event]:
        events[index] = replace(events[index], body={**events[index].body, **body})
        return events

    return change


def memory(events: Sequence[Event]) -> MemoryJournal:
    """A journal with these events."""
    journal = MemoryJournal(fold=fold)
    for event in events:
        journal.append([event], expected={})
    return journal


def resaid(envelope: bytes, old: str, new: str) -> bytes:
    """An envelope whose payload says something else, under the old signature."""
    written = json.loads(envelope)
    payload = base64.b64decode(written["payload"]).replace(old.encode(), new.encode())
    written["payload"] = base64.b64encode(payload).decode()
    return canonical_json(written)
