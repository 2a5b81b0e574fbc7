"""The JSON Schema (2020-12) of an answers file, for editors and for other programs."""

from __future__ import annotations

from typing import Any

from assay.adapters.loaders.intake import IntakeSchema
from assay.adapters.loaders.schema import DIALECT, Schema
from assay.policy.conditions import AllOf, AnyOf, Condition
from assay.policy.provisions import Library
from assay.policy.questionnaire import Question, Questionnaire


def intake_schema(questionnaire: Questionnaire, library: Library) -> Schema:
    """The schema of answers to a questionnaire, a follow-up required where it is asked."""
    keys = IntakeSchema.keys()
    questions = questionnaire.questions.values()
    return {
        "$schema": DIALECT,
        "$id": "urn:assay:schema:intake:1",
        "title": "Answers to Assay's intake questionnaire (intake.yaml)",
        "type": "object",
        "additionalProperties": False,
        "required": list(keys),
        "properties": {
            "intake": {"const": 1, "description": keys["intake"].description},
            "answers": {
                "description": keys["answers"].description,
                "type": "object",
                "additionalProperties": False,
                "required": [item.id for item in questions if item.asked_if is None],
                "properties": {item.id: _question(item, library) for item in questions},
                "allOf": [
                    {
                        "if": _condition(item.asked_if, questionnaire),
                        "then": {"required": [item.id]},
                    }
                    for item in questions
                    if item.asked_if is not None
                ],
            },
        },
    }


def _question(question: Question, library: Library) -> Schema:
    described = f"{question.title} {question.help}"
    options: Schema = {
        "oneOf": [
            {"const": option, **_explained(question, option, library)}
            for option in question.options
        ]
    }
    if question.several:
        return {"description": described, "type": "array", "uniqueItems": True, "items": options}
    return {"description": described, **options}


def _explained(question: Question, option: str, library: Library) -> Schema:
    reference = question.explained_by.get(option)
    return {"description": library.title(reference)} if reference else {}


def _condition(condition: Condition, questionnaire: Questionnaire) -> Schema:
    """A condition over answers that were given; one left out has its default."""
    if isinstance(condition, AllOf):
        return {"allOf": [_condition(part, questionnaire) for part in condition.parts]}
    if isinstance(condition, AnyOf):
        return {"anyOf": [_condition(part, questionnaire) for part in condition.parts]}
    question = questionnaire.questions[condition.question]
    chosen: dict[str, Any] = {"enum": list(condition.options)}
    if question.several:
        chosen = {"contains": chosen}
    default = question.default & set(condition.options)
    return {
        "properties": {question.id: chosen},
        **({} if default else {"required": [question.id]}),
    }
