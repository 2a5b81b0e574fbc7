"""The gate's algebra: a decision follows from its inputs, and no tightening lets more through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assay.evidence.canonical import canonical
from assay.evidence.measurement import CheckFailed, Fact, Measurement, NotCollected
from assay.policy.document import decision_document
from assay.policy.gate import Decision, Measure, Verdict, assess, decide
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    ErrorBudget,
    Mode,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
    stricter,
)
from assay.policy.tiers import Tier
from assay.policy.waivers import Waiver
from assay.stats.estimate import Errors, Undefined
from assay.stats.proportions import Proportion, proportion

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIERS = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
LIMITS = [Decimal(text) for text in ("0.05", "0.1", "0.3", "0.5", "0.8")]


@dataclass(frozen=True)
class World:
    """A policy, and what is known of each of its requirements."""

    policy: Policy
    tier: Tier
    measures: Mapping[RequirementId, Measure]
    waivers: tuple[Waiver, ...]

    def decision(self, at: datetime = AT) -> Decision:
        judgements, tests, error = assess(
            self.policy,
            tier=self.tier,
            measures=self.measures,
            at=at,
            waivers=self.waivers,
        )
        return decide(
            self.policy,
            tier=self.tier,
            judgements=judgements,
            tests=tests,
            holm_error=error,
            basis="b" * 64,
            approvals=[],
            author="ada",
            at=at,
        )


@dataclass(frozen=True)
class Measured:
    """A measurement of recorded evidence, the same at every call."""

    events: int
    trials: int
    absent: Measurement | None = None

    def __call__(self, errors: Errors) -> Measurement:
        if self.absent is not None:
            return self.absent
        counted = Proportion(events=self.events, trials=self.trials)
        return proportion(counted, errors=errors)


def said(measurement: Measurement) -> Measure:
    return Measure(at=lambda _: measurement, statistical=False, taken_at=AT)


ABSENT: list[Measurement] = [
    NotCollected(reason="It was not counted."),
    Undefined(reason="One class only."),
    CheckFailed(reason="ValueError"),
]


@st.composite
def statistical(draw: st.DrawFn, name: str) -> tuple[Requirement, Measure]:
    direction = draw(st.sampled_from([Direction.AT_MOST, Direction.AT_LEAST, Direction.BETWEEN]))
    low, high = sorted(draw(st.lists(st.sampled_from(LIMITS), min_size=2, max_size=2, unique=True)))
    limit = Range(low, high) if direction is Direction.BETWEEN else low
    rule = Requirement(
        id=RequirementId(name),
        check="family.rate",
        bar=Bar(direction=direction, by_tier={draw(st.sampled_from(TIERS)): limit}),
    )
    trials = draw(st.sampled_from([20, 200, 2000]))
    absent = draw(st.sampled_from([None, None, None, *ABSENT]))
    measured = Measured(draw(st.integers(0, trials)), trials, absent)
    age = timedelta(days=draw(st.integers(0, 100)))
    return rule, Measure(at=measured, statistical=True, taken_at=AT - age)


@st.composite
def factual(draw: st.DrawFn, name: str) -> tuple[Requirement, Measure]:
    rule = Requirement(
        id=RequirementId(name),
        check="family.fact",
        required_from=draw(st.sampled_from(TIERS)),
    )
    known: list[Measurement] = [
        Fact(value=True),
        Fact(value=False),
        NotCollected(reason="Nobody said."),
    ]
    return rule, said(draw(st.sampled_from(known)))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Policies of up to six requirements, with evidence of every kind, some facts waived.

    A waived violation frees its share of Holm's error, so that another shows at a larger one;
    when the evidence of the first expires, it is given back. Estimates are waived elsewhere.
    """
    count = draw(st.integers(1, 6))
    pairs = [
        draw(st.one_of(statistical(f"r{index}"), factual(f"r{index}"))) for index in range(count)
    ]
    facts = [rule for rule, measure in pairs if not measure.statistical]
    excused = draw(st.lists(st.sampled_from(facts), max_size=2)) if facts else []
    policy = Policy(
        name="p",
        version="1",
        digest="0" * 64,
        requirements=tuple(rule for rule, _ in pairs),
        max_age=draw(st.sampled_from([{}, {Tier.LOW: timedelta(days=90)}])),
    )
    return World(
        policy=policy,
        tier=draw(st.sampled_from(TIERS)),
        measures={rule.id: measure for rule, measure in pairs},
        waivers=tuple(waiver(rule.id) for rule in excused),
    )


def waiver(requirement: RequirementId) -> Waiver:
    return Waiver(
        id="w" * 64,
        requirement=requirement,
        system="credit",
        version=None,
        requested_by="ada",
        granted_by="greta",
        role="approver",
        granted_at=AT - timedelta(days=1),
        expires_at=AT + timedelta(days=1),
        compensating="c" * 64,
        index=7,
    )


@given(world=worlds())
def test_a_decision_depends_on_nothing_but_its_inputs(world: World) -> None:
    """Judged again from the same inputs, it has the same bytes."""
    first = canonical(decision_document(world.decision()))
    again = replace(world, policy=replace(world.policy), measures=dict(world.measures))
    assert canonical(decision_document(again.decision())) == first


@given(world=worlds(), data=st.data())
def test_more_evidence_never_turns_a_false_fact_into_a_pass(world: World, data: Any) -> None:
    """What one requirement lacked and now has changes nothing about another that fails."""
    before = world.decision()
    false = {
        item.requirement.id
        for item in before.judgements
        if item.verdict is Verdict.FAIL and isinstance(item.measurement, Fact)
    }
    more = {
        name: said(data.draw(st.sampled_from([Fact(value=True), Fact(value=False)])))
        if isinstance(measure.at(Errors()), NotCollected) and not measure.statistical
        else measure
        for name, measure in world.measures.items()
    }
    after = replace(world, measures=more).decision()
    verdicts = {item.requirement.id: item.verdict for item in after.judgements}
    assert all(verdicts[name] is Verdict.FAIL for name in false)
    assert not false or after.outcome is Outcome.DENY


@st.composite
def tightenings(draw: st.DrawFn, world: World) -> World:
    """The same world under a policy of which one field is tighter."""
    policy = world.policy
    changes: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"errors": ErrorBudget(false_allow=Decimal("0.01"))},
                {"errors": ErrorBudget(false_deny=Decimal("0.2"))},
                {"max_age": {Tier.LOW: timedelta(days=30)}},
                {"approvals": {Tier.LOW: (Approver(role="validator"),)}},
                {"mode": Mode.ENFORCE},
                {},
            ]
        )
    )
    if changes:
        return replace(world, policy=replace(policy, **changes))
    chosen = draw(st.integers(0, len(policy.requirements) - 1))
    rules = list(policy.requirements)
    rules[chosen] = draw(tightened(rules[chosen], world.tier))
    return replace(world, policy=replace(policy, requirements=tuple(rules)))


@st.composite
def tightened(draw: st.DrawFn, rule: Requirement, tier: Tier) -> Requirement:
    """A requirement with one tighter field, at tiers at which it was asked before."""
    step = Decimal("0.02")
    if rule.bar is not None and draw(st.booleans()):
        moved = {name: _moved(limit, rule.bar, step) for name, limit in rule.bar.by_tier.items()}
        return replace(rule, bar=replace(rule.bar, by_tier=moved))
    if rule.bar is None and draw(st.booleans()):
        return replace(rule, required_from=Tier.LOW)
    if draw(st.booleans()):
        return replace(rule, max_age={Tier.LOW: timedelta(days=draw(st.integers(1, 60)))})
    before = rule.insufficient_at(tier)
    harder = stricter(before, draw(st.sampled_from(list(Outcome))))
    return replace(rule, insufficient={tier: harder})


def _moved(limit: Decimal | Range, bar: Bar, step: Decimal) -> Decimal | Range:
    if isinstance(limit, Range):
        return Range(limit.low + step, limit.high - step)
    return limit - step if bar.direction is Direction.AT_MOST else limit + step


@given(data=st.data(), world=worlds())
def test_tightening_a_field_never_lets_more_through(data: Any, world: World) -> None:
    """What was stopped under the laxer policy is stopped under the tighter one.

    But for a policy that asked for nothing at the tier, which holds until it asks for something.
    """
    before = world.decision()
    after = data.draw(tightenings(world)).decision()
    asked = any(item.verdict is not Verdict.NOT_APPLICABLE for item in before.judgements)
    if asked and before.outcome is not Outcome.ALLOW:
        assert after.outcome is not Outcome.ALLOW


@given(world=worlds(), days=st.integers(2, 400))
def test_time_alone_takes_away_and_never_gives(world: World, days: int) -> None:
    """As evidence ages and waivers end, what was stopped stays stopped."""
    before = world.decision()
    later = world.decision(AT + timedelta(days=days))
    if before.outcome is not Outcome.ALLOW:
        assert later.outcome is not Outcome.ALLOW
