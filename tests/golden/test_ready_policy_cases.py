"""The ready policies decide as their cases say, and the cases notice what is changed in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assay.adapters.loaders.extending import read_ready, ready_names
from assay.adapters.loaders.files import read_written
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.policy_tests import check_names, parse_suite
from assay.adapters.plugins import find_checks
from assay.bootstrap.policy_tools import run_policy_tests
from assay.errors import ConfigurationError
from assay.policy.mutation import Mutant
from assay.policy.tiers import Tier, at_tier

CASES = Path(__file__).parents[1] / "ready"
LARGE = {"baseline", "eu-ai-act/high-risk", "nist-ai-rmf", "sr-26-2", "llm-application"}


def file_of(name: str) -> Path:
    return CASES / f"{name}.yaml"


def test_each_ready_policy_has_cases():
    """And no file of cases is for a policy that is not shipped."""
    found = {path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yaml")}
    assert found == set(ready_names())


@pytest.mark.parametrize("name", ready_names())
def test_a_requirement_that_is_taken_out_makes_the_cases_fail(name: str):
    """Any one of them: the cases speak of it, and then of something that is not there."""
    suite = parse_suite(read_written(file_of(name), file=str(file_of(name))))
    policy = parse_policy(read_ready(name), find_checks())
    check_names(suite, policy)
    for rule in policy.requirements:
        others = tuple(item for item in policy.requirements if item is not rule)
        with pytest.raises(ConfigurationError, match=rule.id):
            check_names(suite, replace(policy, requirements=others))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in ready_names()],
)
def test_every_case_holds_and_every_change_is_noticed(name: str):
    """Each threshold that moves, each age, day, approval or requirement that is loosened."""
    report = run_policy_tests([file_of(name)], Path("no-manifest.yaml"), step=None)
    failed = [result for suite in report.suites for result in suite.results if not result.holds]
    assert not failed
    covered, asked = report.coverage.pairs
    assert covered == asked
    assert [item.change for item in report.unnoticed if not changes_nothing(item)] == []


def changes_nothing(mutant: Mutant) -> bool:
    """A tier left out that asks what the next lower one does; or errors, which cases assume met."""
    if mutant.requirement is None:
        return "`errors.false_allow`" in mutant.change
    [rule] = [item for item in mutant.policy.requirements if item.id == mutant.requirement]
    if rule.bar is None or "left out" not in mutant.change:
        return False
    whole = {tier: at_tier(rule.bar.by_tier, tier) for tier in Tier}
    left_out = next(tier for tier in Tier if f"at tier {tier} left out" in mutant.change)
    lower = [tier for tier in Tier if tier < left_out]
    return bool(lower) and whole[left_out] == whole[max(lower)]
