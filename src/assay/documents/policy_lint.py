"""What lint found in a policy, as text, JSON and SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from assay.documents.gate import count
from assay.documents.gate_sarif import SCHEMA
from assay.policy.findings import Finding, Severity

FORM: Final = "assay.policy-lint/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """The findings of one policy file.

    Attributes:
        file: as it was named.
        rows: the size of the sample that bars were held against; None where none was known.
    """

    file: str
    findings: tuple[Finding, ...]
    rows: int | None = None


def render_lint(reports: Sequence[LintReport]) -> str:
    """Each finding with its place, its code and what to do; then how many there are."""
    lines: list[str] = []
    for report in reports:
        for item in report.findings:
            where = item.where or report.file
            lines += [
                f"{where}  {item.severity}  {item.code}",
                f"  {item.what}",
                f"  {item.remedy}",
                "",
            ]
        lines.append(f"{report.file}: {_summary(report)}")
    return "\n".join(lines) + "\n"


def lint_json(reports: Sequence[LintReport]) -> str:
    """The findings for other programs (`assay.policy-lint/1`)."""
    document = {
        "schema": FORM,
        "policies": [
            {
                "file": report.file,
                "rows": report.rows,
                "findings": [_finding(item) for item in report.findings],
            }
            for report in reports
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def lint_sarif(reports: Sequence[LintReport], *, tool_version: str, folder: str = "") -> str:
    """One run, with a rule for each code that was found.

    Args:
        reports: of each policy.
        tool_version: the version of Assay.
        folder: the folder that files are relative to, by its path from the repository's top.
    """
    found = [(report, item) for report in reports for item in report.findings]
    codes = sorted({item.code for _, item in found})
    run = {
        "tool": {
            "driver": {
                "name": "Assay policy lint",
                "version": tool_version,
                "semanticVersion": tool_version,
                "rules": [{"id": code} for code in codes],
            }
        },
        "results": [
            {
                "ruleId": item.code,
                "ruleIndex": codes.index(item.code),
                "level": "error" if item.severity is Severity.ERROR else "warning",
                "message": {"text": f"{item.what} {item.remedy}"},
                "locations": [{"physicalLocation": _location(report, item, folder)}],
            }
            for report, item in found
        ],
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _summary(report: LintReport) -> str:
    errors = sum(item.severity is Severity.ERROR for item in report.findings)
    warnings = len(report.findings) - errors
    sample = (
        f"for {report.rows:,} rows"
        if report.rows is not None
        else "no sample size is known: state one with --rows"
    )
    return f"{count(errors, 'error')}, {count(warnings, 'warning')} ({sample})."


def _finding(item: Finding) -> dict[str, Any]:
    where = item.where
    return {
        "code": item.code,
        "severity": item.severity.value,
        "requirement": item.requirement,
        "what": item.what,
        "remedy": item.remedy,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }


def _location(report: LintReport, item: Finding, folder: str) -> dict[str, Any]:
    where = item.where
    file = where.file if where else report.file
    uri = quote(f"{folder.rstrip('/')}/{file}" if folder else file)
    region = {"region": {"startLine": where.line, "startColumn": where.column}} if where else {}
    return {"artifactLocation": {"uri": uri}, **region}
