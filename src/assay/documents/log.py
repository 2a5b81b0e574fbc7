"""The audit log as a table, newest last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from assay.evidence.instants import instant_text
from assay.governance.events import Event

SCHEMA: Final = "assay.log/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry, with its actor's name where it is still known."""

    index: int
    event: Event
    actor: str


def render_log(lines: Sequence[LogLine]) -> str:
    """One line an entry: index, time, what, about what, by whom."""
    rows = [
        (
            str(line.index),
            f"{line.event.time:%Y-%m-%d %H:%M:%S}Z",
            line.event.type,
            _subject(line.event),
            line.actor,
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "".join(
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in rows
    )


def log_json(lines: Sequence[LogLine]) -> str:
    """The entries as JSON, schema `assay.log/1`."""
    entries: list[dict[str, Any]] = [
        {
            "index": line.index,
            "time": instant_text(line.event.time),
            "type": line.event.type,
            "subject": line.event.subject,
            "actor": {"id": line.event.actor, "name": line.actor},
            "body": dict(line.event.body),
            "digests": dict(line.event.digests),
        }
        for line in lines
    ]
    return json.dumps({"schema": SCHEMA, "entries": entries}, indent=2, ensure_ascii=False) + "\n"


def _subject(event: Event) -> str:
    """The subject with digests shortened to what people compare."""
    return "/".join(part[:12] if len(part) == 64 else part for part in event.subject.split("/"))
