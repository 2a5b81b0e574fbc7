"""The gate's report as a GitLab code quality report (`artifacts:reports:codequality`).

Source: "Code Quality report format" in GitLab's documentation, a subset of Code Climate's.
"""

from __future__ import annotations

import json
from typing import Any, Final

from assay.documents.gate import GateReport
from assay.documents.gate_items import Item, Severity, fingerprint, noteworthy, place, severity

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.NOTICE: "info",
}


def render_gitlab(report: GateReport, *, folder: str = "") -> str:
    """The items that someone may have to act on, the worst first.

    Args:
        report: the report.
        folder: the manifest's folder, by its path from the repository's top.
    """
    issues = [_issue(item, report, folder) for item in noteworthy(report)]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(item: Item, report: GateReport, folder: str) -> dict[str, Any]:
    at = place(item, report, folder=folder)
    return {
        "description": f"{item.title}: {item.text}",
        "check_name": item.check,
        "fingerprint": fingerprint(item, report),
        "severity": _SEVERITIES[severity(item, report)],
        "location": {"path": at.file, "lines": {"begin": at.line or 1}},
    }
