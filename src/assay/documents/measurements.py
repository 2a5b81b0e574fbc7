"""What `assay check` reports: figures with reading intervals, and no verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from assay.documents.wording import figure
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.document import measurement_document
from assay.policy.policy import Requirement
from assay.stats.estimate import Estimate, Undefined
from assay.stats.tallies import RowCounts

SCHEMA: Final = "assay.measurements/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementReport:
    """The measurements of one version, in the policy's order; `evidence` is their statement.

    `weight` says the column of weights and what they are, where there are any.
    """

    system: str
    version: str
    version_digest: str
    rows: RowCounts
    dataset: str
    evidence: str
    measurements: tuple[tuple[Requirement, Measurement], ...]
    weight: str = ""


def render_measurements(report: MeasurementReport) -> str:
    """The measurements as a text table."""
    rows = [(rule.id, *_words(measured)) for rule, measured in report.measurements]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [
        f"  {name.ljust(widths[0])}  {value.ljust(widths[1])}  {rest}".rstrip()
        for name, value, rest in rows
    ]
    weighted = f", weighted by {report.weight}" if report.weight else ""
    rows_used = f"{report.rows.used:,} rows{weighted}"
    head = f"{report.system} {report.version}   {rows_used}   nothing is judged"
    foot = f"Evidence {report.evidence}; 95 % intervals. To decide: assay gate"
    return "\n".join([head, "", *lines, "", foot]) + "\n"


def measurements_json(report: MeasurementReport) -> str:
    """The measurements as JSON, schema `assay.measurements/1`; numbers as decimal strings."""
    document = {
        "schema": SCHEMA,
        "system": report.system,
        "version": {"name": report.version, "digest": report.version_digest},
        "data": {"digest": report.dataset, "rows_used": report.rows.used},
        "evidence": report.evidence,
        "measurements": [
            {"requirement": rule.id, "check": rule.check, **measurement_document(measured)}
            for rule, measured in report.measurements
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _words(measured: Measurement) -> tuple[str, str]:
    match measured:
        case Estimate():
            interval = f"[{figure(measured.low)}, {figure(measured.high)}]"
            return figure(measured.value), f"{interval}  {measured.method}"
        case Fact(value=value, detail=detail):
            shown = ("yes" if value else "no") if isinstance(value, bool) else figure(float(value))
            return shown, detail
        case Undefined(reason=reason):
            return "undefined", reason
        case NotApplicable(reason=reason) | NotCollected(reason=reason):
            return "none", reason
        case CheckFailed(reason=reason):
            return "error", reason
