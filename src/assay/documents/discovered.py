"""What was found in folders, set against the inventory: what is governed, and what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from assay.documents.visible import visible

SCHEMA: Final = "assay.discovered/1"


TraceKind = Literal["model", "deployment", "code"]
"""A model's file, a deployment's manifest, or code that calls models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """Something that was found.

    Attributes:
        place: the path, with the line where there is one.
        what: what it is, in a word or two.
        governed: whether the inventory knows it.
        why: by what it is known, or what is missing.
    """

    kind: TraceKind
    place: str
    what: str
    governed: bool
    why: str


def render_discovered(found: Sequence[Discovered]) -> str:
    """What is ungoverned first, then what the inventory knows."""
    if not found:
        return "Nothing was found that looks like a model, a deployment or a call of one.\n"
    lines: list[str] = []
    for governed, title in ((False, "Ungoverned"), (True, "Governed")):
        some = [item for item in found if item.governed is governed]
        if not some:
            continue
        lines += [f"{title}: {len(some)}"]
        for item in some:
            lines.append(f"  {item.kind:<10}  {visible(item.place)}  {visible(item.what)}")
            lines.append(f"    {visible(item.why)}")
    return "\n".join(lines) + "\n"


def discovered_json(found: Sequence[Discovered]) -> str:
    """The same as JSON, schema `assay.discovered/1`."""
    document = {"schema": SCHEMA, "found": [asdict(item) for item in found]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
