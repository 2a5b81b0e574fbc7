"""An answers file (`intake.yaml`) as answers: every question answered, each by a known option."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from pydantic import Field

from assay.adapters.loaders.fields import FormatVersion
from assay.adapters.loaders.problems import (
    InvalidValue,
    Strict,
    UnknownKey,
    WrongType,
    raise_problems,
    shown,
    validate,
)
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, suggest
from assay.policy.conditions import Answers, QuestionId
from assay.policy.questionnaire import Question, Questionnaire

ANSWERS: Final = "answers"


class UnansweredQuestions(ConfigurationError):
    """An answers file leaves questions out; silence is no answer."""

    code = "intake.unanswered"


class IntakeSchema(Strict):
    """Answers to the intake questionnaire, from which a system's tier follows."""

    intake: FormatVersion = Field(description="The version of this format: 1.")
    answers: dict[str, Any] = Field(
        description="One answer a question, by the question's id; a follow-up may be left out "
        "where its premise does not hold."
    )


def parse_answers(written: Written, questionnaire: Questionnaire) -> Answers:
    """The answers that a text gives; questions that are not asked have their defaults.

    Args:
        written: the text.
        questionnaire: the questions that are asked.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(IntakeSchema, text)
    raise_problems(list(_problems(schema.answers, text, questionnaire)))
    given = {
        QuestionId(name): frozenset(_listed(value, questionnaire.questions[QuestionId(name)]))
        for name, value in schema.answers.items()
    }
    raise_problems(list(_unanswered(given, text, questionnaire)))
    return questionnaire.completed(given)


def typed_answer(question: Question, text: str) -> frozenset[str]:
    """The answer that a person typed: an option, or several with commas between, or "none".

    Raises:
        InvalidValue: it is none of the question's.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if question.several and words == ["none"]:
        return frozenset()
    for word in words:
        if word not in question.options:
            raise InvalidValue(
                f"{shown(word)} is no answer to: {question.title}",
                remedy=suggest(word, question.options, otherwise=_choose(question)),
            )
    if not words or (len(words) > 1 and not question.several):
        raise InvalidValue(f"{question.title} has one answer.", remedy=_choose(question))
    return frozenset(words)


def render_answers(questionnaire: Questionnaire, answers: Answers) -> str:
    """An answers file with every question as a comment; it parses to the same answers."""
    lines = [
        "# Answers to the intake questionnaire; `assay intake` says what follows from them.",
        "intake: 1",
        f"{ANSWERS}:",
    ]
    for name, question in questionnaire.questions.items():
        if not questionnaire.asked(question, answers):
            continue
        chosen = [option for option in question.options if option in answers[name]]
        value = f"[{', '.join(chosen)}]" if question.several else chosen[0]
        lines += [
            "",
            f"  # {question.title}",
            *textwrap.wrap(
                " · ".join(question.options),
                width=96,
                initial_indent="  # ",
                subsequent_indent="  # ",
                break_on_hyphens=False,
            ),
            f"  {name}: {value}",
        ]
    return "\n".join(lines) + "\n"


def _problems(
    answers: dict[str, Any], text: YamlText, questionnaire: Questionnaire
) -> Iterator[ConfigurationError]:
    for name, value in answers.items():
        path = f"{ANSWERS}.{name}"
        question = questionnaire.questions.get(QuestionId(name))
        if question is None:
            yield UnknownKey(
                f"{name!r} is no question.",
                where=text.locate(path, key=True),
                remedy=suggest(
                    name, questionnaire.questions, otherwise="`assay schema intake` has them all."
                ),
            )
            continue
        wrong = _wrong_form(value, question)
        if wrong:
            remedy = _choose(question)
            yield WrongType(f"`{path}` {wrong}.", where=text.locate(path), remedy=remedy)
            continue
        for number, option in enumerate(_listed(value, question)):
            if option not in question.options:
                place = f"{path}.{number}" if question.several else path
                yield InvalidValue(
                    f"`{path}` is {shown(option)}, which is no answer to: {question.title}",
                    where=text.locate(place),
                    remedy=suggest(option, question.options, otherwise=_choose(question)),
                )


def _wrong_form(value: Any, question: Question) -> str | None:
    """How a value is no answer at all, whatever it says; None where it may be one."""
    if not question.several:
        return None if isinstance(value, str) else f"is {shown(value)}, not one of its answers"
    if not isinstance(value, list):
        return f"is {shown(value)}; it is a list, and [] says none"
    odd = next((item for item in value if not isinstance(item, str)), None)
    return None if odd is None else f"holds {shown(odd)}, not one of its answers"


def _listed(value: Any, question: Question) -> list[str]:
    return list(value) if question.several else [value]


def _choose(question: Question) -> str:
    options = ", ".join(question.options)
    return f"List any of {options}." if question.several else f"Write one of {options}."


def _unanswered(
    answers: Answers, text: YamlText, questionnaire: Questionnaire
) -> Iterator[ConfigurationError]:
    missing = [
        name
        for name, question in questionnaire.questions.items()
        if name not in answers and questionnaire.asked(question, answers)
    ]
    if missing:
        count = "One question is" if len(missing) == 1 else f"{len(missing)} questions are"
        yield UnansweredQuestions(
            f"{count} not answered: {', '.join(missing)}.",
            where=text.locate(ANSWERS, key=True),
            remedy="Answer each, if only by `none` or `no`: silence would lower the tier. "
            "`assay intake` on a terminal asks.",
        )
