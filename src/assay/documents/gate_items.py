"""The gate's report as a list of items, for formats that know nothing of verdicts.

An item is one requirement, one objection, one approval, or the rule that decides when all
requirements are met and the version is stopped all the same. Whether anything stands in the
way of a release follows from the items alone: at least one is unmet, broken or open exactly
when the decision is not to allow.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from assay.catalogues import SHOWN_UNDER
from assay.documents.gate import VERDICT_WORDS, GateReport, headline, ordered
from assay.documents.objecting import objection_remedy, objection_text
from assay.documents.visible import visible
from assay.documents.wording import Finding, finding
from assay.errors import Span
from assay.policy.gate import Judgement, Verdict
from assay.policy.policy import Mode, Outcome, Requirement
from assay.policy.tiers import Tier, at_tier


class Standing(StrEnum):
    """What an item does to the decision."""

    MET = "met"
    ASIDE = "aside"
    """It has no say: it does not apply, or nobody is asked while something else denies."""

    WAIVED = "waived"
    """Not met, and excused for a while."""

    UNSHOWN = "unshown"
    """Allowed at this tier, but not demonstrated."""

    OPEN = "open"
    """It holds: evidence or a person is awaited."""

    UNMET = "unmet"
    BROKEN = "broken"
    """It denies, because the check itself failed."""


_WORST_FIRST: Final = (
    Standing.UNMET,
    Standing.BROKEN,
    Standing.OPEN,
    Standing.WAIVED,
    Standing.UNSHOWN,
    Standing.MET,
    Standing.ASIDE,
)


class Severity(IntEnum):
    """How loudly to say it; what stops nothing is no error."""

    NOTICE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that was asked, and how it stands.

    Attributes:
        id: a requirement's name, "objection:ID", "approval:ROLE" or "decision"; every one
            only once, but for two approvals in the same role.
        check: the check's name, "objection", "approval" or "decision".
        claim: what is asked, such as "at least 0.70".
        word: how it stands, in the report's words.
        message: the figure, or what stands in the way; one sentence or more.
        remedy: what to do about it; "" where nothing is to be done.
        waived: until when it is excused, by whom, and what; "" for what is not.
        span: where the policy asks for it, if it says so at one place.
    """

    id: str
    check: str
    claim: str
    word: str
    standing: Standing
    message: str
    remedy: str = ""
    waived: str = ""
    span: Span | None = None

    @property
    def text(self) -> str:
        """Message and remedy, or what excuses it."""
        return " ".join(filter(None, (self.message, self.remedy, self.waived)))

    @property
    def title(self) -> str:
        """The word, and what it is said of."""
        return f"{self.word}: {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file, by its path from the repository's top, and a line and column from 1, if known."""

    file: str
    line: int | None = None
    column: int | None = None


def gate_items(report: GateReport) -> list[Item]:
    """Every item of a report, the worst first."""
    requirements = [_requirement(item, report) for item in ordered(report.decision.judgements)]
    items = [*requirements, *_objections(report), *_approvals(report)]
    stopping = {Standing.UNMET, Standing.BROKEN, Standing.OPEN}
    stopped = any(item.standing in stopping for item in items)
    if report.decision.outcome is not Outcome.ALLOW and not stopped:
        items.append(_decision(report))
    return sorted(items, key=lambda item: _WORST_FIRST.index(item.standing))


def noteworthy(report: GateReport) -> list[Item]:
    """The items that someone may have to act on, the worst first."""
    quiet = {Standing.MET, Standing.ASIDE}
    return [item for item in gate_items(report) if item.standing not in quiet]


def stops(report: GateReport) -> bool:
    """Whether what is unmet really stops the release, or the policy's mode lets it pass."""
    decision = report.decision
    return decision.mode is Mode.ENFORCE or decision.tier is Tier.PROHIBITED


def severity(item: Item, report: GateReport) -> Severity:
    """How loudly to say an item, within what the policy's mode allows."""
    loudest = {Mode.WARN: Severity.WARNING, Mode.OBSERVE: Severity.NOTICE}
    own = {
        Standing.UNMET: Severity.ERROR,
        Standing.BROKEN: Severity.ERROR,
        Standing.OPEN: Severity.WARNING,
    }.get(item.standing, Severity.NOTICE)
    return own if stops(report) else min(own, loudest[report.decision.mode])


def place(item: Item, report: GateReport, *, folder: str) -> Place:
    """Where to show an item: its line in the policy, or else the policy's file.

    A ready policy's line is in no repository, so what it asks is shown at the file that extends it.

    Args:
        item: the item.
        report: its report.
        folder: the manifest's folder, by its path from the repository's top; "" if that
            is the top itself.
    """
    span = item.span
    if span is None or span.file.startswith(SHOWN_UNDER):
        return Place(file=visible(posixpath.normpath(posixpath.join(folder, report.policy_file))))
    path = visible(posixpath.normpath(posixpath.join(folder, span.file)))
    return Place(file=path, line=span.line, column=span.column)


def fingerprint(item: Item, report: GateReport) -> str:
    """What identifies an item between runs: its system and id, whatever its figures and line."""
    return hashlib.sha256(f"assay\0{visible(report.system)}\0{item.id}".encode()).hexdigest()


def _requirement(judgement: Judgement, report: GateReport) -> Item:
    rule, found = judgement.requirement, finding(judgement, report)
    return Item(
        id=visible(rule.id),
        check=visible(rule.check),
        claim=found.limit,
        word=VERDICT_WORDS[judgement.verdict],
        standing=_standing(judgement),
        message=visible(found.reason or _met(found)),
        remedy=visible(found.remedy),
        waived=visible(f"It is {found.waived}. {found.waived_by}") if found.waived else "",
        span=_asked_at(rule, report.decision.tier),
    )


def _asked_at(rule: Requirement, tier: Tier) -> Span | None:
    """Where a requirement is asked for: the bar's own place if another policy tightened it."""
    bar = at_tier(rule.bar.spans, tier) if rule.bar else None
    tightened = bar is not None and rule.span is not None and bar.file != rule.span.file
    return bar if tightened else rule.span


def _standing(judgement: Judgement) -> Standing:
    if judgement.verdict is Verdict.PASS:
        return Standing.MET
    if judgement.verdict is Verdict.NOT_APPLICABLE:
        return Standing.ASIDE
    if judgement.verdict is Verdict.WAIVED:
        return Standing.WAIVED
    if judgement.verdict is Verdict.ERROR:
        return Standing.BROKEN
    return {
        Outcome.DENY: Standing.UNMET,
        Outcome.HOLD: Standing.OPEN,
        Outcome.ALLOW: Standing.UNSHOWN,
    }[judgement.effect]


def _met(found: Finding) -> str:
    figure = f"{found.figure} {found.bounds}".strip()
    between = f" ({found.groups})" if found.figure and found.groups else ""
    limit = f"; {found.limit} is asked" if found.limit else ""
    return f"{figure}{between}{limit}." if figure else found.groups or "It holds."


def _objections(report: GateReport) -> list[Item]:
    return [
        Item(
            id=f"objection:{item.reference}",
            check="objection",
            claim="",
            word="Objection",
            standing=Standing.UNMET if item.effect is Outcome.DENY else Standing.OPEN,
            message=visible(objection_text(item, report)),
            remedy=objection_remedy(item),
        )
        for item in report.decision.objections
    ]


def _approvals(report: GateReport) -> list[Item]:
    decision = report.decision
    given = [
        Item(
            id=f"approval:{visible(approval.role)}",
            check="approval",
            claim="",
            word="Approved",
            standing=Standing.MET,
            message=f"Given by {visible(report.names.get(approval.person, approval.person))}.",
        )
        for approval in decision.approvals
    ]
    return [*given, *(_awaited(visible(need.role), report) for need in decision.awaiting)]


def _awaited(role: str, report: GateReport) -> Item:
    asked = report.decision.outcome is not Outcome.DENY
    remedy = f'Run: assay approve {visible(report.version)} --role {role} --reason "…"'
    return Item(
        id=f"approval:{role}",
        check="approval",
        claim="",
        word="Awaited",
        standing=Standing.OPEN if asked else Standing.ASIDE,
        message=f"Someone has yet to approve as {role}."
        if asked
        else "Nobody is asked to approve what is denied.",
        remedy=remedy if asked else "",
    )


def _decision(report: GateReport) -> Item:
    denied = report.decision.outcome is Outcome.DENY
    return Item(
        id="decision",
        check="decision",
        claim="",
        word="Denied" if denied else "On hold",
        standing=Standing.UNMET if denied else Standing.OPEN,
        message=headline(report),
    )
