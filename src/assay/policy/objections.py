"""Objections: what people hold against a decision, and what that does to it.

A rejection, a request for changes or an open finding is data: the gate reads it, and no
figure answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from assay.policy.policy import Outcome
from assay.policy.tiers import Tier


class Objection(StrEnum):
    """The kinds of objection."""

    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"
    FINDING = "finding"
    FINDING_OVERDUE = "finding_overdue"
    INTAKE_UNREVIEWED = "intake_unreviewed"


EFFECTS: Final = {
    Objection.REJECTED: Outcome.DENY,
    Objection.CHANGES_REQUESTED: Outcome.HOLD,
    Objection.FINDING: Outcome.HOLD,
    Objection.FINDING_OVERDUE: Outcome.HOLD,
    Objection.INTAKE_UNREVIEWED: Outcome.HOLD,
}
"""What each kind does to a decision."""


class Severity(StrEnum):
    """How grave a finding is, in order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


BLOCKING: Final = frozenset({Severity.HIGH, Severity.CRITICAL})
"""Findings that hold a release from the day they are raised; others from the day they are due."""


INTAKE_REVIEWED_FROM: Final = Tier.HIGH
"""The tier from which answers to the intake count only once someone else has reviewed them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One objection that stands against a decision.

    Attributes:
        kind: what it is.
        reference: the id of the review or finding, or the digest of the answers.
        person: the opaque id of who raised it.
        detail: more of it in a word or two, such as a role or a severity; never free text.
    """

    kind: Objection
    reference: str
    person: str
    detail: str

    @property
    def effect(self) -> Outcome:
        """What it does to the decision."""
        return EFFECTS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's word against one basis: a rejection, or a request for changes."""

    id: str
    kind: Objection
    person: str
    role: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a validator found wrong with a system, or with one of its versions, still open.

    Attributes:
        version: the version's digest; None for every version of the system.
        owner: the opaque id of who must answer it.
        due_at: when it must have been closed.
    """

    id: str
    version: str | None
    severity: Severity
    raised_by: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The answers that a system's tier rests on, as they were submitted.

    Attributes:
        reference: SHA-256 (hex) of the answers.
        submitted_by: the opaque id of who submitted them.
        reviewed: whether someone else has agreed with them.
    """

    reference: str
    tier: Tier
    submitted_by: str
    reviewed: bool


def objections(
    reviews: Iterable[Review],
    findings: Iterable[Finding],
    *,
    intake: Intake | None,
    basis: str,
    at: datetime,
) -> tuple[Standing, ...]:
    """What stands against a decision on a basis at an instant, in a stable order.

    A review is of one basis, as an approval is: whatever changes voids it. A grave finding
    stands until it is closed, any other from the instant at which it was due. Answers that
    lead to a tier of INTAKE_REVIEWED_FROM or above are reviewed by someone else.
    """
    spoken = (
        Standing(kind=item.kind, reference=item.id, person=item.person, detail=item.role)
        for item in reviews
        if item.basis == basis
    )
    found = (standing for item in findings if (standing := _finding(item, at)) is not None)
    answers = [] if intake is None else list(_intake(intake))
    return tuple(sorted([*spoken, *found, *answers], key=lambda item: (item.kind, item.reference)))


def strictest(standing: Sequence[Standing]) -> Outcome:
    """What all of them do to a decision together."""
    order = list(Outcome)
    return max((item.effect for item in standing), key=order.index, default=Outcome.ALLOW)


def _intake(intake: Intake) -> Iterator[Standing]:
    if intake.tier >= INTAKE_REVIEWED_FROM and not intake.reviewed:
        yield Standing(
            kind=Objection.INTAKE_UNREVIEWED,
            reference=intake.reference,
            person=intake.submitted_by,
            detail=str(intake.tier),
        )


def _finding(finding: Finding, at: datetime) -> Standing | None:
    overdue = at >= finding.due_at
    if not overdue and finding.severity not in BLOCKING:
        return None
    return Standing(
        kind=Objection.FINDING_OVERDUE if overdue else Objection.FINDING,
        reference=finding.id,
        person=finding.raised_by,
        detail=finding.severity.value,
    )
