"""Reviewing: a rejection, a request for changes, or a comment, in a person's own words."""

from __future__ import annotations

from assay.app.judging.deciding import Case, decide_case, decision_change
from assay.app.judging.replay import latest_decision, recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.judging.standing import Words
from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require, require_role
from assay.app.people.people import acting
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.errors import Refused
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import Record
from assay.policy.objections import Objection, Review
from assay.policy.tiers import at_tier


class ReviewRefused(Refused):
    """This person cannot say this of this version now."""

    code = "review.refused"


def review_version(
    services: Services,
    project: Project,
    version: Record,
    *,
    actor: str,
    role: str,
    kind: Objection,
    reason: str,
) -> GateReport:
    """Reject a version or ask for changes, and record the decision that follows.

    It is of exactly the decision that was seen, as an approval is; whatever changes voids it,
    and an approval by the same person takes it back.

    Args:
        services: the workspace.
        project: the repository, for the checks that judge the recorded evidence again.
        version: the version's record.
        actor: the name of who reviews.
        role: one in which the policy asks for an approval at this tier.
        kind: Objection.REJECTED or Objection.CHANGES_REQUESTED.
        reason: why, in their own words; kept as an erasable text.

    Raises:
        ReviewRefused: the author cannot review, or the policy asks nobody in that role.
        VersionMoved: the recorded evidence gives other verdicts than those that were seen.
    """
    at = services.clock.now()
    revision = services.journal.revision(f"version/{version.key}")
    case = recorded_case(services, project, version)
    seen = latest_decision(services, version)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_REJECT)
    require_role(services, person.id, role)
    _check_reviewer(case, person.id, role)
    before = decide_case(services, case, at=at)
    review = Review(
        id=services.random_bytes(8).hex(),
        kind=kind,
        person=person.id,
        role=role,
        basis=before.basis,
    )
    given = Change(
        type=events.REVIEW_GIVEN,
        subject=case.subject,
        body={**_named(case), **_review(review), "decision": seen.key},
        digests={"reason": store_private_text(services, reason)},
    )
    decision = decide_case(services, case, at=at, more=Words(reviews=(review,)))
    made = decision_change(services, case, decision)
    indices = record(
        services,
        [*person.introduction, given, made],
        actor=person.id,
        at=at,
        expected={case.subject: revision},
    )
    return gate_report(
        services, case, decision, index=indices[-1], statement=made.digests["statement"]
    )


def comment_on(services: Services, version: Record, *, actor: str, text: str) -> int:
    """Say something of a version that decides nothing; the index of the entry."""
    person = acting(services, actor)
    require(services, person.id, Permission.COMMENT_ADD)
    said = Change(
        type=events.COMMENT_ADDED,
        subject=f"version/{version.key}",
        body={"system": version.parent, "version": version.value["version"]},
        digests={"text": store_private_text(services, text)},
    )
    indices = record(
        services,
        [*person.introduction, said],
        actor=person.id,
        at=services.clock.now(),
        expected={},
    )
    return indices[-1]


def _check_reviewer(case: Case, person: str, role: str) -> None:
    asked = [item.role for item in at_tier(case.policy.approvals, case.tier) or ()]
    if person == case.author:
        raise ReviewRefused(
            f"The author of version {case.version.name} cannot review it.",
            remedy="Change the version, and gate the new one.",
        )
    if role not in asked:
        raise ReviewRefused(
            f"The policy asks for no {role!r} at tier {case.tier}.",
            remedy=f"It asks for: {', '.join(asked) or 'nobody'}.",
        )


def _named(case: Case) -> dict[str, Json]:
    return {"system": case.system, "version": case.version.digest}


def _review(review: Review) -> dict[str, Json]:
    return {
        "review": review.id,
        "kind": review.kind.value,
        "role": review.role,
        "basis": review.basis,
    }
