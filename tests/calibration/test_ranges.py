"""A requirement between two limits keeps the declared error rates, alone and among others.

Worlds are drawn with the truth at a limit, where errors are most likely, and judged by the
real gate on exact bounds.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from assay.policy.gate import Measure, Verdict, assess
from assay.policy.policy import Bar, Direction, Policy, Range, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors
from assay.stats.proportions import Proportion, proportion

AT = datetime(2026, 1, 1, tzinfo=UTC)
LOW, HIGH = Decimal("0.3"), Decimal("0.4")
DECLARED = 0.05
PEOPLE = 400
SEED = 20261124


def policy(count: int) -> Policy:
    return Policy(
        name="ranges",
        version="1",
        digest="0" * 64,
        requirements=tuple(
            Requirement(
                id=RequirementId(f"r{place}"),
                check="family.check",
                bar=Bar(direction=Direction.BETWEEN, by_tier={Tier.LOW: Range(LOW, HIGH)}),
            )
            for place in range(count)
        ),
    )


@cache
def rate(events: int) -> Measure:
    @cache
    def at(errors: Errors):
        return proportion(Proportion(events=events, trials=PEOPLE), errors=errors)

    return Measure(at=at, statistical=True)


def worlds(truth: float, requirements: int, count: int) -> list[list[Verdict]]:
    """The verdicts of so many worlds, in each of which every requirement's truth is the same."""
    generator = np.random.Generator(np.random.Philox(SEED))
    drawn = generator.binomial(PEOPLE, truth, size=(count, requirements))
    rules = policy(requirements)
    return [
        [
            item.verdict
            for item in assess(
                rules,
                tier=Tier.HIGH,
                measures={
                    rule.id: rate(int(events))
                    for rule, events in zip(rules.requirements, row, strict=True)
                },
                at=AT,
            )[0]
        ]
        for row in drawn
    ]


def within(share: float, count: int) -> bool:
    """At most the declared rate, up to three standard errors of the simulation."""
    return share <= DECLARED + 3.0 * math.sqrt(DECLARED * (1.0 - DECLARED) / count)


@pytest.mark.parametrize("truth", [float(LOW), float(HIGH)])
def test_a_figure_at_a_limit_is_rarely_passed(truth: float):
    """At either end compliance is claimed in at most the declared share of worlds."""
    found = worlds(truth, 1, 2000)
    assert within(sum(item == [Verdict.PASS] for item in found) / len(found), len(found))


@pytest.mark.parametrize("truth", [float(LOW), float(HIGH)])
@pytest.mark.parametrize("requirements", [1, 10])
def test_a_figure_at_a_limit_is_rarely_denied(truth: float, requirements: int):
    """Nor is a violation claimed more often, among ten requirements at their limits."""
    found = worlds(truth, requirements, 600)
    assert within(sum(Verdict.FAIL in item for item in found) / len(found), len(found))


def test_both_sides_can_be_shown():
    """Well inside the limits data pass, and well outside, on either side, they fail."""
    assert worlds(0.35, 1, 1) != [[Verdict.FAIL]]
    for truth in (0.1, 0.7):
        found = worlds(truth, 1, 50)
        assert all(item == [Verdict.FAIL] for item in found)
    passed = assess(
        policy(1),
        tier=Tier.HIGH,
        measures={
            RequirementId("r0"): Measure(
                at=lambda errors: proportion(Proportion(events=3500, trials=10_000), errors=errors),
                statistical=True,
            )
        },
        at=AT,
    )[0]
    assert passed[0].verdict is Verdict.PASS
