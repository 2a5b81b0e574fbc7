"""Entries hash to their leaf hashes, and those to every root that was signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from assay.app.log.verifying.keys import LogKeys
from assay.app.log.verifying.problems import (
    CheckpointRejected,
    EntryChanged,
    EntryMissing,
    EntryStray,
    HistoryRewritten,
    JournalProblem,
)
from assay.app.ports import EntryPage, Head, Journal
from assay.errors import VerificationFailed
from assay.tlog.checkpoint import open_checkpoint
from assay.tlog.cosignature import Quorum
from assay.tlog.merkle import Frontier
from assay.tlog.note import parse_note
from assay.tlog.trust_policy import QuorumMissed


class TreeWalk:
    """One walk over a journal's entries, from the first to the head.

    Attributes:
        head: the head when the walk began; what is appended later is not looked at.
        checkpoints: how many were checked so far.
        signed: the size of the last of them.
        witnessed: the size of the last that enough witnesses cosigned; None if none was.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        origin: str,
        keys: LogKeys,
        quorum: Quorum | None = None,
    ) -> None:
        self._journal = journal
        self._origin = origin
        self._keys = keys
        self._quorum = quorum
        self._notes = journal.checkpoints()
        self._due: tuple[int, bytes] | None = None
        self.head: Head = journal.head()
        self.checkpoints = 0
        self.signed = 0
        self.witnessed: int | None = None

    def pages(self) -> Iterator[EntryPage]:
        """Every entry whose own hash is right; the roots are checked between pages.

        Raises:
            JournalProblem: at the first entry that is missing, stray or changed, and at the
                first checkpoint that is not signed or not met.
        """
        source = self._journal.pages()
        edge = Frontier()
        self._due = next(self._notes, None)
        self._check_root(edge)
        rest = next(source, None)
        while rest is not None and (count := self._until_due(edge.size)):
            page, rest = rest[:count], rest[count:]
            right = _right(page, edge.size)
            if right:
                yield page[:right]
            if right < len(page):
                raise _problem(page, right, index=edge.size + right)
            edge = edge.extend(page.leaf_hashes)
            self._check_root(edge)
            rest = rest if len(rest) else next(source, None)
        self._check_end(edge, stray=rest is not None)

    def _until_due(self, size: int) -> int:
        """How many entries to take before a root must be compared; 0 at the head."""
        end = self.head.size if self._due is None else min(self.head.size, self._due[0])
        return end - size

    def _check_root(self, edge: Frontier) -> None:
        while self._due is not None and self._due[0] <= edge.size:
            size, note = self._due
            self._check_note(size, note, edge)
            self.checkpoints += 1
            self.signed = size
            self._due = next(self._notes, None)

    def _check_note(self, size: int, note: bytes, edge: Frontier) -> None:
        try:
            self._keys.check_note(note)
            checkpoint = open_checkpoint(note, origin=self._origin, verifiers=self._keys.in_force)
            witnessed = self._is_witnessed(note)
        except VerificationFailed as error:
            raise CheckpointRejected(
                f"The checkpoint of {size} entries is not one of this log: {error.what}", index=size
            ) from error
        if checkpoint.size != size or size != edge.size:
            raise CheckpointRejected(
                f"The checkpoint kept for {size} entries is one of {checkpoint.size}.", index=size
            )
        if checkpoint.root != edge.root:
            raise HistoryRewritten(
                f"Entries {self.signed} to {size - 1} are not those that were signed: their root "
                "is another than the checkpoint's.",
                index=self.signed,
            )
        if self._journal.frontier(size) != edge:
            raise CheckpointRejected(
                f"The right edge kept with the checkpoint of {size} entries was changed.",
                index=size,
            )
        if witnessed:
            self.witnessed = size

    def _is_witnessed(self, note: bytes) -> bool:
        """Whether enough witnesses cosigned; raises where a known one's line does not fit."""
        try:
            if self._quorum is not None:
                self._quorum.check(parse_note(note))
        except QuorumMissed:
            return False
        return self._quorum is not None

    def _check_end(self, edge: Frontier, *, stray: bool) -> None:
        signed = 0 if self._due is None else self._due[0]
        grown = signed <= self.head.size or signed <= self._journal.head().size
        if edge.size < self.head.size or not grown:
            raise EntryMissing(
                f"The journal ends after {edge.size} entries, but "
                f"{max(signed, self.head.size)} were recorded.",
                index=edge.size,
            )
        if edge.root != self.head.root:
            raise HistoryRewritten(
                f"Entries {self.signed} to {edge.size - 1} are not those that were recorded: "
                "their root is another than the head's.",
                index=self.signed,
            )
        if stray and self._journal.head().size == self.head.size:
            raise EntryStray("An entry stands after the last that was recorded.", index=edge.size)


def _right(page: EntryPage, start: int) -> int:
    """How many of the first entries stand where they belong and have the hash beside them."""
    sha256 = hashlib.sha256  # Looked up once: this line bounds how fast a log verifies.
    hashes = tuple([sha256(b"\x00" + data).digest() for data in page.data])
    indices = tuple(range(start, start + len(page)))
    if hashes == page.leaf_hashes and indices == page.indices:
        return len(page)
    return next(
        place
        for place in range(len(page))
        if hashes[place] != page.leaf_hashes[place] or indices[place] != page.indices[place]
    )


def _problem(page: EntryPage, place: int, *, index: int) -> JournalProblem:
    found = page.indices[place]
    if found != index:
        problem = EntryMissing if found > index else EntryStray
        return problem(f"Entry {found} stands where entry {index} belongs.", index=index)
    return EntryChanged(
        "The entry's bytes have not the hash stored with them: one of the two was changed.",
        index=index,
    )
