"""Linting a policy's text: what keeps it from loading, and what its author cannot have meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from assay.app.judging.recalling import index_of
from assay.app.judging.replay import digests_of
from assay.app.ports import CheckCatalogue
from assay.app.services import Services
from assay.checks.check import Check
from assay.documents.policy_lint import LintReport
from assay.errors import ConfigurationError, Problems, Span
from assay.evidence.measurement import Fact
from assay.evidence.tallies import TallySet
from assay.governance.fold import EVIDENCE, VERSION
from assay.policy.canonical import TIERS
from assay.policy.expressions import CONSTANTS, Programs, evaluated
from assay.policy.findings import Finding, Severity
from assay.policy.linting import Constant, lint
from assay.policy.policy import Policy
from assay.stats.tallies import RowCounts, Rows


def lint_policy(
    file: str,
    load: Callable[[], Policy],
    catalogue: CheckCatalogue,
    *,
    at: datetime,
    rows: int | None = None,
    compiled: Callable[[Policy], Programs] = lambda _: Programs(),
) -> LintReport:
    """The findings of a policy; one that does not load has its errors as findings.

    Args:
        file: the policy's name for people.
        load: reads and parses it.
        catalogue: the checks that it may name.
        at: now.
        rows: how many rows it will be judged on, where that is known.
        compiled: compiles its expressions, to find conditions that are always false.

    Raises:
        ConfigurationError: there is no text to lint.
    """
    try:
        policy = load()
    except ConfigurationError as error:
        problems = error.problems if isinstance(error, Problems) else (error,)
        if not all(isinstance(problem.where, Span) for problem in problems):
            raise
        return LintReport(file=file, findings=tuple(map(_unloadable, problems)), rows=rows)
    found = lint(
        policy,
        checks=_checks(policy, catalogue),
        at=at,
        rows=rows,
        constant=constant_conditions(compiled(policy)),
    )
    return LintReport(file=file, findings=found, rows=rows)


def recorded_rows(services: Services, system: str) -> int | None:
    """The rows of a system's latest evaluation; None before the first."""
    evaluations = [
        evidence
        for version in services.journal.records(VERSION, parent=system)
        for evidence in services.journal.records(EVIDENCE, parent=version.key)
    ]
    if not evaluations:
        return None
    latest = max(evaluations, key=index_of)
    tallies = TallySet.from_bytes(services.blobs.get(digests_of(latest)["tallies"]))
    rows = tallies.tallies[Rows()]
    assert isinstance(rows, RowCounts)  # noqa: S101 - the tally of that spec
    return rows.read


def constant_conditions(programs: Programs) -> Constant:
    """What is known of conditions that read nothing but the tier: true or false at every one."""
    known: dict[str, bool | None] = {}
    for program in programs.conditions.values():
        if program.reads <= {"tier", *CONSTANTS}:
            said = {evaluated(program, {"tier": int(tier)}) for tier in TIERS}
            values = {item.value for item in said if isinstance(item, Fact)}
            known[program.text] = bool(values.pop()) if len(said) == len(values) == 1 else None
    return known.get


def _checks(policy: Policy, catalogue: CheckCatalogue) -> dict[str, Check]:
    return {rule.check: catalogue.get(rule.check) for rule in policy.requirements if rule.by_check}


def _unloadable(problem: ConfigurationError) -> Finding:
    where = problem.where
    return Finding(
        code=problem.code,
        severity=Severity.ERROR,
        what=problem.what,
        remedy=problem.remedy,
        where=where if isinstance(where, Span) else None,
    )
