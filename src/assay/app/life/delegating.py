"""Delegating: someone decides in another's place, in one role, until an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, cast

from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record
from assay.app.people.access import require, require_role
from assay.app.people.people import acting, introductions, other_person
from assay.app.ports import Journal
from assay.app.services import Services
from assay.errors import Refused
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import DELEGATION, Record

GIVEN: Final = "given"


class DelegationRefused(Refused):
    """This cannot be delegated so."""

    code = "delegation.refused"


def delegate(services: Services, *, actor: str, to: str, role: str, until: datetime) -> str:
    """Let someone else approve in your place, in one role, until an end; the delegation's id.

    Raises:
        DelegationRefused: the end has passed, or it would be to oneself.
    """
    at = services.clock.now()
    person = acting(services, actor)
    other = other_person(services, to, than=person)
    require(services, person.id, Permission.DELEGATION_GIVE)
    require_role(services, person.id, role)
    if until <= at:
        raise DelegationRefused(
            f"It would end at {instant_text(until)}, which has passed.",
            remedy="Name a time to come.",
        )
    if person.id == other.id:
        raise DelegationRefused("Nobody delegates to themselves.", remedy="Name someone else.")
    given = Change(
        type=events.DELEGATION_GIVEN,
        subject=f"person/{person.id}",
        body={
            "delegation": services.random_bytes(8).hex(),
            "delegate": other.id,
            "role": role,
            "until": instant_text(until),
        },
    )
    record(
        services,
        [*introductions(person, other), given],
        actor=person.id,
        at=at,
        expected={},
    )
    return str(given.body["delegation"])


def end_delegation(services: Services, *, actor: str, delegation: str) -> None:
    """End a delegation that one gave, before its time.

    Raises:
        DelegationRefused: there is none of one's own that stands.
    """
    person = acting(services, actor)
    standing = services.journal.record(DELEGATION, delegation)
    if standing is None or standing.value["actor"] != person.id or not _stands(standing):
        raise DelegationRefused(
            f"You have given no delegation {delegation!r} that still stands.",
            remedy="Only whoever gave it can end it.",
        )
    ended = Change(
        type=events.DELEGATION_ENDED,
        subject=f"person/{person.id}",
        body={"delegation": delegation},
    )
    record(services, [ended], actor=person.id, at=services.clock.now(), expected={})


def delegators(journal: Journal, person: str, *, role: str, at: datetime) -> Iterator[str]:
    """The people in whose place someone may act in a role at an instant."""
    for item in journal.records(DELEGATION):
        if (
            item.value["delegate"] == person
            and item.value["role"] == role
            and _stands(item)
            and at < instant_of(item.value, "until")
        ):
            yield cast(str, item.value["actor"])


def _stands(delegation: Record) -> bool:
    return delegation.value["state"] == GIVEN
