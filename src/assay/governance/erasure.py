"""Erasure: content is taken away by right, and the log says so for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from assay.governance.events import Event

WORDS: Final = frozenset({"profile", "reason", "text", "compensating"})
"""Names of content that holds people's names and words; no verdict rests on them."""

ENVELOPES: Final = frozenset({"statement", "envelope"})
"""Names of what is never erased: signed statements, in which people are opaque ids."""


class Ground(StrEnum):
    """Why content was erased. A closed list, since a reason in free words would stay."""

    REQUEST = "request"
    RETENTION = "retention"
    ORDER = "order"
    MISTAKE = "mistake"


GROUND_WORDS: Final[Mapping[Ground, str]] = {
    Ground.REQUEST: "at a person's request",
    Ground.RETENTION: "its retention time was over",
    Ground.ORDER: "by order of an authority",
    Ground.MISTAKE: "it should not have been recorded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A tombstone: which content, what it was, and when and why it went.

    Attributes:
        content: SHA-256 (hex) of the content.
        name: what events call it, such as "tallies".
        index: of the entry that says so.
    """

    content: str
    name: str
    ground: Ground
    time: datetime
    index: int

    def __str__(self) -> str:
        return (
            f"{self.name} {self.content[:12]}…, erased on {self.time:%Y-%m-%d} "
            f"({GROUND_WORDS[self.ground]}; entry {self.index})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Content that entries name.

    Attributes:
        digest: SHA-256 (hex) of the content.
        name: what the first entry that names it calls it.
        time: of the last entry that names it.
        holds: the versions, by name, whose standing decision rests on it.
    """

    digest: str
    name: str
    time: datetime
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Content with a retention time: since when it may go, and whether it did already."""

    content: Named
    due: datetime


def erasure_of(event: Event, index: int) -> Erasure:
    """The tombstone in a `blob.erased` event; raises ValueError where its ground is none."""
    body = event.body
    return Erasure(
        content=str(body["content"]),
        name=str(body["name"]),
        ground=Ground(str(body["ground"])),
        time=event.time,
        index=index,
    )


def blob_subject(digest: str) -> str:
    """The subject of the events about content."""
    return f"blob/{digest}"
