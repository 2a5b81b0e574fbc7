"""A policy has one canonical form, with every default and every tier written out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import Span
from assay.evidence.canonical import canonical
from assay.evidence.roles import decimal_text
from assay.policy.canonical import canonical_policy, policy_bytes, policy_digest
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    ErrorBudget,
    Limit,
    Mode,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier

Key = TypeVar("Key")
Value = TypeVar("Value")
TIERS = [Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL]


def policy(*requirements: Requirement, **fields: object) -> Policy:
    return replace(
        Policy(name="lending", version="1.0", digest="", requirements=requirements),
        **fields,  # type: ignore[arg-type]
    )


def rule(name: str = "gap", **fields: object) -> Requirement:
    return replace(Requirement(id=RequirementId(name), check="fairness.gap"), **fields)  # type: ignore[arg-type]


def bar(**by_tier: str) -> Bar:
    return Bar(
        direction=Direction.AT_MOST,
        by_tier={Tier[name.upper()]: Decimal(value) for name, value in by_tier.items()},
    )


def test_the_whole_form_of_a_small_policy() -> None:
    """The form is reviewed here once, letter by letter."""
    small = policy(
        rule(
            parameters={"by": ("sex", "age"), "min_group_size": 30, "share": Decimal("0.10")},
            bar=bar(medium="0.150", high="0.1"),
            owner="team:risk",
        ),
        approvals={Tier.HIGH: (Approver(role="validator"), Approver(role="approver"))},
    )
    assert canonical_policy(small) == {
        "schema": "assay.policy/1",
        "policy": "lending",
        "version": "1.0",
        "mode": "enforce",
        "errors": {"false_allow": "0.05", "false_deny": "0.05"},
        "max_excluded": "0.01",
        "requirements": {
            "gap": {
                "check": "fairness.gap",
                "with": {"by": ["sex", "age"], "min_group_size": 30, "share": "0.1"},
                "at_most": {"medium": "0.15", "high": "0.1", "critical": "0.1"},
                "insufficient": {
                    "low": "allow",
                    "medium": "hold",
                    "high": "hold",
                    "critical": "deny",
                },
                "owner": "team:risk",
                "rationale": None,
            }
        },
        "approvals": {
            "low": [],
            "medium": [],
            "high": [{"role": "validator"}, {"role": "approver"}],
            "critical": [{"role": "validator"}, {"role": "approver"}],
        },
    }


def test_a_tier_spelled_out_means_the_same_as_one_inherited() -> None:
    """Tiers left out take the nearest lower one, so writing them changes nothing."""
    short = policy(rule(bar=bar(medium="0.15")))
    long = policy(rule(bar=bar(medium="0.15", high="0.150", critical="15E-2")))
    assert policy_digest(short) == policy_digest(long)


def test_places_and_the_digest_field_are_not_part_of_the_form() -> None:
    """Comments and blank lines move places, and a policy stays what it was."""
    moved = rule(bar=replace(bar(low="0.1"), spans={Tier.LOW: Span("p.yaml", 9, 9)}))
    moved = replace(moved, span=Span("p.yaml", 8, 3))
    assert policy_digest(policy(moved, digest="ab" * 32)) == policy_digest(
        policy(rule(bar=bar(low="0.1")))
    )


numbers = st.decimals(min_value=0, max_value=1, places=4)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    tiers = draw(st.lists(st.sampled_from(TIERS), min_size=1, unique=True))
    return Bar(
        direction=draw(st.sampled_from(Direction)),
        by_tier={tier: draw(numbers) for tier in tiers},
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(st.sampled_from(["a", "b", "c-d", "e"]), min_size=1, unique=True))
    parameters: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"by": st.lists(st.sampled_from(["sex", "age"]), unique=True).map(tuple)},
        optional={"size": st.integers(0, 99), "share": numbers, "deep": st.booleans()},
    )
    return Policy(
        name="p",
        version=draw(st.sampled_from(["1", "2"])),
        digest="",
        requirements=tuple(
            Requirement(
                id=RequirementId(name),
                check=draw(st.sampled_from(["x.y", "x.z"])),
                parameters=draw(parameters),
                bar=draw(st.none() | bars()),
                insufficient=draw(
                    st.dictionaries(st.sampled_from(TIERS), st.sampled_from(Outcome))
                ),
                owner=draw(st.none() | st.just("team:risk")),
            )
            for name in names
        ),
        errors=ErrorBudget(false_allow=draw(numbers), false_deny=draw(numbers)),
        approvals=draw(
            st.dictionaries(
                st.sampled_from(TIERS),
                st.lists(st.sampled_from(["a", "b"]).map(lambda r: Approver(role=r))).map(tuple),
            )
        ),
        mode=draw(st.sampled_from(Mode)),
        max_excluded=draw(numbers),
    )


def mixed(mapping: Mapping[Key, Value], order: Random) -> dict[Key, Value]:
    """The same mapping in another order."""
    return dict(order.sample(list(mapping.items()), len(mapping)))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(policies(), st.randoms())
def test_order_never_matters(original: Policy, order: Random) -> None:
    """Requirements, tiers and parameters in any order give the same bytes."""
    requirements = [
        replace(
            item,
            parameters=mixed(item.parameters, order),
            insufficient=mixed(item.insufficient, order),
            bar=item.bar and replace(item.bar, by_tier=mixed(item.bar.by_tier, order)),
        )
        for item in original.requirements
    ]
    other = replace(
        original,
        requirements=tuple(order.sample(requirements, len(requirements))),
        approvals=mixed(original.approvals, order),
    )
    assert policy_bytes(other) == policy_bytes(original)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(policies())
def test_the_form_is_canonical_json_without_floats(original: Policy) -> None:
    """The bytes parse to a value whose canonical form they are."""
    data = policy_bytes(original)
    assert canonical(json.loads(data, parse_float=lambda text: 1 / 0)) == data


def meaning(found: Bar) -> tuple[object, ...]:
    """The direction and the threshold that a reader of the text would use at each tier."""
    at_tiers: list[Limit | None] = []
    for tier in TIERS:
        at_tiers.append(found.by_tier.get(tier, at_tiers[-1] if at_tiers else None))
    return found.direction, *at_tiers


@settings(derandomize=True, max_examples=200, deadline=None)
@given(bars(), bars())
def test_bars_share_a_digest_if_and_only_if_they_mean_the_same(one: Bar, other: Bar) -> None:
    """A threshold that differs at some tier gives another digest; one that does not, the same."""
    digests = {policy_digest(policy(rule(bar=found))) for found in (one, other)}
    assert (len(digests) == 1) is (meaning(one) == meaning(other))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6))
def test_a_decimal_has_one_spelling_and_keeps_its_value(number: Decimal) -> None:
    """Equal decimals are spelled alike, unequal ones are not, and 34 digits survive."""
    text = decimal_text(number)
    assert Decimal(text) == number
    assert decimal_text(Decimal(text)) == text
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
