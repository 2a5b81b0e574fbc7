"""Policies that extend others: read, filled in, merged, refused where they loosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.adapters.loaders.extending import DEPTH_MAX, PolicyReader, layers_of
from assay.adapters.loaders.policy import merge_policy, parse_policy
from assay.adapters.plugins import Catalogue, find_checks
from assay.app.policies.texts import parse_policy_source, policy_source
from assay.app.ports import Written
from assay.documents.merged_policy import merged_json, render_merged
from assay.errors import ConfigurationError, Problems, Span
from assay.policy.cells import Source
from assay.policy.policy import Mode, Outcome, Policy
from assay.policy.tiers import Tier

HUB = """\
policy: hub
version: 1.0.0
mode: warn
errors: {false_allow: 0.05, false_deny: 0.05}
max_age: {low: 90d}
requirements:
  ranks-well:
    check: performance.roc_auc
    at_least: {low: 0.6, high: 0.7}
    insufficient: {medium: hold, critical: deny}
    owner: team:model-risk
  gap:
    check: fairness.selection_rate_difference
    with: {by: [sex], min_group_size: 50}
    at_most: 0.1
    when: tier >= MEDIUM
  plan: {check: monitoring.plan, requires: {high: true}}
  range: {check: calibration.intercept, at_most: 0.5, until: 2028-01-31}
  board:
    attest: The board was told.
    by: approver
    max_age: {low: 365d, high: 180d}
approvals:
  medium: [{role: validator}]
  high: [{role: validator}, {role: approver}]
"""

OWN = """\
policy: lending
version: 2.0.0
extends: [../hub/policy.yaml]
requirements: {}
"""


@pytest.fixture(scope="module")
def checks() -> Catalogue:
    return find_checks()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hub").mkdir()
    (tmp_path / "policy").mkdir()
    (tmp_path / "hub" / "policy.yaml").write_text(HUB)
    return tmp_path


def read(folder: Path, text: str, **others: str) -> Written:
    """A policy in the repository, and other files beside it by their names."""
    for name, other in others.items():
        (folder / "policy" / f"{name}.yaml").write_text(other)
    (folder / "policy" / "own.yaml").write_text(text)
    return PolicyReader(folder).read("policy/own.yaml")


def overlay(rules: str, top: str = "") -> str:
    """An overlay on the hub's policy."""
    text = OWN.replace("requirements: {}\n", f"requirements:\n{rules}" if rules else "")
    return text + top


def refusals(folder: Path, text: str, checks: Catalogue) -> tuple[ConfigurationError, ...]:
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(read(folder, text), checks)
    error = caught.value
    return error.problems if isinstance(error, Problems) else (error,)


def rules_of(policy: Policy):
    return {str(rule.id): rule for rule in policy.requirements}


def test_an_overlay_takes_over_what_it_leaves_out(folder: Path, checks: Catalogue):
    """Nothing but its name and version is its own; its defaults say nothing."""
    hub = parse_policy(PolicyReader(folder).read("hub/policy.yaml"), checks)
    own = parse_policy(read(folder, OWN), checks)
    assert (own.name, own.version, own.mode) == ("lending", "2.0.0", Mode.WARN)
    merged = merge_policy(PolicyReader(folder).read("hub/policy.yaml"), checks).policy
    assert own.requirements == merged.requirements
    assert own.digest != hub.digest
    assert merged.digest == hub.digest


def test_an_overlay_names_just_what_it_tightens(folder: Path, checks: Catalogue):
    """The rest of a requirement is the inherited one's; requirements of its own are added."""
    rules = (
        "  ranks-well: {at_least: {medium: 0.65, high: 0.75}, insufficient: {low: hold}}\n"
        "  gap: {at_most: {high: 0.05}, max_age: {high: 30d}, satisfies: ['nist-ai-rmf:MAP 4.1']}\n"
        "  plan: {requires: true}\n"
        "  board: {max_age: 30d}\n"
        "  enough: {check: data.rows, at_least: 100}\n"
    )
    asked = "[{role: approver}, {role: approver}, {role: validator}]"
    top = f"approvals: {{high: {asked}}}\nmode: enforce\n"
    policy = parse_policy(read(folder, overlay(rules, top)), checks)
    found = rules_of(policy)
    assert list(found) == ["ranks-well", "gap", "plan", "range", "board", "enough"]
    ranks, gap = found["ranks-well"], found["gap"]
    assert ranks.bar is not None
    assert {str(tier): str(limit) for tier, limit in ranks.bar.by_tier.items()} == {
        "low": "0.6",
        "medium": "0.65",
        "high": "0.75",
        "critical": "0.75",
    }
    assert ranks.insufficient_at(Tier.LOW) is Outcome.HOLD
    assert ranks.insufficient_at(Tier.CRITICAL) is Outcome.DENY
    assert ranks.owner == "team:model-risk"
    assert gap.parameters["by"] == ("sex",)
    assert gap.when == "tier >= MEDIUM"
    assert gap.satisfies == ("nist-ai-rmf:MAP 4.1",)
    assert found["plan"].required_from is Tier.LOW
    assert {age.days for age in found["board"].max_age.values()} == {30}
    assert sorted(item.role for item in policy.approvals[Tier.HIGH]) == [
        "approver",
        "approver",
        "validator",
    ]
    assert [item.role for item in policy.approvals[Tier.MEDIUM]] == ["validator"]
    assert policy.mode is Mode.ENFORCE


LOOSER = [
    ("  ranks-well: {at_least: {high: 0.65}}\n", "0.65", "0.7", "hub/policy.yaml:9:32"),
    ("  gap: {at_most: 0.2}\n", "0.2", "0.1", "hub/policy.yaml:15:14"),
    ("  ranks-well: {insufficient: {critical: hold}}\n", "hold", "deny", "hub/policy.yaml:10:44"),
    ("  ranks-well: {insufficient: {high: allow}}\n", "allow", "hold", "hub/policy.yaml:10:19"),
    ("  plan: {requires: {critical: true}}\n", "critical", "high", "hub/policy.yaml:17:44"),
    ("  gap: {effective_from: 2030-01-01}\n", "2030-01-01", "none", "hub/policy.yaml:12:3"),
    ("  gap: {until: 2030-01-01}\n", "2030-01-01", "none", "hub/policy.yaml:12:3"),
    ("  range: {until: 2027-12-31}\n", "2027-12-31", "2028-01-31", "hub/policy.yaml:18:62"),
    ("  board: {max_age: {high: 200d}}\n", "200d", "180d", "hub/policy.yaml:22:32"),
]


@pytest.mark.parametrize(("rules", "own", "inherited", "place"), LOOSER)
def test_text_that_loosens_is_refused_with_both_places(
    folder: Path, checks: Catalogue, rules: str, own: str, inherited: str, place: str
):
    """Where it stands, what it is laxer than, and where that stands."""
    [problem] = refusals(folder, overlay(rules), checks)
    assert problem.code == "policy.loosened"
    assert isinstance(problem.where, Span)
    assert (problem.where.file, problem.where.line) == ("policy/own.yaml", 5)
    assert f"is {own} here" in problem.what
    assert f"laxer than {inherited}, " in problem.what
    assert problem.what.endswith(f"at {place}.")
    assert "not given" not in problem.what
    assert "ask for a waiver of" in problem.remedy


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ("mode: observe\n", "`mode` is observe here, which is laxer than warn, at hub"),
        ("errors: {false_allow: 0.1}\n", "laxer than 0.05, at hub/policy.yaml:4:23"),
        ("errors: {false_deny: 0.01}\n", "laxer than 0.05, at hub/policy.yaml:4:41"),
        ("max_excluded: 0.5\n", "laxer than 0.01, by default at hub/policy.yaml:1:1"),
        ("max_age: {low: 100d}\n", "laxer than 90d, at hub/policy.yaml:5:16"),
        ("approvals: {high: [{role: approver}]}\n", "by 'validator', which hub/policy.yaml:25:9"),
    ],
)  # fmt: skip
def test_the_policy_as_a_whole_is_not_loosened_either(
    folder: Path, checks: Catalogue, top: str, said: str
):
    """Neither what the hub says, nor what it says by its defaults."""
    [problem] = refusals(folder, overlay("", top), checks)
    assert problem.code == "policy.loosened"
    assert said in problem.what


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("  gap: {with: {by: [age]}}\n", "`requirements.gap.with.by` is [age] here, and [sex] at"),
        ("  gap: {when: tier >= HIGH}\n", "`requirements.gap.when` is tier >= HIGH here"),
        ("  plan: {check: documents.model_card}\n", "and monitoring.plan at hub/policy.yaml:17"),
        ("  board: {attest: Something else., by: approver}\n", "is Something else. here"),
        (
            "  gap: {check: fairness.selection_rate_difference, at_most: 0.1}\n",
            "`requirements.gap.with.by` is",
        ),
    ],
)
def test_what_is_measured_is_not_changed(folder: Path, checks: Catalogue, rules: str, said: str):
    """A requirement that is restated is taken at its word, defaults included."""
    problems = refusals(folder, overlay(rules), checks)
    assert {problem.code for problem in problems} == {"policy.changed"}
    assert any(said in problem.what for problem in problems)


def test_a_requirement_to_take_over_must_be_there(folder: Path, checks: Catalogue):
    """A misspelt id is told apart from a new requirement, since it names no check."""
    [problem] = refusals(folder, overlay("  gapp: {at_most: 0.05}\n"), checks)
    assert problem.code == "policy.unknown-requirement"
    assert str(problem.where) == "policy/own.yaml:5:3"
    assert "Did you mean 'gap'?" in problem.remedy


def test_expressions_read_requirements_of_what_is_beneath(folder: Path, checks: Catalogue):
    """And a misspelt one is refused at its place in the overlay."""
    good = "  own: {expression: 'measurement.ranks_well.low > 0.5'}\n"
    assert "own" in rules_of(parse_policy(read(folder, overlay(good)), checks))
    [problem] = refusals(folder, overlay(good.replace("ranks_well", "ranks_ill")), checks)
    assert isinstance(problem.where, Span)
    assert (problem.where.file, problem.where.line) == ("policy/own.yaml", 5)


def test_a_ready_policy_is_extended_by_name(folder: Path, checks: Catalogue):
    """With those of files, in the order of the design: ready, hub, system."""
    (folder / "hub" / "policy.yaml").write_text(
        "policy: hub\nversion: '1'\nextends: [nyc-ll144]\nrequirements: {}\n"
    )
    written = read(folder, OWN)
    assert [item.file for item in layers_of(written)] == [
        "assay/catalogues/policies/nyc-ll144.yaml",
        "hub/policy.yaml",
        "policy/own.yaml",
    ]
    merged = merge_policy(written, checks)
    cell = merged.cells["requirements", "fair-impact-ratio-ll144", "at_least", "medium"]
    assert cell.where.file == "assay/catalogues/policies/nyc-ll144.yaml"


def test_a_diamond_is_merged_once(folder: Path, checks: Catalogue):
    """Two spaces extend the hub, and a system both: the stricter bar of each stands."""
    left = overlay("  gap: {at_most: 0.08}\n  ranks-well: {at_least: 0.7}\n")
    right = overlay("  gap: {at_most: 0.06}\n")
    own = "policy: own\nversion: '1'\nextends: [left.yaml, right.yaml]\n"
    written = read(folder, own, left=left, right=right)
    assert [item.file for item in layers_of(written)] == [
        "hub/policy.yaml",
        "policy/left.yaml",
        "policy/right.yaml",
        "policy/own.yaml",
    ]
    cells = merge_policy(written, checks).cells
    assert cells["requirements", "gap", "at_most", "low"].where.file == "policy/right.yaml"
    assert cells["requirements", "ranks-well", "at_least", "low"].where.file == "policy/left.yaml"
    assert cells["requirements", "ranks-well", "owner"].where.file == "hub/policy.yaml"


def test_of_two_that_are_apart_neither_loosens_the_other(folder: Path, checks: Catalogue):
    """Only text on top of another can loosen it; a condition gives way to always."""
    other = (
        "policy: other\nversion: '1'\nmode: observe\nrequirements:\n"
        "  gap: {check: fairness.selection_rate_difference, at_most: 0.2,"
        " with: {by: [sex], min_group_size: 50}}\n"
    )
    own = "policy: own\nversion: '1'\nextends: [../hub/policy.yaml, other.yaml]\n"
    policy = parse_policy(read(folder, own, other=other), checks)
    gap = rules_of(policy)["gap"]
    assert gap.bar is not None
    assert str(gap.bar.by_tier[Tier.LOW]) == "0.1"
    assert gap.when is None
    assert policy.mode is Mode.WARN


@pytest.mark.parametrize("names", [["own"], ["b", "own"], ["b", "c", "own"]])
def test_a_cycle_is_refused(folder: Path, names: list[str]):
    """At the name that closes it."""
    texts = {}
    for name, following in zip(["own", *names], names, strict=False):
        texts[name] = f"policy: p\nversion: '1'\nextends: [{following}.yaml]\n"
    with pytest.raises(ConfigurationError, match="extends itself") as caught:
        read(folder, texts.pop("own"), **texts)
    assert caught.value.code == "policy.cycle"
    assert str(caught.value.where).endswith(":3:11")


def test_a_long_chain_is_refused(folder: Path):
    """Before it is read to its end."""
    texts = {
        f"p{number}": f"policy: p\nversion: '1'\nextends: [p{number + 1}.yaml]\n"
        for number in range(DEPTH_MAX + 1)
    }
    with pytest.raises(ConfigurationError) as caught:
        read(folder, "policy: p\nversion: '1'\nextends: [p0.yaml]\n", **texts)
    assert caught.value.code == "policy.too-deep"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../elsewhere.yaml", "path.outside"),
        ("missing.yaml", "file.missing"),
        ("nyc-144", "policy.unknown-ready"),
        ("../policies/nyc-ll144", "policy.unknown-ready"),
    ],
)
def test_what_is_extended_must_be_there(folder: Path, name: str, code: str):
    """In the repository or by the name of a ready policy, and refused at its place."""
    (folder.parent / "elsewhere.yaml").write_text(HUB)
    with pytest.raises(ConfigurationError) as caught:
        read(folder, OWN.replace("../hub/policy.yaml", name))
    assert caught.value.code == code
    assert str(caught.value.where) == "policy/own.yaml:3:11"


def test_a_root_of_the_settings_may_hold_what_is_extended(folder: Path, checks: Catalogue):
    """A hub's policies lie beside many repositories."""
    outside = folder.parent / f"{folder.name}-hub"
    outside.mkdir()
    (outside / "policy.yaml").write_text(HUB)
    (folder / "own.yaml").write_text(OWN.replace("../hub/policy.yaml", f"{outside}/policy.yaml"))
    written = PolicyReader(folder, roots=[outside]).read("own.yaml")
    assert rules_of(parse_policy(written, checks))


def test_files_that_the_settings_name_lie_beneath_the_manifests(folder: Path, checks: Catalogue):
    """Hub, space and system in order, though the system's text extends neither."""
    (folder / "policy" / "space.yaml").write_text(
        overlay("  gap: {at_most: 0.08}\n").replace("extends: [../hub/policy.yaml]\n", "")
    )
    (folder / "policy" / "own.yaml").write_text(
        "policy: own\nversion: '1'\nrequirements:\n  gap: {at_most: 0.09}\n"
    )
    named = ["hub/policy.yaml", "policy/space.yaml", "policy/own.yaml"]
    written = PolicyReader(folder).layered([(file, None) for file in named])
    assert [item.file for item in layers_of(written)] == named
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(written, checks)
    assert "0.09 here, which is laxer than 0.08, at policy/space.yaml" in str(caught.value)


def test_a_text_without_what_it_extends_is_refused(checks: Catalogue):
    """Read alone, it would ask for less than it says."""
    text = HUB.replace("mode: warn", "extends: [nyc-ll144]")
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(Written(file="own.yaml", source=text.encode()), checks)
    assert caught.value.code == "policy.unread"


def test_the_merged_policy_is_printed_as_one_that_loads(folder: Path, checks: Catalogue):
    """To the same digest, with or without origins; every value names the text that gave it."""
    rules = "  gap: {at_most: {high: 0.05}, rationale: 'Said: so, twice.'}\n"
    merged = merge_policy(read(folder, overlay(rules)), checks)
    layers = ["hub/policy.yaml", "policy/own.yaml"]
    for origins in (False, True):
        text = render_merged(merged, layers, origins=origins)
        again = parse_policy(Written(file="merged.yaml", source=text.encode()), checks)
        assert again.digest == merged.policy.digest
        assert ("# policy/own.yaml:5:25" in text) is origins
    text = render_merged(merged, layers, origins=True)
    lines = {line.partition("#")[0].strip(): line.partition("# ")[2] for line in text.splitlines()}
    assert lines["mode: warn"] == "hub/policy.yaml:3:7"
    assert lines["max_excluded: 0.01"] == "default, at hub/policy.yaml:1:1"
    assert lines["high: 0.05"] == "policy/own.yaml:5:25"
    assert lines["check: performance.roc_auc"] == "hub/policy.yaml:8:12"
    defaults = [line for line in text.splitlines() if line.startswith("#     ")]
    assert any("intersections: false" in line and "default, at hub" in line for line in defaults)
    assert any("medium: hold" in line and "default, at hub" in line for line in defaults)


def test_waivers_are_not_made_longer(folder: Path, checks: Catalogue):
    """Shorter ones are, at the tiers named; who grants them is for the hub to say."""
    (folder / "hub" / "policy.yaml").write_text(
        f"{HUB}waivers: {{longest: {{medium: 60d}}, granted_by: {{low: risk}}}}\n"
    )
    merged = merge_policy(read(folder, overlay("", "waivers: {longest: {high: 30d}}\n")), checks)
    rules = merged.policy.waivers
    assert {str(tier): age.days for tier, age in rules.longest.items()} == {
        "medium": 60,
        "high": 30,
    }
    assert rules.granted_by == {Tier.LOW: "risk"}
    text = render_merged(merged, ["hub", "own"], origins=False)
    again = parse_policy(Written(file="merged.yaml", source=text.encode()), checks)
    assert again.digest == merged.policy.digest
    problems = refusals(
        folder,
        overlay("", "waivers: {longest: {high: 90d}, granted_by: {low: team}, renewals: 2}\n"),
        checks,
    )
    assert [problem.code for problem in problems] == [
        "policy.loosened",
        "policy.changed",
        "policy.loosened",
    ]
    assert "is 90d here, which is laxer than 60d" in problems[0].what
    assert "is team here, and risk at hub/policy.yaml:26:53" in problems[1].what


def test_its_json_has_every_value_with_its_origin(folder: Path, checks: Catalogue):
    """Another program finds file, line and column, and whether the text says just that."""
    merged = merge_policy(read(folder, overlay("  gap: {at_most: {high: 0.05}}\n")), checks)
    document = json.loads(merged_json(merged, ["hub/policy.yaml", "policy/own.yaml"]))
    assert document["digest"] == merged.policy.digest
    found = {".".join(item["path"]): item for item in document["values"]}
    assert found["requirements.gap.at_most.critical"] == {
        "path": ["requirements", "gap", "at_most", "critical"],
        "value": "0.05",
        "origin": {"source": "implied", "file": "policy/own.yaml", "line": 5, "column": 25},
    }
    assert len(found) == len(merged.cells)
    assert all(cell.source in Source for cell in merged.cells.values())


def test_texts_are_recorded_with_all_that_is_beneath(folder: Path, checks: Catalogue):
    """Each once; what is read from the record means the same without any file."""
    left, right = overlay("  gap: {at_most: 0.08}\n"), overlay("  gap: {at_most: 0.06}\n")
    own = "policy: own\nversion: '1'\nextends: [left.yaml, right.yaml, nyc-ll144]\n"
    written = read(folder, own, left=left, right=right)
    recorded = policy_source(written)
    assert recorded.count(b'"file":"hub/policy.yaml"') == 1
    again = parse_policy_source(recorded)
    assert again == written
    assert parse_policy(again, checks, recorded=True) == parse_policy(written, checks)
    assert policy_source(again) == recorded


def test_a_text_alone_is_recorded_as_ever():
    """The bytes of old records do not change, and they are read."""
    alone = Written(file="policy.yaml", source=b"policy: p\n")
    assert policy_source(alone) == b'{"file":"policy.yaml","text":"policy: p\\n"}'
    assert parse_policy_source(policy_source(alone)) == alone


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b'{"file":"a"}',
        b'{"file":"a","text":1}',
        b'{"beneath":["b"],"file":"a","text":""}',
        b'{"file":"a","layers":{},"text":""}',
        b'{"file":"a","layers":[{"text":""}],"text":""}',
        b'{"beneath":[[]],"file":"a","text":""}',
    ],
)
def test_a_record_that_is_none_is_refused(data: bytes):
    """Whatever it holds instead."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        parse_policy_source(data)
