"""Merging layers: associative, idempotent, and never laxer than a layer, by the real gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.errors import Span
from assay.evidence.measurement import Fact
from assay.policy.canonical import TIERS, policy_bytes
from assay.policy.gate import assess
from assay.policy.judging import Measure, Verdict, age_allowed
from assay.policy.merging import Layer, joined, merge
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
    WaiverRules,
)
from assay.policy.tiers import Tier, at_tier
from assay.stats.estimate import Errors, Estimate

AT = datetime(2027, 1, 1, tzinfo=UTC)
OUTCOMES, MODES = list(Outcome), list(Mode)
KINDS = {
    "floor": Direction.AT_LEAST,
    "gap": Direction.AT_MOST,
    "band": Direction.BETWEEN,
    "exact": Direction.EQUALS,
    "card": None,
}
"""Requirements with the direction of their bars: one id asks one thing in every layer."""
BY_FACT = {"exact", "card"}

few = st.integers(min_value=0, max_value=10).map(lambda number: Decimal(number) / 10)
roles = st.lists(st.sampled_from(["validator", "approver"]), max_size=3)
days = st.integers(min_value=1, max_value=400).map(lambda count: timedelta(days=count))
instants = st.none() | st.integers(min_value=0, max_value=4).map(
    lambda years: datetime(2025 + years, 1, 1, tzinfo=UTC)
)


def ascending(values: st.SearchStrategy[Any], key: Any = None, *, reverse: bool = False) -> Any:
    """Values by tier, none laxer at a higher tier than at a lower one."""
    return st.dictionaries(st.sampled_from(TIERS), values).map(
        lambda found: dict(
            zip(sorted(found), sorted(found.values(), key=key, reverse=reverse), strict=True)
        )
    )


def bars(direction: Direction | None) -> st.SearchStrategy[Bar | None]:
    by_tier: st.SearchStrategy[Any]
    match direction:
        case None:
            return st.none()
        case Direction.BETWEEN:
            by_tier = ascending(few, reverse=True).map(
                lambda found: {
                    tier: Range(low=Decimal("0.5") - half, high=Decimal("0.5") + half)
                    for tier, half in found.items()
                }
            )
        case Direction.EQUALS:
            by_tier = st.sampled_from(TIERS).map(lambda tier: {tier: Decimal(3)})
        case _:
            by_tier = ascending(few, reverse=direction is Direction.AT_MOST)
    return by_tier.filter(bool).map(lambda found: Bar(direction=direction, by_tier=found))


@st.composite
def requirements(draw: st.DrawFn, name: str) -> Requirement:
    return Requirement(
        id=RequirementId(name),
        check=f"family.{name}",
        parameters={"by": ("sex",)},
        bar=draw(bars(KINDS[name])),
        required_from=draw(st.sampled_from(TIERS)) if KINDS[name] is None else Tier.LOW,
        effective_from=draw(instants),
        until=draw(instants),
        max_age=draw(ascending(days, reverse=True)),
        insufficient=draw(ascending(st.sampled_from(OUTCOMES), OUTCOMES.index)),
        satisfies=tuple(draw(st.lists(st.sampled_from(["a:1", "a:2", "b:1"]), unique=True))),
        owner=draw(st.none() | st.sampled_from(["risk", "legal"])),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, unique=True))
    by_tier = draw(ascending(roles, len))
    return Policy(
        name="p",
        version="1",
        digest="",
        requirements=tuple(draw(requirements(name)) for name in names),
        errors=ErrorBudget(
            false_allow=draw(st.sampled_from([Decimal("0.01"), Decimal("0.05")])),
            false_deny=draw(st.sampled_from([Decimal("0.01"), Decimal("0.05")])),
        ),
        approvals={
            tier: tuple(Approver(role=role) for role in asked) for tier, asked in by_tier.items()
        },
        mode=draw(st.sampled_from(MODES)),
        max_age=draw(ascending(days, reverse=True)),
        max_excluded=draw(st.sampled_from([Decimal("0.01"), Decimal("0.02")])),
        waivers=draw(
            st.builds(
                WaiverRules,
                longest=ascending(days, reverse=True),
                renewals=st.integers(min_value=0, max_value=3),
            )
        ),
    )


def as_layer(policy: Policy, *, name: str = "layer.yaml", overlay: bool = False) -> Layer:
    """A policy with a place for everything that its text would say."""
    said = ["mode", "errors.false_allow", "errors.false_deny", "max_excluded"]
    said += ["waivers", "waivers.longest", "waivers.renewals"]
    for rule in policy.requirements:
        path = f"requirements.{rule.id}"
        said += [path, f"{path}.check", f"{path}.with.by", f"{path}.insufficient"]
        if rule.bar is not None:
            said.append(f"{path}.{rule.bar.direction}")
    places = {path: Span(name, line, 1) for line, path in enumerate(said, start=1)}
    return Layer(name=name, policy=policy, places=places, overlay=overlay)


layers = policies().map(as_layer)


@settings(max_examples=15, deadline=None)
@given(first=layers, second=layers, third=layers)
def test_it_is_associative(first: Layer, second: Layer, third: Layer):
    """Whichever two are merged first, the cells and the policy are the same."""
    a, b, c = first.cells(), second.cells(), third.cells()
    assert joined(joined(a, b), c) == joined(a, joined(b, c))


@settings(max_examples=20, deadline=None)
@given(layer=layers)
def test_it_is_idempotent(layer: Layer):
    """A layer merged with itself is itself, and alone it means what it meant."""
    once, twice = merge([layer]), merge([layer, layer])
    assert once.cells == twice.cells
    assert once.problems == twice.problems == ()
    assert policy_bytes(once.policy) == policy_bytes(twice.policy)
    alone = policy_bytes(replace(layer.policy, digest=""))
    assert policy_bytes(once.policy) == alone


@settings(max_examples=15, deadline=None)
@given(some=st.lists(policies(), min_size=2, max_size=4), seed=st.integers())
def test_the_order_of_layers_changes_nothing_that_is_judged(some: list[Policy], seed: int):
    """Names, owners and the order of lists follow the layers; how strict it is does not."""
    bare = [
        replace(item, requirements=tuple(replace(rule, owner=None) for rule in item.requirements))
        for item in some
    ]
    shuffled = Random(seed).sample(bare, k=len(bare))
    first, second = (merge([as_layer(item) for item in order]) for order in (bare, shuffled))
    judged = [
        {path: cell.value for path, cell in merged.cells.items()} for merged in (first, second)
    ]
    assert judged[0] == judged[1]


def asked(policy: Policy, tier: Tier) -> list[str]:
    return sorted(item.role for item in at_tier(policy.approvals, tier) or ())


@settings(max_examples=20, deadline=None)
@given(some=st.lists(policies(), min_size=1, max_size=3))
def test_every_field_is_at_least_as_strict_as_in_each_layer(some: list[Policy]):
    """Field by field, read as the gate reads them and not by the merging's own orders."""
    merged = merge([as_layer(item) for item in some]).policy
    rules = {rule.id: rule for rule in merged.requirements}
    for layer in some:
        assert MODES.index(merged.mode) <= MODES.index(layer.mode)
        assert merged.errors.false_allow <= layer.errors.false_allow
        assert merged.errors.false_deny >= layer.errors.false_deny
        assert merged.max_excluded <= layer.max_excluded
        assert merged.waivers.renewals <= layer.waivers.renewals
        for tier in TIERS:
            longest, own = (at_tier(item.waivers.longest, tier) for item in (merged, layer))
            assert (longest or timedelta(0)) <= (own or timedelta(0))
            for role in ("validator", "approver"):
                assert asked(merged, tier).count(role) >= asked(layer, tier).count(role)
        for rule in layer.requirements:
            same = rules[rule.id]
            assert set(rule.satisfies) <= set(same.satisfies)
            assert same.required_from <= rule.required_from
            assert (same.effective_from or AT.min.replace(tzinfo=UTC)) <= (
                rule.effective_from or AT.min.replace(tzinfo=UTC)
            )
            assert (same.until or AT.max.replace(tzinfo=UTC)) >= (
                rule.until or AT.max.replace(tzinfo=UTC)
            )
            for tier in TIERS:
                allowed = age_allowed(layer, rule, tier)
                if allowed is not None:
                    assert (age_allowed(merged, same, tier) or timedelta.max) <= allowed
                assert OUTCOMES.index(same.insufficient_at(tier)) >= OUTCOMES.index(
                    rule.insufficient_at(tier)
                )


def measured(name: str, value: Decimal, half: float) -> Measure:
    """A fact, or an estimate whose bounds are wider where fewer errors are allowed."""
    if name == "card":
        return Measure(at=lambda _: Fact(value=value > Decimal("0.2")), statistical=False)
    if name == "exact":
        return Measure(at=lambda _: Fact(value=int(value * 10)), statistical=False)

    def at(errors: Errors) -> Estimate:
        centre = float(value)
        return Estimate(
            value=centre,
            low=centre - half * (0.5 - errors.low),
            high=centre + half * (0.5 - errors.high),
            low_error=errors.low,
            high_error=errors.high,
            n=100,
            method="made up",
        )

    return Measure(at=at, statistical=True)


@settings(max_examples=30, deadline=None)
@given(
    some=st.lists(policies(), min_size=1, max_size=3),
    values=st.fixed_dictionaries(dict.fromkeys(KINDS, few)),
    half=st.sampled_from([0.0, 0.1, 0.4]),
    tier=st.sampled_from(TIERS),
)
def test_what_the_merged_policy_passes_each_layer_passes(
    some: list[Policy], values: dict[str, Decimal], half: float, tier: Tier
):
    """Through the real gate: what stops nothing by the merged policy stops nothing by a layer.

    With one exception that statistics makes: more requirements share `false_deny`, so a failure
    may come to be `insufficient`, which a tier can be told to allow.
    """
    measures = {RequirementId(name): measured(name, value, half) for name, value in values.items()}
    merged = merge([as_layer(item) for item in some]).policy
    judged, _, _ = assess(merged, tier=tier, measures=measures, at=AT)
    verdicts = {item.requirement.id: item for item in judged}
    fine = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    for layer in some:
        alone, _, _ = assess(layer, tier=tier, measures=measures, at=AT)
        for item in alone:
            merged_item = verdicts[item.requirement.id]
            if merged_item.verdict in fine:
                assert item.verdict in fine
            if merged_item.effect is Outcome.ALLOW and item.verdict is not Verdict.FAIL:
                assert item.effect is Outcome.ALLOW


@example(owners=("legal", "risk", "legal"))
@settings(max_examples=10, deadline=None)
@given(owners=st.tuples(*[st.sampled_from(["risk", "legal"])] * 3))
def test_of_owners_the_last_is_heard(owners: tuple[str, str, str]):
    """Also where an earlier layer said the same: its origin is the layer that said it last."""
    rule = Requirement(id=RequirementId("card"), check="family.card", parameters={"by": ("sex",)})
    a, b, c = (
        as_layer(
            Policy(name="p", version="1", digest="", requirements=(replace(rule, owner=owner),)),
            name=f"{number}.yaml",
        ).cells()
        for number, owner in enumerate(owners)
    )
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(joined(a, b), c)["requirements", "card", "owner"].where.file == "2.yaml"
