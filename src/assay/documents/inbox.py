"""What waits for people, the most urgent first, and the command that answers each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from assay.documents.visible import visible
from assay.evidence.instants import instant_text
from assay.policy.periods import period_words

SCHEMA: Final = "assay.inbox/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits for a person.

    Attributes:
        kind: "decision", "waiver", "finding", "intake", "emergency", "review" or "breach".
        what: in a few words.
        since: when it began to wait.
        due: by when someone should have answered.
        command: what answers it.
    """

    kind: str
    system: str
    what: str
    since: datetime
    due: datetime
    command: str


def render_inbox(waiting: Sequence[Waiting], *, at: datetime) -> str:
    """One thing after the other, with its age and what to type."""
    if not waiting:
        return "Nothing waits for anyone.\n"
    lines: list[str] = []
    for item in waiting:
        late = at >= item.due
        when = (
            f"overdue since {item.due:%Y-%m-%d}"
            if late
            else f"due in {period_words(item.due - at)}"
        )
        lines += [
            f"{'!' if late else '○'} {item.kind:<9}  {item.system}  {visible(item.what)}",
            f"    waiting for {period_words(at - item.since)}, {when}",
            f"    {visible(item.command)}",
        ]
    overdue = sum(at >= item.due for item in waiting)
    lines += ["", f"{len(waiting)} waiting, {overdue} overdue."]
    return "\n".join(lines) + "\n"


def inbox_json(waiting: Sequence[Waiting], *, at: datetime) -> str:
    """The same as JSON, schema `assay.inbox/1`."""
    items = [
        {
            **asdict(item),
            "since": instant_text(item.since),
            "due": instant_text(item.due),
            "overdue": at >= item.due,
        }
        for item in waiting
    ]
    document = {"schema": SCHEMA, "at": instant_text(at), "waiting": items}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
