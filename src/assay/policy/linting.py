"""Lint: requirements that can never matter, never be met, or never be shown to be met.

A policy that loads is well formed; lint looks for what its author cannot have meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from assay.checks.check import Check
from assay.checks.ranges import RANGES
from assay.errors import Span
from assay.evidence.instants import instant_text
from assay.policy.canonical import TIERS
from assay.policy.demonstration import undemonstrable_tiers
from assay.policy.findings import Finding, Severity
from assay.policy.intervals import EVERYTHING, Interval, allowed, limit_text
from assay.policy.policy import Outcome, Policy, Requirement
from assay.policy.tiers import Tier, at_tier

Constant = Callable[[str], bool | None]
"""Whether a condition is the same whatever it is asked about, and then which; None if not."""


def lint(
    policy: Policy,
    *,
    checks: Mapping[str, Check],
    at: datetime,
    rows: int | None = None,
    constant: Constant = lambda _: None,
) -> tuple[Finding, ...]:
    """Everything found in a policy, in the order of its text.

    Args:
        policy: as loaded.
        checks: the checks that it names, by name.
        at: now, by which a requirement's time may be over.
        rows: how many rows it will be judged on, where that is known.
        constant: what is known of conditions.
    """
    found = [
        *(item for rule in policy.requirements for item in _alone(rule, checks, at, constant)),
        *(item for pair in combinations(policy.requirements, 2) for item in _together(*pair)),
        *(_undemonstrable(policy, checks, rows) if rows is not None else ()),
    ]
    return tuple(sorted(found, key=_position))


def _position(finding: Finding) -> tuple[int, int, str]:
    where = finding.where
    return (where.line, where.column, finding.code) if where else (0, 0, finding.code)


def _alone(
    rule: Requirement, checks: Mapping[str, Check], at: datetime, constant: Constant
) -> Iterator[Finding]:
    yield from _window(rule, at)
    if rule.when is not None and constant(rule.when) is False:
        yield _finding(
            rule,
            "lint.never-applies",
            Severity.ERROR,
            f"`when` of {rule.id!r} is false whatever the version: it never applies.",
            "Correct the condition, or delete the requirement.",
        )
    check = checks.get(rule.check)
    span = RANGES.get(check.unit) if check else None
    if rule.bar is None or check is None or span is None:
        return
    whole = Interval(*map(Decimal, span))
    for tier, limit in rule.bar.by_tier.items():
        here = allowed(rule.bar, tier)
        if here is not None and whole.within(here):
            yield _finding(
                rule,
                "lint.toothless",
                Severity.WARNING,
                f"The bar of {rule.id!r} at tier {tier} is {rule.bar.direction} "
                f"{limit_text(limit)}: every {check.unit} is, so nothing is asked.",
                "Set a bar that some version could miss.",
                where=_place(rule, tier),
            )


def _window(rule: Requirement, at: datetime) -> Iterator[Finding]:
    start, end = rule.effective_from, rule.until
    if start is not None and end is not None and end <= start:
        yield _finding(
            rule,
            "lint.never-applies",
            Severity.ERROR,
            f"{rule.id!r} ends ({instant_text(end)}) before it begins ({instant_text(start)}): "
            "it never applies.",
            "Exchange `effective_from` and `until`, or correct one of them.",
        )
    elif end is not None and end <= at:
        yield _finding(
            rule,
            "lint.over",
            Severity.WARNING,
            f"{rule.id!r} ended on {instant_text(end)}: it asks for nothing any more.",
            "Delete it, or extend `until`.",
        )


def _together(first: Requirement, second: Requirement) -> Iterator[Finding]:
    """What two requirements of one figure say of each other; the later one is blamed."""
    if (first.check, first.parameters) != (second.check, second.parameters):
        return
    yield from _contradiction(first, second)
    if _covers(first, second):
        yield _shadowed(second, first)
    elif _covers(second, first):
        yield _shadowed(first, second)


def _contradiction(first: Requirement, second: Requirement) -> Iterator[Finding]:
    if first.when != second.when or not _windows_meet(first, second):
        return
    for tier in TIERS:
        one, other = _asked(first, tier), _asked(second, tier)
        if one is not None and other is not None and one.shared(other).empty:
            yield _finding(
                second,
                "lint.contradictory",
                Severity.ERROR,
                f"At tier {tier}, {second.id!r} ({_claim(second, tier)}) and {first.id!r} "
                f"({_claim(first, tier)}) ask of {first.check!r} what no figure is.",
                "Correct one of the bars.",
                where=_place(second, tier),
            )
            return


def _covers(stricter: Requirement, laxer: Requirement) -> bool:
    """Whether the laxer can never matter: wherever it asks, the stricter asks for no less."""
    if stricter.when not in {None, laxer.when} or not _window_within(laxer, stricter):
        return False
    order = list(Outcome)
    for tier in TIERS:
        asked, covered = _asked(laxer, tier), _asked(stricter, tier)
        if asked is None:
            continue
        if covered is None or not covered.within(asked):
            return False
        if order.index(stricter.insufficient_at(tier)) < order.index(laxer.insufficient_at(tier)):
            return False
        age, own_age = at_tier(laxer.max_age, tier), at_tier(stricter.max_age, tier)
        if age is not None and (own_age is None or own_age > age):
            return False
    return True


def _shadowed(laxer: Requirement, stricter: Requirement) -> Finding:
    return _finding(
        laxer,
        "lint.shadowed",
        Severity.WARNING,
        f"{laxer.id!r} can never matter: {stricter.id!r} asks for no less of the same figure.",
        "Delete it, or make it the stricter one somewhere.",
    )


def _undemonstrable(policy: Policy, checks: Mapping[str, Check], rows: int) -> Iterator[Finding]:
    """Bars that the sample could not show to be met if it were perfect."""
    error = policy.errors.allow_error
    for rule in policy.requirements:
        check = checks.get(rule.check)
        if check is None or rule.bar is None or not check.statistical:
            continue
        for tier, units in undemonstrable_tiers(rule, check, rows=rows, error=error).items():
            yield _finding(
                rule,
                "lint.undemonstrable",
                Severity.ERROR,
                f"{rows:,} rows can never show that {rule.id!r} is met at tier {tier} "
                f"({_claim(rule, tier)}), were every row right and every group alike.",
                f"Collect at least about {units:,} rows, or set a bar that the sample can show.",
                where=_place(rule, tier),
            )


def _asked(rule: Requirement, tier: Tier) -> Interval | None:
    """What a requirement allows at a tier; a truth asks for everything there is to ask."""
    if rule.bar is None:
        return EVERYTHING if tier >= rule.required_from else None
    return allowed(rule.bar, tier)


def _claim(rule: Requirement, tier: Tier) -> str:
    limit = at_tier(rule.bar.by_tier, tier) if rule.bar else None
    return f"{rule.bar.direction} {limit_text(limit)}" if rule.bar and limit is not None else ""


def _place(rule: Requirement, tier: Tier) -> Span | None:
    """Where the bar stands that holds at a tier."""
    return at_tier(rule.bar.spans, tier) if rule.bar else None


def _windows_meet(first: Requirement, second: Requirement) -> bool:
    starts = [item for item in (first.effective_from, second.effective_from) if item is not None]
    ends = [item for item in (first.until, second.until) if item is not None]
    return not starts or not ends or max(starts) < min(ends)


def _window_within(inner: Requirement, outer: Requirement) -> bool:
    begins = outer.effective_from is None or (
        inner.effective_from is not None and outer.effective_from <= inner.effective_from
    )
    ends = outer.until is None or (inner.until is not None and inner.until <= outer.until)
    return begins and ends


def _finding(
    rule: Requirement,
    code: str,
    severity: Severity,
    what: str,
    remedy: str,
    *,
    where: Span | None = None,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        what=what,
        remedy=remedy,
        where=where or rule.span,
        requirement=rule.id,
    )
