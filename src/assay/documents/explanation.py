"""One requirement explained: method, data, bounds, error share, and who set the limit."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from assay.checks.check import Check
from assay.checks.groups import ScoredGroup
from assay.documents.comparing import against_words, comparison_text
from assay.documents.gate import VERDICT_SIGNS, VERDICT_WORDS, GateReport, decided_at
from assay.documents.gate_json import requirement_document
from assay.documents.group_order import ascending
from assay.documents.omissions import omissions
from assay.documents.sample_size import SampleSize, sample_size_document, sample_size_lines
from assay.documents.visible import printed
from assay.documents.wording import Finding, figure, finding, units
from assay.evidence.canonical import Json
from assay.policy.judging import Judgement, Verdict
from assay.policy.policy import ATTESTATION, EXPRESSION, Direction, Range
from assay.policy.tiers import at_tier
from assay.stats.estimate import Estimate, GroupReading, Undefined
from assay.stats.tallies import ScoreCounts

SCHEMA: Final = "assay.explanation/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A judgement with the check that measured it and the report it belongs to.

    Attributes:
        check: None where an expression or a person answers the requirement.
        scores: label counts by score of all rows, where they were collected; and
        score_buckets: the same by bucket of units, where rows share units.
        group_scores: label counts by score of each group that a claim about calibration covers.
        sample_size: how many units would show a pass, where that was asked.
    """

    report: GateReport
    judgement: Judgement
    check: Check | None
    provenance: Mapping[str, Json]
    scores: ScoreCounts | None = None
    score_buckets: Sequence[ScoreCounts] = ()
    group_scores: Mapping[str, ScoredGroup] = field(default_factory=dict[str, ScoredGroup])
    sample_size: SampleSize | None = None

    def __repr__(self) -> str:
        """The explanation as a terminal shows it."""
        return render_explanation(self).rstrip()

    def _repr_html_(self) -> str:
        """The explanation in a notebook."""
        from assay.documents.notebook import explanation_html

        return explanation_html(self)


def render_explanation(explanation: Explanation, *, width: int = 100) -> str:
    """The explanation as text of at most `width` columns, where its tables allow."""
    report, item, check = explanation.report, explanation.judgement, explanation.check
    found = finding(item, report)
    sections = [
        ("Verdict", _verdict(explanation, found)),
        ("Limit", _limit(explanation, found)),
        ("Figure", _figure(explanation, found)),
        ("Sample size", _sample_size(explanation)),
        ("Groups", _groups(item)),
        ("Data", [*_data(report), *omissions((item,))]),
        ("Check", _check(check)),
        ("Asked", _asked(item)),
        ("Recorded", [_recorded(report)]),
    ]
    lines = [printed(f"{item.requirement.id}   {report.system} {report.version}"), ""]
    for title, content in sections:
        if content:
            lines += [title, *(_indented(printed(line), width) for line in content), ""]
    return "\n".join(lines)


def explanation_json(explanation: Explanation) -> str:
    """The explanation as JSON, schema `assay.explanation/1`."""
    report, check = explanation.report, explanation.check
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "system": report.system,
        "version": {"name": report.version, "digest": report.version_digest},
        **requirement_document(explanation.judgement, report),
        "check_summary": check.summary if check else "",
        "check_documentation": check.documentation if check else "",
        "provenance": dict(explanation.provenance),
        "errors": {
            "false_allow": report.false_allow,
            "holm": report.decision.holm_error,
            "statistical_requirements": report.decision.tests,
        },
        "data": {"digest": report.dataset, "rows_used": report.rows.used},
        "log": {
            "origin": report.origin,
            "index": report.index,
            "statement": report.statement,
        },
    }
    if explanation.sample_size is not None:
        document["sample_size"] = sample_size_document(explanation.sample_size)
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _recorded(report: GateReport) -> str:
    place = f"ntry {report.index} of {report.origin}, statement {report.statement}."
    if not report.as_of:
        return f"E{place}"
    return f"Not recorded: as of {decided_at(report)}, resting on e{place}"


def _check(check: Check | None) -> list[str]:
    return [f"{check.name}: {check.summary}", *_documentation(check)] if check else []


def _asked(item: Judgement) -> list[str]:
    """What a requirement without a check asks, in its own words."""
    rule = item.requirement
    if rule.check == EXPRESSION:
        return [f"The expression must be true: {rule.parameters['expression']}"]
    if rule.check == ATTESTATION:
        return [f"To be attested as {rule.parameters['by']}: {rule.parameters['asks']}"]
    return []


def _documentation(check: Check) -> list[str]:
    """A docstring's paragraphs after its summary, without what only its caller needs."""
    text = check.documentation.partition("\n")[2].partition("\nArgs:")[0]
    # A line that is indented goes on where the one before it ended.
    return [line for line in re.sub(r"\n +", " ", text).split("\n") if line.strip()]


def _verdict(explanation: Explanation, found: Finding) -> list[str]:
    item = explanation.judgement
    word = f"{VERDICT_SIGNS[item.verdict]} {VERDICT_WORDS[item.verdict]}"
    lines = [f"{word}: {found.reason}" if found.reason else word]
    if found.remedy:
        lines.append(f"→ {found.remedy}")
    if found.waived:
        lines.append(f"It is {found.waived}. {found.waived_by}")
    return [*lines, f"At tier {explanation.report.decision.tier} this means: {item.effect.value}."]


def _limit(explanation: Explanation, found: Finding) -> list[str]:
    report, rule = explanation.report, explanation.judgement.requirement
    lines = [found.limit or "The fact must be true."]
    spans = rule.bar.spans if rule.bar else {}
    span = at_tier(spans, report.decision.tier) or rule.span
    place = f" at {span}" if span else ""
    owner = f", owner {rule.owner}" if rule.owner else ""
    lines.append(f"Set by policy {report.policy}{place}{owner}.")
    if rule.rationale:
        lines.append(f"Why: {rule.rationale}")
    return lines


def _figure(explanation: Explanation, found: Finding) -> list[str]:
    measurement, report = explanation.judgement.measurement, explanation.report
    if not isinstance(measurement, Estimate):
        return [found.figure] if found.figure else []
    check = explanation.judgement.requirement.check
    against = against_words(check, report.comparisons)
    shown = " ".join(filter(None, (found.figure, found.bounds, against)))
    return [
        f"{shown}, n = {units(measurement.n)}",
        f"Method: {measurement.method}.",
        error_share(explanation.judgement, measurement, report),
    ]


def _sample_size(explanation: Explanation) -> list[str]:
    size = explanation.sample_size
    return [] if size is None else sample_size_lines(size, unit=explanation.report.unit)


def error_share(item: Judgement, estimate: Estimate, report: GateReport) -> str:
    """What each of an estimate's bounds errs in, and what that would make of the verdict."""
    if isinstance(item.threshold, Range):
        return _both_shares(item, estimate, report)
    bar = item.requirement.bar
    at_most = bar is not None and bar.direction is Direction.AT_MOST
    passing, failing = ("upper", "lower") if at_most else ("lower", "upper")
    allow = estimate.high_error if at_most else estimate.low_error
    deny = estimate.low_error if at_most else estimate.high_error
    return (
        f"The {passing} bound errs in at most {allow:.3g} of worlds (a wrong pass), the {failing} "
        f"bound in at most {deny:.3g} (a wrong failure): Holm's share among "
        f"{report.decision.tests} statistical requirements."
    )


def _both_shares(item: Judgement, estimate: Estimate, report: GateReport) -> str:
    """The same for a claim with two limits, whose two bounds err alike."""
    failed = Verdict.FAIL in {item.verdict, item.underlying}
    return f"Each bound errs in at most {estimate.low_error:.3g} of worlds " + (
        "(a wrong failure): half of Holm's share among "
        f"{report.decision.tests} statistical requirements, since there are two ways to fail."
        if failed
        else "(a wrong pass): both must clear their limits."
    )


def _groups(item: Judgement) -> list[str]:
    measurement = item.measurement
    if not isinstance(measurement, Estimate | Undefined) or not measurement.groups:
        return []
    rows = [_group(group) for group in ascending(measurement.groups)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [
        *table,
        "Each group alone, with 95 % intervals; the verdict reads the bounds above.",
    ]


def _group(group: GroupReading) -> tuple[str, str, str, str]:
    if group.value is None or group.low is None or group.high is None:
        return (group.group, f"n {units(group.n)}", "", group.note)
    interval = f"[{figure(group.low)}, {figure(group.high)}]"
    return (group.group, f"n {units(group.n)}", f"{figure(group.value)} {interval}", group.note)


def _data(report: GateReport) -> list[str]:
    rows = report.rows
    lines = [
        f"SHA-256 {report.dataset}",
        f"{rows.read:,} rows read, {rows.used:,} used; scores {report.produced}.",
        *([f"Figures are weighted by {report.weight}."] if report.weight else []),
        *map(comparison_text, report.comparisons),
    ]
    if report.unit != "rows":
        lines.append(f"Rows of one unit are counted as one person: {report.unit}.")
    return lines


def _indented(line: str, width: int) -> str:
    if len(line) + 2 <= width or line.startswith(" "):
        return f"  {line}".rstrip()
    return textwrap.fill(
        line,
        width=width,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
