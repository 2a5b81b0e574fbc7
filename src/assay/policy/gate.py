"""The gate: a pure function from a policy and measurements to a decision with its reasons.

Error rates are those of Assay's statistics contract, section 2. To allow, every requirement
must pass, so each spends the whole `false_allow` (intersection-union, Berger 1982). To deny,
one failure is enough, so `false_deny` is shared out by Holm's procedure (1979).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce

from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.approvals import Approval, in_force, outstanding
from assay.policy.objections import Standing, strictest
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    Mode,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
    stricter,
)
from assay.policy.tiers import Tier, at_tier
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.holm import holm_error
from assay.stats.planning import units_lacking


class Verdict(StrEnum):
    """What is known about one requirement."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INSUFFICIENT = "insufficient"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A check bound to its evidence and parameters, waiting for the errors of its bounds."""

    at: Callable[[Errors], Measurement]
    statistical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One requirement's verdict, with the numbers that decided it.

    Attributes:
        requirement: the rule.
        verdict: what is known.
        effect: what the verdict does to the decision at this tier.
        measurement: with the very bounds that decided; None where the rule does not apply.
        threshold: the bar at this tier; None for a fact that must be true.
        units_lacking: for `insufficient`, how many more units would settle it if the truth
            equals what was observed; None if not known or no realistic amount.
    """

    requirement: Requirement
    verdict: Verdict
    effect: Outcome
    measurement: Measurement | None = None
    threshold: Decimal | None = None
    units_lacking: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the gate decided, and everything that it rests on except the evidence itself.

    Attributes:
        outcome: allow, hold or deny.
        judgements: one per requirement, in the policy's order.
        tests: statistical requirements that applied, Holm's `m`.
        holm_error: the error at which violations were last judged.
        approvals: those in force.
        awaiting: approvals that are still to be given.
        objections: what people hold against it.
        basis: the digest of what was judged; approvals bind to it.
    """

    outcome: Outcome
    mode: Mode
    tier: Tier
    judgements: tuple[Judgement, ...]
    tests: int
    holm_error: float
    approvals: tuple[Approval, ...]
    awaiting: tuple[Approver, ...]
    basis: str
    at: datetime
    objections: tuple[Standing, ...] = ()

    @property
    def effective(self) -> Outcome:
        """What the release does: a policy that only warns or observes stops nothing.

        A prohibited system is stopped in every mode.
        """
        if self.mode is Mode.ENFORCE or self.tier is Tier.PROHIBITED:
            return self.outcome
        return Outcome.ALLOW

    @property
    def demonstrated(self) -> bool:
        """Whether compliance with every requirement that applies has been demonstrated."""
        fine = {Verdict.PASS, Verdict.NOT_APPLICABLE}
        return all(judgement.verdict in fine for judgement in self.judgements)


def assess(
    policy: Policy, *, tier: Tier, measures: Mapping[RequirementId, Measure]
) -> tuple[tuple[Judgement, ...], int, float]:
    """Judge every requirement; depends on nothing but its arguments.

    Args:
        policy: the rules.
        tier: the system's tier.
        measures: a bound check for every requirement of the policy.

    Returns:
        The judgements in the policy's order, Holm's number of tests, and the Holm error at
        which violations were last judged.
    """
    bars = {rule.id: at_tier(rule.bar.by_tier, tier) for rule in policy.requirements if rule.bar}
    statistical = [
        rule
        for rule in policy.requirements
        if measures[rule.id].statistical and bars.get(rule.id) is not None
    ]
    allow, deny = float(policy.errors.false_allow), float(policy.errors.false_deny)
    tests, rejected = len(statistical), 0
    while True:
        error = holm_error(false_deny=deny, tests=max(tests, 1), rejected=rejected)
        judged = {
            rule.id: _estimate(rule, bars[rule.id], measures[rule.id], allow, error)
            for rule in statistical
        }
        failures = sum(item.verdict is Verdict.FAIL for item in judged.values())
        if failures in {rejected, tests}:
            break
        rejected = failures
    judgements = tuple(
        _treated(
            judged[rule.id]
            if rule.id in judged
            else _fact(rule, bars.get(rule.id), measures[rule.id]),
            tier,
            allow,
            error,
        )
        for rule in policy.requirements
    )
    return judgements, tests, error


def decide(
    policy: Policy,
    *,
    tier: Tier,
    judgements: Sequence[Judgement],
    tests: int,
    holm_error: float,
    basis: str,
    approvals: Sequence[Approval],
    author: str,
    at: datetime,
    objections: Sequence[Standing] = (),
) -> Decision:
    """Turn judgements and people's words into a decision. Pure; replays byte for byte.

    Deny if anything's effect is deny or the system is prohibited; else hold if anything
    holds, nothing applies at this tier, or people have yet to decide; else allow.
    """
    counted = in_force(approvals, basis=basis, author=author)
    awaiting = outstanding(at_tier(policy.approvals, tier) or (), counted)
    applies = any(judgement.verdict is not Verdict.NOT_APPLICABLE for judgement in judgements)
    outcome = reduce(stricter, (item.effect for item in judgements), strictest(objections))
    if outcome is Outcome.ALLOW and (awaiting or not applies):
        outcome = Outcome.HOLD
    if tier is Tier.PROHIBITED:
        outcome = Outcome.DENY
    return Decision(
        outcome=outcome,
        mode=policy.mode,
        tier=tier,
        judgements=tuple(judgements),
        tests=tests,
        holm_error=holm_error,
        approvals=counted,
        awaiting=awaiting,
        basis=basis,
        at=at,
        objections=tuple(objections),
    )


def _estimate(
    rule: Requirement, threshold: Decimal | None, measure: Measure, allow: float, error: float
) -> Judgement:
    """Judge one statistical requirement: pass side at `allow`, fail side at Holm's error."""
    assert rule.bar is not None  # noqa: S101 - the caller selected rules with a bar
    assert threshold is not None  # noqa: S101
    at_most = rule.bar.direction is Direction.AT_MOST
    errors = Errors(low=error, high=allow) if at_most else Errors(low=allow, high=error)
    measurement = measure.at(errors)
    judgement = Judgement(
        requirement=rule,
        verdict=Verdict.INSUFFICIENT,
        effect=Outcome.HOLD,
        measurement=measurement,
        threshold=threshold,
    )
    if not isinstance(measurement, Estimate):
        return replace(judgement, verdict=_without_estimate(measurement))
    limit = float(threshold)
    passed = measurement.high <= limit if at_most else measurement.low >= limit
    failed = measurement.low > limit if at_most else measurement.high < limit
    if passed:
        return replace(judgement, verdict=Verdict.PASS)
    return replace(judgement, verdict=Verdict.FAIL) if failed else judgement


def _fact(rule: Requirement, threshold: Decimal | None, measure: Measure) -> Judgement:
    """Judge a requirement without statistics: a fact against its bar, or a truth."""
    judgement = Judgement(
        requirement=rule, verdict=Verdict.NOT_APPLICABLE, effect=Outcome.ALLOW, threshold=threshold
    )
    if rule.bar is not None and threshold is None:
        return judgement  # no bar is named for this tier or a lower one
    measurement = measure.at(Errors())
    if isinstance(measurement, Fact):
        verdict = Verdict.PASS if _holds(measurement, rule.bar, threshold) else Verdict.FAIL
    else:
        verdict = _without_estimate(measurement)
    return replace(judgement, verdict=verdict, measurement=measurement)


def _holds(fact: Fact, bar: Bar | None, threshold: Decimal | None) -> bool:
    if bar is None or threshold is None:
        return fact.value is True
    if bar.direction is Direction.AT_MOST:
        return fact.value <= threshold
    return fact.value >= threshold


def _without_estimate(measurement: Measurement) -> Verdict:
    match measurement:
        case Undefined():
            return Verdict.INSUFFICIENT
        case NotApplicable():
            return Verdict.NOT_APPLICABLE
        case NotCollected():
            return Verdict.MISSING
        case CheckFailed() | Fact() | Estimate():
            # A fact where an estimate belongs, or the reverse, is a defect of the check.
            return Verdict.ERROR


def _treated(judgement: Judgement, tier: Tier, allow: float, error: float) -> Judgement:
    """Add what the verdict does at this tier and, for `insufficient`, what would settle it."""
    match judgement.verdict:
        case Verdict.PASS | Verdict.NOT_APPLICABLE:
            effect = Outcome.ALLOW
        case Verdict.FAIL | Verdict.ERROR:
            effect = Outcome.DENY
        case Verdict.MISSING:
            effect = Outcome.HOLD
        case Verdict.INSUFFICIENT:
            effect = judgement.requirement.insufficient_at(tier)
    return replace(judgement, effect=effect, units_lacking=_lacking(judgement, allow, error))


def _lacking(judgement: Judgement, allow: float, error: float) -> int | None:
    bar, measurement = judgement.requirement.bar, judgement.measurement
    if judgement.verdict is not Verdict.INSUFFICIENT or bar is None:
        return None
    if isinstance(measurement, Undefined):
        return sum(units for _, units in measurement.units_lacking) or None
    if not isinstance(measurement, Estimate) or judgement.threshold is None:
        return None
    return units_lacking(
        measurement,
        threshold=float(judgement.threshold),
        direction=bar.direction.value,
        false_allow=allow,
        holm_error=error,
    )
