"""GitHub's annotations: escaped as it wants them, never more than it shows."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.golden.situations import report

from assay.documents.gate import GateReport
from assay.documents.gate_github import ANNOTATIONS_MAX, command, render_github
from assay.policy.policy import Mode, RequirementId

CASES = json.loads(
    (Path(__file__).parents[2] / "vectors/data/ci-surface/github-commands.json").read_text()
)


@pytest.mark.parametrize("case", CASES)
def test_commands_are_escaped_as_github_reads_them(case: dict[str, Any]):
    """Each case of the vectors gives exactly its line."""
    given = {name: value for name, value in case.items() if name != "expect"}
    assert command(given.pop("level"), given.pop("message"), **given) == case["expect"]


def with_failures(number: int) -> GateReport:
    """A denied report in which that many requirements fail."""
    denied = report("denied")
    failed = next(item for item in denied.decision.judgements if item.effect.value == "deny")
    many = tuple(
        replace(failed, requirement=replace(failed.requirement, id=RequirementId(f"rule-{n}")))
        for n in range(number)
    )
    return replace(denied, decision=replace(denied.decision, judgements=many))


@pytest.mark.parametrize(("failures", "rest"), [(9, None), (10, None), (11, 2), (40, 31)])
def test_what_does_not_fit_is_counted(failures: int, rest: int | None):
    """Beyond ten, the last annotation says how many more there are, instead of silence."""
    lines = render_github(with_failures(failures)).splitlines()
    assert len(lines) == min(failures, ANNOTATIONS_MAX)
    counted = f"{failures} requirements of {failures} stop the release. {rest} further items"
    assert (counted in lines[-1]) is (rest is not None)


@pytest.mark.parametrize(
    ("mode", "level"), [(Mode.ENFORCE, "error"), (Mode.WARN, "warning"), (Mode.OBSERVE, "notice")]
)
def test_a_mode_that_stops_nothing_shows_no_error(mode: Mode, level: str):
    """The level is never louder than what the policy's mode does."""
    shown = with_failures(40)
    shown = replace(shown, decision=replace(shown.decision, mode=mode))
    levels = {line.split()[0] for line in render_github(shown).splitlines()}
    assert levels == {f"::{level}"}


def test_paths_begin_at_the_repositorys_top():
    """A manifest in a folder of its own has its policy's path from the top."""
    line = render_github(report("denied"), folder="models/credit/").splitlines()[0]
    assert "file=models/credit/policy/lending.yaml,line=9" in line
