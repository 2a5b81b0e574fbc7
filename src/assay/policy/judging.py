"""Judging one requirement: whether it is asked for at all, and what its measurement shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.periods import end_words, period_words, start_words
from assay.policy.policy import (
    ATTESTATION,
    Bar,
    Direction,
    Limit,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier, at_tier
from assay.policy.waivers import Waiver
from assay.stats.estimate import Errors, Estimate, Undefined


class Verdict(StrEnum):
    """What is known about one requirement."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INSUFFICIENT = "insufficient"
    MISSING = "missing"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A check bound to its evidence and parameters, waiting for the errors of its bounds.

    Attributes:
        at: the measurement, with bounds at the errors given.
        statistical: whether it returns estimates, which share the error budget.
        taken_at: when its evidence was taken; None where no time is known, which is older than
            any age that a policy allows.
    """

    at: Callable[[Errors], Measurement]
    statistical: bool
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One requirement's verdict, with the numbers that decided it.

    Attributes:
        requirement: the rule.
        verdict: what is known.
        effect: what the verdict does to the decision at this tier.
        measurement: with the very bounds that decided; None where nothing was measured.
        threshold: the bar at this tier; None for a fact that must be true.
        units_lacking: for `insufficient`, how many more units would settle it if the truth
            equals what was observed; None if not known or no realistic amount.
        reason: why the rules settle the verdict without a measurement, one sentence or more;
            "" where the measurement says it.
        waiver: for `waived`, what excuses the requirement.
        underlying: for `waived`, the verdict that is excused.
    """

    requirement: Requirement
    verdict: Verdict
    effect: Outcome
    measurement: Measurement | None = None
    threshold: Limit | None = None
    units_lacking: int | None = None
    reason: str = ""
    waiver: Waiver | None = None
    underlying: Verdict | None = None


Conditions = Mapping[RequirementId, Measurement]
"""What became of each requirement's `when`, by the requirement's id: a Fact that is true or
false, or why neither is known."""

UNJUDGED: Final = "Its condition `when` was not evaluated."


def settled(
    policy: Policy,
    rule: Requirement,
    *,
    tier: Tier,
    at: datetime,
    measure: Measure,
    conditions: Conditions,
) -> Judgement | None:
    """The judgement of a requirement that the rules settle before anything is measured.

    It does not apply outside its time, below its tier, or where its `when` is false. Evidence
    beyond its age is as good as none. None where the measurement decides.
    """
    threshold = limit_at(rule, tier)
    verdict = Verdict.NOT_APPLICABLE
    reason = _unasked(rule, threshold, tier=tier, at=at)
    if reason is None and rule.when is not None:
        condition = conditions.get(rule.id, CheckFailed(reason=UNJUDGED))
        verdict, reason = _conditional(rule.when, condition)
    if reason is None:
        verdict = Verdict.MISSING
        reason = expired(policy, rule, tier=tier, at=at, taken_at=measure.taken_at)
    if reason is None:
        return None
    return Judgement(
        requirement=rule,
        verdict=verdict,
        effect=Outcome.ALLOW,
        threshold=threshold,
        reason=reason,
    )


def judge_estimate(
    rule: Requirement, threshold: Limit, measure: Measure, allow: float, error: float
) -> Judgement:
    """Judge a statistical requirement: pass side at `allow`, fail side at Holm's error."""
    if isinstance(threshold, Range):
        return _between(rule, threshold, measure, allow, error)
    at_most = rule.bar is not None and rule.bar.direction is Direction.AT_MOST
    errors = Errors(low=error, high=allow) if at_most else Errors(low=allow, high=error)
    measurement = measure.at(errors)
    if not isinstance(measurement, Estimate):
        return _open(rule, threshold, measurement, Estimate)
    verdict = _compared(measurement, float(threshold), at_most=at_most)
    return _judged(rule, threshold, measurement, verdict)


def judge_fact(rule: Requirement, threshold: Limit | None, measure: Measure) -> Judgement:
    """Judge a requirement without statistics: a fact against its bar, or a truth."""
    fact = measure.at(Errors())
    if not isinstance(fact, Fact):
        return _open(rule, threshold, fact, Fact)
    held = _holds(fact, rule.bar, threshold)
    return _judged(rule, threshold, fact, Verdict.PASS if held else Verdict.FAIL)


def limit_at(rule: Requirement, tier: Tier) -> Limit | None:
    """The requirement's limit at a tier; None without a bar, or below its first tier."""
    return at_tier(rule.bar.by_tier, tier) if rule.bar else None


def age_allowed(policy: Policy, rule: Requirement, tier: Tier) -> timedelta | None:
    """How old a requirement's evidence may be at a tier: the stricter of both that say."""
    said = (at_tier(rule.max_age, tier), at_tier(policy.max_age, tier))
    return min((item for item in said if item is not None), default=None)


def expired(
    policy: Policy, rule: Requirement, *, tier: Tier, at: datetime, taken_at: datetime | None
) -> str | None:
    """Why the evidence is too old, or None where it is not."""
    allowed = age_allowed(policy, rule, tier)
    unsaid = rule.check == ATTESTATION and taken_at is None
    if allowed is None or unsaid:
        return None
    most = f"at tier {tier} it may be {period_words(allowed)} old."
    if taken_at is None:
        return f"Expired: no time is known of its evidence; {most}"
    if at - taken_at <= allowed:
        return None
    # Not its age, which would make another basis of every day.
    return f"Expired: its evidence is of {taken_at:%Y-%m-%d}; {most}"


def _unasked(rule: Requirement, threshold: Limit | None, *, tier: Tier, at: datetime) -> str | None:
    """Why a requirement is not asked for: its time or its tier; None where it is."""
    if rule.effective_from is not None and at < rule.effective_from:
        return f"It applies from {start_words(rule.effective_from)} on."
    if rule.until is not None and at >= rule.until:
        return f"It applied until {end_words(rule.until)}."
    if tier < rule.required_from:
        return f"It is asked for from tier {rule.required_from} up."
    if rule.bar is not None and threshold is None:
        # A policy of old leaves this to be worded; its recorded decisions have no reason here.
        return ""
    return None


def _conditional(when: str, condition: Measurement) -> tuple[Verdict, str | None]:
    """The verdict where `when` is false or not known, and why; no reason where it is true."""
    match condition:
        case Fact(value=True):
            return Verdict.NOT_APPLICABLE, None
        case Fact(value=False):
            return Verdict.NOT_APPLICABLE, f"It applies only when {when}."
        case NotCollected(reason=reason):
            verdict = Verdict.MISSING
        case Undefined(reason=reason):
            verdict = Verdict.INSUFFICIENT
        case CheckFailed(reason=reason):
            verdict = Verdict.ERROR
        case _:
            verdict, reason = Verdict.ERROR, UNJUDGED
    return verdict, f"Whether it applies (when {when}) cannot be told: {reason}"


def _between(
    rule: Requirement, limits: Range, measure: Measure, allow: float, error: float
) -> Judgement:
    """Judge two limits at once: a pass clears both, and the two ways to fail share the error."""
    low, high = float(limits.low), float(limits.high)
    outside = _open(rule, limits, measure.at(Errors(low=error / 2, high=error / 2)), Estimate)
    estimate = outside.measurement
    if isinstance(estimate, Estimate) and (estimate.low > high or estimate.high < low):
        return replace(outside, verdict=Verdict.FAIL)
    inside = _open(rule, limits, measure.at(Errors(low=allow, high=allow)), Estimate)
    estimate = inside.measurement
    if isinstance(estimate, Estimate) and low <= estimate.low and estimate.high <= high:
        return replace(inside, verdict=Verdict.PASS)
    return inside


def _open(
    rule: Requirement,
    threshold: Limit | None,
    measurement: Measurement,
    expected: type[Estimate | Fact],
) -> Judgement:
    """What a measurement says of a requirement before it is compared with the limit."""
    return _judged(rule, threshold, measurement, _uncompared(measurement, expected))


def _judged(
    rule: Requirement, threshold: Limit | None, measurement: Measurement, verdict: Verdict
) -> Judgement:
    """A verdict by a measurement, before what it does at the tier is known."""
    return Judgement(
        requirement=rule,
        verdict=verdict,
        effect=Outcome.HOLD,
        measurement=measurement,
        threshold=threshold,
    )


def _compared(estimate: Estimate, limit: float, *, at_most: bool) -> Verdict:
    if estimate.high <= limit if at_most else estimate.low >= limit:
        return Verdict.PASS
    if estimate.low > limit if at_most else estimate.high < limit:
        return Verdict.FAIL
    return Verdict.INSUFFICIENT


def _uncompared(measurement: Measurement, expected: type[Estimate | Fact]) -> Verdict:
    match measurement:
        case Undefined():
            return Verdict.INSUFFICIENT
        case NotApplicable():
            return Verdict.NOT_APPLICABLE
        case NotCollected():
            return Verdict.MISSING
        case CheckFailed() | Fact() | Estimate():
            # A fact where an estimate belongs, or the reverse, is a defect of the check.
            return Verdict.INSUFFICIENT if isinstance(measurement, expected) else Verdict.ERROR


def _holds(fact: Fact, bar: Bar | None, threshold: Limit | None) -> bool:
    if bar is None or threshold is None:
        return fact.value is True
    if isinstance(threshold, Range):
        return threshold.low <= fact.value <= threshold.high
    if bar.direction is Direction.EQUALS:
        return fact.value == threshold
    return (
        fact.value <= threshold if bar.direction is Direction.AT_MOST else fact.value >= threshold
    )
