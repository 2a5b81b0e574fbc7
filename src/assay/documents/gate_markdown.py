"""The gate's report as Markdown, for a CI job's step summary or a comment."""

from __future__ import annotations

import re
from typing import Final

from assay.documents.gate import (
    OUTCOME_WORDS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    GateReport,
    blockers,
    cautions,
    headline,
    ordered,
)
from assay.documents.objecting import objection_remedy, objection_text
from assay.documents.visible import visible
from assay.documents.wording import finding
from assay.policy.gate import Judgement

_ACTIVE: Final = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render_markdown(report: GateReport) -> str:
    """The report as Markdown: the decision, a table, and what to do about each blocker."""
    decision = report.decision
    lines = [
        f"## {OUTCOME_WORDS[decision.outcome]}: {escaped(report.system)} {escaped(report.version)}",
        "",
        f"{escaped(headline(report))} Tier **{decision.tier}**, policy {escaped(report.policy)}.",
        "",
        "| Verdict | Requirement | Figure | Limit | Detail |",
        "| --- | --- | --- | --- | --- |",
        *(_row(item, report) for item in ordered(decision.judgements)),
        *_waived(report),
    ]
    stopping, objections = blockers(report), decision.objections
    if stopping or objections:
        lines += ["", "### What blocks, and what to do", ""]
        lines += [_blocker(item, report) for item in stopping]
        lines += [
            f"- {escaped(objection_text(item, report))} {escaped(objection_remedy(item))}"
            for item in objections
        ]
    if decision.approvals:
        given = [
            f"{report.names.get(item.person, item.person)} ({item.role})"
            for item in decision.approvals
        ]
        lines += ["", f"**Approved by:** {escaped(', '.join(given))}."]
    if decision.awaiting:
        roles = ", ".join(escaped(item.role) for item in decision.awaiting)
        lines += ["", f"**Waiting for:** {roles}."]
    notes = cautions(report)
    if notes:
        lines += ["", "### Mind", "", *(f"- {escaped(note)}" for note in notes)]
    pinned = (
        f"Version `{report.version_digest[:12]}` · policy `{report.policy_digest[:12]}` · "
        f"data `{report.dataset[:12]}` ({report.rows.used:,} rows) · "
        f"{'not recorded; rests on ' if report.as_of else ''}entry {report.index} of "
        f"`{report.origin}`"
    )
    lines += ["", pinned]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that people or models wrote, so that Markdown draws it as it stands."""
    return _ACTIVE.sub(r"\\\1", visible(text))


def _row(item: Judgement, report: GateReport) -> str:
    found = finding(item, report)
    cells = (
        f"{VERDICT_SIGNS[item.verdict]} {VERDICT_WORDS[item.verdict]}",
        item.requirement.id,
        f"{found.figure} {found.bounds}".strip(),
        found.limit,
        found.groups,
    )
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _waived(report: GateReport) -> list[str]:
    """What is excused, until when and by whom."""
    excused = [item for item in ordered(report.decision.judgements) if item.waiver]
    lines = ["", "### What is waived", ""] if excused else []
    for item in excused:
        found = finding(item, report)
        told = f"{found.waived}. {found.waived_by} {found.reason}"
        lines.append(f"- **{escaped(item.requirement.id)}** {escaped(told)}")
    return lines


def _blocker(item: Judgement, report: GateReport) -> str:
    found = finding(item, report)
    remedy = f" {escaped(found.remedy)}" if found.remedy else ""
    return f"- **{escaped(item.requirement.id)}**: {escaped(found.reason)}{remedy}"
