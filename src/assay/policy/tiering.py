"""Tiering: from answers follow a tier, legal classes and obligations, each with its reasons.

The first rule that holds gives the tier, and the score may raise it. Answers that contradict
each other are read strictly, and the result says how.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assay.errors import InvalidArgument
from assay.policy.conditions import Answers, Choice, holds, witnesses
from assay.policy.provisions import Reference
from assay.policy.questionnaire import Contradiction, LegalClass, Questionnaire, Rule
from assay.policy.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a tier is no lower: the rule, the answers that it read, the provisions behind it.

    Attributes:
        rule: the rule's id, a contradiction's id, or "score".
        title: the rule's alternative, in words.
    """

    tier: Tier
    rule: str
    title: str
    answers: tuple[Choice, ...]
    because: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A contradiction that was found, with the answers that contradict each other."""

    contradiction: Contradiction
    answers: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A legal class that a system is in, with the answers that put it there.

    Attributes:
        because: the provisions that explain those answers, such as the listed area.
    """

    legal_class: LegalClass
    answers: tuple[Choice, ...]
    because: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiering:
    """What answers lead to.

    Attributes:
        tier: the highest of the rules', the score's and any contradiction's.
        reasons: those of that tier first; then what asked for less.
        conflicts: contradictions among the answers, and how they were read.
        answers: the answers as they were read, every question's.
        points: the score.
        exposures: legal classes, in the questionnaire's order.
    """

    tier: Tier
    reasons: tuple[Reason, ...]
    conflicts: tuple[Conflict, ...]
    answers: Answers
    points: int
    exposures: tuple[Exposure, ...]


def tier_of(questionnaire: Questionnaire, answers: Answers) -> Tiering:
    """The tier, legal classes and obligations of a system, with reasons.

    Total over valid answers, and a function of nothing else; their order does not matter.

    Args:
        questionnaire: the questions and rules.
        answers: the options chosen; a question left out has its default.

    Raises:
        InvalidArgument: a question or an option that does not exist, or a choice of several
            where one is asked for.
    """
    check_answers(questionnaire, answers)
    read, conflicts = _read(questionnaire, questionnaire.completed(answers))
    points = _points(questionnaire, read)
    reasons = [
        *_rule_reasons(questionnaire, read),
        *_score_reasons(questionnaire, read, points),
        *_floor_reasons(conflicts),
        *_raising_reasons(questionnaire, read),
    ]
    return Tiering(
        tier=max(reason.tier for reason in reasons),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.tier)),
        conflicts=tuple(conflicts),
        answers=read,
        points=points,
        exposures=tuple(_exposures(questionnaire, read)),
    )


def check_answers(questionnaire: Questionnaire, answers: Answers) -> None:
    """Refuse what is no answer to the questionnaire.

    Raises:
        InvalidArgument: as `tier_of` says.
    """
    for name, chosen in answers.items():
        question = questionnaire.questions.get(name)
        if question is None:
            raise InvalidArgument(f"{name!r} is no question.")
        unknown = sorted(chosen - set(question.options))
        if unknown:
            raise InvalidArgument(f"{name!r} cannot be answered by {', '.join(unknown)}.")
        if len(chosen) != 1 and not question.several:
            raise InvalidArgument(f"{name!r} has one answer, not {len(chosen)}.")


def _read(questionnaire: Questionnaire, answers: Answers) -> tuple[Answers, list[Conflict]]:
    """The answers with contradictions read strictly; one reading may bring out another."""
    read = dict(answers)
    conflicts: list[Conflict] = []
    waiting = list(questionnaire.contradictions)
    while found := next((item for item in waiting if holds(item.when, read)), None):
        waiting.remove(found)
        conflicts.append(Conflict(contradiction=found, answers=witnesses(found.when, read) or ()))
        read.update({name: frozenset({option}) for name, option in found.read_as.items()})
    return read, conflicts


def _points(questionnaire: Questionnaire, answers: Answers) -> int:
    return sum(
        question.points.get(option, 0)
        for name, question in questionnaire.questions.items()
        for option in answers[name]
    )


def _rule_reasons(questionnaire: Questionnaire, answers: Answers) -> Iterator[Reason]:
    """Every alternative of the first rule that holds."""
    rule = next(rule for rule in questionnaire.rules if _holds(rule, answers))
    for alternative in rule.any:
        found = witnesses(alternative.when, answers)
        if found is not None:
            yield Reason(
                tier=rule.tier,
                rule=rule.id,
                title=alternative.title,
                answers=found,
                because=alternative.because,
            )


def _raising_reasons(questionnaire: Questionnaire, answers: Answers) -> Iterator[Reason]:
    """Every rule of the organisation's own that holds."""
    for rule in questionnaire.raises:
        for alternative in rule.any:
            found = witnesses(alternative.when, answers)
            if found is not None:
                yield Reason(
                    tier=rule.tier,
                    rule=rule.id,
                    title=alternative.title,
                    answers=found,
                    because=alternative.because,
                )


def _holds(rule: Rule, answers: Answers) -> bool:
    return any(holds(alternative.when, answers) for alternative in rule.any)


def _score_reasons(questionnaire: Questionnaire, answers: Answers, points: int) -> Iterator[Reason]:
    score = questionnaire.score
    tier = score.tier(points)
    if tier > Tier.LOW:
        yield Reason(
            tier=tier,
            rule="score",
            title=f"{points} of {score.max} points, over {score.cuts[tier]:.0%} of them.",
            answers=tuple(
                Choice(question=name, options=tuple(answers[name]))
                for name, question in questionnaire.questions.items()
                if any(question.points.get(option, 0) for option in answers[name])
            ),
            because=score.because,
        )


def _floor_reasons(conflicts: list[Conflict]) -> Iterator[Reason]:
    for conflict in conflicts:
        item = conflict.contradiction
        if item.at_least is not None:
            yield Reason(
                tier=item.at_least,
                rule=item.id,
                title=item.title,
                answers=conflict.answers,
                because=item.because,
            )


def _exposures(questionnaire: Questionnaire, answers: Answers) -> Iterator[Exposure]:
    for legal_class in questionnaire.legal_classes:
        found = witnesses(legal_class.when, answers)
        if found is not None:
            explained = (
                questionnaire.questions[choice.question].explained_by.get(option)
                for choice in found
                for option in choice.options
            )
            yield Exposure(
                legal_class=legal_class,
                answers=found,
                because=tuple(dict.fromkeys(item for item in explained if item is not None)),
            )
