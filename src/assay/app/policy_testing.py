"""Testing a policy: each case through the gate, then what the cases cover and notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from assay.app.circumstances import estimated_variables
from assay.app.ports import CheckCatalogue
from assay.checks.measure import measure
from assay.documents.policy_tests import PolicyTestReport, SuiteReport
from assay.evidence.measurement import Fact, Measurement, NotCollected
from assay.policy.expressions import Data, Datum, Program, Programs, evaluated, ruled, variable_name
from assay.policy.gate import Measure
from assay.policy.judging import Conditions
from assay.policy.mutation import mutants
from assay.policy.policy import ATTESTATION, EXPRESSION, Policy, Requirement, RequirementId
from assay.policy.testing import (
    Bounds,
    Given,
    PolicyCase,
    Situation,
    Suite,
    coverage,
    notices,
    run_case,
)
from assay.stats.estimate import READING, Errors, Estimate, Undefined

STEP: Final = Decimal("0.1")
"""By which share of itself a threshold moves in a mutant."""

_PARTS: Final = ("value", "low", "high")

_NOTHING: Final = NotCollected(reason="The case gives no evidence of it.")


def run_suites(
    policy: Policy,
    suites: Sequence[Suite],
    catalogue: CheckCatalogue,
    programs: Programs,
    *,
    step: Decimal = STEP,
) -> PolicyTestReport:
    """Run every case of some suites against one policy, and say what they leave out.

    Args:
        policy: the policy under test.
        suites: the cases, which name requirements of it alone.
        catalogue: the checks.
        programs: the policy's compiled expressions.
        step: by which share of itself a threshold moves in a mutant.
    """
    reports: list[SuiteReport] = []
    holding: list[Situation] = []
    for suite in suites:
        situations = [
            _situation(policy, case, given, catalogue, programs) for case, given in suite.cases
        ]
        results = tuple(run_case(policy, situation) for situation in situations)
        reports.append(SuiteReport(file=suite.file, results=results))
        holding += [
            situation for situation, result in zip(situations, results, strict=True) if result.holds
        ]
    tried = list(mutants(policy, step=step))
    return PolicyTestReport(
        policy=f"{policy.name}@{policy.version}",
        digest=policy.digest,
        suites=tuple(reports),
        coverage=coverage(policy, [situation.case for situation in holding]),
        step=step,
        mutants=len(tried),
        unnoticed=tuple(mutant for mutant in tried if not notices(mutant.policy, holding)),
    )


def _situation(
    policy: Policy,
    case: PolicyCase,
    given: Given,
    catalogue: CheckCatalogue,
    programs: Programs,
) -> Situation:
    data: dict[str, Datum] = {"tier": int(case.tier), **given.data}
    measures = {
        rule.id: _measure(policy, rule, given, catalogue)
        for rule in policy.requirements
        if rule.check != EXPRESSION or rule.id in given.measurements
    }
    known = {**data, **_measured(measures)}
    estimated = estimated_variables(policy, measures)
    measures |= {
        name: Measure(at=_constant(ruled(program, known, estimated=estimated)), statistical=False)
        for name, program in programs.rules.items()
        if name not in measures
    }
    return Situation(case=case, measures=measures, applies=_conditions(programs.conditions, data))


def _conditions(programs: Mapping[RequirementId, Program], data: Data) -> Conditions:
    return {name: evaluated(program, data) for name, program in programs.items()}


def _measure(policy: Policy, rule: Requirement, given: Given, catalogue: CheckCatalogue) -> Measure:
    """What a case says of a requirement, or else what its data give."""
    statistical = rule.by_check and catalogue.get(rule.check).statistical
    told = given.measurements.get(rule.id)
    if isinstance(told, Bounds):
        return Measure(at=told.at, statistical=statistical, taken_at=given.taken_at)
    if told is not None:
        at = _constant(told)
    elif rule.check == ATTESTATION:
        at = _constant(Fact(value=True) if rule.id in given.attested else _NOTHING)
    elif given.evidence is None:
        at = _constant(_NOTHING)
    else:
        at = _bound(policy, rule, given, catalogue)
    return Measure(at=at, statistical=statistical, taken_at=given.taken_at)


def _bound(
    policy: Policy, rule: Requirement, given: Given, catalogue: CheckCatalogue
) -> Callable[[Errors], Measurement]:
    """The check on the case's data, each error asked for only once."""
    check, evidence = catalogue.get(rule.check), given.evidence
    assert evidence is not None  # noqa: S101 - asked by the caller

    @cache
    def at(errors: Errors) -> Measurement:
        return measure(
            check, evidence, rule.parameters, errors=errors, max_excluded=policy.max_excluded
        )

    return at


def _constant(measurement: Measurement) -> Callable[[Errors], Measurement]:
    return lambda _: measurement


def _measured(
    measures: Mapping[RequirementId, Measure],
) -> dict[str, Datum | Undefined | NotCollected]:
    """The figures of requirements as expressions read them, or why there are none."""
    found: dict[str, Datum | Undefined | NotCollected] = {}
    for name, bound in measures.items():
        prefix = f"measurement.{variable_name(name)}"
        match bound.at(READING):
            case Estimate(value=value, low=low, high=high):
                found |= {f"{prefix}.value": value, f"{prefix}.low": low, f"{prefix}.high": high}
            case Fact(value=value):
                found[f"{prefix}.value"] = value if isinstance(value, bool) else float(value)
            case Undefined() | NotCollected() as lacking:
                found |= dict.fromkeys((f"{prefix}.{part}" for part in _PARTS), lacking)
            case _:
                pass
    return found
