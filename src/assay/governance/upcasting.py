"""Upcasting: an old event as its present schema would tell it, for the fold alone.

The journal keeps every event as it was written, and proofs are about those bytes. Code that
makes state need not know how an event was spelled once: each upcaster leads from one schema
of a type to the next, so that a chain of them ends at the last. A schema that is still
written beside a later one, such as an approval without a delegate, has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from assay.governance import events
from assay.governance.events import Event
from assay.governance.stages import Needs

Upcaster = Callable[[Event], Event]


def upcast(event: Event) -> Event:
    """The event in the last schema that its own leads to."""
    while step := UPCASTERS.get((event.type, event.schema)):
        event = replace(step(event), schema=event.schema + 1)
    return event


def _promoted(event: Event) -> Event:
    """Release 0.1.0 promoted only what the gate allowed, knew no emergency, and kept no before."""
    added = {"before": "", "needs": Needs.ALLOW.value, "emergency": ""}
    return replace(event, body={**event.body, **added})


UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {
    (events.VERSION_PROMOTED, 1): _promoted,
}
"""By type and schema; each gives the body and digests of the next schema."""
