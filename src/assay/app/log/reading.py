"""The audit log as people read it."""

from __future__ import annotations

from assay.app.people.people import name_of
from assay.app.services import Services
from assay.documents.log import LogLine
from assay.governance.events import parse_entry


def latest_entries(services: Services, count: int) -> list[LogLine]:
    """The last `count` entries, in order.

    Raises:
        VerificationFailed: an entry cannot be read.
    """
    start = max(0, services.journal.head().size - count)
    found: list[LogLine] = []
    for entry in services.journal.entries(start):
        event = parse_entry(entry.data)
        found.append(LogLine(index=entry.index, event=event, actor=name_of(services, event.actor)))
    return found
