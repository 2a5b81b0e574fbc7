"""The plans of ready policies, each name in them known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.questionnaires import UnknownName
from assay.adapters.loaders.ready_schema import (
    BarSchema,
    MappingSchema,
    ReadyPoliciesSchema,
    ReadyPolicySchema,
)
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError
from assay.policy.controls import Control
from assay.policy.policy import Direction, Parameter, RequirementId
from assay.policy.provisions import Library, Reference
from assay.policy.ready import (
    LIMITS,
    BarOf,
    CheckMapping,
    ReadyPlans,
    ReadyPolicy,
    mismatches,
)


def parse_ready_plans(
    written: Written, *, controls: Mapping[str, Control], library: Library
) -> ReadyPlans:
    """The plans that a text lays down.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(ReadyPoliciesSchema, text)
    plans = ReadyPlans(
        as_of=schema.as_of,
        approvals={tier: tuple(roles) for tier, roles in schema.approvals.items()},
        attestation_days=schema.attestation_days,
        kept=schema.kept,
        mappings=_mappings(schema.mappings),
        policies={item.id: _policy(item) for item in schema.items},
    )
    raise_problems(list(_problems(plans, text, controls, library)))
    return plans


def _problems(
    plans: ReadyPlans, text: YamlText, controls: Mapping[str, Control], library: Library
) -> Iterator[ConfigurationError]:
    circumstances = {item.name for control in controls.values() for item in control.circumstances}
    for number, policy in enumerate(plans.policies.values()):
        unknown = [
            *mismatches(policy, plans, controls, library),
            *(
                f"condition {name!r}"
                for name in sorted((policy.leaves_out | policy.given | policy.fits) - circumstances)
            ),
        ]
        for name in unknown:
            yield UnknownName(
                f"Ready policy {policy.name!r} speaks of {name}, which does not exist.",
                where=text.locate(f"items.{number}"),
                remedy="Name what the catalogues have.",
            )


def _policy(item: ReadyPolicySchema) -> ReadyPolicy:
    return ReadyPolicy(
        name=item.id,
        title=item.title,
        text=item.text,
        version=item.version,
        serving=tuple(item.serving),
        fits=frozenset(item.fits),
        given=frozenset(item.given),
        leaves_out=frozenset(item.leaves_out),
        adds={added.control: tuple(map(Reference, added.serves)) for added in item.adds},
        attested=frozenset(item.attested),
        mappings=_mappings(item.mappings),
        duties={Reference(duty.provision): duty.where or "" for duty in item.duties},
    )


def _mappings(items: Iterable[MappingSchema]) -> dict[str, CheckMapping]:
    return {
        item.control: CheckMapping(
            control=item.control,
            check=item.check,
            id=None if item.id is None else RequirementId(item.id),
            parameters={name: _parameter(value) for name, value in item.parameters.items()},
            bar=_bar(item.bar) if item.bar else None,
            part=item.part,
            note=item.note,
        )
        for item in items
    }


def _bar(item: BarSchema) -> BarOf:
    given = {name: value for name, value in (("times", item.times), ("plus", item.plus)) if value}
    if item.at_least is not None:
        return BarOf(direction=Direction.AT_LEAST, of=item.at_least, **given)
    return BarOf(direction=Direction.AT_MOST, of=item.at_most or LIMITS, **given)


def _parameter(value: Any) -> Parameter:
    return tuple(value) if isinstance(value, list) else value
