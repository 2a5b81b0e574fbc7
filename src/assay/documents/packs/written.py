"""What `assay pack` wrote, for whoever sends it on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import count
from assay.documents.packs.index import Pack
from assay.documents.packs.layout import Audience, statements_of

SCHEMA: Final = "assay.packed/1"

_CAUTION: Final = {
    Audience.AUDITOR: "Confidential: it holds tallies, names and reasons.",
    Audience.PUBLIC: "Of tallies, names and reasons it holds the digests alone.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPack:
    """A pack in a file: where, how large, and its SHA-256 (hex)."""

    pack: Pack
    file: str
    size: int
    digest: str


def render_written(written: WrittenPack) -> str:
    """A few lines: the file, its digest, what is in it, and how to verify it."""
    pack = written.pack
    here = sum(item.state == "here" for item in pack.contents)
    signed = len(list(statements_of(pack.entries)))
    held = f"{count(len(pack.entries), 'entry', 'entries')}, {count(signed, 'statement')}"
    lines = [
        f"PACKED  {pack.system} {pack.name}   for {pack.audience}",
        f"  {written.file}   {written.size:,} bytes",
        f"  SHA-256 {written.digest}",
        f"  {held}, {count(here, 'content')}. {_CAUTION[pack.audience]}",
        "",
        f"Verify it: assay verify {written.file} --key {pack.key}",
    ]
    return "\n".join(lines) + "\n"


def written_json(written: WrittenPack) -> str:
    """The same as JSON, schema `assay.packed/1`."""
    pack = written.pack
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "file": written.file,
        "bytes": written.size,
        "sha256": written.digest,
        "audience": pack.audience.value,
        "system": pack.system,
        "version": {"name": pack.name, "digest": pack.version},
        "log": {
            "origin": pack.checkpoint.origin,
            "key": pack.key,
            "size": pack.checkpoint.size,
            "root": pack.checkpoint.root.hex(),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
