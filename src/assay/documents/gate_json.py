"""The gate's report as JSON, schema `assay.gate/1`: for programs, with numbers as numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from assay.documents.gate import GateReport, cautions, headline
from assay.documents.objecting import objection_text
from assay.documents.wording import finding
from assay.evidence.instants import instant_text
from assay.evidence.measurement import Fact
from assay.policy.judging import Judgement
from assay.policy.policy import Limit, Range
from assay.policy.waivers import Waiver
from assay.stats.estimate import Binding, Estimate, GroupReading

SCHEMA: Final = "assay.gate/1"


def render_json(report: GateReport) -> str:
    """The report as indented JSON, ending with its place in the audit log."""
    return json.dumps(document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(report: GateReport) -> dict[str, Any]:
    """The report as plain values."""
    decision = report.decision
    return {
        "schema": SCHEMA,
        "decision": decision.outcome.value,
        "effective": decision.effective.value,
        "demonstrated": decision.demonstrated,
        "headline": headline(report),
        "system": report.system,
        "version": {"name": report.version, "digest": report.version_digest},
        "tier": {"value": str(decision.tier), "source": report.tier_source},
        "policy": {
            "name": report.policy,
            "digest": report.policy_digest,
            "file": report.policy_file,
            "mode": decision.mode.value,
        },
        "errors": {
            "false_allow": report.false_allow,
            "holm": decision.holm_error,
            "statistical_requirements": decision.tests,
        },
        "requirements": [requirement_document(item, report) for item in decision.judgements],
        "approvals": [
            {"role": item.role, "person": report.names.get(item.person, item.person)}
            for item in decision.approvals
        ],
        "awaiting": [item.role for item in decision.awaiting],
        "objections": [
            {
                "kind": item.kind.value,
                "reference": item.reference,
                "person": report.names.get(item.person, item.person),
                "effect": item.effect.value,
                "text": objection_text(item, report),
            }
            for item in decision.objections
        ],
        "separation_of_duties_verified": report.separation_verified,
        "data": {
            "digest": report.dataset,
            "scores": report.produced,
            "rows_read": report.rows.read,
            "rows_used": report.rows.used,
            "excluded": dict(report.rows.excluded),
            "versions_judged": report.dataset_versions,
            **({"compared": compared} if (compared := _compared(report)) else {}),
        },
        "cautions": cautions(report),
        "decided_at": instant_text(decision.at),
        **({"as_of": True} if report.as_of else {}),
        "basis": decision.basis,
        "log": {
            "origin": report.origin,
            "index": report.index,
            "checkpoint_size": report.size,
            "statement": report.statement,
        },
    }


def _compared(report: GateReport) -> list[dict[str, Any]]:
    return [
        {
            "against": item.against,
            "column": item.column,
            "version": item.version or None,
            "rows_paired": item.paired,
            "rows_of_this_version_only": item.version_only,
            "rows_of_the_other_only": item.other_only,
        }
        for item in report.comparisons
    ]


def requirement_document(item: Judgement, report: GateReport) -> dict[str, Any]:
    """One requirement with its verdict, its figures, and what to do."""
    rule, found = item.requirement, finding(item, report)
    bar = None
    if rule.bar is not None and item.threshold is not None:
        bar = {"direction": rule.bar.direction.value, "threshold": limit_document(item.threshold)}
    document: dict[str, Any] = {
        "id": rule.id,
        "check": rule.check,
        "with": {name: _plain(value) for name, value in rule.parameters.items()},
        "verdict": item.verdict.value,
        "effect": item.effect.value,
        "bar": bar,
        "measurement": _measurement(item),
        "reason": found.reason,
        "remedy": found.remedy,
        "units_lacking": item.units_lacking,
        "owner": rule.owner,
        "place": str(rule.span) if rule.span else None,
    }
    if rule.satisfies:
        document["satisfies"] = list(rule.satisfies)
    if item.waiver is not None:
        document["waived"] = _waived(item, item.waiver, report)
    return document


def limit_document(limit: Limit) -> Any:
    """A limit as a number, or both ends of a range."""
    if isinstance(limit, Range):
        return {"low": float(limit.low), "high": float(limit.high)}
    return float(limit)


def _waived(item: Judgement, waiver: Waiver, report: GateReport) -> dict[str, Any]:
    """What a waiver excuses, who granted it, and when it ends."""
    return {
        "verdict": item.underlying.value if item.underlying else None,
        "waiver": waiver.id,
        "granted_by": report.names.get(waiver.granted_by, waiver.granted_by),
        "role": waiver.role,
        "until": instant_text(waiver.expires_at),
        "compensating": waiver.compensating,
        "index": waiver.index,
    }


def _measurement(item: Judgement) -> dict[str, Any] | None:
    measurement = item.measurement
    if isinstance(measurement, Estimate):
        return {
            "value": measurement.value,
            "low": finite(measurement.low),
            "high": finite(measurement.high),
            "low_error": measurement.low_error,
            "high_error": measurement.high_error,
            "n": measurement.n,
            "method": measurement.method,
            "low_from": _binding(measurement.low_binding),
            "high_from": _binding(measurement.high_binding),
            "groups": [group_reading(group) for group in measurement.groups],
        }
    if isinstance(measurement, Fact):
        return {"fact": _plain(measurement.value), "detail": measurement.detail}
    return None


def group_reading(group: GroupReading) -> Mapping[str, Any]:
    """One group's figure with its reading interval."""
    return {
        "group": group.group,
        "n": group.n,
        "value": group.value,
        "low": group.low,
        "high": group.high,
        "note": group.note,
    }


def finite(value: float) -> float | None:
    """The bound, or null where there is none on that side."""
    return value if math.isfinite(value) else None


def _binding(binding: Binding | None) -> list[str] | None:
    return list(binding.groups) if binding else None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | str) else float(value)
