"""Mutants of a policy: each says a little else, and a good suite of cases notices.

Every threshold is moved both ways, every field loosened, every requirement left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from assay.errors import Span
from assay.policy.intervals import limit_text
from assay.policy.periods import end_words, period_text, start_words
from assay.policy.policy import (
    Bar,
    Limit,
    Mode,
    Outcome,
    Policy,
    Range,
    Requirement,
)
from assay.policy.tiers import Tier, at_tier

DAY: Final = timedelta(days=1)
HALF: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A policy with one change.

    Attributes:
        requirement: whose field changed; None where it is the policy's.
        change: what changed, in words.
        where: the place of what changed.
    """

    policy: Policy
    requirement: str | None
    change: str
    where: Span | None


def mutants(policy: Policy, *, step: Decimal) -> Iterator[Mutant]:
    """Every mutant of a policy.

    Args:
        policy: as loaded.
        step: by which share of itself a threshold moves.
    """
    for rule in policy.requirements:
        yield _without(policy, rule)
        for change, where, other in _changed(rule, step):
            rules = tuple(other if item is rule else item for item in policy.requirements)
            yield Mutant(
                policy=replace(policy, requirements=rules),
                requirement=rule.id,
                change=change,
                where=where or rule.span,
            )
    for change, mutated in _policy_mutants(policy):
        yield Mutant(policy=mutated, requirement=None, change=change, where=None)


def moved(value: Decimal, *, step: Decimal) -> tuple[Decimal, Decimal]:
    """A threshold moved down and up by a share of itself; a whole number by one at least.

    >>> moved(Decimal("0.70"), step=Decimal("0.1")), moved(Decimal(0), step=Decimal("0.1"))
    ((Decimal('0.63'), Decimal('0.77')), (Decimal('-1'), Decimal('1')))
    """
    by = abs(value) * step
    if value == value.to_integral_value():
        by = max(by.to_integral_value(), Decimal(1))
    return (value - by).normalize() + 0, (value + by).normalize() + 0


_Changed = tuple[str, Span | None, Requirement]


def _changed(rule: Requirement, step: Decimal) -> Iterator[_Changed]:
    yield from _bars(rule, step)
    yield from _insufficient(rule)
    yield from _dates(rule)
    for tier, age in rule.max_age.items():
        ages = {**rule.max_age, tier: 2 * age}
        words = f"`max_age` at tier {tier}: {period_text(age)} → {period_text(2 * age)}"
        yield words, None, replace(rule, max_age=ages)
    if rule.when is not None:
        yield "`when` left out", None, replace(rule, when=None)
    if rule.bar is None and rule.required_from < Tier.CRITICAL:
        later = Tier(rule.required_from + 1)
        words = f"asked from tier {rule.required_from} → {later}"
        yield words, None, replace(rule, required_from=later)


def _bars(rule: Requirement, step: Decimal) -> Iterator[_Changed]:
    bar = rule.bar
    if bar is None:
        return
    for tier, limit in bar.by_tier.items():
        for other in _limits(limit, step):
            words = f"`{bar.direction}` at tier {tier}: {limit_text(limit)} → {limit_text(other)}"
            yield words, bar.spans.get(tier), _with_bar(rule, bar, {**bar.by_tier, tier: other})
        rest = {known: value for known, value in bar.by_tier.items() if known is not tier}
        # The bar of the next lower tier takes over; where it is the same, nothing changes.
        if rest and at_tier(rest, tier) != limit:
            words = f"`{bar.direction}` at tier {tier} left out"
            yield words, bar.spans.get(tier), _with_bar(rule, bar, rest)


def _limits(limit: Limit, step: Decimal) -> Iterator[Limit]:
    if isinstance(limit, Range):
        for low in moved(limit.low, step=step):
            yield Range(low, limit.high)
        for high in moved(limit.high, step=step):
            yield Range(limit.low, high)
    else:
        yield from moved(limit, step=step)


def _with_bar(rule: Requirement, bar: Bar, by_tier: Mapping[Tier, Limit]) -> Requirement:
    return replace(rule, bar=replace(bar, by_tier=by_tier))


def _insufficient(rule: Requirement) -> Iterator[_Changed]:
    """One step laxer, at each tier that the policy names."""
    for tier, outcome in rule.insufficient.items():
        laxer = _laxer(outcome)
        if laxer is not None:
            words = f"`insufficient` at tier {tier}: {outcome} → {laxer}"
            yield words, None, replace(rule, insufficient={**rule.insufficient, tier: laxer})


def _laxer(outcome: Outcome) -> Outcome | None:
    order = list(Outcome)
    place = order.index(outcome)
    return order[place - 1] if place else None


def _dates(rule: Requirement) -> Iterator[_Changed]:
    start, end = rule.effective_from, rule.until
    for moved_start in () if start is None else (start - DAY, start + DAY):
        words = f"`effective_from`: {start_words(moved_start)}"
        yield words, None, replace(rule, effective_from=moved_start)
    for moved_end in () if end is None else (end - DAY, end + DAY):
        yield f"`until`: {end_words(moved_end)}", None, replace(rule, until=moved_end)


def _without(policy: Policy, rule: Requirement) -> Mutant:
    rest = tuple(item for item in policy.requirements if item is not rule)
    return Mutant(
        policy=replace(policy, requirements=rest),
        requirement=rule.id,
        change="the requirement left out",
        where=rule.span,
    )


def _policy_mutants(policy: Policy) -> Iterator[tuple[str, Policy]]:
    modes = list(Mode)
    if policy.mode is not modes[-1]:
        laxer = modes[modes.index(policy.mode) + 1]
        yield f"`mode`: {policy.mode} → {laxer}", replace(policy, mode=laxer)
    allow = policy.errors.false_allow
    doubled = min(2 * allow, (allow + HALF) / 2)
    words = f"`errors.false_allow`: {allow} → {doubled}"
    yield words, replace(policy, errors=replace(policy.errors, false_allow=doubled))
    for tier, approvers in policy.approvals.items():
        for place, approver in enumerate(approvers):
            rest = (*approvers[:place], *approvers[place + 1 :])
            words = f"`approvals` at tier {tier}: {approver.role} left out"
            yield words, replace(policy, approvals={**policy.approvals, tier: rest})
    for tier, age in policy.max_age.items():
        words = f"`max_age` at tier {tier}: {period_text(age)} → {period_text(2 * age)}"
        yield words, replace(policy, max_age={**policy.max_age, tier: 2 * age})
