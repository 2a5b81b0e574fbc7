"""The index of a pack: what is in it, for programs; every line follows from the entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.packs.layout import (
    Audience,
    Content,
    PackedEvent,
    entry_file,
    proof_file,
    statements_of,
)
from assay.evidence.instants import instant_text
from assay.tlog.checkpoint import Checkpoint

SCHEMA: Final = "assay.pack/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What a pack is about and what it carries, without the bytes.

    Attributes:
        audience: for whom it is.
        system: the id of the version's system.
        version: the version digest.
        name: what people call the version.
        key: the log's public key, written `name+id+base64`.
        checkpoint: the state of the log from which it was made.
        entries: those about the version, by index.
        contents: what they name.
    """

    audience: Audience
    system: str
    version: str
    name: str
    key: str
    checkpoint: Checkpoint
    entries: tuple[PackedEvent, ...]
    contents: tuple[Content, ...]


def index_json(pack: Pack) -> bytes:
    """The index as JSON, schema `assay.pack/1`."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "audience": pack.audience.value,
        "system": pack.system,
        "version": {"name": pack.name, "digest": pack.version},
        "log": {
            "origin": pack.checkpoint.origin,
            "key": pack.key,
            "size": pack.checkpoint.size,
            "root": pack.checkpoint.root.hex(),
        },
        "entries": [_entry(item) for item in pack.entries],
        "statements": [
            {"id": statement, "entry": item.index, "file": file}
            for item, statement, file in statements_of(pack.entries)
        ],
        "contents": [_content(content) for content in pack.contents],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _entry(item: PackedEvent) -> dict[str, Any]:
    return {
        "index": item.index,
        "type": item.event.type,
        "time": instant_text(item.event.time),
        "file": entry_file(item.index),
        "proof": proof_file(item.index),
    }


def _content(content: Content) -> dict[str, Any]:
    place = {"file": content.file} if content.state == "here" else {"missing": content.state}
    return {
        "name": content.name,
        "digest": content.digest,
        "entry": content.entry,
        **place,
    }
