"""What `assay init` must know, what it asks, and what it makes of the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Literal

from assay.errors import ConfigurationError
from assay.evidence.roles import Protected
from assay.policy.tiers import Tier

Comparison = Literal["<", "<=", ">", ">="]


class IncompleteAnswers(ConfigurationError):
    """A first manifest needs something that nobody has said yet."""

    code = "init.incomplete"


class UnusableAnswer(ConfigurationError):
    """An answer is not one of those that a question allows."""

    code = "init.answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known of a first manifest; None is not known, or not there.

    `positive` is the label's value that a high score predicts; None where the label holds 0
    and 1 or booleans. Paths are relative to the manifest's folder.
    """

    system: str | None = None
    purpose: str | None = None
    owner: str | None = None
    tier: Tier | None = None
    model: str | None = None
    code: str | None = None
    environment: str | None = None
    configuration: str | None = None
    training: str | None = None
    evaluation: str | None = None
    label: str | None = None
    positive: str | None = None
    score: str | None = None
    predict: tuple[str, ...] | None = None
    favourable_when: Comparison | None = None
    threshold: Decimal | None = None
    protected: tuple[Protected, ...] | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that a person must say.

    Attributes:
        field: the field of Answers that it fills.
        text: the question.
        choices: the answers that make sense; empty where any text does.
        suggestion: a likely answer, to be confirmed and never assumed.
    """

    field: str
    text: str
    choices: tuple[str, ...] = ()
    suggestion: str | None = None

    @property
    def flag(self) -> str:
        """The option of `assay init` that answers it."""
        return "--" + self.field.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is known, why what was found was taken, and what is left to ask."""

    answers: Answers
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    questions: tuple[Question, ...] = ()


QUESTIONS: Final = (
    Question(field="evaluation", text="Which file holds the evaluation data (Parquet or CSV)?"),
    Question(field="label", text="Which column holds the outcome (two values)?"),
    Question(field="score", text="Which column holds the score (numbers from 0 to 1)?"),
    Question(field="positive", text="Which value of the label does a high score predict?"),
    Question(
        field="favourable_when",
        text="A person gets the favourable decision when the score is … the threshold?",
        choices=("<", "<=", ">", ">="),
    ),
    Question(
        field="threshold", text="At which score does the decision turn (0 to 1)?", suggestion="0.5"
    ),
    Question(field="model", text="Which file or folder is the model (or https://…, if hosted)?"),
    Question(field="system", text="What is the system's id (lower case, digits, dashes)?"),
    Question(field="purpose", text="What does it decide, about whom, in one sentence?"),
    Question(field="owner", text="Which team or person answers for it?"),
    Question(
        field="tier",
        text="How much harm can a wrong decision do?",
        choices=("low", "medium", "high", "critical"),
    ),
)
"""In the order in which to ask."""


def answered(answers: Answers, question: Question, text: str) -> Answers:
    """The answers with one more, from what a person typed.

    Raises:
        UnusableAnswer: it is empty, or not among the choices, or no number where one is asked.
    """
    text = text.strip()
    value: Any = text
    if question.field == "tier":
        value = next((tier for tier in Tier if str(tier) == text.lower()), None)
    elif question.field == "threshold":
        value = Decimal(text) if re.fullmatch(r"0?\.[0-9]+|[01](?:\.0*)?", text) else None
    elif question.choices and text not in question.choices:
        value = None
    if not value and value != 0:
        raise UnusableAnswer(f"{text!r} does not answer: {question.text}", remedy=_wanted(question))
    changes: dict[str, Any] = {question.field: value}
    return replace(answers, **changes)


def _wanted(question: Question) -> str:
    if question.choices:
        return f"Answer one of {', '.join(question.choices)}."
    if question.field == "threshold":
        return "Answer a number from 0 to 1, such as 0.5."
    return "Answer with a value."


def protected_column(text: str) -> Protected:
    """A protected column as an option gives it: `sex`, or `age:25,40,60` with cut points.

    Raises:
        UnusableAnswer: the cut points are not ascending numbers.
    """
    column, colon, cuts = text.partition(":")
    numbers = [cut.strip() for cut in cuts.split(",")] if colon else []
    usable = column and all(re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", number) for number in numbers)
    points = tuple(map(Decimal, numbers)) if usable else ()
    if not usable or list(points) != sorted(set(points)):
        raise UnusableAnswer(
            f"{text!r} is not a column with ascending cut points.",
            remedy="Write it like sex, or like age:25,40,60.",
        )
    return Protected(column=column, cuts=points)


def complete(proposal: Proposal) -> Answers:
    """The answers, when nothing is left to ask.

    Raises:
        IncompleteAnswers: something is, and which options say it.
    """
    if proposal.questions:
        missing = ", ".join(question.field for question in proposal.questions)
        flags = " ".join(f"{question.flag} …" for question in proposal.questions)
        raise IncompleteAnswers(
            f"The folder does not say: {missing}.",
            remedy=f"Give {flags}, or run `assay init` on a terminal, which asks.",
        )
    return proposal.answers
