"""Content whose retention time is over, for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from assay.documents.gate import count
from assay.evidence.instants import instant_text
from assay.governance.erasure import Retained

SCHEMA: Final = "assay.retention/1"


def render_retention(due: Sequence[Retained], retention_days: Mapping[str, int]) -> str:
    """One line for each content that may go, and how to let it go."""
    if not retention_days:
        return "No retention time is set; write `retention_days: {tallies: 3650}`, for example.\n"
    kept = ", ".join(f"{name} {count(days, 'day')}" for name, days in retention_days.items())
    lines = [f"RETENTION  {kept}"]
    for item in due:
        held = f"   bears the decision on {', '.join(item.content.holds)}"
        lines.append(
            f"  {item.content.digest}  {item.content.name}, due {item.due:%Y-%m-%d}"
            + (held if item.content.holds else "")
        )
    lines.append(
        "  Erase one: assay log erase DIGEST --reason retention" if due else "  Nothing is due."
    )
    return "\n".join(lines) + "\n"


def retention_json(due: Sequence[Retained], retention_days: Mapping[str, int]) -> str:
    """The same as JSON, schema `assay.retention/1`."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "retention_days": dict(retention_days),
        "due": [
            {
                "digest": item.content.digest,
                "name": item.content.name,
                "last_named": instant_text(item.content.time),
                "due": instant_text(item.due),
                "bears_decisions_on": list(item.content.holds),
            }
            for item in due
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
