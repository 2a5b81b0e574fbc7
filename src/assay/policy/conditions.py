"""Conditions over the answers to a questionnaire, and the answers that make them true."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import NewType

QuestionId = NewType("QuestionId", str)

Answers = Mapping[QuestionId, frozenset[str]]
"""The options chosen, by question: exactly one, or any number where a question allows several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One question's answer, the options in the questionnaire's order."""

    question: QuestionId
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whether any of some options is chosen."""

    question: QuestionId
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Whether every part holds; without parts it holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Whether some part holds; without parts none does."""

    parts: tuple[Condition, ...]


Condition = Chosen | AllOf | AnyOf


def condition_of(any_of: Iterable[Condition]) -> Condition | None:
    """The condition that any of some holds; None where one always does."""
    parts = tuple(any_of)
    if AllOf(parts=()) in parts:
        return None
    return parts[0] if len(parts) == 1 else AnyOf(parts=parts)


def expression_of(condition: Condition, several: Container[QuestionId]) -> str:
    """A condition as the CEL expression that a policy's `when` holds.

    Args:
        condition: over answers.
        several: the questions that allow several answers.

    >>> expression_of(Chosen(question=QuestionId("q_eu"), options=("yes",)), several=())
    'answers.q_eu == "yes"'
    """
    match condition:
        case Chosen(question=question, options=options):
            quoted = [f'"{option}"' for option in options]
            if question in several:
                return _joined([f"{text} in answers.{question}" for text in quoted], " || ")
            if len(quoted) == 1:
                return f"answers.{question} == {quoted[0]}"
            return f"answers.{question} in [{', '.join(quoted)}]"
        case AllOf(parts=parts):
            return _joined([expression_of(part, several) for part in parts], " && ")
        case AnyOf(parts=parts):
            return _joined([expression_of(part, several) for part in parts], " || ")


def _joined(texts: list[str], sign: str) -> str:
    return texts[0] if len(texts) == 1 else f"({sign.join(texts)})"


def witnesses(condition: Condition, answers: Answers) -> tuple[Choice, ...] | None:
    """The answers by which a condition holds, each once; None where it does not hold.

    >>> rule = Chosen(question=QuestionId("q_eu"), options=("yes",))
    >>> witnesses(rule, {QuestionId("q_eu"): frozenset({"yes"})})
    (Choice(question='q_eu', options=('yes',)),)
    >>> witnesses(rule, {QuestionId("q_eu"): frozenset({"no"})}) is None
    True
    """
    match condition:
        case Chosen(question=question, options=options):
            chosen = tuple(option for option in options if option in answers[question])
            return (Choice(question=question, options=chosen),) if chosen else None
        case AllOf(parts=parts):
            held = _held(parts, answers)
            return _together(held) if len(held) == len(parts) else None
        case AnyOf(parts=parts):
            held = _held(parts, answers)
            return _together(held) if held else None


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether a condition holds."""
    return witnesses(condition, answers) is not None


def questions_of(condition: Condition) -> frozenset[QuestionId]:
    """Every question that a condition reads."""
    match condition:
        case Chosen(question=question):
            return frozenset({question})
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset[QuestionId]().union(*map(questions_of, parts))


def _held(parts: tuple[Condition, ...], answers: Answers) -> list[tuple[Choice, ...]]:
    return [found for part in parts if (found := witnesses(part, answers)) is not None]


def _together(held: list[tuple[Choice, ...]]) -> tuple[Choice, ...]:
    return tuple(dict.fromkeys(choice for choices in held for choice in choices))
