"""The gate's report as workflow commands, which GitHub shows as annotations.

Source: "Workflow commands for GitHub Actions"; values are escaped as its toolkit does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assay.documents.gate import OUTCOME_WORDS, GateReport, count, headline
from assay.documents.gate_items import Item, Severity, noteworthy, place, severity
from assay.documents.visible import visible

ANNOTATIONS_MAX: Final = 10
"""GitHub shows ten of a level for each step and drops the rest in silence."""

_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "notice",
}


def render_github(report: GateReport, *, folder: str = "") -> str:
    """At most ten annotations, the worst first, on the policy's lines; "" if none is needed.

    Args:
        report: the report.
        folder: the manifest's folder, by its path from the repository's top.
    """
    items = noteworthy(report)
    shown = items if len(items) <= ANNOTATIONS_MAX else items[: ANNOTATIONS_MAX - 1]
    lines = [_annotation(item, report, folder) for item in shown]
    if len(shown) < len(items):
        lines.append(_rest(items[len(shown) :], report))
    return "".join(f"{line}\n" for line in lines)


def command(level: str, message: str, **properties: str | int | None) -> str:
    """One workflow command, without its line's end.

    >>> command("error", "0.14 > 0.10", file="policy.yaml", line=9, title="gap: 50%")
    '::error file=policy.yaml,line=9,title=gap%3A 50%25::0.14 > 0.10'
    """
    given = [
        f"{name}={_escaped_property(str(value))}"
        for name, value in properties.items()
        if value is not None
    ]
    return f"::{level}{' ' if given else ''}{','.join(given)}::{_escaped(message)}"


def _annotation(item: Item, report: GateReport, folder: str) -> str:
    at = place(item, report, folder=folder)
    level = _LEVELS[severity(item, report)]
    return command(level, item.text, file=at.file, line=at.line, col=at.column, title=item.title)


def _rest(items: Sequence[Item], report: GateReport) -> str:
    level = _LEVELS[max(severity(item, report) for item in items)]
    word = OUTCOME_WORDS[report.decision.outcome]
    return command(
        level,
        f"{visible(headline(report))} {count(len(items), 'further item')} in the report.",
        title=f"{word}: {visible(report.system)} {visible(report.version)}",
    )


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
