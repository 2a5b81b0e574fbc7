"""The gate's report for a terminal: the decision first, then what blocks, then the proof."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from assay.documents.gate import (
    OUTCOME_STYLES,
    OUTCOME_WORDS,
    VERDICT_SIGNS,
    VERDICT_STYLES,
    VERDICT_WORDS,
    GateReport,
    blockers,
    cautions,
    count,
    headline,
    ordered,
)
from assay.documents.objecting import objection_remedy, objection_text
from assay.documents.visible import printed
from assay.documents.wording import Finding, finding
from assay.policy.gate import Judgement
from assay.policy.policy import Outcome

Style = Callable[[str, str], str]
"""Paints a text in a named style: "bad", "unsure", "good", "faint" or "bold"."""


def plain(text: str, _style: str) -> str:
    """No paint: for pipes, files and NO_COLOR."""
    return text


def render_text(report: GateReport, *, style: Style = plain, width: int = 100) -> str:
    """The report as text of at most `width` columns, where its tables allow."""
    decision = report.decision
    word = style(OUTCOME_WORDS[decision.outcome], OUTCOME_STYLES[decision.outcome])
    name = style(printed(f"{report.system} {report.version}"), "bold")
    parts = [
        f"{word}  {name}   tier {decision.tier}   policy {printed(report.policy)}",
        printed(headline(report)),
        "",
        *_table(report, style),
        *_waived(report, style, width),
        *_blocking(report, style, width),
    ]
    if (decision.awaiting or decision.approvals) and decision.outcome is not Outcome.DENY:
        title = "Who decides next" if decision.awaiting else "Who approved"
        parts += ["", style(title, "bold"), *_people(report)]
    notes = cautions(report)
    if notes:
        parts += ["", style("Mind", "bold")]
        parts += [_wrapped(note, width, "  ", "  ") for note in notes]
    parts += ["", *(style(_wrapped(line, width, "", ""), "faint") for line in _footer(report))]
    return "\n".join(parts) + "\n"


def _table(report: GateReport, style: Style) -> list[str]:
    rows = [(item, finding(item, report)) for item in ordered(report.decision.judgements)]
    cells = [_cells(item, found) for item, found in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    lines: list[str] = []
    for (item, found), row in zip(rows, cells, strict=True):
        padded = [cell.ljust(size) for cell, size in zip(row, widths, strict=True)]
        painted = style(padded[0], VERDICT_STYLES[item.verdict])
        lines.append(f"  {painted}  {'  '.join(padded[1:])}  {printed(found.groups)}".rstrip())
    return lines


def _waived(report: GateReport, style: Style, width: int) -> list[str]:
    """What is excused, until when and by whom."""
    excused = [item for item in ordered(report.decision.judgements) if item.waiver]
    lines = ["", style("What is waived", "bold")] if excused else []
    for item in excused:
        found, sign = finding(item, report), VERDICT_SIGNS[item.verdict]
        lines.append(_wrapped(f"{sign} {item.requirement.id} {found.waived}", width, "  ", "    "))
        lines.append(_wrapped(f"{found.waived_by} {found.reason}", width, "    ", "    "))
    return lines


def _blocking(report: GateReport, style: Style, width: int) -> list[str]:
    """What stops the release, and what to do about each."""
    stopping, objections = blockers(report), report.decision.objections
    lines = ["", style("What blocks, and what to do", "bold")] if stopping or objections else []
    for item in stopping:
        lines += _blocker(item, report, width)
    for standing in objections:
        lines.append(_wrapped(objection_text(standing, report), width, "  ", "    "))
        lines.append(_wrapped(f"→ {objection_remedy(standing)}", width, "    ", "      "))
    return lines


def _cells(item: Judgement, found: Finding) -> tuple[str, ...]:
    verdict = f"{VERDICT_SIGNS[item.verdict]} {VERDICT_WORDS[item.verdict]}"
    return (verdict, printed(item.requirement.id), found.figure, found.bounds, found.limit)


def _blocker(item: Judgement, report: GateReport, width: int) -> list[str]:
    found = finding(item, report)
    lines = [
        _wrapped(f"{item.requirement.id}: {found.reason}", width, "  ", "    "),
    ]
    if found.remedy:
        lines.append(_wrapped(f"→ {found.remedy}", width, "    ", "      "))
    return lines


def _people(report: GateReport) -> list[str]:
    given = [
        f"  ✓ {item.role}: {printed(report.names.get(item.person, item.person))}"
        for item in report.decision.approvals
    ]
    waiting = [
        f'  ○ {item.role}: assay approve {report.version} --role {item.role} --as NAME --reason "…"'
        for item in report.decision.awaiting
    ]
    return [*given, *waiting]


def _footer(report: GateReport) -> list[str]:
    decision = report.decision
    first = (blockers(report) or ordered(decision.judgements))[0]
    share = count(decision.tests, "statistical requirement")
    bounds = (
        f"Bounds are one-sided: each errs in at most {_percent(report.false_allow)} of worlds on "
        f"the side that passes, {_percent(decision.holm_error)} on the side that fails "
        f"(Holm's share among {share})."
    )
    pinned = (
        f"Version {report.version_digest[:12]} · policy {report.policy_digest[:12]} · "
        f"data {report.dataset[:12]} ({report.rows.used:,} rows, scores {report.produced})"
    )
    recorded = (
        f"Not recorded; it rests on the decision in entry {report.index} of {report.origin}."
        if report.as_of
        else f"Recorded as entry {report.index} of {report.origin}; "
        f"checkpoint signed at {report.size} entries."
    )
    return [bounds, f"Why: assay explain {first.requirement.id}", pinned, recorded]


def _percent(fraction: float) -> str:
    return f"{fraction * 100:.3g} %"


def _wrapped(text: str, width: int, first: str, rest: str) -> str:
    return textwrap.fill(
        printed(text),
        width=width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
