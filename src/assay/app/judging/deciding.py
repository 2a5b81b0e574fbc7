"""Deciding: from a case follow the decision, its signed statement and its event.

The gate builds a case from the repository, an approval or a promotion from what was
recorded; both decide here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assay.app.judging.circumstances import Circumstances, answered_measures, conditions
from assay.app.judging.evaluation import Gathered, bind
from assay.app.judging.standing import SILENCE, Words, words_on
from assay.app.log.recording import Change, store_statement
from assay.app.policies.texts import policy_source
from assay.app.ports import CheckCatalogue, Written
from assay.app.services import Services
from assay.evidence.canonical import Json, canonical_digest
from assay.evidence.statements import decision_payload, subjects
from assay.governance import events
from assay.governance.events import PersonId
from assay.governance.fold import version_key
from assay.governance.versions import Version
from assay.policy.canonical import policy_bytes
from assay.policy.document import decision_document, judgements_document
from assay.policy.expressions import Programs
from assay.policy.gate import Decision, Measure, assess, decide
from assay.policy.objections import objections
from assay.policy.policy import Policy, RequirementId
from assay.policy.tiers import Tier

DETAILS_SCHEMA: Final = "assay.decision/1"
"""The form of what a decision's statement says in full; whoever changes that raises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a decision rests on.

    Attributes:
        evidence_id: id of the evaluation statement that carries `gathered`.
        evidence_time: when that was recorded; None for what a decision is about to record.
        author: who registered the version; they cannot approve it.
        programs: the policy's compiled expressions.
        circumstances: what they may read of the manifest.
    """

    system: str
    tier: Tier
    tier_source: str
    version: Version
    author: PersonId
    policy: Policy
    policy_text: Written
    catalogue: CheckCatalogue
    gathered: Gathered
    evidence_id: str
    evidence_time: datetime | None = None
    programs: Programs = field(default_factory=Programs)
    circumstances: Circumstances = field(default_factory=Circumstances)

    @property
    def key(self) -> str:
        """The key of the version's record."""
        return version_key(self.system, self.version.digest)

    @property
    def subject(self) -> str:
        """The event subject whose concurrency guards this version."""
        return f"version/{self.key}"

    def evidence_at(self, at: datetime) -> datetime:
        """When the evidence was recorded, for a decision at an instant that may record it."""
        return self.evidence_time or at


def decide_case(services: Services, case: Case, *, at: datetime, more: Words = SILENCE) -> Decision:
    """Judge a case by what people have said of it so far, and by what was said just now."""
    measures = bind(case.policy, case.catalogue, case.gathered.evidence)
    said = words_on(services.journal, case.system, case.version.digest)
    return decide_measured(case, measures, words=said.and_then(more), at=event_time(services, at))


def event_time(services: Services, at: datetime) -> datetime:
    """The time that an event recorded at an instant has: none is older than the last one.

    Where the clock was set back meanwhile, that is what it is judged at too, so that whoever
    judges again by the recorded times comes to the same.
    """
    last = services.journal.head().time
    return at if last is None else max(at, last)


def decide_measured(
    case: Case, measures: Mapping[RequirementId, Measure], *, words: Words, at: datetime
) -> Decision:
    """Judge a case by its bound checks, and count what people have said of exactly it."""
    answered = answered_measures(case, measures, words.attestations, at=at)
    judgements, tests, error = assess(
        case.policy,
        tier=case.tier,
        measures=answered,
        at=at,
        applies=conditions(case, at=at),
        waivers=words.waivers,
        version=case.version.digest,
    )
    basis = canonical_digest(
        {
            "assay": "basis/1",
            "system": case.system,
            "version": case.version.digest,
            "tier": str(case.tier),
            "policy": case.policy.digest,
            "evidence": case.evidence_id,
            "requirements": judgements_document(judgements),
        }
    )
    return decide(
        case.policy,
        tier=case.tier,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis=basis,
        approvals=words.approvals,
        author=case.author,
        at=at,
        objections=objections(
            words.reviews, words.findings, intake=words.intake, basis=basis, at=at
        ),
    )


def decision_details(case: Case, decision: Decision) -> dict[str, Json]:
    """What a decision's statement says in full, as far as it follows from the case."""
    return {
        "schema": DETAILS_SCHEMA,
        **decision_document(decision),
        "system": case.system,
        "tier_source": case.tier_source,
        "author": case.author,
    }


def decision_change(services: Services, case: Case, decision: Decision) -> Change:
    """Sign the decision's statement, keep what it rests on, and give its event."""
    checks = {rule.check for rule in case.policy.requirements if rule.by_check}
    document: dict[str, Json] = {
        **decision_details(case, decision),
        "separation_of_duties": "verified" if services.separation_verified else "asserted",
        "checks": {name: dict(case.catalogue.provenance(name)) for name in sorted(checks)},
    }
    payload = decision_payload(
        subjects=subjects(case.version.digest, case.version.model_digest),
        verifier=services.signer.name,
        time=decision.at,
        resource=f"assay:{case.system}/{case.version.name}",
        policy_uri=f"assay:policy/{case.policy.name}@{case.policy.version}",
        policy_digest=case.policy.digest,
        inputs=[case.evidence_id],
        outcome=decision.outcome.value,
        decision=document,
    )
    return Change(
        type=events.DECISION_MADE,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "outcome": decision.outcome.value,
            "mode": decision.mode.value,
            "tier": str(decision.tier),
            "policy": f"{case.policy.name}@{case.policy.version}",
            "basis": decision.basis,
            "evidence": case.evidence_id,
        },
        digests={
            **store_statement(services, payload),
            "policy": services.blobs.put(policy_bytes(case.policy)),
            "policy_source": services.blobs.put(policy_source(case.policy_text)),
            **_circumstances(services, case),
        },
    )


def _circumstances(services: Services, case: Case) -> dict[str, str]:
    """Keep what the policy's expressions and comparisons read, where it has any."""
    programs = case.programs
    if not (programs.conditions or programs.rules or case.circumstances.in_production):
        return {}
    return {"circumstances": services.blobs.put(case.circumstances.to_bytes())}
