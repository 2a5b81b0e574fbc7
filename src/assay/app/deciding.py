"""Deciding: from a case follow the decision, its signed statement and its event.

The gate builds a case from the repository, an approval or a promotion from what was
recorded; both decide here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from assay.app.evaluation import Gathered, bind
from assay.app.ports import CheckCatalogue, Written
from assay.app.recording import Change, store_statement
from assay.app.services import Services
from assay.app.standing import SILENCE, Words, words_on
from assay.evidence.canonical import Json, canonical, canonical_digest
from assay.evidence.statements import decision_payload, subjects
from assay.governance import events
from assay.governance.events import PersonId
from assay.governance.fold import version_key
from assay.governance.versions import Version
from assay.policy.canonical import policy_bytes
from assay.policy.document import decision_document, judgements_document
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
        author: who registered the version; they cannot approve it.
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

    @property
    def key(self) -> str:
        """The key of the version's record."""
        return version_key(self.system, self.version.digest)

    @property
    def subject(self) -> str:
        """The event subject whose concurrency guards this version."""
        return f"version/{self.key}"


def decide_case(services: Services, case: Case, *, at: datetime, more: Words = SILENCE) -> Decision:
    """Judge a case by what people have said of it so far, and by what was said just now."""
    measures = bind(case.policy, case.catalogue, case.gathered.evidence)
    said = words_on(services.journal, case.system, case.version.digest)
    return decide_measured(case, measures, words=said.and_then(more), at=at)


def decide_measured(
    case: Case, measures: Mapping[RequirementId, Measure], *, words: Words, at: datetime
) -> Decision:
    """Judge a case by its bound checks, and count what people have said of exactly it."""
    judgements, tests, error = assess(
        case.policy,
        tier=case.tier,
        measures=measures,
        at=at,
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
        objections=objections(words.reviews, words.findings, basis=basis, at=at),
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
    checks = {rule.check for rule in case.policy.requirements}
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
            "policy_source": services.blobs.put(_source(case.policy_text)),
        },
    )


def _source(written: Written) -> bytes:
    return canonical({"file": written.file, "text": written.source.decode("utf-8")})
