"""The gate judges by error budgets, and says no more than the data show."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evidence.measurement import CheckFailed, Fact, NotApplicable, NotCollected
from assay.policy.approvals import Approval
from assay.policy.gate import Judgement, Measure, Verdict, assess, decide
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    ErrorBudget,
    Mode,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rate(events: int, trials: int) -> Measure:
    """A real statistical check: one proportion with exact bounds."""
    return Measure(
        at=lambda errors: proportion(Proportion(events=events, trials=trials), errors=errors),
        statistical=True,
    )


def fact(measurement: object) -> Measure:
    return Measure(at=lambda _errors: measurement, statistical=False)  # type: ignore[arg-type,return-value]


def rule(
    name: str,
    *,
    at_most: str | None = None,
    at_least: str | None = None,
    tier: Tier = Tier.LOW,
    insufficient: dict[Tier, Outcome] | None = None,
) -> Requirement:
    bar = None
    if at_most is not None:
        bar = Bar(direction=Direction.AT_MOST, by_tier={tier: Decimal(at_most)})
    if at_least is not None:
        bar = Bar(direction=Direction.AT_LEAST, by_tier={tier: Decimal(at_least)})
    extra: dict[str, Any] = {} if insufficient is None else {"insufficient": insufficient}
    return Requirement(id=RequirementId(name), check="family.check", bar=bar, **extra)


def policy(*rules: Requirement, **changes: object) -> Policy:
    return Policy(name="lending", version="1", digest="0" * 64, requirements=rules, **changes)  # type: ignore[arg-type]


def judge(
    *pairs: tuple[Requirement, Measure], tier: Tier = Tier.HIGH, **changes: object
) -> tuple[Judgement, ...]:
    judgements, _, _ = assess(
        policy(*(item for item, _ in pairs), **changes),
        tier=tier,
        measures={item.id: measure for item, measure in pairs},
        at=AT,
    )
    return judgements


def outcome(judgements: tuple[Judgement, ...], **changes: object) -> Outcome:
    rules = [item.requirement for item in judgements]
    values: dict[str, object] = {
        "tier": Tier.HIGH,
        "judgements": judgements,
        "tests": 0,
        "holm_error": 0.05,
        "basis": "b",
        "approvals": [],
        "author": "author",
        "at": AT,
    }
    approvals = changes.pop("required", {})
    mode = changes.pop("mode", Mode.ENFORCE)
    return decide(
        policy(*rules, approvals=approvals, mode=mode),
        **(values | changes),  # type: ignore[arg-type]
    ).outcome


def test_a_pass_is_demonstrated_by_the_bound_and_not_by_the_point():
    """A figure on the right side of its limit passes only when its bound is too."""
    few, many = judge(
        (rule("few", at_most="0.10"), rate(2, 40)),
        (rule("many", at_most="0.10"), rate(50, 1000)),
    )
    assert few.verdict is Verdict.INSUFFICIENT
    assert many.verdict is Verdict.PASS


def test_a_check_whose_bounds_widen_as_their_error_grows_ends_the_rounds_all_the_same():
    """Bounds that are drawn may do so: what failed at the smaller error has failed."""

    def drawn(errors: Errors) -> Estimate:
        low = 0.3 if errors.low < 0.03 else 0.1
        return Estimate(
            value=0.35,
            low=low,
            high=0.5,
            low_error=errors.low,
            high_error=errors.high,
            n=100,
            method="drawn",
        )

    failed, open_still = judge(
        (rule("drawn", at_most="0.2"), Measure(at=drawn, statistical=True)),
        (rule("few", at_most="0.10"), rate(2, 40)),
    )
    assert failed.verdict is Verdict.FAIL
    assert open_still.verdict is Verdict.INSUFFICIENT


def test_at_least_reads_the_lower_bound_at_false_allow():
    """Accuracy of 90 in 100 shows at least 0.83 at an error of 5 %, and no more."""
    (passed,) = judge((rule("accurate", at_least="0.83"), rate(90, 100)))
    (unsure,) = judge((rule("accurate", at_least="0.84"), rate(90, 100)))
    assert passed.verdict is Verdict.PASS
    assert unsure.verdict is Verdict.INSUFFICIENT
    assert isinstance(passed.measurement, Estimate)
    assert passed.measurement.low_error == 0.05


def test_a_violation_is_judged_at_the_error_that_holm_allots():
    """With m requirements the first failure must show at false_deny / m."""
    borderline = rate(18, 100)  # lower bound at 0.05 is 0.120, at 0.005 is 0.094
    (alone,) = judge((rule("rate", at_most="0.11"), borderline))
    crowd = judge(
        (rule("rate", at_most="0.11"), borderline),
        *((rule(f"fine-{i}", at_most="0.5"), rate(10, 100)) for i in range(9)),
    )
    assert alone.verdict is Verdict.FAIL
    assert crowd[0].verdict is Verdict.INSUFFICIENT
    assert isinstance(crowd[0].measurement, Estimate)
    assert crowd[0].measurement.low_error == pytest.approx(0.005)


def test_holm_passes_the_error_of_a_rejected_requirement_on_to_the_others():
    """A clear failure frees its share, so a weaker one may be demonstrated after it."""
    weak = (rule("weak", at_most="0.115"), rate(18, 100))  # low: 0.1143 at 0.025, 0.1208 at 0.05
    (alone, _) = judge(weak, (rule("fine", at_most="0.5"), rate(10, 100)))
    (after, clear) = judge(weak, (rule("clear", at_most="0.5"), rate(99, 100)))
    assert clear.verdict is Verdict.FAIL
    assert alone.verdict is Verdict.INSUFFICIENT
    assert after.verdict is Verdict.FAIL


def test_undefined_counts_as_a_test_and_is_insufficient():
    """Holm's m is fixed before the data are read, so an undefined figure keeps its share."""
    undefined = Measure(at=lambda _: Undefined(reason="one class only"), statistical=True)
    judgements, tests, error = assess(
        policy(rule("a", at_most="0.1"), rule("b", at_least="0.6")),
        tier=Tier.HIGH,
        measures={
            RequirementId("a"): rate(5, 100),
            RequirementId("b"): undefined,
        },
        at=AT,
    )
    assert (tests, error) == (2, 0.025)
    assert judgements[1].verdict is Verdict.INSUFFICIENT


def test_a_tier_below_the_first_bar_named_makes_a_requirement_not_apply():
    """A bar from high upward says nothing at medium, and takes no share of the error."""
    judgements, tests, _ = assess(
        policy(rule("a", at_most="0.1", tier=Tier.HIGH)),
        tier=Tier.MEDIUM,
        measures={RequirementId("a"): rate(50, 100)},
        at=AT,
    )
    assert judgements[0].verdict is Verdict.NOT_APPLICABLE
    assert tests == 0
    assert outcome(judgements) is Outcome.HOLD  # nothing has been shown, so nothing is allowed


@pytest.mark.parametrize(
    ("measurement", "verdict", "expected"),
    [
        (Fact(value=True), Verdict.PASS, Outcome.ALLOW),
        (Fact(value=False), Verdict.FAIL, Outcome.DENY),
        (NotCollected(reason="none"), Verdict.MISSING, Outcome.HOLD),
        (CheckFailed(reason="ValueError"), Verdict.ERROR, Outcome.DENY),
        (NotApplicable(reason="nothing in production"), Verdict.NOT_APPLICABLE, Outcome.HOLD),
    ],
)
def test_facts_and_absences(measurement, verdict, expected):
    """`error` denies, `missing` holds, a false fact denies; facts take no share of the error."""
    judgements, tests, _ = assess(
        policy(rule("fact")),
        tier=Tier.LOW,
        measures={RequirementId("fact"): fact(measurement)},
        at=AT,
    )
    assert judgements[0].verdict is verdict
    assert tests == 0
    assert outcome(judgements) is expected


@pytest.mark.parametrize(("value", "verdict"), [(500, Verdict.PASS), (499, Verdict.FAIL)])
def test_counted_facts_are_compared_with_their_bar(value, verdict):
    """Rows are counted, so the bar is exact."""
    (judgement,) = judge((rule("rows", at_least="500"), fact(Fact(value=value))))
    assert judgement.verdict is verdict


def test_a_fact_where_an_estimate_belongs_is_an_error():
    """A check that claims statistics and returns a fact is defective; a defect denies."""
    wrong = Measure(at=lambda _: Fact(value=1), statistical=True)
    (judgement,) = judge((rule("odd", at_most="1.5"), wrong))
    assert judgement.verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        (Tier.LOW, Outcome.ALLOW),
        (Tier.MEDIUM, Outcome.HOLD),
        (Tier.HIGH, Outcome.HOLD),
        (Tier.CRITICAL, Outcome.DENY),
    ],
)
def test_what_insufficient_does_by_default(tier, expected):
    """Where a policy is silent: warn for low, hold for medium and high, deny for critical."""
    (judgement,) = judge((rule("few", at_most="0.1"), rate(2, 40)), tier=tier)
    assert judgement.effect is expected


def test_naming_a_lower_tier_never_loosens_a_higher_one():
    """`insufficient: {low: allow}` leaves critical at its default, deny."""
    lax = rule("few", at_most="0.1", insufficient={Tier.LOW: Outcome.ALLOW})
    strict = rule("few", at_most="0.1", insufficient={Tier.LOW: Outcome.DENY})
    assert judge((lax, rate(2, 40)), tier=Tier.CRITICAL)[0].effect is Outcome.DENY
    assert judge((strict, rate(2, 40)), tier=Tier.MEDIUM)[0].effect is Outcome.DENY


def test_insufficient_says_how_many_more_units_would_settle_it():
    """The number of further trials is finite and grows as the truth nears the limit."""
    (far,) = judge((rule("few", at_most="0.12"), rate(2, 40)))
    (near,) = judge((rule("few", at_most="0.08"), rate(2, 40)))
    assert far.units_lacking is not None
    assert near.units_lacking is None or near.units_lacking > far.units_lacking


def test_allow_waits_for_different_people_and_none_is_the_author():
    """Two roles need two people; the author's approval and that of another basis do not count."""
    judgements = judge((rule("fine", at_most="0.5"), rate(1, 100)))
    required = {Tier.HIGH: (Approver(role="validator"), Approver(role="approver"))}

    def decided(*given: tuple[str, str, str]) -> Outcome:
        approvals = [
            Approval(person=person, role=role, basis=basis, given_at=AT)
            for person, role, basis in given
        ]
        return outcome(judgements, required=required, approvals=approvals)

    assert decided() is Outcome.HOLD
    assert decided(("ada", "validator", "b")) is Outcome.HOLD
    assert decided(("ada", "validator", "b"), ("ada", "approver", "b")) is Outcome.HOLD
    assert decided(("ada", "validator", "b"), ("author", "approver", "b")) is Outcome.HOLD
    assert decided(("ada", "validator", "b"), ("bob", "approver", "old")) is Outcome.HOLD
    assert decided(("ada", "validator", "b"), ("bob", "approver", "b")) is Outcome.ALLOW


def test_a_prohibited_system_is_denied_in_every_mode():
    """No evidence and no mode lets a prohibited system ship."""
    judgements = judge((rule("fine", at_most="0.5"), rate(1, 100)))
    decision = decide(
        policy(judgements[0].requirement, mode=Mode.OBSERVE),
        tier=Tier.PROHIBITED,
        judgements=judgements,
        tests=1,
        holm_error=0.05,
        basis="b",
        approvals=[],
        author="author",
        at=AT,
    )
    assert decision.outcome is Outcome.DENY
    assert decision.effective is Outcome.DENY


def test_observing_records_the_outcome_and_stops_nothing():
    """Mode `observe` keeps the denial on record while the release goes on."""
    judgements = judge((rule("bad", at_most="0.1"), rate(90, 100)))
    decision = decide(
        policy(judgements[0].requirement, mode=Mode.OBSERVE),
        tier=Tier.HIGH,
        judgements=judgements,
        tests=1,
        holm_error=0.05,
        basis="b",
        approvals=[],
        author="author",
        at=AT,
    )
    assert (decision.outcome, decision.effective) == (Outcome.DENY, Outcome.ALLOW)


@given(
    counts=st.lists(
        st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=8,
    ),
    limit=st.sampled_from(["0.02", "0.1", "0.5"]),
)
def test_verdicts_follow_from_the_bounds_shown(counts, limit):
    """At the last Holm error exactly the failures show a violation, and no pass does."""
    pairs = [(rule(f"r{i}", at_most=limit), rate(x, n)) for i, (x, n) in enumerate(counts)]
    judgements, tests, error = assess(
        policy(*(item for item, _ in pairs), errors=ErrorBudget()),
        tier=Tier.HIGH,
        measures={item.id: measure for item, measure in pairs},
        at=AT,
    )
    failures = sum(item.verdict is Verdict.FAIL for item in judgements)
    assert error <= 0.05 / max(tests - failures, 1) + 1e-12
    for judgement in judgements:
        if not isinstance(judgement.measurement, Estimate):
            assert judgement.verdict is Verdict.INSUFFICIENT
            continue
        assert (judgement.measurement.low > float(limit)) == (judgement.verdict is Verdict.FAIL)
        assert (judgement.measurement.high <= float(limit)) == (judgement.verdict is Verdict.PASS)


def test_the_gate_is_a_function_of_its_inputs():
    """The same inputs give equal judgements, however often they are judged."""
    pairs = [(rule("a", at_most="0.1"), rate(9, 100)), (rule("b", at_least="0.5"), rate(60, 90))]
    assert judge(*pairs) == judge(*pairs)


def test_errors_are_fractions_below_a_half():
    """An error budget outside (0, 0.5) is a caller's defect."""
    with pytest.raises(ValueError, match=r"\(0, 0\.5\)"):
        Errors(low=0.5)
