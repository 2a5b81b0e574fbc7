"""Verdicts from recorded bounds are those that the figures would give, where they settle them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import event, given, settings
from hypothesis import strategies as st

from assay.policy.backtest import serves, settled_by, usable
from assay.policy.document import decision_document
from assay.policy.gate import Judgement, Measure, Verdict, assess, decide
from assay.policy.policy import Bar, Direction, Policy, Requirement, RequirementId
from assay.policy.recorded_decision import parse_past_decision
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors
from assay.stats.holm import holm_error
from assay.stats.proportions import Proportion, proportion

AT = datetime(2026, 3, 1, tzinfo=UTC)
DENY, ALLOW = 0.05, 0.05

SHARES = st.integers(1, 39).map(lambda step: Decimal(step) / 40)
COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda pair: (pair[0], sum(pair) or 1)
)


@st.composite
def versions(draw: st.DrawFn) -> list[tuple[tuple[int, int], bool, Decimal, Decimal]]:
    """Requirements with a rate each: its counts, its side, its bar then and its bar now."""
    item = st.tuples(COUNTS, st.booleans(), SHARES, SHARES)
    found = draw(st.lists(item, min_size=1, max_size=6))
    # Most bars stay where they were, as they do when a policy is revised.
    stays = draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    return [
        (counts, side, then, then if stay else now)
        for (counts, side, then, now), stay in zip(found, stays, strict=True)
    ]


def policy(bars: list[tuple[bool, Decimal]]) -> Policy:
    return Policy(
        name="p",
        version="1",
        digest="0" * 64,
        requirements=tuple(
            Requirement(
                id=RequirementId(f"r{place}"),
                check="performance.accuracy",
                bar=Bar(
                    direction=Direction.AT_MOST if at_most else Direction.AT_LEAST,
                    by_tier={Tier.LOW: limit},
                ),
            )
            for place, (at_most, limit) in enumerate(bars)
        ),
    )


def rate(counts: tuple[int, int]) -> Measure:
    events, trials = counts
    return Measure(
        at=lambda errors: proportion(Proportion(events=events, trials=trials), errors=errors),
        statistical=True,
    )


def verdicts(judgements: tuple[Judgement, ...]) -> list[Verdict]:
    return [item.verdict for item in judgements]


@settings(max_examples=300)
@given(versions())
def test_recorded_bounds_say_what_new_ones_would(found):
    """Whatever bars move, a verdict taken from the record is the verdict of the figures."""
    measures = {RequirementId(f"r{i}"): rate(item[0]) for i, item in enumerate(found)}
    old = policy([(side, then) for _, side, then, _ in found])
    new = policy([(side, now) for _, side, _, now in found])

    judgements, tests, error = assess(old, tier=Tier.HIGH, measures=measures, at=AT)
    decision = decide(
        old,
        tier=Tier.HIGH,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis="",
        approvals=[],
        author="a",
        at=AT,
    )
    document = json.loads(json.dumps(decision_document(decision)))
    past = parse_past_decision(document, false_deny=DENY)
    assert [item.verdict for item in past.judgements.values()] == verdicts(judgements)

    deny = holm_error(false_deny=DENY, tests=past.tests, rejected=past.rejected)
    recorded: dict[RequirementId, Measure] = {}
    for rule in new.requirements:
        seen = past.judgements[rule.id]
        assert usable(rule, seen, allow=ALLOW, deny=deny)
        recorded[rule.id] = Measure(at=_constant(seen.measurement), statistical=True)

    def reused(rule: Requirement) -> Measure:
        seen, limit = past.judgements[rule.id], rule.bar.by_tier[Tier.LOW]  # type: ignore[union-attr]

        def at(errors: Errors):
            served = serves(rule, seen, limit, errors=errors)
            return seen.measurement if served else measures[rule.id].at(errors)

        return Measure(at=at, statistical=True)

    full, _, _ = assess(new, tier=Tier.HIGH, measures=measures, at=AT)
    mixed = {rule.id: reused(rule) for rule in new.requirements}
    assert verdicts(assess(new, tier=Tier.HIGH, measures=mixed, at=AT)[0]) == verdicts(full)

    quick, tests, _ = assess(new, tier=Tier.HIGH, measures=recorded, at=AT)
    settled = settled_by(past, quick, tests=tests)
    event("settled" if settled else "to be recomputed")
    if settled:
        assert verdicts(quick) == verdicts(full)


def test_an_unchanged_policy_is_always_settled():
    """The very decision that was recorded needs no figures again, failures included."""
    found = [((0, 60), True, Decimal("0.2")), ((50, 60), True, Decimal("0.2"))]
    rules = policy([(side, bar) for _, side, bar in found])
    measures = {RequirementId(f"r{i}"): rate(item[0]) for i, item in enumerate(found)}
    judgements, tests, error = assess(rules, tier=Tier.HIGH, measures=measures, at=AT)
    assert verdicts(judgements) == [Verdict.PASS, Verdict.FAIL]
    decision = decide(
        rules,
        tier=Tier.HIGH,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis="",
        approvals=[],
        author="a",
        at=AT,
    )
    past = parse_past_decision(json.loads(json.dumps(decision_document(decision))), false_deny=DENY)
    assert past.rejected == 1
    assert settled_by(past, judgements, tests=tests)


def _constant(measurement):
    def at(_errors: Errors):
        return measurement

    return at
