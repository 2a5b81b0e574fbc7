"""Reviewing an intake: someone else agrees with the answers that a high tier rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require
from assay.app.people.people import acting, person_behind
from assay.app.services import Services
from assay.errors import Refused
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import INTAKE


class IntakeReviewRefused(Refused):
    """This person cannot review these answers now."""

    code = "intake.review-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReviewed:
    """Answers that someone has agreed with.

    Attributes:
        waited: from their submission to the review: how long the tier was not settled.
    """

    system: str
    tier: str
    waited: timedelta
    index: int


def review_intake(services: Services, system: str, *, actor: str, reason: str) -> IntakeReviewed:
    """Agree with the answers that a system's tier rests on.

    Raises:
        IntakeReviewRefused: there are none, they are reviewed already, or this person
            submitted them.
    """
    at = services.clock.now()
    standing = services.journal.record(INTAKE, system)
    if standing is None:
        raise IntakeReviewRefused(
            f"System {system!r} has submitted no answers.",
            remedy="Name their file under `system.intake`, and run `assay gate`.",
        )
    if standing.value["reviewed_by"] is not None:
        raise IntakeReviewRefused(
            "These answers have been reviewed already.", remedy="Nothing is to do."
        )
    person = acting(services, actor)
    require(services, person.id, Permission.INTAKE_REVIEW)
    if person.id == person_behind(services.journal, cast(str, standing.value["actor"])):
        raise IntakeReviewRefused(
            "Whoever submitted the answers cannot review them.", remedy="Ask someone else."
        )
    subject = f"system/{system}"
    reviewed = Change(
        type=events.INTAKE_REVIEWED,
        subject=subject,
        body={"system": system, "intake": standing.value["intake"]},
        digests={"reason": store_private_text(services, reason)},
    )
    indices = record(
        services,
        [*person.introduction, reviewed],
        actor=person.id,
        at=at,
        expected={subject: services.journal.revision(subject)},
    )
    return IntakeReviewed(
        system=system,
        tier=cast(str, standing.value["tier"]),
        waited=at - instant_of(standing.value, "time"),
        index=indices[-1],
    )
