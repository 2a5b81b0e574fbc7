"""The ready policies that Assay ships are those that the catalogues and the checks give."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from assay.adapters.loaders.catalogues import READY, load_catalogues
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.shipped import PACKAGE, shipped
from assay.adapters.loaders.yaml import parse_yaml
from assay.adapters.plugins import find_checks
from assay.documents.ready import attestations_file, policy_file, ready_files
from assay.policy.controls import Basis
from assay.policy.policy import INSUFFICIENT_DEFAULT, Policy
from assay.policy.ready import attestations_of, controls_of, requirements_of
from assay.policy.tiers import Tier

CATALOGUES = load_catalogues()
PLANS = CATALOGUES.ready
NAMES = list(PLANS.policies)
FILES = ready_files(PLANS, CATALOGUES.controls, CATALOGUES.library)
TIERS = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)


def load(name: str) -> Policy:
    """A shipped ready policy, through the loader that reads everyone's."""
    return parse_policy(shipped(f"{READY}/{policy_file(name)}"), find_checks())


def attested(name: str) -> dict[str, Any]:
    written = shipped(f"{READY}/{attestations_file(name)}")
    items: dict[str, Any] = parse_yaml(written.source, file=written.file).value["items"]  # type: ignore[assignment]
    return items


def shipped_files() -> set[str]:
    home = Path(str(files(PACKAGE).joinpath(READY)))
    return {str(path.relative_to(home)) for path in home.rglob("*.yaml")}


def test_nothing_else_is_shipped():
    """Each file is made from a plan, and each plan is shipped."""
    assert shipped_files() == set(FILES)
    assert NAMES == [
        "baseline",
        "eu-ai-act/high-risk",
        "sr-26-2",
        "nist-ai-rmf",
        "nyc-ll144",
        "credit-us",
    ]


@pytest.mark.parametrize("name", FILES)
def test_making_them_anew_changes_nothing(name: str):
    """`scripts/ready-policies` would write what is there; if not, run it and review."""
    assert shipped(f"{READY}/{name}").source.decode() == FILES[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_loads_and_asks_what_its_controls_ask(name: str):
    """Every requirement names a check that exists, with the bar of its control at each tier."""
    policy, plan = load(name), PLANS.policies[name]
    rules = {rule.id: rule for rule in requirements_of(plan, PLANS, CATALOGUES.controls)}
    assert [rule.id for rule in policy.requirements] == list(rules)
    for loaded in policy.requirements:
        rule = rules[loaded.id]
        assert loaded.owner == rule.control.owner
        assert loaded.insufficient in ({}, INSUFFICIENT_DEFAULT)
        if loaded.bar is not None:
            assert loaded.bar.by_tier == rule.bar
        else:
            assert rule.bar == {}
    assert {tier: len(roles) for tier, roles in policy.approvals.items()} == {
        tier: CATALOGUES.controls["gov.approvals"].limits[tier].value for tier in TIERS
    }


@pytest.mark.parametrize("name", NAMES)
def test_limits_that_are_defaults_say_so(name: str):
    """A rationale begins with the control and says whether its limit is ours to calibrate."""
    rules = requirements_of(PLANS.policies[name], PLANS, CATALOGUES.controls)
    loaded = {rule.id: rule for rule in load(name).requirements}
    for rule in rules:
        said = loaded[rule.id].rationale or ""
        assert f"({rule.control.id})." in said
        assert ("Default limit of ours" in said) is (rule.control.basis is Basis.D)
        for reference in rule.serves:
            assert reference in said


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_checked_attested_or_kept(name: str):
    """Nothing that a policy asks for is lost: what a check shows in part is attested too."""
    plan = PLANS.policies[name]
    asked = {control.id for control in controls_of(plan, CATALOGUES.controls)}
    rules = requirements_of(plan, PLANS, CATALOGUES.controls)
    people = attestations_of(plan, PLANS, CATALOGUES.controls, CATALOGUES.library)
    checked = {rule.control.id for rule in rules}
    whole = {rule.control.id for rule in rules if rule.mapping.part is None}
    attested_controls = {item.source for item in people if item.source in CATALOGUES.controls}
    kept = asked & set(PLANS.kept)
    assert asked == checked | attested_controls | kept
    assert not whole & attested_controls
    assert {rule.control.id for rule in rules if rule.mapping.part} <= attested_controls
    assert set(plan.duties) == {item.source for item in people} - attested_controls


@pytest.mark.parametrize("name", NAMES)
def test_every_attestation_has_an_owner_and_an_end(name: str):
    """At every tier that asks, and each says what is confirmed and for which provision."""
    items = attested(name)
    assert items
    for key, item in items.items():
        assert item["owner"], key
        assert item["asks"], key
        assert item["serves"], key
        days = item["expires_after_days"]
        assert days, key
        assert all(0 < count <= 365 for count in days.values())
        assert set(item.get("limits", days)) == set(days)
        assert all(CATALOGUES.library.find(reference) for reference in item["serves"])


def test_a_tests_own_age_ends_its_attestation():
    """A stop at tier critical is to be shown again within 30 days, as its control says."""
    stop = attested("baseline")["ops-stop"]
    assert stop["expires_after_days"] == {"low": 365, "medium": 180, "high": 90, "critical": 30}
    assert stop["limits"]["critical"] == "at most 5"


def test_a_tier_that_asks_for_nothing_asks_for_no_attestation():
    """The technical file is due from tier high up."""
    file = attested("eu-ai-act/high-risk")["doc-annex4"]
    assert set(file["expires_after_days"]) == {"high", "critical"}


def test_the_baseline_leaves_no_predictive_control_out():
    """What it leaves out is generative, of an agent, or of one law."""
    asked = {control.id for control in controls_of(PLANS.policies["baseline"], CATALOGUES.controls)}
    assert set(CATALOGUES.controls) - asked == {
        "perf.contamination",
        "fair.ll144",
        "fair.counterfactual",
        "doc.annex4",
        "doc.ifu",
        "notice.mark",
        "sec.injection",
        "sec.jailbreak",
        "sec.tools",
        "priv.extraction",
        "priv.output",
        "gen.grounded",
        "gen.harmful",
        "gen.limits",
    }


def test_every_ready_policy_of_a_legal_class_exists():
    """What intake proposes can be shown."""
    proposed = {item.policy for item in CATALOGUES.questionnaire.legal_classes} - {None}
    assert proposed <= set(NAMES)
