"""Tests of a policy: cases that say what must be decided, and what the cases cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assay.errors import Span
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Measurement
from assay.policy.approvals import Approval
from assay.policy.canonical import TIERS
from assay.policy.expressions import Datum
from assay.policy.gate import Decision, Measure, Verdict, assess, decide
from assay.policy.intervals import allowed
from assay.policy.judging import Conditions
from assay.policy.policy import Outcome, Policy, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.policy.waivers import Waiver
from assay.stats.estimate import Errors, Estimate

BASIS: Final = "test"
"""What approvals in a case bind to."""

AUTHOR: Final = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCase:
    """A situation, and what the policy must say of it.

    Attributes:
        name: unique in its suite.
        tier: of the system.
        at: the instant of which it is judged.
        approvals: the roles in which people have approved, each another person.
        waivers: those granted.
        verdicts: what is expected, by requirement; any number of them.
        decision: the outcome expected; None where the case does not say.
        effective: what the release is expected to do, which the policy's mode decides; None
            where the case does not say.
        where: the place of the case.
        places: where each expectation stands: by requirement, "decision" and "effective".
    """

    name: str
    tier: Tier
    at: datetime
    approvals: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    verdicts: Mapping[RequirementId, Verdict] = field(default_factory=dict[RequirementId, Verdict])
    decision: Outcome | None = None
    effective: Outcome | None = None
    where: Span | None = None
    places: Mapping[str, Span] = field(default_factory=dict[str, Span])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure with bounds that hold at whatever errors are asked for."""

    value: float
    low: float
    high: float
    n: int

    def at(self, errors: Errors) -> Estimate:
        """The estimate."""
        return Estimate(
            value=self.value,
            low=self.low,
            high=self.high,
            low_error=errors.low,
            high_error=errors.high,
            n=self.n,
            method="given",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The evidence of a case, as its file tells it.

    Attributes:
        measurements: what is measured, by requirement; it goes before what data would give.
        evidence: data as counts, from which the checks measure the rest; None without any.
        attested: requirements that a person has attested.
        data: what conditions and expressions read, by dotted name.
        taken_at: when the evidence was taken.
    """

    measurements: Mapping[RequirementId, Bounds | Measurement]
    evidence: Evidence | None
    attested: frozenset[RequirementId]
    data: Mapping[str, Datum]
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The cases of one file with their evidence, in its order.

    Attributes:
        file: the file's name for people.
        policy: the policy's file, relative to the suite's; None for the manifest's.
        named: each requirement that the file names, with every place at which it does.
    """

    file: str
    policy: str | None
    cases: tuple[tuple[PolicyCase, Given], ...]
    named: tuple[tuple[RequirementId, Span], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A case with what its evidence measures and its conditions come to."""

    case: PolicyCase
    measures: Mapping[RequirementId, Measure]
    applies: Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Where a case expects one thing and the policy says another.

    Attributes:
        subject: a requirement's id, "decision" or "effective".
        why: what the policy has to say for its verdict, if it is of one requirement.
    """

    subject: str
    expected: str
    found: str
    why: str
    where: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of a case; it holds where nothing mismatches."""

    case: PolicyCase
    decision: Decision
    mismatches: tuple[Mismatch, ...]

    @property
    def holds(self) -> bool:
        """Whether the policy says what the case expects."""
        return not self.mismatches


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which requirements the cases that hold expect a verdict of, at which tiers.

    Attributes:
        asked: the tiers at which each requirement asks for something.
        covered: those of them at which some case expects a verdict of it.
    """

    asked: Mapping[RequirementId, tuple[Tier, ...]]
    covered: Mapping[RequirementId, tuple[Tier, ...]]

    @property
    def pairs(self) -> tuple[int, int]:
        """How many pairs of requirement and tier are covered, and how many there are."""
        return sum(map(len, self.covered.values())), sum(map(len, self.asked.values()))

    def uncovered(self) -> Iterator[tuple[RequirementId, tuple[Tier, ...]]]:
        """The requirements with tiers that no case looks at."""
        for name, tiers in self.asked.items():
            left = tuple(tier for tier in tiers if tier not in self.covered[name])
            if left:
                yield name, left


def judge_case(policy: Policy, situation: Situation) -> Decision:
    """What a policy decides of a situation."""
    case = situation.case
    judgements, tests, error = assess(
        policy,
        tier=case.tier,
        measures=situation.measures,
        at=case.at,
        applies=situation.applies,
        waivers=case.waivers,
    )
    return decide(
        policy,
        tier=case.tier,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis=BASIS,
        approvals=[
            Approval(person=f"approver-{number}", role=role, basis=BASIS, given_at=case.at)
            for number, role in enumerate(case.approvals, start=1)
        ],
        author=AUTHOR,
        at=case.at,
    )


def run_case(policy: Policy, situation: Situation) -> CaseResult:
    """Judge a situation, and compare with what its case expects."""
    decision = judge_case(policy, situation)
    return CaseResult(
        case=situation.case,
        decision=decision,
        mismatches=tuple(_mismatches(situation.case, decision)),
    )


def notices(policy: Policy, situations: Iterable[Situation]) -> bool:
    """Whether some case that holds under one policy fails under this one."""
    return any(not run_case(policy, situation).holds for situation in situations)


def coverage(policy: Policy, cases: Sequence[PolicyCase]) -> Coverage:
    """What these cases cover of a policy; give those that hold.

    A case that expects only a decision covers no requirement by name.
    """
    expected = {(name, case.tier) for case in cases for name in case.verdicts}
    asked = {rule.id: _tiers(rule) for rule in policy.requirements}
    return Coverage(
        asked=asked,
        covered={
            name: tuple(tier for tier in tiers if (name, tier) in expected)
            for name, tiers in asked.items()
        },
    )


def _tiers(rule: Requirement) -> tuple[Tier, ...]:
    """The tiers at which a requirement asks for something."""
    if rule.bar is None:
        return tuple(tier for tier in TIERS if tier >= rule.required_from)
    return tuple(tier for tier in TIERS if allowed(rule.bar, tier) is not None)


def _mismatches(case: PolicyCase, decision: Decision) -> Iterator[Mismatch]:
    found = {item.requirement.id: item for item in decision.judgements}
    for name, expected in case.verdicts.items():
        judgement = found.get(name)
        verdict = judgement.verdict if judgement else None
        if verdict is not expected:
            yield Mismatch(
                subject=name,
                expected=expected,
                found=verdict or "no such requirement",
                why=judgement.reason if judgement else "",
                where=case.places.get(name, case.where),
            )
    for subject, wanted, outcome in (
        ("decision", case.decision, decision.outcome),
        ("effective", case.effective, decision.effective),
    ):
        if wanted is not None and outcome is not wanted:
            yield Mismatch(
                subject=subject,
                expected=wanted,
                found=outcome,
                why="",
                where=case.places.get(subject, case.where),
            )
