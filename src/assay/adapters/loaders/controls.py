"""The matrix of controls: thresholds by tier, when each applies, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.adapters.loaders.catalogue_schema import RisksSchema
from assay.adapters.loaders.controls_schema import ControlSchema, ControlsSchema
from assay.adapters.loaders.library import entry_problems
from assay.adapters.loaders.problems import raise_problems, validate
from assay.adapters.loaders.questionnaires import Names
from assay.adapters.loaders.yaml import parse_yaml
from assay.app.ports import Written
from assay.policy.controls import Basis, Circumstance, Control, Limit
from assay.policy.provisions import Reference
from assay.policy.questionnaire import Questionnaire


def parse_controls(
    written: Written, risks: Written, *, questionnaire: Questionnaire, kinds: frozenset[str]
) -> dict[str, Control]:
    """The controls, each with the owner of the first risk that it tests.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(ControlsSchema, text)
    raise_problems(list(entry_problems(schema.items, text, kinds)))
    names = Names(
        text,
        {name: item.options for name, item in questionnaire.questions.items()},
        dict(questionnaire.predicates),
    )
    circumstances = {
        name: Circumstance(
            name=name,
            title=item.title,
            when=names.condition(item.when, f"conditions.{name}.when") if item.when else None,
        )
        for name, item in schema.conditions.items()
    }
    for number, item in enumerate(schema.items):
        for name in item.applies_if:
            names.known(name, circumstances, "condition", f"items.{number}.applies_if")
    owners = _owners(risks, [item.id for item in schema.items], kinds)
    unowned = [item.id for item in schema.items if item.id not in owners]
    if unowned:
        names.refuse(
            f"No risk is tested by {', '.join(unowned)}, so nobody answers for it.",
            "items",
            remedy=f"Name it under `controls` of a risk in {risks.file}.",
        )
    raise_problems(names.problems)
    return {item.id: _control(item, circumstances, owners[item.id]) for item in schema.items}


def _control(item: ControlSchema, circumstances: Mapping[str, Circumstance], owner: str) -> Control:
    return Control(
        id=item.id,
        title=item.title,
        text=item.text,
        group=item.group,
        evidence=tuple(item.evidence),
        comparison=item.comparison,
        thresholds=item.thresholds,
        limits={
            tier: Limit(value=limit.value, unit=limit.unit, mode=limit.mode)
            for tier, limit in item.limits.items()
        },
        basis=Basis[item.basis],
        rationale=item.rationale,
        serves=tuple(map(Reference, item.serves)),
        circumstances=tuple(circumstances[name] for name in item.applies_if),
        owner=owner,
        also=item.also,
    )


def _owners(written: Written, controls: Iterable[str], kinds: frozenset[str]) -> dict[str, str]:
    """Who answers for the first risk that each control tests."""
    text = parse_yaml(written.source, file=written.file)
    schema = validate(RisksSchema, text)
    names = Names(text, {}, {})
    known = list(controls)
    owners: dict[str, str] = {}
    for number, risk in enumerate(schema.items):
        for control in risk.controls:
            names.known(control, known, "control", f"items.{number}.controls")
            owners.setdefault(control, risk.owner_role)
    raise_problems([*entry_problems(schema.items, text, kinds), *names.problems])
    return owners
