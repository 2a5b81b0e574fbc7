"""Entries are events in order of time, and what they name is intact and signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from assay.app.log.verifying.keys import LogKeys
from assay.app.log.verifying.problems import (
    ContentDamaged,
    EntryMalformed,
    StatementRejected,
    TimeRunsBackwards,
)
from assay.app.log.verifying.received import check_proof, signer_of
from assay.app.ports import BlobStore, Entry
from assay.errors import AssayError, VerificationFailed
from assay.evidence.envelopes import open_envelope
from assay.evidence.statements import parse_statement, statement_id
from assay.governance import events
from assay.governance.erasure import Erasure, erasure_of
from assay.governance.events import Event, parse_entry

ABSENT_LISTED: Final = 100

_REMEMBERED: Final = 100_000

_STATEMENT: Final = "statement"
_ENVELOPE: Final = "envelope"
_PROOF: Final = "proof"


class EventCheck:
    """What has been seen of a journal's events so far.

    Attributes:
        contents: how many names of content were met whose content is intact.
        statements: how many signed statements were verified.
        erased: the tombstones, by the digest of the content.
        lingering: digests of content that was erased and is still stored.
    """

    def __init__(self, blobs: BlobStore, keys: LogKeys) -> None:
        self._blobs = blobs
        self._keys = keys
        self._time: datetime | None = None
        self._intact: set[str] = set()
        self.contents = 0
        self.statements = 0
        self.erased: dict[str, Erasure] = {}
        self.lingering: set[str] = set()
        self._absent: Counter[str] = Counter()
        self._absent_beyond = 0

    @property
    def absent(self) -> tuple[str, ...]:
        """The first digests whose content is not stored, and was not erased."""
        return tuple(islice(self._lost(), ABSENT_LISTED))

    @property
    def absent_count(self) -> int:
        """How many names of content were met whose content is not stored, nor was erased."""
        return sum(self._absent[digest] for digest in self._lost()) + self._absent_beyond

    def _lost(self) -> Iterator[str]:
        return (digest for digest in self._absent if digest not in self.erased)

    def check(self, entry: Entry) -> Event:
        """The event of an entry, once it and all that it names were found right.

        Raises:
            JournalProblem: it is no event, is older than the one before, or names content
                or a statement that is stored otherwise. Absent content is only counted.
        """
        try:
            event = parse_entry(entry.data)
        except VerificationFailed as error:
            raise EntryMalformed(error.what, index=entry.index) from error
        if self._time is not None and event.time < self._time:
            raise TimeRunsBackwards(
                f"The event of {event.time} follows one of {self._time}.", index=entry.index
            )
        self._time = event.time
        self._keys.follow(event, entry.index)
        if event.type == events.BLOB_ERASED:
            self._bury(event, entry.index)
        for name, digest in sorted(event.digests.items()):
            if name != _STATEMENT:
                self._check_content(name, digest, event, entry.index)
        return event

    def _check_content(self, name: str, digest: str, event: Event, index: int) -> None:
        if not self._blobs.has(digest):
            if digest in self._absent or len(self._absent) < _REMEMBERED:
                self._absent[digest] += 1
            else:
                self._absent_beyond += 1
            return
        self.lingering.discard(digest)  # Named since it was erased, so it came by right.
        if digest not in self._intact or name in {_ENVELOPE, _PROOF}:
            content = self._read(name, digest, index)
            if name == _ENVELOPE:
                self._check_statement(content, event, index)
            if name == _PROOF and event.type == events.STATEMENT_RECEIVED:
                self._check_received(content, event, index)
        self.contents += 1

    def _bury(self, event: Event, index: int) -> None:
        try:
            erasure = erasure_of(event, index)
            stored = self._blobs.has(erasure.content)
        except (ValueError, VerificationFailed) as error:
            raise EntryMalformed(f"It erases nothing: {error}", index=index) from error
        if len(self.erased) < _REMEMBERED:
            self.erased[erasure.content] = erasure
        if stored and len(self.lingering) < _REMEMBERED:
            self.lingering.add(erasure.content)

    def _read(self, name: str, digest: str, index: int) -> bytes:
        try:
            content = self._blobs.get(digest)
        except VerificationFailed as error:
            raise ContentDamaged(
                f"Its {name}, SHA-256 {digest}, is stored with other content.", index=index
            ) from error
        if len(self._intact) >= _REMEMBERED:
            self._intact.clear()  # Reading some twice is cheaper than memory without bound.
        self._intact.add(digest)
        return content

    def _check_statement(self, envelope: bytes, event: Event, index: int) -> None:
        try:
            payload = self._payload(envelope, event)
            statement = parse_statement(payload)
        except AssayError as error:
            raise StatementRejected(
                f"Its signed statement does not verify: {error.what}", index=index
            ) from error
        if statement_id(payload) != event.digests.get(_STATEMENT):
            raise StatementRejected("Its envelope holds another statement.", index=index)
        about = [subject.digest.get("sha256") for subject in statement.subjects]
        kind, _, changed = event.subject.partition("/")
        # What is about every version of a system has a statement about one of them.
        if kind == "version" and changed.rpartition("/")[2] not in about:
            raise StatementRejected("Its statement is about another version.", index=index)
        self.statements += 1

    def _payload(self, envelope: bytes, event: Event) -> bytes:
        if event.type == events.STATEMENT_RECEIVED:
            return open_envelope(envelope, [signer_of(event, self._keys.in_force[0])])
        return open_envelope(envelope, self._keys.in_force, threshold=self._keys.threshold)

    def _check_received(self, proof: bytes, event: Event, index: int) -> None:
        try:
            check_proof(event, proof, self._keys.in_force[0])
        except AssayError as error:
            raise StatementRejected(
                f"What it received is not in the other log: {error.what}", index=index
            ) from error
