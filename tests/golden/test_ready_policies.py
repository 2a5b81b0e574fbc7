"""The ready policies that Assay ships are those that the catalogues and the checks give."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from assay.adapters.loaders.catalogues import load_catalogues
from assay.adapters.loaders.extending import READY, read_ready, ready_names
from assay.adapters.loaders.policy import merge_policy, parse_policy
from assay.adapters.loaders.shipped import PACKAGE, shipped
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.documents.merged_policy import render_merged
from assay.documents.ready import ready_files
from assay.evidence.measurement import Fact, NotCollected
from assay.policy.controls import Basis
from assay.policy.gate import assess
from assay.policy.judging import Measure, Verdict
from assay.policy.policy import (
    ATTESTATION,
    INSUFFICIENT_DEFAULT,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
)
from assay.policy.ready import attestations_of, controls_of, requirements_of
from assay.policy.tiers import Tier

CATALOGUES = load_catalogues()
CONTROLS, LIBRARY = CATALOGUES.controls, CATALOGUES.library
PLANS = CATALOGUES.ready
NAMES = list(PLANS.policies)
FILES = ready_files(PLANS, CONTROLS, LIBRARY, several=CATALOGUES.questionnaire.several)
TIERS = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
LOADED = {name: parse_policy(read_ready(name), find_checks()) for name in NAMES}


def rules_of(name: str) -> dict[str, Requirement]:
    return {str(rule.id): rule for rule in LOADED[name].requirements}


def shipped_files() -> set[str]:
    home = Path(str(files(PACKAGE).joinpath(READY)))
    return {str(path.relative_to(home)) for path in home.rglob("*.yaml")}


def test_nothing_else_is_shipped():
    """Each file is made from a plan, and each plan is shipped."""
    assert shipped_files() == set(FILES)
    assert ready_names() == sorted(NAMES)
    assert NAMES == [
        "baseline",
        "eu-ai-act/high-risk",
        "sr-26-2",
        "nist-ai-rmf",
        "nyc-ll144",
        "credit-us",
        "llm-application",
        "agent",
    ]


@pytest.mark.parametrize("name", FILES)
def test_making_them_anew_changes_nothing(name: str):
    """`scripts/ready-policies` would write what is there; if not, run it and review."""
    assert shipped(f"{READY}/{name}").source.decode() == FILES[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_loads_and_asks_what_its_controls_ask(name: str):
    """Every requirement names a check that exists, with the bar of its control at each tier."""
    loaded, plan = rules_of(name), PLANS.policies[name]
    for rule in requirements_of(plan, PLANS, CONTROLS, LIBRARY):
        found = loaded[rule.id]
        assert found.check == rule.mapping.check
        assert found.owner == rule.control.owner
        assert found.insufficient in ({}, INSUFFICIENT_DEFAULT)
        assert found.satisfies == rule.serves
        assert (dict(found.bar.by_tier) if found.bar else {}) == rule.bar
    assert {tier: len(roles) for tier, roles in LOADED[name].approvals.items()} == {
        tier: CONTROLS["gov.approvals"].limits[tier].value for tier in TIERS
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_people_attest_is_asked_in_the_policy(name: str):
    """By its owner's role, for a time that ends, with the provisions that it serves."""
    loaded, plan = rules_of(name), PLANS.policies[name]
    people = attestations_of(plan, PLANS, CONTROLS, LIBRARY)
    assert people
    for item in people:
        rule = loaded[item.id]
        assert rule.check == ATTESTATION
        assert rule.parameters["by"] == item.owner.replace(" ", "-")
        assert item.asks in str(rule.parameters["asks"])
        assert rule.required_from == min(item.expires_after_days)
        assert rule.max_age == {
            tier: timedelta(days=count) for tier, count in item.expires_after_days.items()
        }
        assert all(timedelta(0) < age <= timedelta(days=365) for age in rule.max_age.values())
        assert rule.satisfies == item.serves
        assert rule.owner == item.owner


@pytest.mark.parametrize("name", NAMES)
def test_limits_that_are_defaults_say_so(name: str):
    """A rationale begins with the control and says whether its limit is ours to calibrate."""
    loaded = rules_of(name)
    for rule in requirements_of(PLANS.policies[name], PLANS, CONTROLS, LIBRARY):
        said = loaded[rule.id].rationale or ""
        assert f"({rule.control.id})." in said
        assert ("Default limit of ours" in said) is (rule.control.basis is Basis.D)
        marked = loaded[rule.id].limit_is_default(Tier.CRITICAL)
        assert marked is (rule.control.basis is Basis.D and rule.mapping.bar is not None)
    for item in attestations_of(PLANS.policies[name], PLANS, CONTROLS, LIBRARY):
        default = item.control is not None and item.control.basis is Basis.D
        assert ("a default of ours" in str(loaded[item.id].parameters["asks"])) is default


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_asks_for_exactly_what_its_controls_and_duties_give(name: str):
    """One requirement taken out of the file, or out of the plan, and this fails.

    A control is checked, attested or kept by Assay; what a check shows in part is attested too.
    """
    plan = PLANS.policies[name]
    asked = {control.id for control in controls_of(plan, CONTROLS)}
    rules = requirements_of(plan, PLANS, CONTROLS, LIBRARY)
    people = attestations_of(plan, PLANS, CONTROLS, LIBRARY)
    assert list(rules_of(name)) == [*(rule.id for rule in rules), *(item.id for item in people)]
    checked = {rule.control.id for rule in rules}
    whole = {rule.control.id for rule in rules if rule.mapping.part is None}
    attested_controls = {item.source for item in people if item.control is not None}
    assert asked == checked | attested_controls | (asked & set(PLANS.kept))
    assert not whole & attested_controls
    assert {rule.control.id for rule in rules if rule.mapping.part} <= attested_controls
    assert set(plan.duties) == {item.source for item in people} - attested_controls


def met(policy: Policy) -> dict[RequirementId, Measure]:
    """Facts by which every requirement without a statistical bar is met, and was just now."""
    return {
        rule.id: Measure(
            at=lambda _, rule=rule: Fact(value=10**6 if rule.bar else True),  # type: ignore[misc]
            statistical=False,
            taken_at=AT,
        )
        for rule in policy.requirements
    }


AT = datetime(2028, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
def test_an_attestation_that_is_yet_to_be_given_holds(name: str):
    """Each alone, at every tier that asks: what a person has not said is missing."""
    rules = [
        replace(rule, when=None) for rule in LOADED[name].requirements if rule.check == ATTESTATION
    ]
    policy = replace(LOADED[name], requirements=tuple(rules))
    for tier in TIERS:
        judged, _, _ = assess(policy, tier=tier, measures=met(policy), at=AT)
        assert {item.effect for item in judged} == {Outcome.ALLOW}
        for rule in rules:
            silent = Measure(at=lambda _: NotCollected(reason="nobody"), statistical=False)
            measures = {**met(policy), rule.id: replace(silent, taken_at=AT)}
            judged, _, _ = assess(policy, tier=tier, measures=measures, at=AT)
            held = [item for item in judged if item.effect is Outcome.HOLD]
            if tier < rule.required_from:
                assert not held
            else:
                assert [(item.requirement.id, item.verdict) for item in held] == [
                    (rule.id, Verdict.MISSING)
                ]


def test_a_tests_own_age_ends_its_attestation():
    """A stop at tier critical is to be shown again within 30 days, as its control says."""
    stop = rules_of("baseline")["ops-stop"]
    ages = {str(tier): age.days for tier, age in stop.max_age.items()}
    assert ages == {"low": 365, "medium": 180, "high": 90, "critical": 30}
    assert "critical at most 5" in str(stop.parameters["asks"])


def test_a_tier_that_asks_for_nothing_asks_for_no_attestation():
    """The technical file is due from tier high up."""
    assert rules_of("eu-ai-act/high-risk")["doc-annex4"].required_from is Tier.HIGH


def test_a_duty_applies_from_the_day_that_the_catalogue_gives():
    """What serves law that applies later alone waits; what serves good practice too does not."""
    rules = rules_of("eu-ai-act/high-risk")
    days = {name: rule.effective_from for name, rule in rules.items()}
    chapter_3 = datetime(2027, 12, 2, tzinfo=UTC)
    assert days["article-9"] == days["article-14"] == days["article-27"] == chapter_3
    assert days["doc-annex4"] == chapter_3
    assert days["art43-1"] == days["art72-1"] == datetime(2026, 8, 2, tzinfo=UTC)
    assert days["fair-odds-gap"] is None
    assert rules_of("nyc-ll144")["ll144-notice"].effective_from == datetime(2023, 7, 5, tzinfo=UTC)
    assert LIBRARY.regulations["us-co-admt"].applies_from[""] == date(2027, 1, 1)


def test_a_route_that_does_not_fit_is_attested_as_such():
    """Of the two routes of Article 43 a system takes one, and someone says which."""
    asked = str(rules_of("eu-ai-act/high-risk")["art43-1"].parameters["asks"])
    assert asked.startswith("Where it identifies or sorts people by biometrics, and else ")


def test_no_shorthand_of_the_catalogue_is_left():
    """What people confirm is in words."""
    for name in NAMES:
        for rule in LOADED[name].requirements:
            asked = str(rule.parameters.get("asks", ""))
            assert not {"lower95", "upper95"} & set(asked.replace(".", " ").split()), asked


def test_conditions_that_answers_tell_are_conditions_of_the_policy():
    """Fairness is asked of systems that affect people, unless all that the policy is for do."""
    told = 'answers.q_effect in ["minor", "significant", "safety_of_life"]'
    assert rules_of("baseline")["fair-impact-ratio"].when == told
    assert rules_of("credit-us")["fair-impact-ratio"].when is None
    labels = rules_of("baseline")["data-labels"]
    assert labels.when is None
    assert str(labels.parameters["asks"]).startswith("Where people label the data, and else ")


def test_the_baseline_leaves_no_predictive_control_out():
    """What it leaves out is generative, of an agent, or of one law."""
    asked = {control.id for control in controls_of(PLANS.policies["baseline"], CONTROLS)}
    assert set(CONTROLS) - asked == {
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


def test_together_they_ask_for_every_control():
    """None of the 63 is in no ready policy."""
    asked = {item.id for plan in PLANS.policies.values() for item in controls_of(plan, CONTROLS)}
    assert asked == set(CONTROLS)
    assert len(CONTROLS) == 63


def test_every_ready_policy_of_a_legal_class_exists():
    """What intake proposes can be shown."""
    proposed = {item.policy for item in CATALOGUES.questionnaire.legal_classes} - {None}
    assert proposed <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_printed_as_one_that_loads_it_means_the_same(name: str):
    """Quotes, folded texts, days and ages survive."""
    merged = merge_policy(read_ready(name), find_checks())
    assert merged.policy.digest == LOADED[name].digest
    text = render_merged(merged, [name], origins=True)
    again = parse_policy(Written(file="merged.yaml", source=text.encode()), find_checks())
    assert again.digest == merged.policy.digest


def test_any_two_can_be_extended_together():
    """No id means two things, so a system under two laws extends both."""
    for first, second in itertools.combinations(NAMES, 2):
        text = f"policy: both\nversion: '1'\nextends: ['{first}', '{second}']\n"
        written = Written(
            file="both.yaml",
            source=text.encode(),
            beneath=(read_ready(first), read_ready(second)),
        )
        merged = merge_policy(written, find_checks())
        wanted = {*rules_of(first), *rules_of(second)}
        assert {str(rule.id) for rule in merged.policy.requirements} == wanted
