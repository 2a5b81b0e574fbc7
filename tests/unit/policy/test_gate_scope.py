"""Ranges, dates, ages, conditions and waivers: what is asked, and when, and what is excused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assay.evidence.measurement import CheckFailed, Fact, Measurement, NotCollected
from assay.policy.gate import Decision, Judgement, Measure, Verdict, assess, decide
from assay.policy.policy import (
    ATTESTATION,
    Bar,
    Direction,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier
from assay.policy.waivers import Waiver
from assay.stats.estimate import Estimate, Undefined
from assay.stats.proportions import Proportion, proportion

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERSION = "1" * 64


def rate(events: int, trials: int, *, taken_at: datetime | None = AT) -> Measure:
    """A real statistical check: one proportion with exact bounds."""
    return Measure(
        at=lambda errors: proportion(Proportion(events=events, trials=trials), errors=errors),
        statistical=True,
        taken_at=taken_at,
    )


def said(measurement: Measurement, *, taken_at: datetime | None = AT) -> Measure:
    return Measure(at=lambda _errors: measurement, statistical=False, taken_at=taken_at)


def between(low: str, high: str, **fields: Any) -> Requirement:
    bar = Bar(direction=Direction.BETWEEN, by_tier={Tier.LOW: Range(Decimal(low), Decimal(high))})
    return Requirement(id=RequirementId("between"), check="family.check", bar=bar, **fields)


def at_most(limit: str, *, name: str = "rate", **fields: Any) -> Requirement:
    bar = Bar(direction=Direction.AT_MOST, by_tier={Tier.LOW: Decimal(limit)})
    return Requirement(id=RequirementId(name), check="family.check", bar=bar, **fields)


def truth(name: str = "card", **fields: Any) -> Requirement:
    return Requirement(id=RequirementId(name), check="family.fact", **fields)


def judge(
    *pairs: tuple[Requirement, Measure],
    tier: Tier = Tier.HIGH,
    at: datetime = AT,
    max_age: Mapping[Tier, timedelta] | None = None,
    **given: Any,
) -> tuple[tuple[Judgement, ...], int]:
    judgements, tests, _ = assess(
        policy(*(rule for rule, _ in pairs), max_age=max_age or {}),
        tier=tier,
        measures={rule.id: measure for rule, measure in pairs},
        at=at,
        version=VERSION,
        **given,
    )
    return judgements, tests


def policy(*rules: Requirement, **fields: Any) -> Policy:
    return Policy(name="p", version="1", digest="0" * 64, requirements=rules, **fields)


def waiver(requirement: str = "rate", **changes: Any) -> Waiver:
    granted = Waiver(
        id="w" * 64,
        requirement=RequirementId(requirement),
        system="credit",
        version=None,
        requested_by="ada",
        granted_by="greta",
        role="approver",
        granted_at=AT - timedelta(days=1),
        expires_at=AT + timedelta(days=30),
        compensating="c" * 64,
        index=7,
    )
    return replace(granted, **changes)


class TestRanges:
    """`between`: a pass clears both limits; the two ways to fail share Holm's error."""

    @pytest.mark.parametrize(
        ("events", "verdict"),
        [
            (250, Verdict.FAIL),
            (310, Verdict.INSUFFICIENT),
            (500, Verdict.PASS),
            (690, Verdict.INSUFFICIENT),
            (790, Verdict.FAIL),
        ],
    )
    def test_a_figure_lies_between(self, events: int, verdict: Verdict) -> None:
        """Beyond either limit it fails, near one it cannot be told, within both it passes."""
        (judgement,), _ = judge((between("0.3", "0.7"), rate(events, 1000)))
        assert judgement.verdict is verdict
        assert (judgement.units_lacking is not None) is (verdict is Verdict.INSUFFICIENT)

    def test_a_pass_clears_both_limits_at_false_allow(self) -> None:
        """Each of the two bounds may err in the whole of it: both must hold (Berger 1982)."""
        (judgement,), _ = judge((between("0.3", "0.7"), rate(500, 1000)))
        assert isinstance(judgement.measurement, Estimate)
        assert (judgement.measurement.low_error, judgement.measurement.high_error) == (0.05, 0.05)

    def test_the_two_ways_to_fail_share_the_error(self) -> None:
        """A violation that shows at 0.05 on its side alone need not show at half of it."""
        measure = rate(1063, 1500)  # the lower bound is 0.6885 at 0.05, and 0.6849 at 0.025
        (alone,), _ = judge((at_most("0.6885"), measure))
        (shared,), _ = judge((between("0.3", "0.6885"), measure))
        assert alone.verdict is Verdict.FAIL
        assert shared.verdict is Verdict.INSUFFICIENT
        (clear,), _ = judge((between("0.3", "0.68"), measure))
        assert clear.verdict is Verdict.FAIL
        assert isinstance(clear.measurement, Estimate)
        assert clear.measurement.low_error == 0.025

    @pytest.mark.parametrize(("value", "passes"), [(3, False), (4, True), (6, True), (7, False)])
    def test_a_counted_figure_is_compared_with_both(self, value: int, passes: bool) -> None:
        """Both ends belong to the range."""
        (judgement,), tests = judge((between("4", "6"), said(Fact(value=value))))
        assert (judgement.verdict is Verdict.PASS) is passes
        assert tests == 0

    @pytest.mark.parametrize(("value", "passes"), [(3, False), (4, True), (5, False)])
    def test_a_counted_figure_equals(self, value: int, passes: bool) -> None:
        """`equals` means exactly that."""
        bar = Bar(direction=Direction.EQUALS, by_tier={Tier.LOW: Decimal("4.0")})
        rule = Requirement(id=RequirementId("four"), check="family.count", bar=bar)
        (judgement,), _ = judge((rule, said(Fact(value=value))))
        assert (judgement.verdict is Verdict.PASS) is passes


class TestScope:
    """A requirement that is not asked for does not apply, takes no share, and says why."""

    def test_what_is_true_or_false_is_asked_from_a_tier_up(self) -> None:
        """Below `requires` nothing is asked."""
        rule = truth(required_from=Tier.HIGH)
        (below,), _ = judge((rule, said(Fact(value=False))), tier=Tier.MEDIUM)
        (from_there,), _ = judge((rule, said(Fact(value=False))), tier=Tier.HIGH)
        assert below.verdict is Verdict.NOT_APPLICABLE
        assert below.reason == "It is asked for from tier high up."
        assert from_there.verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        ("fields", "applies"),
        [
            ({"effective_from": AT}, True),
            ({"effective_from": AT + timedelta(seconds=1)}, False),
            ({"until": AT}, False),
            ({"until": AT + timedelta(seconds=1)}, True),
        ],
    )
    def test_dates_bound_it(self, fields: dict[str, Any], applies: bool) -> None:
        """From its first instant on, and up to its last; outside it takes no share of error."""
        (judgement,), tests = judge((at_most("0.1", **fields), rate(90, 100)))
        assert (judgement.verdict is Verdict.FAIL) is applies
        assert tests == int(applies)
        assert bool(judgement.reason) is not applies

    @pytest.mark.parametrize(
        ("condition", "verdict", "tests"),
        [
            (Fact(value=True), Verdict.FAIL, 1),
            (Fact(value=False), Verdict.NOT_APPLICABLE, 0),
            (NotCollected(reason="No intake."), Verdict.MISSING, 1),
            (Undefined(reason="Not finite."), Verdict.INSUFFICIENT, 1),
            (CheckFailed(reason="Budget."), Verdict.ERROR, 1),
            (None, Verdict.ERROR, 1),
        ],
    )
    def test_a_condition_that_is_not_known_never_excuses(
        self, condition: Measurement | None, verdict: Verdict, tests: int
    ) -> None:
        """Only what is known to be false takes a requirement away; silence is an error."""
        rule = at_most("0.1", when="tier >= HIGH")
        applies = {} if condition is None else {rule.id: condition}
        (judgement,), counted = judge((rule, rate(90, 100)), applies=applies)
        assert judgement.verdict is verdict
        assert counted == tests
        assert ("tier >= HIGH" in judgement.reason) is (verdict is not Verdict.FAIL)


class TestAge:
    """Evidence beyond its age is as good as none."""

    @pytest.mark.parametrize(("days", "verdict"), [(90, Verdict.PASS), (91, Verdict.MISSING)])
    def test_old_evidence_is_missing(self, days: int, verdict: Verdict) -> None:
        """It holds; and it still counts among the tests, which are fixed before data are read."""
        measure = rate(1, 100, taken_at=AT - timedelta(days=days))
        (judgement,), tests = judge((at_most("0.1"), measure), max_age={Tier.LOW: timedelta(90)})
        assert judgement.verdict is verdict
        assert tests == 1
        assert judgement.reason.startswith("Expired") is (verdict is Verdict.MISSING)

    def test_the_stricter_of_policy_and_requirement_counts(self) -> None:
        """A requirement may shorten what the policy allows, and cannot lengthen it."""
        measure = said(Fact(value=True), taken_at=AT - timedelta(days=50))
        short, long = {Tier.LOW: timedelta(30)}, {Tier.LOW: timedelta(90)}
        (first,), _ = judge((truth(max_age=short), measure), max_age=long)
        (second,), _ = judge((truth(max_age=long), measure), max_age=short)
        assert (first.verdict, second.verdict) == (Verdict.MISSING, Verdict.MISSING)

    def test_evidence_of_an_unknown_time_is_too_old(self) -> None:
        """Where an age is asked for, not knowing it does not help; a silent person is silent."""
        old = {Tier.LOW: timedelta(90)}
        (judgement,), _ = judge((truth(), said(Fact(value=True), taken_at=None)), max_age=old)
        assert judgement.verdict is Verdict.MISSING
        rule = replace(truth(), check=ATTESTATION)
        nobody = said(NotCollected(reason="Nobody has attested."), taken_at=None)
        (unsaid,), _ = judge((rule, nobody), max_age=old)
        assert (unsaid.verdict, unsaid.reason) == (Verdict.MISSING, "")


class TestWaivers:
    """What is not met is excused for a while; the verdict and its numbers stay beside it."""

    @pytest.mark.parametrize(
        ("measure", "underlying"),
        [
            (rate(90, 100), Verdict.FAIL),
            (rate(2, 20), Verdict.INSUFFICIENT),
            (
                Measure(at=lambda _: NotCollected(reason="none"), statistical=True, taken_at=AT),
                Verdict.MISSING,
            ),
            (
                Measure(at=lambda _: CheckFailed(reason="x"), statistical=True, taken_at=AT),
                Verdict.ERROR,
            ),
        ],
    )
    def test_whatever_is_not_met_is_excused(self, measure: Measure, underlying: Verdict) -> None:
        """It allows, keeps what it excuses, and counts in Holm's m."""
        granted = waiver()
        (judgement,), tests = judge((at_most("0.1"), measure), waivers=[granted])
        assert (judgement.verdict, judgement.underlying) == (Verdict.WAIVED, underlying)
        assert (judgement.effect, judgement.waiver) == (Outcome.ALLOW, granted)
        assert judgement.measurement is not None
        assert tests == 1

    def test_what_is_met_or_not_asked_needs_no_waiver(self) -> None:
        """A passing requirement stays a pass."""
        (passing,), _ = judge((at_most("0.1"), rate(1, 100)), waivers=[waiver()])
        assert (passing.verdict, passing.waiver) == (Verdict.PASS, None)
        over = at_most("0.1", until=AT)
        (aside,), _ = judge((over, rate(90, 100)), waivers=[waiver()])
        assert aside.verdict is Verdict.NOT_APPLICABLE

    @pytest.mark.parametrize(
        "changes",
        [
            {"requirement": RequirementId("other")},
            {"version": "2" * 64},
            {"expires_at": AT},
            {"granted_at": AT + timedelta(seconds=1)},
        ],
    )
    def test_a_waiver_of_something_else_excuses_nothing(self, changes: dict[str, Any]) -> None:
        """It is of one requirement, perhaps one version, and from one instant to another."""
        (judgement,), _ = judge((at_most("0.1"), rate(90, 100)), waivers=[waiver(**changes)])
        assert judgement.verdict is Verdict.FAIL

    def test_a_waived_version_is_allowed_and_not_demonstrated(self) -> None:
        """Whoever reads the decision sees that compliance was not shown."""
        decision = decided(Tier.HIGH)
        assert decision.outcome is Outcome.ALLOW
        assert not decision.demonstrated

    def test_a_prohibited_system_is_denied_whatever_is_waived(self) -> None:
        """No waiver lets it ship."""
        assert decided(Tier.PROHIBITED).outcome is Outcome.DENY


def decided(tier: Tier) -> Decision:
    """The decision on one violated and waived requirement."""
    rule = at_most("0.1")
    (judgement,), tests = judge((rule, rate(90, 100)), tier=tier, waivers=[waiver()])
    return decide(
        policy(rule),
        tier=tier,
        judgements=[judgement],
        tests=tests,
        holm_error=0.05,
        basis="b",
        approvals=[],
        author="ada",
        at=AT,
    )
