"""The gate's report in SARIF 2.1.0: a rule for each requirement, a result for each open matter.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", errata 01.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from assay.documents.gate import GateReport, cautions, headline
from assay.documents.gate_items import (
    Item,
    Severity,
    Standing,
    fingerprint,
    gate_items,
    noteworthy,
    place,
    severity,
)
from assay.documents.visible import visible
from assay.evidence.instants import instant_text

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


def render_sarif(report: GateReport, *, tool_version: str, folder: str = "") -> str:
    """One run. What is met has a rule and no result: viewers show every result as a problem.

    Args:
        report: the report.
        tool_version: the version of Assay, `assay.__version__`.
        folder: the manifest's folder, by its path from the repository's top.
    """
    # Two approvals in the same role are one rule.
    rules = {item.id: _rule(item) for item in gate_items(report)}
    order = list(rules)
    run = {
        "tool": {
            "driver": {
                "name": "Assay",
                "version": tool_version,
                "semanticVersion": tool_version,
                "rules": list(rules.values()),
            }
        },
        "automationDetails": {"id": f"assay/{visible(report.system)}/"},
        "invocations": [
            {"executionSuccessful": True, "endTimeUtc": instant_text(report.decision.at)}
        ],
        "results": [
            _result(item, report, order.index(item.id), folder) for item in noteworthy(report)
        ],
        "columnKind": "unicodeCodePoints",
        "properties": _properties(report),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rule(item: Item) -> dict[str, Any]:
    claim = f" {item.claim}" if item.claim else ""
    return {"id": item.id, "shortDescription": {"text": f"{item.check}{claim}"}}


def _result(item: Item, report: GateReport, rule: int, folder: str) -> dict[str, Any]:
    at = place(item, report, folder=folder)
    region = {"region": {"startLine": at.line, "startColumn": at.column}} if at.line else {}
    artifact = {"artifactLocation": {"uri": quote(at.file)}}
    return {
        "ruleId": item.id,
        "ruleIndex": rule,
        **_kind(item, report),
        "message": {"text": f"{item.title}. {item.text}"},
        "locations": [{"physicalLocation": {**artifact, **region}}],
        "partialFingerprints": {"assayRequirement/v1": fingerprint(item, report)},
        **_suppressions(item),
    }


def _suppressions(item: Item) -> dict[str, Any]:
    """A waiver, as what suppresses a result (section 3.35): granted outside the source."""
    if not item.waived:
        return {}
    accepted = {"kind": "external", "status": "accepted", "justification": item.waived}
    return {"suppressions": [accepted]}


def _kind(item: Item, report: GateReport) -> dict[str, str]:
    """Kind and level; the level of whatever is no failure is "none" (sections 3.27.9, 10)."""
    if item.standing in {Standing.UNMET, Standing.BROKEN, Standing.WAIVED}:
        return {"kind": "fail", "level": _LEVELS[severity(item, report)]}
    return {"kind": "review" if item.check == "approval" else "open", "level": "none"}


def _properties(report: GateReport) -> dict[str, Any]:
    decision = report.decision
    return {
        "assay:decision": decision.outcome.value,
        "assay:effective": decision.effective.value,
        "assay:headline": headline(report),
        "assay:tier": str(decision.tier),
        "assay:version": report.version_digest,
        "assay:policy": report.policy_digest,
        "assay:data": report.dataset,
        "assay:cautions": [visible(text) for text in cautions(report)],
        "assay:log": {"origin": report.origin, "index": report.index},
    }
