"""The expressions of a policy, compiled: every variable known, every type right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, cast

from assay.adapters.expressions import UnusableExpression, compile_expression
from assay.adapters.loaders.yaml import YamlText
from assay.app.ports import CheckCatalogue
from assay.errors import ConfigurationError
from assay.governance.manifest import IntakeAnswers
from assay.policy.expressions import (
    Kind,
    Programs,
    condition_variables,
    measurement_variables,
    variable_name,
)
from assay.policy.policy import EXPRESSION, Policy, Requirement, RequirementId


class SharedName(ConfigurationError):
    """Two requirements would have one name in expressions."""

    code = "policy.shared-name"


NO_ANSWERS: Final[IntakeAnswers] = MappingProxyType({})


def compile_programs(
    policy: Policy, checks: CheckCatalogue, *, answers: IntakeAnswers = NO_ANSWERS
) -> Programs:
    """The compiled expressions of a policy that was loaded.

    Args:
        policy: the policy.
        checks: the checks that it names.
        answers: those of the system's intake, which may answer questions of its own too.

    Raises:
        UnusableExpression: an expression means nothing with the checks and questions of today.
    """
    if not _expressive(policy):
        return Programs()
    conditions, rules = _variables(policy, checks, answers)
    return Programs(
        conditions={
            rule.id: compile_expression(rule.when, conditions)
            for rule in policy.requirements
            if rule.when is not None
        },
        rules={
            rule.id: compile_expression(expression_of(rule), rules)
            for rule in policy.requirements
            if rule.check == EXPRESSION
        },
    )


def expression_problems(
    policy: Policy,
    checks: CheckCatalogue,
    text: YamlText,
    *,
    answers: IntakeAnswers = NO_ANSWERS,
) -> Iterator[ConfigurationError]:
    """What is wrong with the expressions of a policy, each at its place in the text."""
    if not _expressive(policy):
        return
    yield from _shared_names(policy)
    conditions, rules = _variables(policy, checks, answers)
    for rule in policy.requirements:
        path = f"requirements.{rule.id}"
        if rule.when is not None:
            yield from _problems(rule, rule.when, conditions, f"{path}.when", text)
        if rule.check == EXPRESSION:
            yield from _problems(rule, expression_of(rule), rules, f"{path}.expression", text)


def expression_of(rule: Requirement) -> str:
    """The expression that is a requirement's rule."""
    return cast(str, rule.parameters["expression"])


def _expressive(policy: Policy) -> bool:
    return any(rule.when is not None or rule.check == EXPRESSION for rule in policy.requirements)


def _variables(
    policy: Policy, checks: CheckCatalogue, answers: IntakeAnswers
) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """What conditions may read, and what rules may."""
    # Only a policy with expressions waits for the questionnaire.
    from assay.adapters.loaders.questionnaires import load_questionnaire

    questions = load_questionnaire().questions
    conditions = condition_variables(
        {name: isinstance(answer, tuple) for name, answer in answers.items()}
        | {name: item.several for name, item in questions.items()}
    )
    named = {rule.check: checks.get(rule.check) for rule in policy.requirements if rule.by_check}
    return conditions, {**conditions, **measurement_variables(policy.requirements, named)}


def _problems(
    rule: Requirement, expression: str, variables: Mapping[str, Kind], path: str, text: YamlText
) -> Iterator[ConfigurationError]:
    try:
        compile_expression(expression, variables)
    except UnusableExpression as error:
        yield UnusableExpression(
            f"In `{path.rpartition('.')[2]}` of {rule.id!r}: {error.what}",
            where=text.within(path, line=error.line, column=error.column),
            remedy=error.remedy,
        )


def _shared_names(policy: Policy) -> Iterator[ConfigurationError]:
    first: dict[str, RequirementId] = {}
    for rule in policy.requirements:
        other = first.setdefault(variable_name(rule.id), rule.id)
        if other != rule.id:
            yield SharedName(
                f"Requirements {other!r} and {rule.id!r} are both "
                f"`measurement.{variable_name(rule.id)}` in expressions.",
                where=rule.span,
                remedy="Rename one of them.",
            )
