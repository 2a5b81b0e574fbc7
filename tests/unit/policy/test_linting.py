"""Lint finds what an author cannot have meant, and where; a sound policy has no findings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from assay.adapters.plugins import find_checks
from assay.errors import Span
from assay.policy.findings import Finding, Severity
from assay.policy.linting import lint
from assay.policy.policy import (
    Bar,
    Direction,
    Limit,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier

AT = datetime(2026, 3, 1, tzinfo=UTC)
CHECKS = find_checks().all()


def rule(
    name: str,
    direction: Direction = Direction.AT_LEAST,
    limits: dict[Tier, str] | Limit | None = None,
    *,
    check: str = "performance.accuracy",
    line: int = 1,
    **fields: Any,
) -> Requirement:
    by_tier: dict[Tier, Limit] = (
        {tier: Decimal(text) for tier, text in limits.items()}
        if isinstance(limits, dict)
        else {Tier.LOW: Decimal("0.8") if limits is None else limits}
    )
    spans = {tier: Span("policy.yaml", line + place, 9) for place, tier in enumerate(by_tier, 1)}
    return Requirement(
        id=RequirementId(name),
        check=check,
        bar=Bar(direction=direction, by_tier=by_tier, spans=spans),
        span=Span("policy.yaml", line, 3),
        **fields,
    )


def found(*rules: Requirement, rows: int | None = None, **options: Any) -> tuple[Finding, ...]:
    policy = Policy(name="lending", version="1", digest="0" * 64, requirements=rules)
    return lint(policy, checks=CHECKS, at=AT, rows=rows, **options)


def codes(*rules: Requirement, **options: Any) -> list[tuple[str, str | None]]:
    return [(item.code, item.requirement) for item in found(*rules, **options)]


def test_a_sound_policy_has_no_findings():
    """Bars of one figure from both sides, of several tiers, within a window, are no findings."""
    assert not found(
        rule("at-least", Direction.AT_LEAST, {Tier.LOW: "0.7", Tier.HIGH: "0.8"}),
        rule("at-most", Direction.AT_MOST, {Tier.LOW: "0.99"}),
        rule("other", check="performance.recall", until=datetime(2027, 1, 1, tzinfo=UTC)),
        rows=1000,
    )


def test_a_window_that_never_opens():
    """A requirement that ends before it begins never applies."""
    late = datetime(2027, 1, 1, tzinfo=UTC)
    (finding,) = found(rule("never", effective_from=late, until=AT, line=7))
    assert (finding.code, finding.severity) == ("lint.never-applies", Severity.ERROR)
    assert finding.where == Span("policy.yaml", 7, 3)
    assert "2027-01-01" in finding.what


def test_a_window_that_is_over():
    """A requirement whose time is over is warned of, from its very end."""
    assert codes(rule("old", until=AT)) == [("lint.over", "old")]


def test_a_condition_that_is_always_false():
    """A `when` known to be false is an error; one that is true, or depends, is not."""
    known = {"1 > 2": False, "1 < 2": True}
    rules = [rule(f"r{n}", when=when) for n, when in enumerate(["1 > 2", "1 < 2", "tier > 1"])]
    assert ("lint.never-applies", "r0") in codes(*rules, constant=known.get)
    assert not {("lint.never-applies", "r1"), ("lint.never-applies", "r2")} & set(
        codes(*rules, constant=known.get)
    )


@pytest.mark.parametrize(
    ("direction", "limit"),
    [
        (Direction.AT_LEAST, Decimal(0)),
        (Direction.AT_MOST, Decimal(1)),
        (Direction.BETWEEN, Range(Decimal(0), Decimal(1))),
    ],
)
def test_a_bar_that_every_figure_clears(direction, limit):
    """A bar at the wrong end of a figure's range asks for nothing."""
    (finding,) = found(rule("any", direction, limit, line=3))
    assert (finding.code, finding.where) == ("lint.toothless", Span("policy.yaml", 4, 9))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((Direction.AT_LEAST, Decimal("0.9")), (Direction.AT_MOST, Decimal("0.8"))),
        ((Direction.EQUALS, Decimal("0.9")), (Direction.EQUALS, Decimal("0.8"))),
        (
            (Direction.BETWEEN, Range(Decimal("0.1"), Decimal("0.2"))),
            (Direction.BETWEEN, Range(Decimal("0.3"), Decimal("0.4"))),
        ),
        (
            (Direction.BETWEEN, Range(Decimal("0.1"), Decimal("0.2"))),
            (Direction.AT_LEAST, Decimal("0.3")),
        ),
    ],
)
def test_bars_that_no_figure_clears_together(first, second):
    """Two bars of one figure that share no value contradict each other, at the later one."""
    (finding,) = found(rule("one", *first, line=1), rule("two", *second, line=5))
    assert (finding.code, finding.requirement) == ("lint.contradictory", "two")
    assert finding.where == Span("policy.yaml", 6, 9)


def test_a_contradiction_at_one_tier_alone():
    """Bars may agree at low tiers and contradict at a higher one, which is named."""
    (finding,) = found(
        rule("one", Direction.AT_LEAST, {Tier.LOW: "0.5", Tier.HIGH: "0.9"}),
        rule("two", Direction.AT_MOST, {Tier.LOW: "0.8"}),
    )
    assert finding.code == "lint.contradictory"
    assert "At tier high" in finding.what


def test_windows_apart_contradict_nothing():
    """What is asked until a day and what is asked from it on never meet."""
    assert not found(
        rule("one", Direction.AT_LEAST, Decimal("0.9"), until=datetime(2027, 1, 1, tzinfo=UTC)),
        rule(
            "two",
            Direction.AT_MOST,
            Decimal("0.8"),
            effective_from=datetime(2027, 1, 1, tzinfo=UTC),
        ),
    )


def test_a_requirement_that_another_covers():
    """The laxer of two bars of one figure can never matter, whichever stands first."""
    strict = rule("strict", Direction.AT_LEAST, {Tier.LOW: "0.9"}, line=1)
    lax = rule("lax", Direction.AT_LEAST, {Tier.MEDIUM: "0.7", Tier.HIGH: "0.9"}, line=9)
    assert codes(strict, lax) == codes(lax, strict) == [("lint.shadowed", "lax")]


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"k": Decimal("0.1")}},
        {"insufficient": {Tier.LOW: Outcome.DENY}},
        {
            "max_age": {
                Tier.HIGH: datetime(2026, 1, 2, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)
            }
        },
    ],
)
def test_what_asks_for_something_else_is_not_covered(changes):
    """Other parameters, a stricter treatment of doubt, or a shorter age keep a bar alive."""
    strict, lax = (
        rule("strict", limits=Decimal("0.9")),
        rule("lax", limits=Decimal("0.7"), **changes),
    )
    assert not codes(strict, lax)


def test_a_condition_limits_what_a_requirement_covers():
    """A requirement with a condition covers none without; the other way round it does."""
    sometimes = rule("sometimes", limits=Decimal("0.9"), when="tier > 2")
    always = rule("always", limits=Decimal("0.7"))
    assert not codes(sometimes, always)
    always_strict = rule("always", limits=Decimal("0.9"))
    assert codes(rule("sometimes", limits=Decimal("0.7"), when="tier > 2"), always_strict) == [
        ("lint.shadowed", "sometimes")
    ]


def test_the_same_truth_twice():
    """Of two requirements of one fact the second adds nothing."""
    first, second = (
        Requirement(id=RequirementId(name), check="documents.model_card") for name in ("a", "b")
    )
    assert codes(first, second) == [("lint.shadowed", "b")]


@pytest.mark.parametrize(
    ("check", "direction", "limit", "rows", "shown"),
    [
        # Zero events show a rate of at most t from log(0.05) / log(1 - t) rows.
        ("performance.accuracy", Direction.AT_LEAST, "0.99", 298, False),
        ("performance.accuracy", Direction.AT_LEAST, "0.99", 299, True),
        # Two groups of n/2 without an event show a gap of at most t from twice as many.
        ("fairness.selection_rate_difference", Direction.AT_MOST, "0.05", 116, False),
        ("fairness.selection_rate_difference", Direction.AT_MOST, "0.05", 118, True),
        # A group below min_group_size (30) shows nothing.
        ("fairness.selection_rate_difference", Direction.AT_MOST, "0.9", 58, False),
        ("fairness.selection_rate_difference", Direction.AT_MOST, "0.9", 60, True),
        # Nothing is said of a figure for which flawless data are not the best data.
        ("calibration.intercept", Direction.AT_MOST, "0.01", 10, True),
    ],
)
def test_what_a_sample_can_never_show(check, direction, limit, rows, shown):
    """A bar that flawless data of the declared size would not clear can never be shown."""
    findings = codes(rule("bar", direction, Decimal(limit), check=check), rows=rows)
    assert findings == ([] if shown else [("lint.undemonstrable", "bar")])


def test_how_many_rows_could_show_it():
    """The finding names a number of rows that would do, at the tier whose bar it is."""
    (finding,) = found(
        rule("accurate", limits={Tier.LOW: "0.9", Tier.CRITICAL: "0.99"}, line=4), rows=200
    )
    assert "at tier critical" in finding.what
    assert "about 299 rows" in finding.remedy or "about 300 rows" in finding.remedy
    assert finding.where == Span("policy.yaml", 6, 9)
