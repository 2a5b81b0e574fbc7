"""The gate's report in the formats of CI systems, for the situations that people meet."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from jsonschema import Draft4Validator, Draft202012Validator
from tests.golden.situations import SITUATIONS, report

from assay.documents.gate import GateReport
from assay.documents.gate_github import ANNOTATIONS_MAX, render_github
from assay.documents.gate_gitlab import render_gitlab
from assay.documents.gate_junit import render_junit
from assay.documents.gate_sarif import render_sarif
from assay.documents.gate_tap import render_tap
from assay.policy.policy import Outcome

VECTORS = Path(__file__).parents[1] / "vectors" / "data"


def sarif(shown: GateReport) -> str:
    return render_sarif(shown, tool_version="0.1.0")


FORMATS: dict[str, Callable[[GateReport], str]] = {
    "sarif": sarif,
    "junit.xml": render_junit,
    "tap": render_tap,
    "github": render_github,
    "gitlab.json": render_gitlab,
}

every_situation = pytest.mark.parametrize("situation", SITUATIONS)


@every_situation
@pytest.mark.parametrize("suffix", FORMATS)
def test_report(situation: str, suffix: str, golden):
    """The report of each situation reads as it did when a person last reviewed it."""
    golden(f"reports/{situation}.{suffix}", FORMATS[suffix](report(situation)))


@every_situation
def test_a_format_shows_an_obstacle_exactly_when_the_version_is_stopped(situation: str):
    """No format is silent about a version that is stopped, or cries over one that is not."""
    shown = report(situation)
    stopped = shown.decision.effective is not Outcome.ALLOW
    suite = ET.fromstring(render_junit(shown))
    assert (int(suite.attrib["failures"]) + int(suite.attrib["errors"]) > 0) is stopped
    assert bool(re.search(r"^not ok (?!.*# TODO)", render_tap(shown), re.MULTILINE)) is stopped
    assert bool(re.search(r"^::(error|warning) ", render_github(shown), re.MULTILINE)) is stopped
    severities = {issue["severity"] for issue in json.loads(render_gitlab(shown))}
    assert bool(severities & {"critical", "major"}) is stopped
    results = [
        item
        for item in json.loads(sarif(shown))["runs"][0]["results"]
        if "suppressions" not in item
    ]
    mute = {("fail", "note")} if not stopped else set[tuple[str, str]]()
    assert bool({(item["kind"], item["level"]) for item in results} - mute) is (
        stopped or situation == "allowed-not-demonstrated"
    )


SARIF = Draft4Validator(json.loads((VECTORS / "sarif" / "sarif-schema-2.1.0.json").read_text()))


@pytest.mark.parametrize("path", sorted(VECTORS.glob("sarif/*/*.sarif")), ids=lambda p: p.stem)
def test_the_sarif_schema_tells_right_from_wrong(path: Path):
    """The validator that the reports pass refuses what is not SARIF."""
    errors = list(SARIF.iter_errors(json.loads(path.read_text())))
    assert (errors == []) is (path.parent.name == "valid")


@every_situation
def test_sarif_keeps_the_standards_schema_and_prose(situation: str):
    """It is valid, and what the specification says beside its schema holds too."""
    log = json.loads(sarif(report(situation)))
    assert list(SARIF.iter_errors(log)) == []
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert run["automationDetails"]["id"].endswith("/")
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["level"] == "none") is (result["kind"] != "fail")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert result["partialFingerprints"]


def test_sarif_points_at_the_policys_line():
    """A result stands where the policy asks for it, or at the policy where no line is known."""
    results = json.loads(sarif(report("denied")))["runs"][0]["results"]
    places = {item["ruleId"]: item["locations"][0]["physicalLocation"] for item in results}
    assert places["approval-gap"] == {
        "artifactLocation": {"uri": "policy/lending.yaml"},
        "region": {"startLine": 9, "startColumn": 3},
    }
    assert places["model-card"] == {"artifactLocation": {"uri": "policy/lending.yaml"}}


@every_situation
def test_junit_counts_what_it_contains(situation: str):
    """The totals equal the children, and nothing but the vector's elements occurs."""
    root = ET.fromstring(render_junit(report(situation)))
    example = ET.parse(VECTORS / "ci-surface" / "junit-gate.xml").getroot()
    assert {item.tag for item in root.iter()} <= {item.tag for item in example.iter()}
    for counted in (root, *root.findall("testsuite")):
        for total, path in (
            ("tests", ".//testcase"),
            ("failures", ".//failure"),
            ("errors", ".//error"),
            ("skipped", ".//skipped"),
        ):
            assert int(counted.attrib[total]) == len(counted.findall(path)), (total, situation)


@every_situation
def test_every_requirement_is_a_test(situation: str):
    """JUnit and TAP name each requirement once, whatever its verdict."""
    shown = report(situation)
    requirements = len(shown.decision.judgements)
    cases = ET.fromstring(render_junit(shown)).findall(".//testcase")
    asked = [item for item in cases if item.attrib["classname"] not in {"approval", "decision"}]
    assert len(asked) == requirements
    points = re.findall(r"^(?:not )?ok \d+ - (.*)", render_tap(shown), re.MULTILINE)
    assert len([text for text in points if not re.match("approval:|decision", text)]) == (
        requirements
    )


@every_situation
def test_tap_plans_what_it_runs(situation: str):
    """Points are numbered from one to the plan's end; each diagnosis is a YAML mapping."""
    lines = render_tap(report(situation)).splitlines()
    assert lines[0] == "TAP version 13"
    numbers = [int(found[1]) for line in lines if (found := re.match(r"(?:not )?ok (\d+) ", line))]
    assert lines[1] == f"1..{len(numbers)}"
    assert numbers == list(range(1, len(numbers) + 1))
    for block in re.findall(
        r"^  ---\n(.*?)^  \.\.\.\n", "\n".join([*lines, ""]), re.DOTALL | re.MULTILINE
    ):
        assert {"verdict", "check", "message"} <= set(yaml.safe_load(block))


@every_situation
@pytest.mark.skipif(shutil.which("prove") is None, reason="Perl's prove is not installed")
def test_a_harness_agrees_with_tap(situation: str, tmp_path: Path):
    """Perl's own harness reads it without complaint and counts a failure when one stops."""
    shown = report(situation)
    path = tmp_path / "report.tap"
    path.write_text(render_tap(shown), encoding="utf-8")
    done = subprocess.run(
        ["prove", "--exec", "cat", str(path)], capture_output=True, text=True, check=False
    )
    assert "Parse errors" not in done.stdout
    assert (done.returncode == 0) is (shown.decision.effective is Outcome.ALLOW), done.stdout


@every_situation
def test_github_gets_one_command_a_line(situation: str):
    """Each line is a whole command on a line of the policy, and there are at most ten."""
    lines = render_github(report(situation)).splitlines()
    assert len(lines) <= ANNOTATIONS_MAX
    levels = [line.split()[0] for line in lines]
    assert levels == sorted(levels, key=["::error", "::warning", "::notice"].index)
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) file=policy/lending\.yaml,\S.*::.+", line)


@every_situation
def test_gitlab_gets_issues_of_its_form(situation: str):
    """Each has what GitLab requires, under a fingerprint of its own."""
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": False,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32,64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "minLength": 1},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
    validator = Draft202012Validator(schema)
    example = json.loads((VECTORS / "ci-surface" / "gitlab-codequality.json").read_text())
    assert list(validator.iter_errors(example)) == []
    issues = json.loads(render_gitlab(report(situation)))
    assert list(validator.iter_errors(issues)) == []
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
