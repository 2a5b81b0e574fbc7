"""Backtesting: a candidate policy judges the recorded evidence of every version, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import cast

from assay.app.judging.circumstances import answered_measures, conditions
from assay.app.judging.evaluation import bind
from assay.app.judging.recalling import index_of
from assay.app.judging.replay import Recorded
from assay.app.judging.standing import Words, recorded_waivers, words_on
from assay.app.packs.recomputing import StatementOf
from assay.app.policies.derived_figures import Subject
from assay.app.policies.past_decisions import NotRecorded, PastDecisions
from assay.app.policies.tried_versions import Candidate, TriedVersion
from assay.errors import AssayError
from assay.evidence.measurement import Measurement
from assay.governance.fold import EVIDENCE, SYSTEM, VERSION, Record
from assay.governance.records import last_decision
from assay.policy.attestations import attestation_measure
from assay.policy.backtest import (
    Backtested,
    PastDecision,
    PastJudgement,
    changes,
    evidence_outcome,
    settled_by,
)
from assay.policy.gate import Judgement, Measure, assess
from assay.policy.policy import ATTESTATION, RequirementId
from assay.policy.tiers import Tier


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
            tried = TriedVersion(
                self._recorded,
                self._candidate,
                Subject(version=version, evidence=evidence, decision=decision, tier=tier),
                tier_source=self._tier_source(version),
                at=self._at,
            )
            judgements, recomputed = self._judged(tried, seen)
        except AssayError as error:
            return _told(version, tier, seen, problem=error.what)
        return _told(version, tier, seen, judgements=judgements, recomputed=recomputed)

    def _judged(
        self, tried: TriedVersion, seen: PastDecision | None
    ) -> tuple[tuple[Judgement, ...], bool]:
        """What the candidate says, and whether the tallies had to be read for it."""
        words = self._words(tried.subject)
        if self._candidate.programs.rules:
            return self._by_case(tried, words), True
        judgements = self._by_recorded_bounds(tried, seen, words)
        if judgements is None:
            measures = tried.figures(self._known(tried.subject, seen))
            judgements, _ = self._assess(tried.subject, measures, words, tried.applies)
        return judgements, tried.read

    def _by_case(self, tried: TriedVersion, words: Words) -> tuple[Judgement, ...]:
        """What a candidate says whose rules read figures: each at errors of its own."""
        case = tried.case()
        bound = bind(case.policy, case.catalogue, case.gathered.evidence)
        measures = answered_measures(case, bound, words.attestations, at=self._at)
        applies = conditions(case, at=self._at)
        return self._assess(tried.subject, measures, words, applies)[0]

    def _by_recorded_bounds(
        self, tried: TriedVersion, seen: PastDecision | None, words: Words
    ) -> tuple[Judgement, ...] | None:
        """What the recorded bounds say; None where they do not settle every verdict."""
        subject = tried.subject
        decision = subject.decision
        if decision is None or seen is None:
            return None
        if decision.value["evidence"] != subject.evidence.key:
            return None
        measures = self._past.measures(decision, seen, subject.taken_at)
        if measures is None:
            return None
        try:
            judgements, tests = self._assess(subject, measures, words, tried.applies)
        except NotRecorded:
            return None
        return judgements if settled_by(seen, judgements, tests=tests) else None

    def _known(
        self, subject: Subject, seen: PastDecision | None
    ) -> Mapping[RequirementId, PastJudgement]:
        """What was said of the candidate's figures on the very evidence that is judged."""
        decision = subject.decision
        if decision is None or seen is None or decision.value["evidence"] != subject.evidence.key:
            return {}
        return self._past.known(decision, seen)

    def _assess(
        self,
        subject: Subject,
        measures: Mapping[RequirementId, Measure],
        words: Words,
        applies: Mapping[RequirementId, Measurement],
    ) -> tuple[tuple[Judgement, ...], int]:
        """The judgements, with what people attested, and Holm's number of tests."""
        attested = {
            rule.id: attestation_measure(rule, words.attestations, version=subject.digest)
            for rule in self._attested
        }
        judgements, tests, _ = assess(
            self._candidate.policy,
            tier=subject.tier,
            measures={**measures, **attested},
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
        return last_decision(self._recorded.records, version)

    def _declared_tier(self, version: Record) -> Tier:
        system = self._system(version.parent)
        return Tier[str(system.value["tier"]).upper()] if system else Tier.CRITICAL

    def _tier_source(self, version: Record) -> str:
        system = self._system(version.parent)
        return cast(str, system.value["tier_source"]) if system else "declared"


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
