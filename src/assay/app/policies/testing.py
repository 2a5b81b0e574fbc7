"""Testing a policy: each case through the gate, then what the cases cover and notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from assay.app.judging.circumstances import estimated_variables, measurement_data
from assay.app.ports import CheckCatalogue
from assay.checks.measure import UndeclaredColumn, measure, needs_of
from assay.documents.policy_tests import PolicyTestReport, SuiteReport
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Document, Fact, Measurement, NotCollected
from assay.policy.expressions import Data, Datum, Program, Programs, evaluated, ruled
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
from assay.stats.estimate import Errors
from assay.stats.tallies import Rows

STEP: Final = Decimal("0.1")
"""By which share of itself a threshold moves in a mutant."""

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
            situation_of(policy, case, given, catalogue, programs) for case, given in suite.cases
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


def situation_of(
    policy: Policy,
    case: PolicyCase,
    given: Given,
    catalogue: CheckCatalogue,
    programs: Programs,
) -> Situation:
    """A case with what its evidence measures, and what its conditions and expressions come to."""
    data = _data(case, given)
    measures = {
        rule.id: _measure(policy, rule, given, catalogue)
        for rule in policy.requirements
        if rule.check != EXPRESSION or rule.id in given.measurements
    }
    known = {**data, **measurement_data(policy, measures)}
    estimated = estimated_variables(policy, measures)
    for name, program in programs.rules.items():
        if name not in measures:
            said = ruled(program, known, estimated=estimated)
            measures[name] = Measure(at=_constant(said), statistical=False, taken_at=given.taken_at)
    return Situation(case=case, measures=measures, applies=_conditions(programs.conditions, data))


def _data(case: PolicyCase, given: Given) -> dict[str, Datum]:
    """What conditions and expressions read: what the case says, and what follows from it."""
    rows = given.evidence[Rows()].read if given.evidence else None
    counted: dict[str, Datum] = {} if rows is None else {"evidence.rows": rows}
    age = (case.at - given.taken_at).days
    return {"tier": int(case.tier), "evidence.age_days": age, **counted, **given.data}


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
    elif given.evidence is None or not _reads_data(rule, given.evidence, catalogue):
        at = _constant(_NOTHING)
    else:
        at = _bound(policy, rule, given, catalogue)
    return Measure(at=at, statistical=statistical, taken_at=given.taken_at)


def _reads_data(rule: Requirement, evidence: Evidence, catalogue: CheckCatalogue) -> bool:
    """Whether a check reads tallies alone, of columns that the case tells.

    A case has no documents but what it measures.
    """
    assert evidence.roles is not None  # noqa: S101 - counted evidence has roles
    try:
        needs = needs_of(catalogue.get(rule.check), rule.parameters, evidence.roles)
    except UndeclaredColumn:
        return False
    return not any(isinstance(need, Document) for need in needs)


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
