"""A policy file to a policy: every name known, every bar usable, nothing left unread."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import Catalogue, CheckFile, find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.policy.policy import Approver, Direction, ErrorBudget, Mode, Outcome, Policy
from assay.policy.tiers import Tier

GOOD = """\
policy: lending
version: 3.1.0
errors: {false_allow: 0.05, false_deny: 0.01}
requirements:
  ranks-well:
    check: performance.roc_auc
    at_least: {low: 0.60, high: 0.70}
    owner: team:model-risk
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex, age], intersections: true, min_group_size: 50}
    at_most: 0.15
    insufficient: {low: allow, critical: deny}
  model-card: {check: documents.model_card}
approvals:
  high: [{role: validator}, {role: approver}]
mode: warn
max_excluded: 0.02
"""

OWN = '''
from decimal import Decimal

from assay.checks.check import Columns, check


@check("own.everything", better="lower", unit="rows")
def everything(evidence, *, who: str, flag: bool = True, share: float = 0.1,
               exact: Decimal = Decimal("0.2"), count: int = 3, columns: Columns = ()):
    """A check with a parameter of every type."""
'''


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The built-in checks, and one of a user's own with a parameter of every type."""
    path = tmp_path_factory.mktemp("own") / "own.py"
    path.write_text(OWN)
    return find_checks([CheckFile(file="own.py", path=path)])


def load(text: str, checks: Catalogue) -> Policy:
    return parse_policy(Written(file="p.yaml", source=text.encode()), checks)


def refusal(text: str, checks: Catalogue) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load(text, checks)
    return caught.value


def one(rule: str) -> str:
    """A policy with one requirement, whose fields stand on line 4 from column 7."""
    return f"policy: p\nversion: v1\nrequirements:\n  a: {{{rule}}}\n"


def test_the_whole_policy_arrives(checks: Catalogue) -> None:
    """Every field is read, with the places of bars and rules."""
    policy = load(GOOD, checks)
    assert (policy.name, policy.version, policy.mode) == ("lending", "3.1.0", Mode.WARN)
    assert policy.errors == ErrorBudget(false_allow=Decimal("0.05"), false_deny=Decimal("0.01"))
    assert policy.max_excluded == Decimal("0.02")
    assert policy.approvals == {Tier.HIGH: (Approver(role="validator"), Approver(role="approver"))}
    ranks, gap, card = policy.requirements
    assert ranks.bar is not None
    assert ranks.bar.by_tier == {Tier.LOW: Decimal("0.60"), Tier.HIGH: Decimal("0.70")}
    assert ranks.bar.spans[Tier.HIGH] == Span("p.yaml", 7, 33)
    assert (ranks.owner, ranks.span) == ("team:model-risk", Span("p.yaml", 5, 3))
    assert gap.bar is not None
    assert (gap.bar.direction, gap.bar.by_tier) == (
        Direction.AT_MOST,
        {Tier.LOW: Decimal("0.15")},
    )
    assert gap.parameters["by"] == ("sex", "age")
    assert gap.insufficient == {Tier.LOW: Outcome.ALLOW, Tier.CRITICAL: Outcome.DENY}
    assert card.bar is None


def test_defaults_of_checks_are_written_out_without_floats(checks: Catalogue) -> None:
    """The digest pins what a parameter was, even where the policy left it to the check."""
    rule = load(one("check: own.everything, with: {who: me}, at_most: 1"), checks).requirements[0]
    assert rule.parameters == {
        "who": "me",
        "flag": True,
        "share": Decimal("0.1"),
        "exact": Decimal("0.2"),
        "count": 3,
        "columns": (),
    }
    assert not any(isinstance(value, float) for value in rule.parameters.values())


def test_numbers_keep_their_exact_value(checks: Catalogue) -> None:
    """A parameter that the check takes as a float is a decimal in the policy, as written."""
    text = one("check: own.everything, with: {who: me, share: 0.30, columns: sex}, at_most: 1")
    parameters = load(text, checks).requirements[0].parameters
    assert str(parameters["share"]) == "0.30"
    assert parameters["columns"] == ("sex",)


@pytest.mark.parametrize(
    "other",
    [
        GOOD.replace("errors:", "# why\n\nerrors:"),
        GOOD.replace("{low: 0.60, high: 0.70}", "\n      high: 0.7\n      low: 0.6"),
        GOOD.replace("at_most: 0.15", "at_most: {low: 0.150}"),
        GOOD.replace("{low: 0.60, high: 0.70}", "{low: 0.60, high: 0.70, critical: 0.7}"),
        GOOD.replace(
            "intersections: true, min_group_size: 50", "min_group_size: 50, intersections: true"
        ),
        "mode: warn\n" + GOOD.replace("mode: warn\n", ""),
    ],
)
def test_the_digest_pins_the_meaning_and_not_the_text(other: str, checks: Catalogue) -> None:
    """Comments, order, spelling of numbers and tiers that change nothing leave the digest."""
    assert load(other, checks).digest == load(GOOD, checks).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.60", "0.61"),
        ("false_deny: 0.01", "false_deny: 0.02"),
        ("min_group_size: 50", "min_group_size: 51"),
        ("critical: deny", "critical: deny, high: deny"),
        ("mode: warn", "mode: enforce"),
        ("{role: validator}, ", ""),
        ("team:model-risk", "team:other"),
    ],
)
def test_every_change_of_meaning_changes_the_digest(old: str, new: str, checks: Catalogue) -> None:
    """A policy cannot be changed under a pinned digest."""
    assert load(GOOD.replace(old, new), checks).digest != load(GOOD, checks).digest


@pytest.mark.parametrize(
    ("rule", "code", "column", "says"),
    [
        ("check: performance.auc, at_least: 0.6", "policy.unknown-check", 14, "roc_auc"),
        ("check: nothing.like_it", "policy.unknown-check", 14, "`assay check --list`"),
        ("chek: data.rows, at_least: 3", "configuration.unknown-key", 7, "'check'"),
        ("at_least: 3", "policy.unusable-rule", 3, "says nothing of what shows it"),
        ("check: data.rows", "policy.unusable-bar", 3, "Add `at_least`"),
        ("check: data.rows, at_most: 3", "policy.unusable-bar", 34, "higher is better"),
        (
            "check: data.rows, at_least: 3, at_most: 5",
            "policy.unusable-bar",
            47,
            "higher is better",
        ),
        ("check: documents.model_card, at_least: 1", "policy.unusable-bar", 46, "true or false"),
        ("check: performance.roc_auc, at_least: 70", "policy.unusable-bar", 45, "from 0 to 1"),
        ("check: performance.roc_auc, at_least: 1", "policy.impossible-bar", 45, "at_least 0.99"),
        (
            "check: fairness.selection_rate_difference, at_most: 0",
            "policy.impossible-bar",
            59,
            "300 rows",
        ),
        (
            "check: fairness.selection_rate_ratio, at_least: 1",
            "policy.impossible-bar",
            55,
            "at_least 0.99",
        ),
        (
            "check: fairness.selection_rate_ratio, at_least: 80",
            "policy.unusable-bar",
            55,
            "from 0 to 1",
        ),
        (
            "check: fairness.selection_rate_ratio, at_least: 0.8, with: {small_groups: report}",
            "policy.unusable-rule",
            81,
            "`rationale`",
        ),
        ("check: data.leakage, at_most: 0", "policy.impossible-bar", 37, "at_most 0.01"),
        (
            "check: calibration.brier_reliability, at_most: 0",
            "policy.impossible-bar",
            54,
            "at_most 0.01",
        ),
        (
            "check: fairness.selection_rate_difference, at_most: {low: 0.1, high: 0.2}",
            "policy.laxer-tier",
            76,
            "at least as strict as low",
        ),
        (
            "check: performance.roc_auc, at_least: {low: 0.7, high: 0.6}",
            "policy.laxer-tier",
            62,
            "at least as strict as low",
        ),
        (
            "check: data.rows, at_least: 3, insufficient: {medium: deny, high: hold}",
            "policy.laxer-tier",
            73,
            "`insufficient` of 'a'",
        ),
        ("check: data.rows, at_least: {hihg: 3}", "configuration.invalid-value", 36, "'high'"),
        (
            "check: data.rows, at_least: {prohibited: 3}",
            "configuration.invalid-value",
            36,
            "no tier",
        ),
        ("check: data.rows, at_least: {}", "configuration.empty", 25, "no value"),
        ("check: data.rows, at_least: '3'", "configuration.invalid-value", 35, "a number"),
        ("check: data.rows, at_least: true", "configuration.invalid-value", 35, "a number"),
        ("check: data.rows, at_least: null", "configuration.empty", 25, "no value"),
        (
            "check: data.rows, at_least: 3, insufficient: {low: warn}",
            "configuration.invalid-value",
            58,
            "'allow', 'hold' or 'deny'",
        ),
        ("check: data.rows, at_least: 3, when: true", "configuration.wrong-type", 44, "quotes"),
        ("check: data.rows, at_least: 3, max_age: 9", "configuration.invalid-value", 47, "90d"),
        (
            "check: own.everything, at_most: 1",
            "check.unusable-parameter",
            3,
            "needs a value for parameter 'who'",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: me, flga: true}",
            "check.unusable-parameter",
            58,
            "mean 'flag'",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: 3}",
            "check.unusable-parameter",
            54,
            "must be a text",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: me, count: 0.5}",
            "check.unusable-parameter",
            65,
            "a whole number",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: me, columns: [a, a]}",
            "check.unusable-parameter",
            67,
            "different",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: me, columns: [1]}",
            "configuration.wrong-type",
            67,
            "one value or a list of names",
        ),
        (
            "check: own.everything, at_most: 1, with: {who: me, count: 9007199254740992}",
            "configuration.wrong-type",
            65,
            "2^53",
        ),
    ],
)
def test_each_rule_refused_has_a_code_a_place_and_a_remedy(
    rule: str, code: str, column: int, says: str, checks: Catalogue
) -> None:
    """What is wrong with a requirement, where, and what to do."""
    error = refusal(one(rule), checks)
    assert (error.code, error.where) == (code, Span("p.yaml", 4, column))
    assert says in f"{error.what} {error.remedy}"
    assert error.remedy


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("version: 3.1.0", "version: 3.1", "configuration.wrong-type", 2, 10),
        ("version: 3.1.0", "version: a\nextends: [b]", "policy.unread", 3, 1),
        ("false_allow: 0.05", "false_allow: 0.5", "configuration.invalid-value", 3, 23),
        ("false_allow: 0.05", "false_allow: 0", "configuration.invalid-value", 3, 23),
        ("max_excluded: 0.02", "max_excluded: 1", "configuration.invalid-value", 18, 15),
        ("mode: warn", "mode: warning", "configuration.invalid-value", 17, 7),
        ("mode: warn", "mood: warn", "configuration.unknown-key", 17, 1),
        ("{role: approver}]", "{role: approver}]\n  critical: []", "policy.laxer-tier", 17, 13),
        ("role: approver", "rôle: approver", "configuration.unknown-key", 16, 30),
    ],
)
def test_each_field_refused_has_a_code_and_a_place(
    old: str, new: str, code: str, *, line: int, column: int, checks: Catalogue
) -> None:
    """Fields of the policy itself are as strict as those of its rules."""
    error = refusal(GOOD.replace(old, new), checks)
    assert (error.code, error.where) == (code, Span("p.yaml", line, column))


@pytest.mark.parametrize("text", ["requirements: {}", "requirements:\n  {}"])
def test_a_policy_that_asks_for_nothing_does_not_load(text: str, checks: Catalogue) -> None:
    """No requirements would allow everything."""
    error = refusal(f"policy: p\nversion: v1\n{text}\n", checks)
    assert (error.code, error.where) == ("policy.no-requirements", Span("p.yaml", 3, 1))


def test_a_requirement_may_be_named_like_a_field(checks: Catalogue) -> None:
    """Errors inside it still name its own keys."""
    text = "policy: p\nversion: v1\nrequirements:\n  errors: {chek: data.rows, at_least: 3}\n"
    error = refusal(text, checks)
    assert "Did you mean 'check'?" in error.remedy


def test_facts_may_have_the_ends_of_a_range_as_bars(checks: Catalogue) -> None:
    """What is counted can be zero; only what is estimated cannot be shown to be."""
    rule = load(one("check: data.missing_values, at_most: 0"), checks).requirements[0]
    assert rule.bar is not None
    assert rule.bar.by_tier == {Tier.LOW: Decimal(0)}


MANIFEST = """\
assay: 1
system: {id: s, purpose: p, owner: o, tier: low}
version: {kind: binary-classifier, model: m}
data:
  evaluation:
    path: d.csv
    label: y
    score: p
    decision: {favourable_when: ">", threshold: 0.5}
    protected: [sex]
    unit: person
policy: p.yaml
"""


@pytest.mark.parametrize(
    ("check", "column", "says"),
    [
        ("check: data.smallest_group, at_least: 3, with: {by: [sxe]}", 60, "mean 'sex'"),
        (
            "check: data.smallest_group, at_least: 3, with: {by: [person]}",
            60,
            "Declared there: sex",
        ),
        (
            "check: data.missing_values, at_most: 0, with: {columns: [p, z]}",
            67,
            "y, p, sex, person",
        ),
    ],
)
def test_columns_must_be_declared_in_the_manifest(
    check: str, column: int, says: str, checks: Catalogue
) -> None:
    """A misspelt column is found before any data are read."""
    manifest = parse_manifest(
        Written(file="assay.yaml", source=MANIFEST.encode()), folder=Path("/nowhere")
    )
    written = Written(file="p.yaml", source=one(check).encode())
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(written, checks, data=manifest.evaluation)
    assert (caught.value.code, caught.value.where) == (
        "policy.unknown-column",
        Span("p.yaml", 4, column),
    )
    assert says in caught.value.remedy
    assert parse_policy(written, checks).requirements


def test_problems_of_different_kinds_are_told_at_once(checks: Catalogue) -> None:
    """An unknown check does not hide a bar that another requirement has wrong."""
    text = one("check: no.such") + "  b: {check: data.rows, at_most: 3}\n"
    error = refusal(text, checks)
    assert isinstance(error, Problems)
    assert [problem.code for problem in error.problems] == [
        "policy.unknown-check",
        "policy.unusable-bar",
    ]
