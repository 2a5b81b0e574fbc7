"""Attesting: one person, in the role that is asked, confirms what a requirement asks."""

from __future__ import annotations

from datetime import datetime

from assay.app.judging.deciding import Case, decide_case, decision_change, event_time
from assay.app.judging.replay import recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.judging.standing import Words
from assay.app.log.recording import Change, record, store_private_text, store_statement
from assay.app.people.access import require, require_role
from assay.app.people.people import acting
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.errors import Refused, suggest
from assay.evidence.statements import attestation_payload, subjects
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.events import PersonId
from assay.governance.fold import Record
from assay.policy.attestations import Attestation, asked_digest, role_asked
from assay.policy.policy import ATTESTATION, Requirement


class AttestationRefused(Refused):
    """This person may not attest this now."""

    code = "attestation.refused"


def attest_requirement(
    services: Services,
    project: Project,
    version: Record,
    requirement: str,
    *,
    actor: str,
    reason: str,
) -> GateReport:
    """Record an attestation and the decision that follows from it, in one transaction.

    It is of this version, and of exactly what the requirement asks in the policy that judged
    it; it ends when it is older than the policy allows at the system's tier.

    Args:
        services: the workspace.
        project: the repository, for the checks that judge the recorded evidence again.
        version: the version's record.
        requirement: the requirement's id.
        actor: the name of who attests.
        reason: on what grounds, in their own words; kept as an erasable text.

    Raises:
        Refused: the policy asks nobody to attest that, or this person may not.
    """
    now = services.clock.now()
    revision = services.journal.revision(f"version/{version.key}")
    case = recorded_case(services, project, version)
    rule = _asked_for(case, requirement)
    person = acting(services, actor)
    require(services, person.id, Permission.ATTESTATION_GIVE)
    require_role(services, person.id, role_asked(rule))
    at = event_time(services, now)
    given = _attestation_change(services, case, rule, person=person.id, at=at, reason=reason)
    attestation = Attestation(
        id=given.digests["statement"],
        requirement=rule.id,
        version=case.version.digest,
        asked=asked_digest(rule),
        role=role_asked(rule),
        person=person.id,
        given_at=at,
    )
    decision = decide_case(services, case, at=at, more=Words(attestations=(attestation,)))
    made = decision_change(services, case, decision)
    indices = record(
        services,
        [*person.introduction, given, made],
        actor=person.id,
        at=now,
        expected={case.subject: revision},
    )
    return gate_report(
        services, case, decision, index=indices[-1], statement=made.digests["statement"]
    )


def _asked_for(case: Case, requirement: str) -> Requirement:
    """The requirement of that id that asks a person."""
    asked = {str(rule.id): rule for rule in case.policy.requirements if rule.check == ATTESTATION}
    if requirement in asked:
        return asked[requirement]
    known = ", ".join(asked) or "nothing"
    raise AttestationRefused(
        f"Policy {case.policy.name!r} asks nobody to attest {requirement!r}.",
        where=case.policy_text.file,
        remedy=suggest(requirement, asked, otherwise=f"It asks people to attest: {known}."),
    )


def _attestation_change(
    services: Services,
    case: Case,
    rule: Requirement,
    *,
    person: PersonId,
    at: datetime,
    reason: str,
) -> Change:
    reason_digest = store_private_text(services, reason)
    payload = attestation_payload(
        subjects=subjects(case.version.digest, case.version.model_digest),
        time=at,
        person=person,
        role=role_asked(rule),
        reason=reason_digest,
        requirement=rule.id,
        asked=asked_digest(rule),
        policy_uri=f"assay:policy/{case.policy.name}@{case.policy.version}",
        policy_digest=case.policy.digest,
        identity={"asserted": not services.separation_verified, "issuer": services.signer.name},
    )
    return Change(
        type=events.ATTESTATION_GIVEN,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "requirement": rule.id,
            "role": role_asked(rule),
            "asked": asked_digest(rule),
        },
        digests={**store_statement(services, payload), "reason": reason_digest},
    )
