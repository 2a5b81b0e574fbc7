"""What a policy may say of a requirement besides its check and its bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.programs import compile_programs
from assay.adapters.plugins import Catalogue, find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span
from assay.policy.canonical import canonical_policy
from assay.policy.policy import ATTESTATION, EXPRESSION, Direction, Policy, Range, Requirement
from assay.policy.tiers import Tier

ROWS = "check: data.rows, at_least: 3"
"""A requirement that is in order; what follows it stands from column 38."""


@pytest.fixture(scope="module")
def checks() -> Catalogue:
    return find_checks([])


def one(rule: str) -> str:
    """A policy with one requirement, whose fields stand on line 4 from column 7."""
    return f"policy: p\nversion: v1\nrequirements:\n  a: {{{rule}}}\n"


def load(text: str, checks: Catalogue, *, recorded: bool = False) -> Policy:
    return parse_policy(Written(file="p.yaml", source=text.encode()), checks, recorded=recorded)


def rule(fields: str, checks: Catalogue) -> Requirement:
    return load(one(fields), checks).requirements[0]


def refusal(text: str, checks: Catalogue) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load(text, checks)
    return caught.value


def test_a_range_has_both_ends_by_tier(checks: Catalogue) -> None:
    """`between` names the least and the most, and narrows from tier to tier."""
    one_range = rule("check: data.rows, between: [10, 20]", checks).bar
    assert one_range is not None
    assert one_range.by_tier == {Tier.LOW: Range(Decimal(10), Decimal(20))}
    by_tier = "between: {medium: [0.5, 0.9], high: [0.6, 0.9]}"
    narrower = rule(f"check: performance.roc_auc, {by_tier}", checks).bar
    assert narrower is not None
    assert narrower.direction is Direction.BETWEEN
    assert narrower.by_tier[Tier.HIGH] == Range(Decimal("0.6"), Decimal("0.9"))


def test_what_is_true_or_false_is_asked_from_a_tier_up(checks: Catalogue) -> None:
    """`requires` is the bar of a fact."""
    assert rule("check: documents.model_card", checks).required_from is Tier.LOW
    assert rule("check: documents.model_card, requires: true", checks).required_from is Tier.LOW
    high = rule("check: documents.model_card, requires: {high: true}", checks)
    assert high.required_from is Tier.HIGH


def test_a_bare_day_begins_with_its_first_instant_and_ends_with_its_last(
    checks: Catalogue,
) -> None:
    """From a day on, and until the end of a day, both UTC; an instant is meant exactly."""
    days = rule(f"{ROWS}, effective_from: 2026-08-02, until: 2026-12-31", checks)
    assert days.effective_from == datetime(2026, 8, 2, tzinfo=UTC)
    assert days.until == datetime(2027, 1, 1, tzinfo=UTC)
    exact = rule(f"{ROWS}, until: 2026-12-31T12:30Z", checks)
    assert exact.until == datetime(2026, 12, 31, 12, 30, tzinfo=UTC)


def test_evidence_may_be_of_some_age_by_tier(checks: Catalogue) -> None:
    """A requirement and the policy as a whole say how old evidence may be."""
    text = one(f"{ROWS}, max_age: {{low: 90d, high: 36h}}") + "max_age: 30d\n"
    policy = load(text, checks)
    assert policy.max_age == {Tier.LOW: timedelta(days=30)}
    assert policy.requirements[0].max_age[Tier.HIGH] == timedelta(hours=36)


def test_a_person_confirms_what_no_check_shows(checks: Catalogue) -> None:
    """An attestation says what is confirmed, and in which role."""
    found = rule("attest: The risk file is current., by: risk-owner, max_age: 180d", checks)
    assert found.check == ATTESTATION
    assert found.parameters == {"asks": "The risk file is current.", "by": "risk-owner"}
    assert found.bar is None


def test_an_expression_reads_the_figures_of_other_requirements(checks: Catalogue) -> None:
    """A hyphen in a requirement's id is an underscore in its variables."""
    text = (
        "policy: p\nversion: v1\nrequirements:\n"
        "  ranks-well: {check: performance.roc_auc, at_least: 0.6}\n"
        "  card: {check: documents.model_card}\n"
        "  sound: {expression: 'measurement.card.value && measurement.ranks_well.low > 0.55'}\n"
    )
    assert load(text, checks).requirements[2].check == EXPRESSION


def test_a_higher_tier_may_be_laxer_where_the_policy_says_why(checks: Catalogue) -> None:
    """Without a reason it does not load; the reason is pinned by the digest."""
    laxer = "check: performance.roc_auc, at_least: {low: 0.7, high: 0.6}"
    assert refusal(one(laxer), checks).code == "policy.laxer-tier"
    reasoned = rule(f"{laxer}, laxer_because: High-tier systems see fewer cases.", checks)
    assert reasoned.laxer_because == "High-tier systems see fewer cases."


def test_provisions_are_found_in_the_catalogues(checks: Catalogue) -> None:
    """An item and a group are provisions; what was recorded may name one that is gone since."""
    served = '["eu-ai-act:ART10-2-F", "nist-ai-rmf:MEASURE 2.11"]'
    assert rule(f"{ROWS}, satisfies: {served}", checks).satisfies == (
        "eu-ai-act:ART10-2-F",
        "nist-ai-rmf:MEASURE 2.11",
    )
    gone = one(f'{ROWS}, satisfies: ["eu-ai-act:ART10-2-G9"]')
    error = refusal(gone, checks)
    assert (error.code, error.where) == ("policy.unknown-provision", Span("p.yaml", 4, 50))
    assert "Did you mean 'eu-ai-act:ART10-2-G'?" in error.remedy
    assert load(gone, checks, recorded=True).requirements


def test_a_policy_that_uses_nothing_new_has_the_form_it_always_had(checks: Catalogue) -> None:
    """Keys that the language learned later are written only where they are used."""
    form = canonical_policy(load(one(ROWS), checks))
    assert set(form) == {
        "schema", "policy", "version", "mode", "errors", "max_excluded", "requirements",
        "approvals",
    }  # fmt: skip
    requirements = form["requirements"]
    assert isinstance(requirements, dict)
    requirement = requirements["a"]
    assert isinstance(requirement, dict)
    assert set(requirement) == {
        "check", "with", "insufficient", "owner", "rationale", "at_least",
    }  # fmt: skip


@pytest.mark.parametrize(
    "field",
    [
        "when: tier >= HIGH",
        "effective_from: 2026-08-02",
        "until: 2026-12-31",
        "max_age: 90d",
        'satisfies: ["eu-ai-act:ART10-2-F"]',
        "laxer_because: why",
        "insufficient: {medium: deny}",
    ],
)
def test_every_field_is_pinned_by_the_digest(field: str, checks: Catalogue) -> None:
    """No field can be added or taken away under a pinned digest."""
    assert load(one(f"{ROWS}, {field}"), checks).digest != load(one(ROWS), checks).digest


@pytest.mark.parametrize(
    ("fields", "code", "column", "says"),
    [
        ("check: data.rows, equals: 3, at_least: 3", "policy.unusable-bar", 46, "one bar"),
        ("check: performance.roc_auc, equals: 0.7", "policy.unusable-bar", 43, "no sample"),
        ("check: performance.roc_auc, between: [0.7, 0.7]", "policy.impossible-bar", 44, "Widen"),
        ("check: data.rows, between: [9, 7]", "configuration.invalid-value", 34, "least"),
        ("check: data.rows, between: 7", "configuration.invalid-value", 34, "two numbers"),
        ("check: performance.roc_auc, between: [1, 1]", "policy.impossible-bar", 44, "0.99"),
        ("check: performance.roc_auc, between: [0.5, 7]", "policy.unusable-bar", 44, "0 to 1"),
        (
            "check: data.rows, between: {low: [5, 9], high: [4, 9]}",
            "policy.laxer-tier",
            54,
            "as strict as low",
        ),
        (f"{ROWS}, requires: true", "policy.unusable-rule", 38, "gives a figure"),
        ("check: documents.model_card, requires: false", "configuration.invalid-value", 46, "true"),
        (
            "check: documents.model_card, requires: {high: false}",
            "configuration.invalid-value",
            53,
            "left out",
        ),
        (f"{ROWS}, attest: x, by: y", "policy.unusable-rule", 3, "one thing shows it"),
        ("attest: x", "policy.unusable-rule", 3, "Write both"),
        (f"{ROWS}, by: y", "policy.unusable-rule", 3, "Write both"),
        ("attest: x, by: y, at_least: 3", "policy.unusable-rule", 25, "no check reads it"),
        ("attest: x, by: y, with: {a: 1}", "policy.unusable-rule", 25, "no check reads it"),
        (f"{ROWS}, until: 2026-13-01", "configuration.invalid-value", 45, "calendar"),
        (f"{ROWS}, until: soon", "configuration.invalid-value", 45, "2026-12-31"),
        (
            f"{ROWS}, effective_from: 2026-05-02, until: 2026-05-01",
            "policy.unusable-rule",
            73,
            "never applies",
        ),
        (f"{ROWS}, max_age: 0d", "configuration.invalid-value", 47, "90d"),
        (f"{ROWS}, max_age: {{low: 5d, high: 9d}}", "policy.laxer-tier", 63, "as strict"),
        (f'{ROWS}, satisfies: ["eu-ai-ct:ART10-2-F"]', "policy.unknown-provision", 50, "eu-ai-act"),
        (f"{ROWS}, when: teir >= HIGH", "policy.expression", 44, "'tier'"),
        (f"{ROWS}, when: tier >= 'high'", "policy.expression", 49, "text"),
        (f"{ROWS}, when: tier > 1 && systm.id == ''", "policy.expression", 56, "'system.id'"),
        (f"{ROWS}, when: tier", "policy.expression", 44, "not true or false"),
        (f"{ROWS}, when: HIGH > LOW", "policy.expression", 44, "always has the same value"),
        (f"{ROWS}, when: measurement.a.value > 1.0", "policy.expression", 44, "no variable"),
        ("expression: measurement.a.value > 1.0", "policy.expression", 19, "no variable"),
        ("expression: answers.q_autonomi == 'none'", "policy.expression", 19, "answers.q_autonomy"),
    ],
)  # fmt: skip
def test_each_rule_refused_has_a_code_a_place_and_a_remedy(
    fields: str, code: str, column: int, says: str, checks: Catalogue
) -> None:
    """What is wrong with a requirement, where, and what to do."""
    error = refusal(one(fields), checks)
    assert (error.code, error.where) == (code, Span("p.yaml", 4, column))
    assert says in f"{error.what} {error.remedy}"
    assert error.remedy


def test_an_error_in_a_block_of_text_has_its_own_line(checks: Catalogue) -> None:
    """The place is that of the text as it stands in the file."""
    text = (
        "policy: p\nversion: v1\nrequirements:\n  a:\n    check: data.rows\n    at_least: 3\n"
        "    when: |\n      tier >= HIGH &&\n      tier_sorce == 'intake'\n"
    )
    assert refusal(text, checks).where == Span("p.yaml", 9, 7)
    folded = text.replace("when: |", "when: >")
    assert refusal(folded, checks).where == Span("p.yaml", 8, 7)


def test_two_requirements_may_not_have_one_name_in_expressions(checks: Catalogue) -> None:
    """Where an expression could mean either, none of them is meant."""
    text = one(ROWS).replace("  a:", "  a-b:") + f"  a_b: {{{ROWS}}}\n"
    assert load(text, checks).requirements
    assert refusal(f"{text}  c: {{expression: tier > LOW}}\n", checks).code == "policy.shared-name"


def test_a_policy_says_what_it_allows_of_waivers(checks: Catalogue) -> None:
    """How long, by whom, and how often anew; what is not said is the default of ours."""
    text = one(ROWS) + (
        "waivers: {longest: {low: 90d, high: 20d}, granted_by: {high: risk-officer}, renewals: 0}\n"
    )
    rules = load(text, checks).waivers
    assert rules.longest == {Tier.LOW: timedelta(days=90), Tier.HIGH: timedelta(days=20)}
    assert rules.granted_by == {Tier.HIGH: "risk-officer"}
    assert rules.renewals == 0
    assert "waivers" in canonical_policy(load(text, checks))
    assert "waivers" not in canonical_policy(load(one(ROWS), checks))


def test_waivers_are_not_longer_for_a_higher_tier(checks: Catalogue) -> None:
    """A higher tier may not be laxer than a lower one; the place is named."""
    text = one(ROWS) + "waivers: {longest: {low: 20d, high: 90d}}\n"
    assert "waivers.longest" in refusal(text, checks).what


def test_questions_of_the_organisation_are_read_too(checks: Catalogue) -> None:
    """What an intake answers besides the common questions is known by its answers."""
    text = one(f"{ROWS}, when: answers.q_desk == 'retail' && 'eu' in answers.q_regions")
    assert refusal(text, checks).code == "policy.expression"
    own: dict[str, str | tuple[str, ...]] = {"q_desk": "retail", "q_regions": ("eu", "us")}
    written = Written(file="p.yaml", source=text.encode())
    policy = parse_policy(written, checks, answers=own)
    programs = compile_programs(policy, checks, answers=own)
    (condition,) = programs.conditions.values()
    assert condition.reads == {"answers.q_desk", "answers.q_regions"}
    # What was recorded is compiled by whoever knows the answers of then.
    assert parse_policy(written, checks, recorded=True).digest == policy.digest
