"""A policy file as a policy: every name known, every bar usable, nothing left unread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from assay.adapters.loaders.bars import at_least_as_strict, bar_problems, laxer_tiers
from assay.adapters.loaders.parameters import written_parameters
from assay.adapters.loaders.policy_schema import PolicySchema, RequirementSchema
from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.adapters.plugins import UnknownCheck
from assay.app.ports import CheckCatalogue, Written
from assay.checks.check import Check
from assay.errors import ConfigurationError
from assay.governance.manifest import EvaluationData
from assay.policy.canonical import policy_digest
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    ErrorBudget,
    Mode,
    Outcome,
    Policy,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier


class NoRequirements(ConfigurationError):
    """A policy that asks for nothing would allow everything."""

    code = "policy.no-requirements"


class UnknownPolicyCheck(ConfigurationError):
    """A requirement names a check that does not exist."""

    code = "policy.unknown-check"


def parse_policy(
    written: Written, checks: CheckCatalogue, *, data: EvaluationData | None = None
) -> Policy:
    """The policy that a text lays down.

    Args:
        written: the text.
        checks: the checks that it may name; only the families it names are imported.
        data: the data it will be judged on; where given, columns that a requirement names
            must be declared there.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(PolicySchema, text)
    if not schema.requirements:
        raise NoRequirements(
            "The policy has no requirements, so it would allow everything.",
            where=text.locate("requirements", key=True),
            remedy="Add at least one, such as `ranks-well: {check: performance.roc_auc, "
            "at_least: 0.6}`.",
        )
    problems: list[ConfigurationError] = []
    requirements = [
        rule
        for name, item in schema.requirements.items()
        if (rule := _requirement(name, item, text, checks, data=data, problems=problems))
        is not None
    ]
    problems += _fewer_approvals(schema, text)
    raise_problems(problems)
    return _policy(schema, requirements)


def _requirement(
    name: str,
    item: RequirementSchema,
    text: YamlText,
    checks: CheckCatalogue,
    *,
    data: EvaluationData | None,
    problems: list[ConfigurationError],
) -> Requirement | None:
    """A requirement, or None where its check is unknown; what is wrong joins `problems`."""
    path = f"requirements.{name}"
    where = text.locate(path, key=True)
    try:
        check = checks.get(item.check)
    except UnknownCheck as error:
        problems.append(
            UnknownPolicyCheck(
                f"Requirement {name!r} names check {item.check!r}, which does not exist.",
                where=text.locate(f"{path}.check"),
                remedy=error.remedy,
            )
        )
        return None
    bars = _bars(item, path, text)
    outcomes = {tier: Outcome(value) for tier, value in item.insufficient.items()}
    parameters, unusable = written_parameters(check, item.parameters, f"{path}.with", text, data)
    problems += [*unusable, *bar_problems(name, check, bars, where)]
    problems += _laxer(name, path, bars, outcomes, text)
    return Requirement(
        id=RequirementId(name),
        check=check.name,
        parameters=parameters,
        bar=_bar_of(check, bars),
        insufficient=outcomes,
        owner=item.owner,
        rationale=item.rationale,
        span=where,
    )


def _bars(item: RequirementSchema, path: str, text: YamlText) -> dict[Direction, Bar]:
    written = {Direction.AT_LEAST: item.at_least, Direction.AT_MOST: item.at_most}
    return {
        direction: Bar(
            direction=direction,
            by_tier=by_tier,
            spans={tier: text.locate(f"{path}.{direction}.{tier}") for tier in by_tier},
        )
        for direction, by_tier in written.items()
        if by_tier is not None
    }


def _bar_of(check: Check, bars: Mapping[Direction, Bar]) -> Bar | None:
    """The bar, once `bar_problems` has refused all but the one that suits the check."""
    return next(iter(bars.values()), None) if check.better != "true" else None


def _laxer(
    name: str,
    path: str,
    bars: Mapping[Direction, Bar],
    outcomes: Mapping[Tier, Outcome],
    text: YamlText,
) -> Iterator[ConfigurationError]:
    for direction, bar in bars.items():
        yield from laxer_tiers(
            f"The bar of {name!r}", bar.by_tier, at_least_as_strict(direction), bar.spans
        )
    order = list(Outcome)
    yield from laxer_tiers(
        f"`insufficient` of {name!r}",
        outcomes,
        lambda first, second: order.index(first) >= order.index(second),
        {tier: text.locate(f"{path}.insufficient.{tier}") for tier in outcomes},
    )


def _fewer_approvals(schema: PolicySchema, text: YamlText) -> Iterator[ConfigurationError]:
    yield from laxer_tiers(
        "`approvals`",
        schema.approvals,
        lambda first, second: len(first) >= len(second),
        {tier: text.locate(f"approvals.{tier}") for tier in schema.approvals},
    )


def _policy(schema: PolicySchema, requirements: list[Requirement]) -> Policy:
    budget: dict[str, Decimal] = schema.errors.model_dump()
    policy = Policy(
        name=schema.policy,
        version=schema.version,
        digest="",
        requirements=tuple(requirements),
        errors=ErrorBudget(**budget),
        approvals={
            tier: tuple(Approver(role=item.role) for item in items)
            for tier, items in schema.approvals.items()
        },
        mode=Mode(schema.mode),
        max_excluded=schema.max_excluded,
    )
    return replace(policy, digest=policy_digest(policy))
