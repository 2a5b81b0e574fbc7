"""The layout of a pack: which entries belong in it, and the name of each file.

A pack holds `entries/`, each with its proof; `statements/`, the signed envelopes; `contents/`,
what the entries name by digest; the log's checkpoint and key; an index, a README, and the
signed list of all files. Names follow from the entries alone, so a reader trusts no index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final, Literal

from assay.errors import InvalidArgument
from assay.governance import events
from assay.governance.erasure import blob_subject
from assay.governance.events import Event

README: Final = "README.md"
INDEX: Final = "index.json"
KEY: Final = "log.vkey"
PEM: Final = "log.pem"
CHECKPOINT: Final = "checkpoint"
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"

STATEMENT: Final = "statement"
ENVELOPE: Final = "envelope"
PROOF: Final = "proof"
"""A proof that came from another log, among the contents."""

DOCUMENT: Final = "document."
"""Before the name of a document, in the digests of an event."""

_OPEN: Final = frozenset({"manifest", "policy", "policy_source", "proof", "recipe"})
"""What a public pack carries, besides documents: an unknown kind of content stays at home."""

_SUFFIXES: Final = {
    "circumstances": ".json",
    "intake": ".yaml",
    "manifest": ".yaml",
    "policy": ".json",
    "policy_source": ".json",
    "profile": ".json",
    "proof": ".tlog-proof",
    "reason": ".json",
    "recipe": ".json",
    "tallies": ".json",
}
_DOCUMENT_SUFFIXES: Final = frozenset({".json", ".md", ".yaml", ".yml"})
_CONTENT_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_-]{1,64})?")
_PEOPLE: Final = ("approver", "author")


class Audience(StrEnum):
    """For whom a pack is.

    An auditor's has the tallies, in which a cell of one can point at a person, and people's
    names and words; a public one has their digests.
    """

    AUDITOR = "auditor"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedEvent:
    """An entry of the log that belongs in a pack."""

    index: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Something that an entry names by digest.

    Attributes:
        name: what it is, such as "tallies" or "document.model_card".
        digest: SHA-256 (hex) of its bytes.
        entry: index of the first entry that names it.
        file: where it is in the pack, if it is.
        state: "here"; "withheld", since the pack is public; "erased", as an entry says; or
            "absent", since the workspace did not have it any more, without a word.
    """

    name: str
    digest: str
    entry: int
    file: str
    state: Literal["here", "withheld", "erased", "absent"]


def people_in(found: Iterable[Event]) -> frozenset[str]:
    """The ids of those who acted in some events or are named by them, introductions apart."""
    every = [event for event in found if event.type != events.PERSON_REGISTERED]
    named = (event.body.get(role) for event in every for role in _PEOPLE)
    return frozenset(event.actor for event in every) | {
        person for person in named if isinstance(person, str)
    }


def named_in(found: Iterable[Event]) -> frozenset[str]:
    """The digests of all content that some events name."""
    return frozenset(digest for event in found for digest in event.digests.values())


def belongs(
    event: Event,
    *,
    system: str,
    version: str,
    people: frozenset[str],
    contents: frozenset[str] = frozenset(),
) -> bool:
    """Whether an event is about a version: its own, its system's, its people's, its log's.

    Content that was erased is spoken of where another entry names it.

    What changed and what the body says must be the same thing.
    """
    if event.type == events.WORKSPACE_OPENED:
        return event.subject == "workspace"
    if event.type == events.KEY_ROTATED:
        return event.subject == events.KEY_SUBJECT
    if event.type == events.BLOB_ERASED:
        content = event.body["content"]
        return content in contents and event.subject == blob_subject(str(content))
    if event.type == events.PERSON_REGISTERED:
        person = event.body.get("person")
        return person in people and event.subject == f"person/{person}"
    # What is about every version of a system names none.
    named = (event.body.get("system", system), event.body.get("version", version) or version)
    return event.subject in subjects_of(system, version) and named == (system, version)


def subjects_of(system: str, version: str) -> tuple[str, str]:
    """The subjects of the events about a version and about its system."""
    return (f"system/{system}", f"version/{system}/{version}")


def contents_of(
    packed: Iterable[PackedEvent], audience: Audience, has: Callable[[Content], bool]
) -> tuple[Content, ...]:
    """Everything that entries name, each once, in the order of the entries.

    Args:
        packed: the entries, by index.
        audience: for whom the pack is.
        has: whether the content, if the audience may have it, is there.

    Raises:
        InvalidArgument: an entry calls content by a name that cannot be that of a file.
    """
    found: dict[tuple[str, str], Content] = {}
    packed = list(packed)
    erased = {
        str(item.event.body["content"]) for item in packed if item.event.type == events.BLOB_ERASED
    }
    for item in packed:
        for name, digest in sorted(item.event.digests.items()):
            if name in {STATEMENT, ENVELOPE} or (name, digest) in found:
                continue
            content = Content(
                name=name,
                digest=digest,
                entry=item.index,
                file=_content_file(name, digest, item.event),
                state="here" if _open_to(audience, name) else "withheld",
            )
            if content.state == "here" and not has(content):
                content = replace(content, state="absent")
            if content.state != "here" and digest in erased:
                content = replace(content, state="erased")
            found[name, digest] = content
    return tuple(found.values())


def statements_of(packed: Iterable[PackedEvent]) -> Iterator[tuple[PackedEvent, str, str]]:
    """Every entry that has a signed statement, with the statement's id and its file."""
    for item in packed:
        statement = item.event.digests.get(STATEMENT)
        if statement is not None:
            yield item, statement, f"statements/{statement}.dsse.json"


def entry_file(index: int) -> str:
    """Where the bytes of an entry are."""
    return f"entries/{index}.json"


def proof_file(index: int) -> str:
    """Where the proof is that an entry is in the log."""
    return f"entries/{index}.tlog-proof"


def _open_to(audience: Audience, name: str) -> bool:
    return audience is Audience.AUDITOR or name in _OPEN or name.startswith(DOCUMENT)


def _content_file(name: str, digest: str, event: Event) -> str:
    if not _CONTENT_NAME.fullmatch(name):
        raise InvalidArgument(f"{name[:100]!r} is no name of content.")
    return f"contents/{name}/{digest}{_suffix(name, event)}"


def _suffix(name: str, event: Event) -> str:
    """What the file's name ends in, so that it opens in the right program."""
    paths = event.body.get("documents")
    if not name.startswith(DOCUMENT) or not isinstance(paths, Mapping):
        return _SUFFIXES.get(name, "")
    suffix = PurePosixPath(str(paths.get(name.removeprefix(DOCUMENT)))).suffix
    return suffix if suffix in _DOCUMENT_SUFFIXES else ""
