"""What follows from intake answers, as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from assay.policy.conditions import Choice
from assay.policy.controls import Applies, Basis, Control
from assay.policy.provisions import Library, Reference
from assay.policy.questionnaire import Application, Questionnaire
from assay.policy.ready import Attestation
from assay.policy.tiering import Conflict, Exposure, Reason, Tiering
from assay.policy.tiers import Tier

SCHEMA: Final = "assay.intake/1"

NO_ADVICE: Final = (
    "The catalogues stand as of {as_of} and are no legal advice; a lawyer decides what applies."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A control that the gate, or people, will ask for at the tier.

    Attributes:
        applies: yes, or whether it applies depends on what the answers do not tell.
        limit: what the tier asks, in words.
        check: the check that shows it; None where people attest it.
        part: what the check does not show; None where it shows all.
        kept: how Assay keeps it by itself; None where it does not.
    """

    control: Control
    applies: Applies
    limit: str
    check: str | None
    part: str | None
    kept: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """Answers, the tier they lead to, and what follows.

    Attributes:
        file: where the answers stand.
        policies: the ready policies that fit.
        duties: what people attest besides the controls.
    """

    file: str
    questionnaire: Questionnaire
    library: Library
    tiering: Tiering
    policies: tuple[str, ...]
    demands: tuple[Demand, ...]
    duties: tuple[Attestation, ...]


def render_intake(report: IntakeReport, *, width: int = 100) -> str:
    """The report as text of at most `width` columns, where its tables allow."""
    tiering = report.tiering
    lines = [
        f"TIER {str(tiering.tier).upper()}  {report.file}",
        "",
        "Why",
        *_reasons(report, width),
    ]
    if tiering.conflicts:
        lines += ["", "Answers that contradict each other, read strictly"]
        lines += [line for item in tiering.conflicts for line in _conflict(item, width)]
    lines += ["", "Law and guidance", *_law(report, width)]
    lines += ["", f"What the gate will ask at tier {tiering.tier}", *_asked(report, width)]
    lines += ["", *_wrapped(NO_ADVICE.format(as_of=report.questionnaire.as_of), width, "")]
    return "\n".join(lines) + "\n"


def intake_json(report: IntakeReport, changes: Mapping[str, Any] | None = None) -> str:
    """The report as JSON, schema `assay.intake/1`, with what other answers change, if asked."""
    tiering = report.tiering
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "file": report.file,
        "as_of": report.questionnaire.as_of,
        "tier": str(tiering.tier),
        "score": {"points": tiering.points, "max": report.questionnaire.score.max},
        "answers": {name: _options(report, name) for name in report.questionnaire.questions},
        "reasons": [
            {
                "tier": str(reason.tier),
                "rule": reason.rule,
                "title": reason.title,
                "answers": _choices(reason.answers),
                "because": list(reason.because),
            }
            for reason in tiering.reasons
        ],
        "contradictions": [
            {
                "id": item.contradiction.id,
                "title": item.contradiction.title,
                "answers": _choices(item.answers),
                "read_as": dict(item.contradiction.read_as),
                "at_least": None
                if item.contradiction.at_least is None
                else str(item.contradiction.at_least),
                "because": list(item.contradiction.because),
            }
            for item in tiering.conflicts
        ],
        "legal_classes": [_exposure(item, report.library) for item in tiering.exposures],
        "ready_policies": list(report.policies),
        "asks": [_demand(item) for item in report.demands],
        "duties": [_duty(item) for item in report.duties],
    }
    if changes is not None:
        document["changes"] = dict(changes)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _options(report: IntakeReport, name: Any) -> list[str]:
    question = report.questionnaire.questions[name]
    return [option for option in question.options if option in report.tiering.answers[name]]


def _choices(choices: Iterable[Choice]) -> dict[str, list[str]]:
    return {choice.question: list(choice.options) for choice in choices}


def _exposure(item: Exposure, library: Library) -> dict[str, Any]:
    legal = item.legal_class
    return {
        "id": legal.id,
        "title": legal.title,
        "applies": [
            {"from": part.day.isoformat() if part.day else None, "what": part.what}
            for part in legal.applies
        ],
        "note": legal.note,
        "answers": _choices(item.answers),
        "because": list(item.because),
        "obligations": [
            {
                "reference": reference,
                "title": library.title(reference),
                "provisions": [found.id for found in library.find(reference)],
            }
            for reference in legal.obligations
        ],
        "ready_policy": legal.policy,
    }


def _demand(item: Demand) -> dict[str, Any]:
    control = item.control
    return {
        "control": control.id,
        "title": control.title,
        "limit": item.limit,
        "default_limit": control.basis is Basis.D,
        "applies": item.applies.value,
        "applies_if": control.circumstance(),
        "check": item.check,
        "not_shown": item.part,
        "kept_by_assay": item.kept,
        "owner": control.owner,
        "serves": list(control.serves),
    }


def _duty(item: Attestation) -> dict[str, Any]:
    day = item.effective_from
    return {
        "requirement": item.id,
        "reference": item.source,
        "asks": item.asks,
        "by": item.role,
        "effective_from": day.isoformat() if day else None,
    }


def _reasons(report: IntakeReport, width: int) -> Iterator[str]:
    for reason in report.tiering.reasons:
        yield from _wrapped(
            f"{str(reason.tier).ljust(10)} {reason.title} ({reason.rule})", width, "  "
        )
        yield from _wrapped(_said(reason), width, " " * 13)
    score = report.questionnaire.score
    yield f"  The score is {report.tiering.points} of {score.max} points; it may only raise."


def _said(reason: Reason) -> str:
    said = _answers(reason.answers)
    because = ", ".join(reason.because)
    return f"{said} · {because}" if said else because


def _answers(choices: Sequence[Choice]) -> str:
    return ", ".join(f"{choice.question}: {' + '.join(choice.options)}" for choice in choices)


def _conflict(item: Conflict, width: int) -> Iterator[str]:
    found = item.contradiction
    yield from _wrapped(found.title, width, "  ")
    read = [f"{question} is read as {option}" for question, option in found.read_as.items()]
    if found.at_least is not None:
        read.append(f"the tier is {found.at_least} or above")
    yield from _wrapped(f"{_answers(item.answers)} → {', '.join(read)}", width, "    ")


def _law(report: IntakeReport, width: int) -> Iterator[str]:
    if not report.tiering.exposures:
        yield "  None that the questionnaire knows of."
    for item in report.tiering.exposures:
        legal = item.legal_class
        yield from _wrapped(legal.title, width, "  ")
        yield from (line for part in legal.applies for line in _wrapped(_day(part), width, "    "))
        because = "".join(f" · {_cited(reference, report.library)}" for reference in item.because)
        yield from _wrapped(f"because {_answers(item.answers)}{because}", width, "    ")
        if legal.note:
            yield from _wrapped(legal.note, width, "    ")
        for reference in legal.obligations:
            yield from _wrapped(f"- {_cited(reference, report.library)}", width, "    ")


def _day(part: Application) -> str:
    return f"from {part.day.isoformat()}: {part.what}" if part.day else f"in force: {part.what}"


def _cited(reference: Reference, library: Library) -> str:
    """An item with its title; a group says how many items it has."""
    regulation, _, name = reference.partition(":")
    found, title = library.find(reference), library.title(reference)
    return f"{regulation}: {title} ({len(found)})" if title == name else f"{reference} {title}"


def _asked(report: IntakeReport, width: int) -> Iterator[str]:
    if report.tiering.tier is Tier.PROHIBITED:
        yield "  Nothing: the gate denies what is prohibited, whatever else holds."
        return
    checked = [item for item in report.demands if item.check]
    people = [item for item in report.demands if (not item.check or item.part) and not item.kept]
    names = ", ".join(report.policies)
    yield f"  Shown by checks (ready policies: {names})"
    yield from _table([_row(item, item.check or "") for item in checked])
    yield "  Attested by people, since no check shows it, or not in full"
    tier = report.tiering.tier
    yield from _table(
        [
            _row(replace(item, limit=item.control.limit_at(tier)), item.control.owner)
            for item in people
        ]
    )
    if report.duties:
        yield "  Attested by people, as duties of the law"
        yield from _table([_duty_row(item) for item in report.duties])
    yield "  Kept by Assay"
    for item in report.demands:
        if item.kept:
            yield from _wrapped(f"{item.control.title}: {item.kept}", width, "    ")
    yield from _wrapped(
        "* is a default limit of ours, to calibrate on your own data before it blocks. "
        "`extends: [NAME]` in a policy of yours builds on a ready policy, `assay policy show "
        "NAME` prints it, `assay policy ready NAME` what it leaves to people. Until a person has "
        "attested what is asked, the gate holds.",
        width,
        "  ",
    )


def _row(item: Demand, last: str) -> tuple[str, ...]:
    """A control as cells: its title, its limit, who or what shows it, and when it applies."""
    control = item.control
    mark = "*" if control.basis is Basis.D else ""
    condition = f"if {control.untold()}" if item.applies is Applies.DEPENDS else ""
    return (control.id, control.title, f"{item.limit}{mark}", last, condition)


def _duty_row(item: Attestation) -> tuple[str, ...]:
    """A duty as cells: its reference, what is confirmed, who confirms it, and from when."""
    day = item.effective_from
    regulation = item.source.partition(":")[0]
    return (
        item.id,
        f"{regulation}: {item.asks.partition('.')[0]}",
        item.owner,
        f"from {day.isoformat()}" if day else "",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "    "
        + "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width=width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
