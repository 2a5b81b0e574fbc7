"""Recording: changes become events in one transaction, then a signed checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from assay.app.log.verification import publish_checkpoint
from assay.app.ports import TimeBehind
from assay.app.services import Services
from assay.errors import EnvironmentUnavailable
from assay.evidence.canonical import Json, canonical
from assay.evidence.envelopes import seal
from assay.evidence.instants import instant_text
from assay.evidence.statements import statement_id
from assay.governance import events
from assay.governance.events import Event, PersonId

ATTEMPTS: Final = 100
"""How often the head is looked at again where others append at the same moment."""


class JournalContended(EnvironmentUnavailable):
    """Others append to the journal all the time."""

    code = "journal.contended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of state that is yet to be stamped with its time and actor."""

    type: str
    subject: str
    schema: int = 1
    body: Mapping[str, Json] = field(default_factory=dict[str, Json])
    digests: Mapping[str, str] = field(default_factory=dict[str, str])


def record(
    services: Services,
    changes: Sequence[Change],
    *,
    actor: PersonId,
    at: datetime,
    expected: Mapping[str, int],
) -> tuple[int, ...]:
    """Append all changes or none, and sign a checkpoint over them.

    A crash after the append leaves committed entries without a checkpoint; the next command
    signs it. Event times never run backwards: a clock that was set back is held at the last
    event's time, and the anomaly becomes an event of its own.

    Returns:
        The indices of the changes, in order.

    Raises:
        Refused: a subject has moved on since `expected` was read, or the log was handed on
            to another key since the workspace was opened.
    """
    expected = {**expected, events.KEY_SUBJECT: services.key_revision}
    for _ in range(ATTEMPTS):
        anomalies, stamped = _stamped(services, changes, actor=actor, at=at)
        try:
            indices = services.journal.append([*anomalies, *stamped], expected=expected)
        except TimeBehind:
            continue  # Someone else has appended meanwhile; theirs is the time to follow.
        publish_checkpoint(services.journal, services.signer, others=services.cosigners)
        return indices[len(anomalies) :]
    raise JournalContended(
        "Others append faster than this could be recorded. Nothing was.",
        remedy="Run the command again.",
    )


def _stamped(
    services: Services, changes: Sequence[Change], *, actor: PersonId, at: datetime
) -> tuple[list[Event], list[Event]]:
    """What a clock that was set back calls for, and the events, none before the journal's last.

    A time that is behind is no anomaly where only the command took long, and others wrote.
    """
    last = services.journal.head().time
    time = at if last is None else max(at, last)
    stamped = [
        Event(
            type=change.type,
            schema=change.schema,
            time=time,
            actor=actor,
            subject=change.subject,
            body=change.body,
            digests=change.digests,
        )
        for change in changes
    ]
    behind = time != at and services.clock.now() < time
    return ([_set_back(actor, observed=at, held=time)] if behind else []), stamped


def store_statement(services: Services, payload: bytes) -> dict[str, str]:
    """Sign a statement's payload and keep the envelope; the digests that an event carries."""
    envelope = seal(payload, services.signer, *services.cosigners)
    return {"statement": statement_id(payload), "envelope": services.blobs.put(envelope)}


def store_private_text(services: Services, text: str) -> str:
    """Keep free text as an erasable blob; its salted digest tells nothing about it."""
    salt = services.random_bytes(16).hex()
    return services.blobs.put(canonical({"salt": salt, "text": text}))


def with_digests(change: Change, **digests: str) -> Change:
    """The same change with more digests."""
    return replace(change, digests={**change.digests, **digests})


def _set_back(actor: PersonId, *, observed: datetime, held: datetime) -> Event:
    return Event(
        type=events.CLOCK_SET_BACK,
        time=held,
        actor=actor,
        subject="workspace",
        body={"observed": instant_text(observed), "held": instant_text(held)},
    )
