"""What verifying a journal proves."""

from __future__ import annotations

from dataclasses import dataclass

from assay.governance.erasure import Erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """What was proved of a journal, and what was not.

    Attributes:
        size: entries, each with the hash and in the form that it must have.
        root: the RFC 6962 root (32 bytes) over them.
        checkpoints: signed checkpoints whose roots were met.
        signed: entries that the last of them covers; no signature protects the others yet.
        contents: names of content in events whose content is stored and intact.
        statements: signed statements that verified.
        absent: the first digests, at most 100, whose content is neither stored nor erased by
            right. Entries and proofs do not suffer, but the content cannot be checked.
        absent_count: names of content in events whose content is not stored.
        changes: changes of records that were compared with the fold of the entries; None if
            they were not.
        witnessed: entries that the last checkpoint covers which enough witnesses cosigned;
            None if no witnesses were named.
        erased: the first tombstones of content that was erased by right, at most 100.
        erased_count: how many there are.
        lingering: the first digests of content that was erased and is still stored.
        keys: those that the trusted ones led to, in the order in which they came into force.
    """

    size: int
    root: bytes
    checkpoints: int
    signed: int
    contents: int
    statements: int
    absent: tuple[str, ...]
    absent_count: int
    changes: int | None
    witnessed: int | None = None
    keys: tuple[str, ...] = ()
    erased: tuple[Erasure, ...] = ()
    erased_count: int = 0
    lingering: tuple[str, ...] = ()

    @property
    def unsigned(self) -> int:
        """How many entries no signed checkpoint covers yet."""
        return self.size - self.signed
