"""Waivers and findings as overviews: what is excused or found, by whom, until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from assay.documents.visible import visible
from assay.evidence.instants import instant_text
from assay.governance.versions import SHORT
from assay.policy.periods import end_words

WAIVERS: Final = "assay.waivers/1"
FINDINGS: Final = "assay.findings/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverDebt:
    """One waiver in the overview of what a system is excused from.

    Attributes:
        version: the version's digest; "" for every version.
        state: "requested", "in force", "expired" or "ended".
        renewals: how often the same has been granted before.
        requested_by: a name, where it is known; so is who granted it, "" if nobody did.
    """

    waiver: str
    system: str
    version: str
    requirement: str
    state: str
    requested_by: str
    granted_by: str
    expires: datetime
    renewals: int
    reason: str
    compensating: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A finding in an overview.

    Attributes:
        version: the version's digest; "" for every version of the system.
        state: "open", "overdue", "resolved" or "overridden".
        owner: a name, where it is known; so is who raised it.
    """

    finding: str
    system: str
    version: str
    severity: str
    state: str
    owner: str
    raised_by: str
    due: datetime
    text: str


def render_waivers(waivers: Sequence[WaiverDebt]) -> str:
    """Waivers with their reasons, those that end first before the others, and their sum."""
    if not waivers:
        return "No waivers. `assay waive request` asks for one.\n"
    lines: list[str] = []
    for item in waivers:
        of = f"version {item.version[:SHORT]}" if item.version else "every version"
        granted = f", granted by {visible(item.granted_by)}" if item.granted_by else ""
        renewed = f", renewed {item.renewals} times" if item.renewals else ""
        lines += [
            f"{item.waiver}  {item.state:<9}  {item.system}  {item.requirement}",
            (
                f"  {of}, until {end_words(item.expires)}{renewed}; "
                f"asked for by {visible(item.requested_by)}{granted}"
            ),
            f"  why: {visible(item.reason)}",
            f"  instead: {visible(item.compensating)}",
        ]
    counts = {
        state: sum(item.state == state for item in waivers)
        for state in ("in force", "requested", "expired", "ended")
    }
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    return "\n".join([*lines, "", f"{told}."]) + "\n"


def waivers_json(waivers: Sequence[WaiverDebt]) -> str:
    """The overview as JSON, schema `assay.waivers/1`."""
    items = [
        {
            "waiver": item.waiver,
            "system": item.system,
            "version": item.version or None,
            "requirement": item.requirement,
            "state": item.state,
            "requested_by": item.requested_by,
            "granted_by": item.granted_by or None,
            "expires": instant_text(item.expires),
            "renewals": item.renewals,
            "reason": item.reason,
            "compensating": item.compensating,
        }
        for item in waivers
    ]
    return json.dumps({"schema": WAIVERS, "waivers": items}, indent=2, ensure_ascii=False) + "\n"


def render_findings(findings: Sequence[FindingLine]) -> str:
    """Findings, those that are due first before the others, and how they ended."""
    if not findings:
        return "No findings. `assay finding raise` records one.\n"
    lines: list[str] = []
    for item in findings:
        of = f"version {item.version[:SHORT]}" if item.version else "every version"
        lines += [
            f"{item.finding}  {item.state:<10}  {item.severity:<8}  {item.system}, {of}",
            f"  {visible(item.text)}",
            (
                f"  raised by {visible(item.raised_by)}; {visible(item.owner)} answers it by "
                f"{end_words(item.due)}"
            ),
        ]
    counts = {
        state: sum(item.state == state for item in findings)
        for state in ("overdue", "open", "resolved", "overridden")
    }
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    return "\n".join([*lines, "", f"{told}."]) + "\n"


def findings_json(findings: Sequence[FindingLine]) -> str:
    """The overview as JSON, schema `assay.findings/1`."""
    items = [
        {
            "finding": item.finding,
            "system": item.system,
            "version": item.version or None,
            "severity": item.severity,
            "state": item.state,
            "owner": item.owner,
            "raised_by": item.raised_by,
            "due": instant_text(item.due),
            "text": item.text,
        }
        for item in findings
    ]
    return json.dumps({"schema": FINDINGS, "findings": items}, indent=2, ensure_ascii=False) + "\n"
