"""Backtesting: a candidate policy judges the recorded evidence of every version, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, cast

from assay.app.circumstances import Circumstances, answered_measures, conditions
from assay.app.deciding import Case
from assay.app.derived_figures import Figures, Subject
from assay.app.evaluation import bind
from assay.app.past_decisions import PastDecisions
from assay.app.ports import Written
from assay.app.recalling import index_of
from assay.app.recomputing import StatementOf
from assay.app.replay import Recorded, digests_of
from assay.app.standing import Words, recorded_waivers, words_on
from assay.errors import AssayError
from assay.evidence.measurement import Measurement
from assay.governance.events import PersonId
from assay.governance.fold import DECISION, EVIDENCE, SYSTEM, VERSION, Record
from assay.governance.versions import Version, VersionDigest
from assay.policy.attestations import attestation_measure
from assay.policy.backtest import (
    Backtested,
    PastDecision,
    PastJudgement,
    changes,
    evidence_outcome,
    settled_by,
)
from assay.policy.expressions import Programs
from assay.policy.gate import Judgement, Measure, assess
from assay.policy.policy import ATTESTATION, Policy, RequirementId
from assay.policy.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A policy that is tried, with its text and its compiled expressions."""

    policy: Policy
    text: Written
    programs: Programs


def versions_of(recorded: Recorded) -> Iterator[Record]:
    """Every version, system by system."""
    for system in recorded.records.records(SYSTEM):
        yield from recorded.records.records(VERSION, parent=system.key)


class Backtester:
    """Judges versions by a candidate policy; what it keeps does not grow with their number.

    Args:
        recorded: the records and content of a workspace or of a pack.
        statement_of: the statement of a decision.
        candidate: the policy that is tried.
        at: the instant of which it judges.
    """

    def __init__(
        self,
        recorded: Recorded,
        statement_of: StatementOf,
        candidate: Candidate,
        *,
        at: datetime,
    ) -> None:
        self._recorded = recorded
        self._candidate = candidate
        self._at = at
        self._past = PastDecisions(recorded, statement_of, candidate.policy)
        self._attested = [
            rule for rule in candidate.policy.requirements if rule.check == ATTESTATION
        ]
        # Versions come system by system.
        self._waivers = lru_cache(1)(partial(recorded_waivers, recorded.records))
        self._system = lru_cache(1)(partial(recorded.records.record, SYSTEM))

    def judge(self, version: Record) -> Backtested:
        """What the candidate says of a version; what hinders that is told, not raised."""
        seen: PastDecision | None = None
        tier = self._declared_tier(version)
        try:
            decision = self._decision(version)
            if decision is not None:
                seen = self._past.read(decision)
                tier = seen.tier
            evidence = self._evidence(version)
            if evidence is None:
                return _told(version, tier, seen, problem="No evidence of it is recorded.")
            subject = Subject(version=version, evidence=evidence, decision=decision, tier=tier)
            judgements = self._by_recorded_bounds(subject, seen)
            recomputed = False
            if judgements is None:
                judgements, recomputed = self._by_tallies(subject, seen)
        except AssayError as error:
            return _told(version, tier, seen, problem=error.what)
        return _told(version, tier, seen, judgements=judgements, recomputed=recomputed)

    def _by_tallies(
        self, subject: Subject, seen: PastDecision | None
    ) -> tuple[tuple[Judgement, ...], bool]:
        """What the candidate's checks make of the tallies, and whether those had to be read."""
        words, programs = self._words(subject), self._candidate.programs
        if programs.rules or programs.conditions:
            case = self._case(subject)
            bound = bind(case.policy, case.catalogue, case.gathered.evidence)
            measures = answered_measures(case, bound, words.attestations, at=self._at)
            applies = conditions(case, at=self._at)
            return self._assess(subject, measures, words, applies)[0], True
        figures = Figures(self._recorded, self._candidate.policy, subject)
        known = self._known(subject, seen)
        measures = {
            rule.id: figures.measure(rule, known.get(rule.id))
            for rule in self._candidate.policy.requirements
            if rule.by_check
        }
        measures |= self._answers(subject, words)
        judgements, _ = self._assess(subject, measures, words, {})
        return judgements, figures.read

    def _known(
        self, subject: Subject, seen: PastDecision | None
    ) -> Mapping[RequirementId, PastJudgement]:
        """What was said of the candidate's figures on the very evidence that is judged."""
        decision = subject.decision
        if decision is None or seen is None or decision.value["evidence"] != subject.evidence.key:
            return {}
        return self._past.known(decision, seen)

    def _answers(self, subject: Subject, words: Words) -> dict[RequirementId, Measure]:
        """What people attested."""
        return {
            rule.id: attestation_measure(rule, words.attestations, version=subject.digest)
            for rule in self._attested
        }

    def _by_recorded_bounds(
        self, subject: Subject, seen: PastDecision | None
    ) -> tuple[Judgement, ...] | None:
        """What the recorded bounds say; None where they do not settle every verdict."""
        programs, decision = self._candidate.programs, subject.decision
        if programs.rules or programs.conditions or decision is None or seen is None:
            return None
        if decision.value["evidence"] != subject.evidence.key:
            return None
        measures = self._past.measures(decision, seen, subject.taken_at)
        if measures is None:
            return None
        words = self._words(subject)
        measures |= self._answers(subject, words)
        judgements, tests = self._assess(subject, measures, words, {})
        return judgements if settled_by(seen, judgements, tests=tests) else None

    def _assess(
        self,
        subject: Subject,
        measures: Mapping[RequirementId, Measure],
        words: Words,
        applies: Mapping[RequirementId, Measurement],
    ) -> tuple[tuple[Judgement, ...], int]:
        judgements, tests, _ = assess(
            self._candidate.policy,
            tier=subject.tier,
            measures=measures,
            at=self._at,
            applies=applies,
            waivers=words.waivers,
            version=subject.digest,
        )
        return judgements, tests

    def _words(self, subject: Subject) -> Words:
        """What people said that a verdict hears; approvals and objections are left aside."""
        if self._attested:
            return words_on(self._recorded.records, subject.version.parent, subject.digest)
        return Words(waivers=tuple(self._waivers(subject.version.parent)))

    def _evidence(self, version: Record) -> Record | None:
        found = self._recorded.records.records(EVIDENCE, parent=version.key)
        return max(found, key=index_of, default=None)

    def _decision(self, version: Record) -> Record | None:
        key = version.value["decision"]
        return self._recorded.records.record(DECISION, key) if isinstance(key, str) else None

    def _declared_tier(self, version: Record) -> Tier:
        system = self._system(version.parent)
        return Tier[str(system.value["tier"]).upper()] if system else Tier.CRITICAL

    def _tier_source(self, version: Record) -> str:
        system = self._system(version.parent)
        return cast(str, system.value["tier_source"]) if system else "declared"

    def _case(self, subject: Subject) -> Case:
        version = subject.version
        return Case(
            system=version.parent,
            tier=subject.tier,
            tier_source=self._tier_source(version),
            version=Version(
                name=cast(str, version.value["name"]),
                digest=VersionDigest(subject.digest),
                components=cast(Mapping[str, Any], version.value["components"]),
            ),
            author=PersonId(cast(str, version.value["author"])),
            policy=self._candidate.policy,
            policy_text=self._candidate.text,
            catalogue=self._recorded.catalogue,
            gathered=self._recorded.gathered(subject.evidence),
            evidence_id=subject.evidence.key,
            evidence_time=subject.taken_at,
            programs=self._candidate.programs,
            circumstances=self._circumstances(subject),
        )

    def _circumstances(self, subject: Subject) -> Circumstances:
        digests = digests_of(subject.decision) if subject.decision else {}
        digest = digests.get("circumstances")
        if digest is None:
            return Circumstances()
        return Circumstances.from_bytes(self._recorded.blobs.get(digest))


def _told(
    version: Record,
    tier: Tier,
    seen: PastDecision | None,
    *,
    judgements: tuple[Judgement, ...] = (),
    recomputed: bool = False,
    problem: str = "",
) -> Backtested:
    after = evidence_outcome(
        (item.effect for item in judgements), (item.verdict for item in judgements), tier=tier
    )
    return Backtested(
        system=version.parent,
        version=cast(str, version.value["name"]),
        digest=cast(str, version.value["version"]),
        tier=tier,
        before=seen.outcome if seen else None,
        after=None if problem else after,
        changes=() if problem else changes(seen, judgements),
        recomputed=recomputed,
        problem=problem,
    )
