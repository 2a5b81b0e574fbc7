"""The intake questionnaire: questions, rules that give a tier, and legal classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from assay.policy.conditions import Answers, Condition, QuestionId, holds
from assay.policy.provisions import Reference
from assay.policy.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its closed list of answers.

    Attributes:
        help: what to think of when answering.
        options: the answers there are; where they have points, from least to most risk.
        several: whether any number of options may be chosen, none included.
        default: what it is taken to say where it is not asked.
        asked_if: when it is asked; None for always.
        points: what each option adds to the score.
        explained_by: the provision behind an option.
    """

    id: QuestionId
    title: str
    help: str
    options: tuple[str, ...]
    several: bool
    default: frozenset[str]
    asked_if: Condition | None = None
    points: Mapping[str, int] = field(default_factory=dict[str, int])
    explained_by: Mapping[str, Reference] = field(default_factory=dict[str, Reference])


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way in which a rule may hold, in words, with the provisions behind it."""

    title: str
    when: Condition
    because: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A tier, and the alternatives each of which leads to it."""

    id: str
    tier: Tier
    any: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Answers that cannot all be true, and how they are read instead: strictly.

    Attributes:
        read_as: the option that takes the place of a question's answer.
        at_least: a tier below which such answers do not lead; None for no such floor.
    """

    id: str
    title: str
    when: Condition
    because: tuple[Reference, ...]
    read_as: Mapping[QuestionId, str] = field(default_factory=dict[QuestionId, str])
    at_least: Tier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Points that may raise a tier: to that of the highest cut which points / max exceeds."""

    max: int
    cuts: Mapping[Tier, Decimal]
    because: tuple[Reference, ...]

    def tier(self, points: int) -> Tier:
        """The tier of a number of points; exact, since cuts are decimals."""
        exceeded = [tier for tier, cut in self.cuts.items() if points > cut * self.max]
        return max(exceeded, default=Tier.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """From which day some part of a law applies; `day` None where it has been in force."""

    day: date | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClass:
    """What a law or guidance makes of a system, and the obligations that follow.

    Attributes:
        policy: the ready policy that asks for it; None where there is none.
    """

    id: str
    title: str
    when: Condition
    applies: tuple[Application, ...]
    obligations: tuple[Reference, ...]
    note: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Answers (defaults for the rest) with the tier that they must lead to."""

    name: str
    answers: Answers
    expect: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """The questionnaire with everything that follows from its answers.

    Attributes:
        as_of: the month whose law it reflects, such as "2026-10".
        rules: from the strictest tier down; the last one always holds.
        name: which it is, with the version of whatever extends it.
        raises: rules of an organisation's own; each that holds may only raise the tier.
    """

    as_of: str
    questions: Mapping[QuestionId, Question]
    predicates: Mapping[str, Condition]
    contradictions: tuple[Contradiction, ...]
    rules: tuple[Rule, ...]
    score: Score
    legal_classes: tuple[LegalClass, ...]
    examples: tuple[Example, ...]
    name: str = "assay-tiering"
    raises: tuple[Rule, ...] = ()

    @property
    def several(self) -> frozenset[QuestionId]:
        """The questions that allow several answers."""
        return frozenset(name for name, question in self.questions.items() if question.several)

    def completed(self, answers: Answers) -> dict[QuestionId, frozenset[str]]:
        """Answers with the defaults of what they leave out, in the questionnaire's order."""
        return {
            name: answers.get(name, question.default) for name, question in self.questions.items()
        }

    def asked(self, question: Question, answers: Answers) -> bool:
        """Whether a question is asked, given the answers so far (defaults for the rest)."""
        return question.asked_if is None or holds(question.asked_if, self.completed(answers))
