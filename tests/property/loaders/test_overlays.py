"""Any overlay either is refused at its place, or asks for at least as much as what it builds on."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.policy.canonical import TIERS
from assay.policy.policy import Mode, Outcome, Policy
from assay.policy.tiers import at_tier

CHECKS = find_checks()
BASE: dict[str, Any] = {
    "policy": "hub",
    "version": "v1",
    "mode": "warn",
    "errors": {"false_allow": 0.05, "false_deny": 0.05},
    "max_age": {"medium": "90d"},
    "requirements": {
        "auc": {"check": "performance.roc_auc", "at_least": {"low": 0.6, "high": 0.7}},
        "gap": {
            "check": "fairness.selection_rate_difference",
            "with": {"by": ["sex"]},
            "at_most": {"medium": 0.15, "high": 0.1},
            "insufficient": {"low": "allow", "medium": "hold", "high": "hold", "critical": "deny"},
            "until": "2030-01-01",
        },
        "card": {"check": "documents.model_card", "requires": {"medium": True}},
        "board": {"attest": "It was told.", "by": "approver", "max_age": {"low": "365d"}},
    },
    "approvals": {"medium": [{"role": "validator"}], "high": [{"role": "a"}, {"role": "b"}]},
}
BENEATH = Written(file="hub.yaml", source=json.dumps(BASE).encode())
HUB = parse_policy(BENEATH, CHECKS)

tiers = st.sampled_from([str(tier) for tier in TIERS])
shares = st.sampled_from([0.05, 0.1, 0.12, 0.15, 0.2, 0.6, 0.65, 0.7, 0.8])
ages = st.sampled_from(["1d", "30d", "90d", "200d", "365d", "400d"])
outcomes = st.sampled_from([item.value for item in Outcome])
wrong: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", -1, [], {}, "high", {"hgih": 0.1}, {"high": "x"}]
)


def by_tier(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.dictionaries(tiers, values, min_size=1, max_size=3))


FIELDS = {
    "at_least": by_tier(shares),
    "at_most": by_tier(shares),
    "insufficient": st.dictionaries(tiers, outcomes, min_size=1),
    "max_age": by_tier(ages),
    "requires": st.dictionaries(tiers, st.just(True), min_size=1, max_size=1),
    "effective_from": st.sampled_from(["2025-01-01", "2029-01-01"]),
    "until": st.sampled_from(["2029-01-01", "2031-01-01"]),
    "when": st.sampled_from(["tier >= HIGH", "tier ="]),
    "with": st.sampled_from([{"by": ["sex"]}, {"by": ["age"]}]),
    "check": st.sampled_from(["performance.roc_auc", "documents.model_card"]),
    "satisfies": st.sampled_from([["nist-ai-rmf:MAP 4.1"], ["nist-ai-rmf:NOWHERE"]]),
}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(list(FIELDS)), max_size=3, unique=True))
    return {key: draw(st.one_of(*[FIELDS[key]] * 5, wrong)) for key in keys}


@st.composite
def overlays(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from([*BASE["requirements"], "own"]), unique=True))
    top = {
        "mode": st.sampled_from([item.value for item in Mode]),
        "errors": st.dictionaries(
            st.sampled_from(["false_allow", "false_deny"]), st.sampled_from([0.01, 0.05, 0.1])
        ),
        "max_age": by_tier(ages),
        "max_excluded": st.sampled_from([0.001, 0.01, 0.5]),
        "approvals": st.dictionaries(
            tiers, st.lists(st.sampled_from([{"role": "a"}, {"role": "b"}, {"role": "validator"}]))
        ),
    }
    keys = draw(st.lists(st.sampled_from(list(top)), max_size=2, unique=True))
    return {
        "policy": "own",
        "version": "v2",
        "extends": ["hub.yaml"],
        "requirements": {name: draw(rules()) for name in names},
        **{key: draw(top[key]) for key in keys},
    }


def located(error: ConfigurationError) -> bool:
    """Whether it says where in the overlay, and what to do."""
    if isinstance(error, Problems):
        return all(map(located, error.problems))
    return isinstance(error.where, Span) and error.where.line == 1 and bool(error.remedy)


@settings(max_examples=250, deadline=None)
@given(tree=overlays())
def test_an_overlay_is_refused_or_tightens(tree: dict[str, Any]):
    """Never a traceback, never less: read as the gate reads them, tier by tier."""
    found = loaded(tree)
    if isinstance(found, ConfigurationError):
        assert located(found), found
    else:
        assert_as_strict(found)


def loaded(tree: dict[str, Any]) -> Policy | ConfigurationError:
    written = Written(file="own.yaml", source=json.dumps(tree).encode(), beneath=(BENEATH,))
    try:
        return parse_policy(written, CHECKS)
    except ConfigurationError as error:
        return error


def test_some_of_them_load():
    """Else the property would say nothing."""
    rules = {"auc": {"at_least": {"high": 0.8}}, "board": {"max_age": "30d"}, "card": {}}
    tree = {"policy": "own", "version": "v2", "extends": ["hub.yaml"], "requirements": rules}
    found = loaded(tree)
    assert isinstance(found, Policy)
    assert_as_strict(found)


def assert_as_strict(policy: Policy) -> None:
    assert list(Mode).index(policy.mode) <= list(Mode).index(HUB.mode)
    assert policy.errors.false_allow <= Decimal("0.05") <= policy.errors.false_deny
    assert policy.max_excluded <= HUB.max_excluded
    found = {rule.id: rule for rule in policy.requirements}
    for tier in TIERS:
        roles = [item.role for item in at_tier(policy.approvals, tier) or ()]
        for item in at_tier(HUB.approvals, tier) or ():
            assert item.role in roles
        for rule in HUB.requirements:
            same = found[rule.id]
            assert (same.check, same.parameters, same.when) == (
                rule.check,
                rule.parameters,
                rule.when,
            )
            assert same.required_from <= rule.required_from
            assert same.effective_from is None
            assert same.until is None or (rule.until is not None and same.until >= rule.until)
            old, new = (list(Outcome).index(item.insufficient_at(tier)) for item in (rule, same))
            assert new >= old
            for ours, theirs in ((same.max_age, rule.max_age), (policy.max_age, HUB.max_age)):
                allowed = at_tier(theirs, tier)
                assert allowed is None or (at_tier(ours, tier) or timedelta.max) <= allowed
            if rule.bar is not None:
                limit = at_tier(rule.bar.by_tier, tier)
                own = at_tier(same.bar.by_tier, tier) if same.bar else None
                if limit is not None:
                    assert isinstance(limit, Decimal)
                    assert isinstance(own, Decimal)
                    assert own >= limit if rule.bar.direction == "at_least" else own <= limit
