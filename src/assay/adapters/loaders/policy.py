"""A policy file as a policy: every name known, every bar usable, nothing left unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assay.adapters.loaders.bars import laxer_tiers
from assay.adapters.loaders.extending import EXTENDS
from assay.adapters.loaders.layers import merged_texts
from assay.adapters.loaders.policy_schema import PolicySchema, WaiversSchema
from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.programs import NO_ANSWERS, expression_problems
from assay.adapters.loaders.rules import Reading, read_requirement
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import CheckCatalogue, Written
from assay.catalogues import SHOWN_UNDER
from assay.errors import ConfigurationError
from assay.governance.manifest import EvaluationData, IntakeAnswers
from assay.policy.canonical import policy_digest
from assay.policy.merging import Merged
from assay.policy.policy import Approver, ErrorBudget, Mode, Policy, Requirement, WaiverRules


class NoRequirements(ConfigurationError):
    """A policy that asks for nothing would allow everything."""

    code = "policy.no-requirements"


def parse_policy(
    written: Written,
    checks: CheckCatalogue,
    *,
    data: EvaluationData | None = None,
    answers: IntakeAnswers = NO_ANSWERS,
    recorded: bool = False,
) -> Policy:
    """The policy that a text lays down, merged with all that it builds on.

    Args:
        written: the text, with what is beneath it.
        checks: the checks that it may name; only the families it names are imported.
        data: the data it will be judged on; where given, columns that a requirement names
            must be declared there.
        answers: of the system's intake, whose questions expressions may read besides those
            that everybody is asked.
        recorded: whether it was loaded and judged by before: then the catalogues of today
            need not have the provisions that it refers to, and its expressions are compiled
            by whoever evaluates them.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    if written.beneath or EXTENDS in text.value:
        merged = merge_policy(written, checks, data=data, answers=answers, recorded=recorded)
        return merged.policy
    policy = policy_of(text, checks, data=data, recorded=recorded)
    if not recorded:
        raise_problems(list(expression_problems(policy, checks, text, answers=answers)))
    return policy


def merge_policy(
    written: Written,
    checks: CheckCatalogue,
    *,
    data: EvaluationData | None = None,
    answers: IntakeAnswers = NO_ANSWERS,
    recorded: bool = False,
) -> Merged:
    """As `parse_policy`, with the origin of every value.

    Raises:
        ConfigurationError: as `parse_policy`; or a text loosens or changes what it builds on.
    """

    def parse(text: YamlText) -> Policy:
        # What is shipped refers to catalogues that are shipped with it: nothing to resolve.
        resolved = recorded or text.file.startswith(SHOWN_UNDER)
        return policy_of(text, checks, data=data, recorded=resolved)

    merged, text = merged_texts(written, parse)
    if not recorded:
        raise_problems(list(expression_problems(merged.policy, checks, text, answers=answers)))
    return merged


def policy_of(
    text: YamlText,
    checks: CheckCatalogue,
    *,
    data: EvaluationData | None = None,
    recorded: bool = False,
) -> Policy:
    """The policy in a parsed text, all but its expressions checked.

    Those may read requirements that stand in a text that this one builds on.

    Raises:
        ConfigurationError: as `parse_policy`.
    """
    schema = validate(PolicySchema, text)
    if not schema.requirements and not schema.extends:
        raise NoRequirements(
            "The policy has no requirements, so it would allow everything.",
            where=text.locate("requirements", key=True),
            remedy="Add at least one, such as `ranks-well: {check: performance.roc_auc, "
            "at_least: 0.6}`.",
        )
    problems: list[ConfigurationError] = []
    reading = Reading(text=text, checks=checks, data=data, resolve=not recorded)
    requirements = [
        rule
        for name, item in schema.requirements.items()
        if (rule := read_requirement(name, item, reading, problems)) is not None
    ]
    problems += _laxer(schema, text)
    raise_problems(problems)
    return _policy(schema, requirements)


def _laxer(schema: PolicySchema, text: YamlText) -> Iterator[ConfigurationError]:
    """Where the policy as a whole asks a higher tier for less."""
    yield from laxer_tiers(
        "`approvals`",
        schema.approvals,
        lambda first, second: len(first) >= len(second),
        {tier: text.locate(f"approvals.{tier}") for tier in schema.approvals},
    )
    for path, periods in (
        ("max_age", schema.max_age or {}),
        ("waivers.longest", schema.waivers.longest or {}),
    ):
        yield from laxer_tiers(
            f"`{path}`",
            periods,
            lambda first, second: first <= second,
            {tier: text.locate(f"{path}.{tier}") for tier in periods},
        )


def _policy(schema: PolicySchema, requirements: list[Requirement]) -> Policy:
    policy = Policy(
        name=schema.policy,
        version=schema.version,
        digest="",
        requirements=tuple(requirements),
        errors=ErrorBudget(**schema.errors.model_dump()),
        approvals={
            tier: tuple(Approver(role=item.role) for item in items)
            for tier, items in schema.approvals.items()
        },
        mode=Mode(schema.mode),
        max_age=schema.max_age or {},
        waivers=_waiver_rules(schema.waivers),
        max_excluded=schema.max_excluded,
    )
    return replace(policy, digest=policy_digest(policy))


def _waiver_rules(schema: WaiversSchema) -> WaiverRules:
    rules = WaiverRules(renewals=schema.renewals)
    if schema.longest is not None:
        rules = replace(rules, longest=schema.longest)
    if schema.granted_by is not None:
        rules = replace(rules, granted_by=schema.granted_by)
    return rules
