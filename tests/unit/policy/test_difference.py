"""What changed between two policies is told field by field, tier by tier, and which way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from assay.documents.policy_difference import sentence
from assay.errors import Span
from assay.policy.difference import Difference, Way, asked, difference
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
)
from assay.policy.tiers import Tier

HIGH_NAMED_HIGH = Requirement(
    id=RequirementId("high"),
    check="performance.roc_auc",
    bar=Bar(
        direction=Direction.AT_LEAST,
        by_tier={Tier.LOW: Decimal("0.6"), Tier.HIGH: Decimal("0.7")},
        spans={Tier.LOW: Span("new.yaml", 5, 20), Tier.HIGH: Span("new.yaml", 5, 31)},
    ),
    owner="team:models",
    span=Span("new.yaml", 4, 3),
)
"""A requirement may be called as a tier is."""

BAND = Requirement(
    id=RequirementId("band"),
    check="calibration.slope",
    bar=Bar(direction=Direction.BETWEEN, by_tier={Tier.LOW: Range(Decimal("0.8"), Decimal("1.2"))}),
)
CARD = Requirement(id=RequirementId("card"), check="documents.model_card")

POLICY = Policy(
    name="lending",
    version="1",
    digest="0" * 64,
    requirements=(HIGH_NAMED_HIGH, BAND, CARD),
    approvals={Tier.HIGH: (Approver(role="validator"),)},
)


def changed(old: Policy, new: Policy) -> list[tuple[str | None, str, Way]]:
    return [(item.requirement, item.field, item.way) for item in difference(old, new)]


def with_rule(old: Requirement, **changes: Any) -> Policy:
    rules = [replace(old, **changes) if rule is old else rule for rule in POLICY.requirements]
    return replace(POLICY, requirements=tuple(rules))


def test_a_policy_does_not_differ_from_itself():
    """The same meaning has no differences, whatever its version and the place of its text."""
    other = replace(POLICY, version="2", digest="1" * 64)
    moved = with_rule(CARD, span=Span("elsewhere.yaml", 1, 1))
    assert difference(POLICY, other) == difference(POLICY, moved) == ()


@pytest.mark.parametrize(
    ("stricter", "field"),
    [
        (replace(POLICY, errors=ErrorBudget(false_allow=Decimal("0.01"))), "errors.false_allow"),
        (replace(POLICY, errors=ErrorBudget(false_deny=Decimal("0.1"))), "errors.false_deny"),
        (replace(POLICY, max_excluded=Decimal("0.001")), "max_excluded"),
        (replace(POLICY, max_age={Tier.LOW: timedelta(days=90)}), "max_age"),
        (
            replace(
                POLICY,
                approvals={Tier.HIGH: (Approver(role="validator"), Approver(role="validator"))},
            ),
            "approvals",
        ),
    ],
)
def test_fields_of_the_policy_have_an_order(stricter, field):
    """What is stricter one way is laxer the other, and belongs to no requirement."""
    assert changed(POLICY, stricter) == [(None, field, Way.STRICTER)]
    assert changed(stricter, POLICY) == [(None, field, Way.LAXER)]


def test_a_mode_that_stops_nothing_is_laxer():
    """From enforce to warn to observe a policy asks for less and less."""
    assert changed(POLICY, replace(POLICY, mode=Mode.WARN)) == [(None, "mode", Way.LAXER)]


@pytest.mark.parametrize(
    ("rule", "changes", "field"),
    [
        (CARD, {"max_age": {Tier.HIGH: timedelta(days=30)}}, "max_age"),
        (BAND, {"insufficient": {Tier.HIGH: Outcome.DENY}}, "insufficient"),
        (
            BAND,
            {
                "bar": Bar(
                    direction=Direction.BETWEEN,
                    by_tier={Tier.LOW: Range(Decimal("0.9"), Decimal("1.2"))},
                )
            },
            "between.low",
        ),
    ],
)
def test_fields_of_a_requirement_have_an_order(rule, changes, field):
    """So do those of a requirement."""
    stricter = with_rule(rule, **changes)
    assert changed(POLICY, stricter) == [(rule.id, field, Way.STRICTER)]
    assert changed(stricter, POLICY) == [(rule.id, field, Way.LAXER)]


def test_a_bar_that_moves_is_told_by_tier_in_words():
    """Tiers that move alike are told together, those that do not apart, with their places."""
    moved = replace(
        HIGH_NAMED_HIGH.bar,  # type: ignore[type-var]
        by_tier={Tier.LOW: Decimal("0.65"), Tier.CRITICAL: Decimal("0.60")},
    )
    found = difference(POLICY, with_rule(HIGH_NAMED_HIGH, bar=moved))
    assert [sentence(item) for item in found] == [
        "Requirement 'high', tiers low, medium: `at_least` 0.6 → 0.65 (stricter).",
        "Requirement 'high', tier high: `at_least` 0.7 → 0.65 (laxer).",
        "Requirement 'high', tier critical: `at_least` 0.7 → 0.6 (laxer).",
    ]
    assert [item.where for item in found] == [
        Span("new.yaml", 5, 20),
        Span("new.yaml", 5, 31),
        Span("new.yaml", 4, 3),
    ]


def test_a_bar_that_begins_higher_asks_for_less():
    """A tier that loses its bar is asked nothing any more."""
    bar = replace(HIGH_NAMED_HIGH.bar, by_tier={Tier.HIGH: Decimal("0.7")})  # type: ignore[type-var]
    (only,) = difference(POLICY, with_rule(HIGH_NAMED_HIGH, bar=bar))
    assert (only.way, only.tiers, only.new) == (
        Way.LAXER,
        (Tier.LOW, Tier.MEDIUM),
        "not given",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"check": "documents.datasheet"}, "check"),
        ({"parameters": {"by": ("sex",)}}, "with.by"),
        ({"when": "tier >= HIGH"}, "when"),
        ({"owner": "team:risk"}, "owner"),
        ({"satisfies": ("eu-ai-act:ART11-1",)}, "satisfies.eu-ai-act:ART11-1"),
    ],
)
def test_what_has_no_order_is_told_without_one(changes, field):
    """Another check, parameter, condition, owner or reference is neither stricter nor laxer."""
    assert changed(POLICY, with_rule(CARD, **changes)) == [("card", field, Way.OTHER)]


def test_requirements_come_and_go_by_id():
    """A renamed requirement goes and comes; what it asks is said in a few words."""
    gone, new = difference(POLICY, with_rule(HIGH_NAMED_HIGH, id=RequirementId("ranks-well")))
    words = "performance.roc_auc at_least 0.6 from tier low, 0.7 from tier high"
    assert sentence(gone) == f"Requirement 'high' is gone: {words}."
    assert sentence(new) == f"Requirement 'ranks-well' is new: {words}."
    assert isinstance(new, Difference)
    assert new.where == Span("new.yaml", 4, 3)


def test_a_bar_is_told_from_the_tier_where_it_begins():
    """A merged policy spells each tier's limit; the same one again is no further news."""
    limits = {Tier.LOW: Decimal("0.6"), Tier.MEDIUM: Decimal("0.6"), Tier.HIGH: Decimal("0.7")}
    spans = dict.fromkeys(limits, Span("new.yaml", 5, 20))
    rule = replace(
        HIGH_NAMED_HIGH, bar=Bar(direction=Direction.AT_LEAST, by_tier=limits, spans=spans)
    )
    assert asked(rule) == "performance.roc_auc at_least 0.6 from tier low, 0.7 from tier high"
