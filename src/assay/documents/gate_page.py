"""The gate's page: a report as the values that its template shows, in words and positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assay.documents.drawing import Bar, Limit, Scale, bar, limit, scale_over
from assay.documents.explanation import error_share
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
    decided_at,
    headline,
    ordered,
)
from assay.documents.group_tables import GroupTable, group_tables
from assay.documents.objecting import objection_remedy, objection_text
from assay.documents.wording import Finding, finding, units
from assay.evidence.measurement import Fact
from assay.policy.judging import Judgement
from assay.policy.policy import Direction, Outcome, Range
from assay.policy.policy import Limit as Threshold
from assay.stats.estimate import Estimate

OUTCOME_SIGNS: Final = {Outcome.ALLOW: "✓", Outcome.HOLD: "?", Outcome.DENY: "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure against its limit. `title` says in words what it shows."""

    title: str
    scale: Scale
    limit: Limit
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement: a line of the table, and the section below that explains it.

    Attributes:
        anchor: where its section stands on the page; no text of others.
        mark: how its figure is drawn: of what is waived, as what it is without the waiver.
        told: what stands in the way, or else what was found.
        about: what else is known, as terms and descriptions.
    """

    anchor: str
    id: str
    sign: str
    word: str
    style: str
    mark: str
    found: Finding
    told: str
    n: str
    picture: Picture | None
    about: Sequence[tuple[str, str]]
    groups: Sequence[GroupTable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An approval: by whom, or if it is awaited (`name` is ""), how it is given, word by word."""

    role: str
    name: str
    command: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that the template shows."""

    title: str
    system: str
    version: str
    word: str
    sign: str
    style: str
    headline: str
    summary: Sequence[tuple[str, str]]
    blockers: Sequence[Row]
    objections: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    people: Sequence[Person]
    awaited: bool
    cautions: Sequence[str]
    bounds: str
    digests: Sequence[tuple[str, str]]


def gate_page(report: GateReport) -> Page:
    """The values of a report's page."""
    decision = report.decision
    judgements = ordered(decision.judgements)
    rows = {id(item): _row(number, item, report) for number, item in enumerate(judgements, 1)}
    word = OUTCOME_WORDS[decision.outcome].capitalize()
    return Page(
        title=f"{word}: {report.system} {report.version}",
        system=report.system,
        version=report.version,
        word=word,
        sign=OUTCOME_SIGNS[decision.outcome],
        style=OUTCOME_STYLES[decision.outcome],
        headline=headline(report),
        summary=_summary(report),
        blockers=[rows[id(item)] for item in blockers(report)],
        objections=[
            (objection_text(item, report), objection_remedy(item)) for item in decision.objections
        ],
        rows=list(rows.values()),
        people=list(_people(report)),
        awaited=bool(decision.awaiting) and decision.outcome is not Outcome.DENY,
        cautions=cautions(report),
        bounds=_bounds(report),
        digests=_digests(report),
    )


def _summary(report: GateReport) -> list[tuple[str, str]]:
    decision = report.decision
    return [
        ("Tier", f"{decision.tier}, {report.tier_source}"),
        ("Policy", f"{report.policy}, mode {decision.mode.value}"),
        ("Data", f"{report.rows.used:,} rows, scores {report.produced}"),
        ("Author", report.author),
        ("As of" if report.as_of else "Decided", decided_at(report)),
        (
            "Rests on" if report.as_of else "Audit log",
            f"entry {report.index} of {report.origin}",
        ),
    ]


def _bounds(report: GateReport) -> str:
    allow, deny = (
        f"{error * 100:.3g}\u00a0%" for error in (report.false_allow, report.decision.holm_error)
    )
    share = count(report.decision.tests, "statistical requirement")
    return (
        f"Bounds are one-sided: each errs in at most {allow} of worlds on the side that passes, "
        f"{deny} on the side that fails (Holm's share among {share})."
    )


def _digests(report: GateReport) -> list[tuple[str, str]]:
    return [
        ("Version", report.version_digest),
        ("Policy", report.policy_digest),
        ("Evaluation data", report.dataset),
        ("Basis of approvals", report.decision.basis),
        ("Signed statement", report.statement),
    ]


def _people(report: GateReport) -> Iterator[Person]:
    decision = report.decision
    for item in decision.approvals:
        yield Person(role=item.role, name=report.names.get(item.person, item.person))
    if decision.outcome is not Outcome.DENY:
        for need in decision.awaiting:
            words = ("assay", "approve", report.version, "--role", need.role)
            command = (*words, "--as NAME", '--reason "…"')
            yield Person(role=need.role, name="", command=command)


def _row(number: int, item: Judgement, report: GateReport) -> Row:
    rule, found = item.requirement, finding(item, report)
    estimate = item.measurement if isinstance(item.measurement, Estimate) else None
    return Row(
        anchor=f"requirement-{number}",
        id=rule.id,
        sign=VERDICT_SIGNS[item.verdict],
        word=VERDICT_WORDS[item.verdict],
        style=VERDICT_STYLES[item.verdict],
        mark=VERDICT_STYLES[item.underlying or item.verdict],
        found=found,
        told=" ".join(filter(None, (found.reason or _told(found, estimate), _excuse(found)))),
        n=units(estimate.n) if estimate else "",
        picture=_picture(item, found),
        about=[(term, text) for term, text in _about(item, report) if text],
        groups=group_tables(item),
    )


def _excuse(found: Finding) -> str:
    return f"It is {found.waived}. {found.waived_by}" if found.waived else ""


def _told(found: Finding, estimate: Estimate | None) -> str:
    if estimate is None:
        return found.groups or "It holds."
    return f"The pair behind the bound: {found.groups}." if found.groups else ""


def _about(item: Judgement, report: GateReport) -> Iterator[tuple[str, str]]:
    rule, measured = item.requirement, item.measurement
    given = (f"{name}: {_listed(value)}" for name, value in rule.parameters.items())
    yield "Check", "; ".join((rule.check, *given))
    yield "Asked by", str(rule.span or report.policy_file)
    yield "Owner", rule.owner or ""
    yield "Why", rule.rationale or ""
    yield "Serves", ", ".join(rule.satisfies)
    yield "Applies when", rule.when or ""
    yield "Laxer at a higher tier because", rule.laxer_because or ""
    if isinstance(measured, Estimate):
        yield "Method", measured.method
        yield "Errors", error_share(item, measured, report)
    yield "At this tier", f"this verdict means {item.effect.value}"


def _listed(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _picture(item: Judgement, found: Finding) -> Picture | None:
    """The figure against its limit, where there are both."""
    rule, measured = item.requirement, item.measurement
    if rule.bar is None or item.threshold is None:
        return None
    at_least, at_most = _ends(item.threshold, rule.bar.direction)
    ends = [end for end in (at_least, at_most) if end is not None]
    if isinstance(measured, Estimate):
        value, low, high = measured.value, measured.low, measured.high
        scale = scale_over((value, *ends, low, high))
        drawn = bar(scale, value, low, high)
    elif isinstance(measured, Fact):
        value = float(measured.value)
        scale = scale_over((value, *ends))
        drawn = Bar(value=scale.x(value))
    else:
        return None
    said = f"{found.figure} {found.bounds}".strip()
    return Picture(
        title=f"{VERDICT_WORDS[item.verdict]}: {said}, limit {found.limit}",
        scale=scale,
        limit=limit(scale, at_least=at_least, at_most=at_most),
        bar=drawn,
    )


def _ends(threshold: Threshold, direction: Direction) -> tuple[float | None, float | None]:
    """The least and the most that a figure may be; None where there is no such limit."""
    if isinstance(threshold, Range):
        return float(threshold.low), float(threshold.high)
    value = float(threshold)
    return (
        None if direction is Direction.AT_MOST else value,
        None if direction is Direction.AT_LEAST else value,
    )
