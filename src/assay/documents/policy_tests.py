"""What became of a policy's tests, as text, JSON, JUnit XML and TAP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree as ET

from assay.documents.gate import count
from assay.errors import Span
from assay.policy.mutation import Mutant
from assay.policy.testing import CaseResult, Coverage, Mismatch

FORM: Final = "assay.policy-test/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """The cases of one file."""

    file: str
    results: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestReport:
    """Every case of a policy's suites, and what the cases that hold cover and notice.

    Attributes:
        policy: written `name@version`.
        step: by which share of itself a threshold moved in mutants.
        mutants: how many there were.
        unnoticed: those under which every case still holds.
    """

    policy: str
    digest: str
    suites: tuple[SuiteReport, ...]
    coverage: Coverage
    step: Decimal
    mutants: int
    unnoticed: tuple[Mutant, ...]

    @property
    def holds(self) -> bool:
        """Whether every case holds."""
        return all(result.holds for suite in self.suites for result in suite.results)

    @property
    def complete(self) -> bool:
        """Whether every requirement is covered at every tier, and every mutant noticed."""
        covered, asked = self.coverage.pairs
        return covered == asked and not self.unnoticed


def render_policy_tests(report: PolicyTestReport) -> str:
    """The cases, the worst told in full; then what is not covered and what is not noticed."""
    lines: list[str] = [f"{report.policy} ({report.digest[:12]})"]
    for suite in report.suites:
        lines.append(suite.file)
        for result in suite.results:
            lines.append(f"  {'✓' if result.holds else '✗'} {result.case.name}")
            lines += [f"      {told(item)}" for item in result.mismatches]
    results = [result for suite in report.suites for result in suite.results]
    failed = sum(not result.holds for result in results)
    lines += ["", f"{count(len(results), 'case')}: {len(results) - failed} hold, {failed} do not."]
    lines += [*_coverage(report), *_mutation(report)]
    return "\n".join(lines) + "\n"


def policy_tests_json(report: PolicyTestReport) -> str:
    """The same for other programs (`assay.policy-test/1`)."""
    covered, asked = report.coverage.pairs
    document = {
        "schema": FORM,
        "policy": report.policy,
        "digest": report.digest,
        "holds": report.holds,
        "suites": [
            {"file": suite.file, "cases": [_case(result) for result in suite.results]}
            for suite in report.suites
        ],
        "coverage": {
            "covered": covered,
            "pairs": asked,
            "uncovered": [
                {"requirement": name, "tiers": [str(tier) for tier in tiers]}
                for name, tiers in report.coverage.uncovered()
            ],
        },
        "mutation": {
            "step": str(report.step),
            "mutants": report.mutants,
            "unnoticed": [
                {"requirement": item.requirement, "change": item.change, **_place(item.where)}
                for item in report.unnoticed
            ],
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def policy_tests_junit(report: PolicyTestReport) -> str:
    """A suite for each file, and a case for each case."""
    root = ET.Element("testsuites", name=f"assay policy test {report.policy}")
    for suite in report.suites:
        failed = sum(not result.holds for result in suite.results)
        element = ET.SubElement(
            root,
            "testsuite",
            name=suite.file,
            tests=str(len(suite.results)),
            failures=str(failed),
        )
        for result in suite.results:
            case = ET.SubElement(
                element, "testcase", classname=report.policy, name=result.case.name, file=suite.file
            )
            if not result.holds:
                words = [told(item) for item in result.mismatches]
                ET.SubElement(case, "failure", message=words[0]).text = "\n".join(words)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def policy_tests_tap(report: PolicyTestReport) -> str:
    """A test point for each case, in the Test Anything Protocol, version 13."""
    results = [result for suite in report.suites for result in suite.results]
    lines = ["TAP version 13", f"1..{len(results)}"]
    for number, result in enumerate(results, start=1):
        lines.append(f"{'ok' if result.holds else 'not ok'} {number} - {result.case.name}")
        if not result.holds:
            words = [told(item) for item in result.mismatches]
            lines += ["  ---", f"  message: {json.dumps(words, ensure_ascii=False)}", "  ..."]
    return "\n".join(lines) + "\n"


def told(item: Mismatch) -> str:
    """One disappointed expectation, with its place."""
    why = f" {item.why}" if item.why else ""
    place = f" ({item.where})" if item.where else ""
    return f"{item.subject}: expected {item.expected}, found {item.found}.{why}{place}"


def _coverage(report: PolicyTestReport) -> Iterator[str]:
    covered, asked = report.coverage.pairs
    yield f"Coverage: {covered} of {asked} pairs of requirement and tier."
    for name, tiers in report.coverage.uncovered():
        yield f"  {name}: no case at {', '.join(map(str, tiers))}"


def _mutation(report: PolicyTestReport) -> Iterator[str]:
    noticed = report.mutants - len(report.unnoticed)
    yield (
        f"Mutation: {noticed} of {report.mutants} changes are noticed "
        f"(thresholds moved by {report.step:.0%} both ways)."
    )
    for item in report.unnoticed:
        place = f"{item.where}  " if item.where else ""
        yield f"  {place}{item.requirement or 'the policy'}: no case notices {item.change}"


def _case(result: CaseResult) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "tier": str(result.case.tier),
        "holds": result.holds,
        "decision": result.decision.outcome.value,
        "effective": result.decision.effective.value,
        "verdicts": {
            item.requirement.id: item.verdict.value for item in result.decision.judgements
        },
        "mismatches": [
            {
                "subject": item.subject,
                "expected": item.expected,
                "found": item.found,
                "why": item.why,
                **_place(item.where),
            }
            for item in result.mismatches
        ],
    }


def _place(where: Span | None) -> dict[str, Any]:
    return {
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }
