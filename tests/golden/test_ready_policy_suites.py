"""The ready policies are tested by cases like anybody's: just within and just beyond each bar.

The cases are files of policy tests, which `make golden` writes anew, to be reviewed as a diff.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import Golden

from assay.adapters.loaders.extending import read_ready, ready_names
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.policy_tests import check_names, parse_suite
from assay.adapters.loaders.programs import compile_programs
from assay.adapters.plugins import find_checks
from assay.app.policies.testing import situation_of
from assay.app.ports import Written
from assay.checks.ranges import RANGES
from assay.evidence.roles import decimal_text
from assay.policy.canonical import TIERS
from assay.policy.judging import limit_at
from assay.policy.mutation import mutants
from assay.policy.policy import ATTESTATION, Direction, Policy, Range, Requirement
from assay.policy.testing import Situation, coverage, judge_case, notices, run_case
from assay.policy.tiers import Tier

CHECKS = find_checks()
NAMES = ready_names()
FOLDER = Path(__file__).parent / "policies"
NEAR = Decimal("0.01")
"""How near to a bar a figure lies, as a share of the bar; a count by one."""

AT = "2030-01-01"
"""After every day from which a ready policy asks for something."""


@cache
def policy(name: str) -> Policy:
    return parse_policy(read_ready(name), CHECKS)


def given(rules: Policy, tier: Tier, *, met: bool) -> dict[str, Any]:
    """A situation in which every figure lies just within its bar, or just beyond it."""
    found: dict[str, Any] = {"tier": str(tier)}
    measured = {
        str(rule.id): figure
        for rule in rules.requirements
        if rule.by_check and (figure := _figure(rule, tier, met=met)) is not None
    }
    if measured:
        found["measurements"] = measured
    attested = [str(rule.id) for rule in rules.requirements if rule.check == ATTESTATION]
    if attested and met:
        found["attestations"] = attested
    return found


def _figure(rule: Requirement, tier: Tier, *, met: bool) -> Any:
    if rule.bar is None:
        return met
    limit = limit_at(rule, tier)
    if limit is None:
        return None
    assert not isinstance(limit, Range), "no ready policy has a range yet"
    counted = CHECKS.get(rule.check).unit not in RANGES
    near = Decimal(1) if counted and limit == limit.to_integral_value() else abs(limit) * NEAR
    near = near or NEAR * NEAR
    inward = near if rule.bar.direction is Direction.AT_LEAST else -near
    edge = limit if met else limit - inward
    if not CHECKS.get(rule.check).statistical:
        return _number(edge)
    low, high = sorted([edge, edge + inward if met else edge - inward])
    return {"value": _number((low + high) / 2), "low": _number(low), "high": _number(high)}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(decimal_text(value))


def suite(name: str) -> str:
    """Two cases a tier, with what the policy says of them today."""
    cases: dict[str, dict[str, Any]] = {
        f"{tier}-{'within' if met else 'beyond'}": {
            "given": given(policy(name), tier, met=met),
            "expect": {},
        }
        for tier in TIERS
        for met in (True, False)
    }
    cases["nothing-is-known"] = {"given": {"tier": "critical"}, "expect": {}}
    for item in situations(name, _text(name, cases)):
        decision = judge_case(policy(name), item)
        cases[item.case.name]["expect"] = {
            "decision": decision.outcome.value,
            "effective": decision.effective.value,
            "requirements": {
                str(item.requirement.id): item.verdict.value for item in decision.judgements
            },
        }
    return _text(name, cases)


def _text(name: str, cases: dict[str, Any]) -> str:
    head = f"# What {name} says of figures just within and just beyond its bars, tier by tier.\n"
    body = {"given": {"at": AT}, "cases": cases}
    return head + yaml.safe_dump(body, sort_keys=False, width=100)


def situations(name: str, text: str) -> list[Situation]:
    found = parse_suite(Written(file=f"{name}.yaml", source=text.encode()))
    check_names(found, policy(name))
    programs = compile_programs(policy(name), CHECKS)
    return [
        situation_of(policy(name), case, given, CHECKS, programs) for case, given in found.cases
    ]


@cache
def kept(name: str) -> list[Situation]:
    """The cases as they are kept."""
    file = FOLDER / f"{name.replace('/', '-')}.yaml"
    return situations(name, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_said(name: str, golden: Golden):
    """Whatever a ready policy says otherwise is seen, and reviewed."""
    golden(f"policies/{name.replace('/', '-')}.yaml", suite(name))


@pytest.mark.parametrize("name", NAMES)
def test_its_cases_hold_at_every_tier_of_every_requirement(name: str):
    """Each pair of a requirement and a tier is expected to say something, and says it."""
    assert all(run_case(policy(name), item).holds for item in kept(name))
    covered, asked = coverage(policy(name), [item.case for item in kept(name)]).pairs
    assert covered == asked


@pytest.mark.parametrize("name", NAMES)
def test_a_requirement_that_is_removed_fails_a_case(name: str):
    """No requirement can go unnoticed."""
    for rule in policy(name).requirements:
        rest = tuple(item for item in policy(name).requirements if item is not rule)
        assert notices(replace(policy(name), requirements=rest), kept(name)), rule.id


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_bar_that_moves_fails_a_case(name: str):
    """No bar that applies can move by a tenth, or be dropped at a tier, unnoticed."""
    judged = {rule.id for rule in policy(name).requirements if rule.when is None}
    for mutant in mutants(policy(name), step=Decimal("0.1")):
        if "`at_" in mutant.change and mutant.requirement in judged:
            assert notices(mutant.policy, kept(name)), (mutant.requirement, mutant.change)
