"""Approving: one person, in one role, on exactly the decision that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from assay.app.judging.deciding import Case, decide_case, decision_change
from assay.app.judging.replay import latest_decision, recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.judging.standing import Words, words_on
from assay.app.life.delegating import delegators
from assay.app.log.recording import Change, record, store_private_text, store_statement
from assay.app.people.access import require, require_role
from assay.app.people.people import Person, acting, person_named
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.errors import Refused
from assay.evidence.statements import approval_payload, subjects
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.events import PersonId
from assay.governance.fold import Record
from assay.policy.approvals import Approval
from assay.policy.gate import Decision
from assay.policy.policy import Outcome


class ApprovalRefused(Refused):
    """This person may not give this approval now."""

    code = "approval.refused"


def approve_version(
    services: Services,
    project: Project,
    version: Record,
    *,
    actor: str,
    role: str,
    reason: str,
    behalf: str | None = None,
) -> GateReport:
    """Record an approval and the decision that follows from it, in one transaction.

    Args:
        services: the workspace.
        project: the repository, for the checks that judge the recorded evidence again.
        version: the version's record.
        actor: the name of who approves.
        role: the role in which they approve, one that the policy asks for at this tier.
        reason: why, in their own words; kept as an erasable text.
        behalf: the name of whoever delegated this role to them; the approval then counts as
            that person's.

    Raises:
        Refused: the approver is the author or has approved already, the role is not asked
            for, or what was decided on no longer stands.
    """
    at = services.clock.now()
    revision = services.journal.revision(f"version/{version.key}")
    case = recorded_case(services, project, version)
    seen = latest_decision(services, version)
    person = acting(services, actor)
    before = decide_case(services, case, at=at)
    require(services, person.id, Permission.VERSION_APPROVE)
    principal = _principal(services, person, behalf, role=role, at=at)
    _check_basis(seen, before)
    approval = Approval(person=principal, role=role, basis=before.basis, given_at=at)
    # Whoever rejected the version may change their mind, so what counts is what follows.
    after = decide_case(services, case, at=at, more=Words(approvals=(approval,)))
    _check_denied(case, after)
    for one in dict.fromkeys((person.id, principal)):
        _check_person(services, case, before, one, role)
    made = decision_change(services, case, after)
    given = _approval_change(
        services, case, approval, approver=person.id, seen=seen.key, reason=reason
    )
    indices = record(
        services,
        [*person.introduction, given, made],
        actor=person.id,
        at=at,
        expected={case.subject: revision},
    )
    return gate_report(
        services, case, after, index=indices[-1], statement=made.digests["statement"]
    )


def _principal(
    services: Services, person: Person, behalf: str | None, *, role: str, at: datetime
) -> PersonId:
    """The person as whose an approval counts: the approver, or whoever delegated to them."""
    if behalf is None:
        require_role(services, person.id, role)
        return person.id
    principal = person_named(services, behalf).id
    if principal not in delegators(services.journal, person.id, role=role, at=at):
        raise ApprovalRefused(
            f"{behalf} has not delegated the role {role!r} to you, or the delegation has ended.",
            remedy="They delegate with `assay delegate`.",
        )
    require_role(services, principal, role)
    return principal


def _check_basis(seen: Record, now: Decision) -> None:
    if seen.value["basis"] != now.basis:
        raise ApprovalRefused(
            "The recorded evidence, judged again, gives other verdicts than those you saw.",
            remedy="Run `assay gate` and read its report before you approve.",
        )


def _check_denied(case: Case, after: Decision) -> None:
    if after.outcome is Outcome.DENY:
        raise ApprovalRefused(
            f"Version {case.version.name} is denied; an approval would change nothing.",
            remedy="Mend what the gate names, and gate the new version.",
        )


def _check_person(
    services: Services, case: Case, decision: Decision, person: str, role: str
) -> None:
    if person == case.author:
        raise ApprovalRefused(
            f"The author of version {case.version.name} cannot approve it.",
            remedy=f"Ask someone else: {_roles(decision)}."
            if decision.awaiting
            else "No approval is wanted any more.",
        )
    said = words_on(services.journal, case.system, case.version.digest)
    if any(item.person == person and item.basis == decision.basis for item in said.approvals):
        raise ApprovalRefused(
            "You have approved this decision already; each approval comes from another person.",
            remedy=f"Still wanted: {_roles(decision)}.",
        )
    if role not in {item.role for item in decision.awaiting}:
        raise ApprovalRefused(
            f"No approval by a {role!r} is wanted for version {case.version.name}.",
            remedy=f"Still wanted: {_roles(decision)}.",
        )


def _roles(decision: Decision) -> str:
    waiting: Sequence[str] = [item.role for item in decision.awaiting]
    return ", ".join(waiting) if waiting else "none"


def _approval_change(
    services: Services,
    case: Case,
    approval: Approval,
    *,
    approver: PersonId,
    seen: str,
    reason: str,
) -> Change:
    reason_digest = store_private_text(services, reason)
    payload = approval_payload(
        subjects=subjects(case.version.digest, case.version.model_digest),
        time=approval.given_at,
        approver=approval.person,
        role=approval.role,
        reason=reason_digest,
        policy_uri=f"assay:policy/{case.policy.name}@{case.policy.version}",
        policy_digest=case.policy.digest,
        references=[seen],
        identity={
            "asserted": not services.separation_verified,
            "issuer": services.signer.name,
            **({"delegate": approver} if approver != approval.person else {}),
        },
        basis=approval.basis,
    )
    delegated = approver != approval.person
    return Change(
        type=events.APPROVAL_GIVEN,
        schema=2 if delegated else 1,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "role": approval.role,
            "approver": approval.person,
            **({"delegate": approver} if delegated else {}),
            "basis": approval.basis,
            "decision": seen,
        },
        digests={**store_statement(services, payload), "reason": reason_digest},
    )
