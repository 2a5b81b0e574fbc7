"""`assay policy lint` and `diff`: what they print, in every format, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from tests.packed import repository

from assay.adapters.loaders.intake import render_answers
from assay.adapters.loaders.questionnaires import extended, load_questionnaire
from assay.app.ports import Written
from assay.bootstrap import backtesting
from assay.cli import exits
from assay.cli.run import run
from assay.policy.conditions import QuestionId

Assay = Callable[..., tuple[int, str, str]]

VECTORS = Path(__file__).parents[2] / "vectors" / "data"

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: {low: 0.60, high: 0.99}}
  gap:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.04
  gap-again:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.1
"""


@pytest.fixture
def assay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Assay:
    """Run a command in a folder with a policy; the exit code, and what it prints."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")

    def command(*words: str) -> tuple[int, str, str]:
        code = run(["policy", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_lint_names_place_code_and_remedy(assay: Assay):
    """A finding has a place, a severity, a code, what is wrong and what to do; exit 1."""
    code, out, _ = assay("lint", "policy.yaml")
    assert code == exits.DENIED
    assert out.startswith("policy.yaml:9:3  warning  lint.shadowed\n  'gap-again' can never matter")
    assert "Delete it, or make it the stricter one somewhere." in out
    assert "0 errors, 1 warning (no sample size is known: state one with --rows)." in out


def test_lint_holds_bars_against_a_sample_size(assay: Assay):
    """With --rows it says which bars such a sample can never show, and how many rows could."""
    code, out, _ = assay("lint", "policy.yaml", "--rows", "100")
    assert code == exits.DENIED
    assert "policy.yaml:4:72  error  lint.undemonstrable" in out
    assert "policy.yaml:8:14  error  lint.undemonstrable" in out
    assert "at least about" in out


def test_lint_is_content_with_a_sound_policy(assay: Assay):
    """Exit 0 when nothing is found."""
    Path("policy.yaml").write_text(POLICY[: POLICY.index("  gap-again")], encoding="utf-8")
    code, out, _ = assay("lint", "policy.yaml", "--rows", "10000")
    assert (code, out) == (exits.OK, "policy.yaml: 0 errors, 0 warnings (for 10,000 rows).\n")


def test_lint_tells_what_keeps_a_policy_from_loading(assay: Assay):
    """Errors of loading are findings, each with its place and the near match."""
    Path("policy.yaml").write_text(POLICY.replace("at_most: 0.1", "at_mots: 0.1"), encoding="utf-8")
    code, out, _ = assay("lint", "policy.yaml")
    assert code == exits.DENIED
    assert out.startswith("policy.yaml:12:5  error  configuration.unknown-key\n")
    assert "Did you mean 'at_most'?" in out


def test_lint_of_a_file_that_is_not_there(assay: Assay):
    """Nothing to lint is misuse, not a finding."""
    code, _, err = assay("lint", "nothing.yaml")
    assert code == exits.USAGE
    assert err.startswith("file.missing")


def test_lint_as_json_and_sarif(assay: Assay):
    """Programs get the same; SARIF keeps its schema and places results in the file."""
    found = json.loads(assay("lint", "policy.yaml", "--json")[1])
    assert found["schema"] == "assay.policy-lint/1"
    (finding,) = found["policies"][0]["findings"]
    assert (finding["code"], finding["line"], finding["requirement"]) == (
        "lint.shadowed",
        9,
        "gap-again",
    )
    log = json.loads(assay("lint", "policy.yaml", "--format", "sarif")[1])
    schema = json.loads((VECTORS / "sarif" / "sarif-schema-2.1.0.json").read_text())
    Draft4Validator(schema).validate(log)
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 9


def test_diff_says_which_way(assay: Assay):
    """A line for each change, which way it goes, and how many of each kind there are."""
    Path("new.yaml").write_text(POLICY.replace("high: 0.99", "high: 0.70"), encoding="utf-8")
    code, out, _ = assay("diff", "policy.yaml", "new.yaml")
    assert code == exits.OK
    assert out.splitlines() == [
        "lending@1.0.0 → lending@1.0.0",
        "▼ Requirement 'ranks-well', tiers high, critical: `at_least` 0.99 → 0.7 (laxer).",
        "1 change: 1 laxer.",
    ]
    found = json.loads(assay("diff", "policy.yaml", "new.yaml", "--json")[1])
    (item,) = found["differences"]
    assert (item["way"], item["field"], item["tiers"]) == (
        "laxer",
        "at_least",
        ["high", "critical"],
    )
    assert (
        "- Requirement 'ranks-well'"
        in assay("diff", "policy.yaml", "new.yaml", "-f", "markdown")[1]
    )


def test_diff_of_the_same_policy(assay: Assay):
    """No change is said to be none."""
    assert assay("diff", "policy.yaml", "policy.yaml")[1].endswith("The two say the same.\n")


TESTS = """\
policy: policy.yaml
given: {tier: high, at: 2026-03-01}
cases:
  good:
    given:
      measurements: {ranks-well: {value: 0.995, low: 0.991, high: 0.999}}
      counts:
        confusion:
          - {groups: {sex: female}, true_positives: 40, true_negatives: 360}
          - {groups: {sex: male}, true_positives: 40, true_negatives: 360}
    expect: {decision: allow, requirements: {ranks-well: pass, gap: pass, gap-again: pass}}
  too-few:
    given:
      measurements: {ranks-well: missing}
      counts:
        confusion:
          - {groups: {sex: female}, true_positives: 4, true_negatives: 36}
          - {groups: {sex: male}, true_positives: 4, true_negatives: 36}
    expect: {decision: hold, requirements: {ranks-well: missing, gap: insufficient}}
"""


def test_test_runs_cases_through_the_gate(assay: Assay):
    """Cases with bounds and with counts are judged; coverage and mutation are told; exit 0."""
    Path("tests.yaml").write_text(TESTS, encoding="utf-8")
    code, out, err = assay("test", "tests.yaml")
    assert (code, err) == (exits.OK, "")
    assert "2 cases: 2 hold, 0 do not." in out
    assert "Coverage: 3 of 12 pairs of requirement and tier." in out
    assert "  ranks-well: no case at low, medium, critical" in out
    assert (
        "policy.yaml:4:60  ranks-well: no case notices `at_least` at tier low: 0.60 → 0.54" in out
    )
    assert "gap: no case notices the requirement left out" not in out


def test_test_can_demand_that_nothing_is_left_out(assay: Assay):
    """With --complete, what is not covered or not noticed fails too."""
    Path("tests.yaml").write_text(TESTS, encoding="utf-8")
    assert assay("test", "tests.yaml", "--complete")[0] == exits.DENIED


def test_test_names_a_disappointed_expectation(assay: Assay):
    """A case that does not hold is told with its place, in every format; exit 1."""
    text = TESTS.replace("gap: insufficient", "gap: fail")
    Path("tests.yaml").write_text(text, encoding="utf-8")
    code, out, _ = assay("test", "tests.yaml")
    assert code == exits.DENIED
    told = "gap: expected fail, found insufficient. (tests.yaml:19:71)"
    assert f"  ✗ too-few\n      {told}\n" in out
    junit = assay("test", "tests.yaml", "--format", "junit")[1]
    assert f'failure message="{told}"' in junit
    assert "not ok 2 - too-few" in assay("test", "tests.yaml", "--format", "tap")[1]
    found = json.loads(assay("test", "tests.yaml", "--json")[1])
    assert found["suites"][0]["cases"][1]["mismatches"][0]["line"] == 19


def test_test_takes_groups_that_a_case_does_not_tell_as_missing(assay: Assay):
    """Counts without the groups that a requirement asks for say nothing of it."""
    text = TESTS[: TESTS.index("  too-few")].replace("{sex:", "{region:")
    text = text.replace("decision: allow", "decision: hold").replace("gap: pass", "gap: missing")
    Path("tests.yaml").write_text(text.replace("again: pass", "again: missing"), encoding="utf-8")
    code, out, err = assay("test", "tests.yaml")
    assert (code, err) == (exits.OK, ""), out


def test_test_without_tests(assay: Assay):
    """Nothing to run is misuse: it must not look like success."""
    code, _, err = assay("test")
    assert code == exits.USAGE
    assert err.startswith("policy-test.none")


@pytest.fixture
def gated(assay: Assay, capsys: pytest.CaptureFixture[str]) -> Assay:
    """The same in a model's repository whose version has been through the gate."""
    repository(Path())
    assert run(["gate", "--as", "ada"]) == exits.HELD
    capsys.readouterr()
    Path("candidate.yaml").write_text(
        Path("policy.yaml").read_text().replace("0.60", "0.95"), encoding="utf-8"
    )
    return assay


def test_backtest_says_who_would_be_denied(gated: Assay):
    """A candidate is tried on what is recorded; exit 1 where someone would newly be denied."""
    code, out, _ = gated("backtest", "candidate.yaml")
    assert code == exits.DENIED
    assert "  tier high: 1 version newly denied (before: allow)" in out
    assert "  ranks-well: newly failing in 1 version" in out
    found = json.loads(gated("backtest", "candidate.yaml", "--json")[1])
    assert found["outcomes"] == [
        {"tier": "high", "before": "allow", "after": "deny", "versions": 1}
    ]
    markdown = gated("backtest", "candidate.yaml", "--format", "markdown")[1]
    assert "| high | allow | deny | 1 |" in markdown
    assert gated("backtest", "policy.yaml")[0] == exits.OK


def test_backtest_of_packs(gated: Assay, capsys: pytest.CaptureFixture[str]):
    """Auditors' packs are enough, and answer the same."""
    assert run(["pack", "1.0.0", "--output", "a.zip"]) == exits.OK
    capsys.readouterr()
    code, out, _ = gated("backtest", "candidate.yaml", "--pack", "a.zip")
    assert (code, out) == (exits.DENIED, gated("backtest", "candidate.yaml")[1])


def test_backtest_as_of_another_time(gated: Assay):
    """A requirement that begins later is not asked now, and is then."""
    text = Path("candidate.yaml").read_text().replace("0.95}", "0.95, effective_from: 2099-01-01}")
    Path("candidate.yaml").write_text(text, encoding="utf-8")
    assert gated("backtest", "candidate.yaml")[0] == exits.OK
    assert gated("backtest", "candidate.yaml", "--at", "2099-01-01")[0] == exits.DENIED
    code, _, err = gated("backtest", "candidate.yaml", "--at", "soon")
    assert (code, err.split()[0]) == (exits.USAGE, "usage.unusable-time")


def test_two_processes_say_what_one_does(
    gated: Assay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """However many processes judge, the report is the same."""
    Path("model.json").write_text("{}", encoding="utf-8")
    assert run(["gate", "--as", "ada"]) == exits.HELD
    capsys.readouterr()
    one = gated("backtest", "candidate.yaml", "--processes", "1")
    assert "2 versions newly denied" in one[1]
    monkeypatch.setattr(backtesting, "BATCH", 1)
    assert gated("backtest", "candidate.yaml", "--processes", "2") == one


def test_backtest_without_a_workspace(assay: Assay):
    """There must be something to judge."""
    assert assay("backtest", "policy.yaml")[0] == exits.ENVIRONMENT


def test_diff_against_the_policy_that_judged(gated: Assay):
    """The policy that judged is named by the first digits of its digest."""
    used = json.loads(gated("backtest", "policy.yaml", "--json")[1])["digest"]
    code, out, _ = gated("diff", used[:12], "candidate.yaml")
    assert (code, "`at_least` 0.6 → 0.95 (stricter)." in out) == (exits.OK, True)
    code, _, err = gated("diff", "0000000", "candidate.yaml")
    assert code == exits.DENIED
    assert f"{used[:12]} (lending@1.0.0)" in err


def test_lint_takes_the_sample_size_of_the_last_evaluation(gated: Assay):
    """Where an evaluation is recorded, its rows are what bars must be shown on."""
    assert "(for 900 rows)." in gated("lint")[1]


def test_lint_evaluates_conditions_that_read_only_the_tier(assay: Assay):
    """A condition that is false at every tier never applies; one that depends says nothing."""
    text = POLICY[: POLICY.index("  gap:")]
    text += "  never: {check: monitoring.plan, when: tier > CRITICAL}\n"
    text += "  sometimes: {check: documents.model_card, when: tier >= HIGH}\n"
    text += "  depends: {check: data.rows, at_least: 10, when: evidence.rows > 5}\n"
    Path("policy.yaml").write_text(text, encoding="utf-8")
    code, out, _ = assay("lint", "policy.yaml")
    assert code == exits.DENIED
    assert out.startswith("policy.yaml:5:3  error  lint.never-applies\n")
    assert "1 error, 0 warnings" in out


def test_test_reads_conditions_expressions_attestations_waivers_and_ages(assay: Assay):
    """Whatever the language can say, a case can give: each requirement is judged as it would be."""
    Path("policy.yaml").write_text(
        """\
policy: lending
version: 1.0.0
max_age: 30d
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
  abroad: {check: data.rows, at_least: 500, when: 'system.id == "abroad"'}
  big: {check: data.rows, at_least: 10, when: evidence.rows > 50}
  sensible: {expression: measurement.ranks_well.low > 0.55}
  oversight: {attest: A person can stop it, by: validator}
  later: {check: documents.model_card, effective_from: 2026-08-02}
  excused: {check: monitoring.plan}
""",
        encoding="utf-8",
    )
    Path("tests.yaml").write_text(
        """\
policy: policy.yaml
given:
  tier: low
  at: 2026-03-01
  data: {system.id: home}
  measurements: {ranks-well: {value: 0.7, low: 0.65, high: 0.75}, excused: false}
  counts: {confusion: [{true_positives: 60, true_negatives: 40}]}
  attestations: [oversight]
  waivers: [{requirement: excused, expires: 2026-06-30}]
cases:
  now:
    expect:
      decision: allow
      requirements:
        ranks-well: pass
        abroad: not_applicable
        big: pass
        sensible: pass
        oversight: pass
        later: not_applicable
        excused: waived
  then:
    given: {at: 2026-09-01, measured: 2026-08-31, data: {system.id: abroad}, attestations: []}
    expect:
      requirements: {abroad: fail, oversight: missing, later: missing, excused: fail}
  stale:
    given: {at: 2026-03-01, measured: 2026-01-01}
    expect: {decision: hold, requirements: {ranks-well: missing, big: missing}}
""",
        encoding="utf-8",
    )
    code, out, err = assay("test", "tests.yaml")
    assert (code, err) == (exits.OK, ""), out
    assert "3 cases: 3 hold" in out


QUESTIONS = """\
questionnaire: bank
version: 1.0.0
items:
  - id: q_vulnerable
    title: Are customers in financial difficulty among those who are decided about?
    text: Hardship programmes, arrears, debt advice.
    type: choice
    options: [yes, no]
    default: no
"""

ASKING = """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
  many: {check: data.rows, at_least: 1000, when: 'answers.q_vulnerable == "yes"'}
"""

ASKING_TESTS = """\
policy: policy.yaml
given: {tier: low, at: 2026-03-01, measurements: {many: 5}}
cases:
  asked: {given: {data: {answers.q_vulnerable: "yes"}}, expect: {requirements: {many: fail}}}
  spared:
    given: {data: {answers.q_vulnerable: "no"}}
    expect: {requirements: {many: not_applicable}}
"""


def test_all_tools_know_the_questions_of_the_systems_intake(
    assay: Assay, capsys: pytest.CaptureFixture[str]
):
    """A policy may ask what an organisation asks of its own accord, and no tool is surprised.

    Without the manifest that names the questions, they are unknown.
    """
    repository(Path(), policy=ASKING)
    Path("tests.yaml").write_text(ASKING_TESTS, encoding="utf-8")
    refused = assay("lint", "policy.yaml")
    assert refused[0] == exits.DENIED
    assert "q_vulnerable" in refused[1]

    questions = Written(file="questions.yaml", source=QUESTIONS.encode())
    questionnaire = extended(load_questionnaire(), questions)
    answers = questionnaire.completed({QuestionId("q_vulnerable"): frozenset({"yes"})})
    Path("questions.yaml").write_text(QUESTIONS, encoding="utf-8")
    Path("intake.yaml").write_text(render_answers(questionnaire, answers), encoding="utf-8")
    manifest = Path("assay.yaml").read_text(encoding="utf-8")
    asked = "intake: intake.yaml, questionnaire: questions.yaml"
    Path("assay.yaml").write_text(manifest.replace("tier: high", asked), encoding="utf-8")

    assert run(["gate", "--as", "ada"]) == exits.DENIED
    capsys.readouterr()
    assert assay("lint", "policy.yaml")[0] == exits.OK
    assert assay("lint")[0] == exits.OK
    code, out, _ = assay("test", "tests.yaml")
    assert (code, "2 cases" in out) == (exits.OK, True), out
    assert assay("show", "policy.yaml")[0] == exits.OK
    assert assay("diff", "policy.yaml")[0] == exits.OK
    Path("candidate.yaml").write_text(ASKING.replace('"yes"', '"no"'), encoding="utf-8")
    code, out, _ = assay("backtest", "candidate.yaml")
    assert (code, "many fail → not_applicable" in out) == (exits.OK, True), out
