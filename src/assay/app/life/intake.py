"""Intake: from answers follow a tier, legal classes, obligations, and what the gate will ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.documents.intake import Demand, IntakeReport
from assay.evidence.roles import decimal_text
from assay.policy.conditions import Answers, holds
from assay.policy.controls import Applies, Control
from assay.policy.provisions import Library
from assay.policy.questionnaire import Questionnaire
from assay.policy.ready import (
    BASELINE,
    Attestation,
    CheckMapping,
    ReadyPlans,
    ReadyPolicy,
    attestations_of,
    bar_of,
    controls_of,
    mappings_of,
)
from assay.policy.tiering import Tiering, tier_of
from assay.policy.tiers import Tier, at_tier


def assess_intake(
    answers: Answers,
    *,
    file: str,
    questionnaire: Questionnaire,
    library: Library,
    controls: Mapping[str, Control],
    ready: ReadyPlans,
) -> IntakeReport:
    """Everything that follows from answers. Records nothing.

    Args:
        answers: to every question of the questionnaire.
        file: where they stand, as shown to people.
        questionnaire: the questions and rules.
        library: the provisions that they refer to.
        controls: what the gate may ask.
        ready: the ready policies, and which checks show which control.
    """
    tiering = tier_of(questionnaire, answers)
    policies = tuple(_fitting(tiering, controls, ready))
    asked = {item.id: item for policy in policies for item in controls_of(policy, controls)}
    return IntakeReport(
        file=file,
        questionnaire=questionnaire,
        library=library,
        tiering=tiering,
        policies=tuple(policy.name for policy in policies),
        demands=tuple(_demands(tiering, asked, ready, policies)),
        duties=tuple(_duties(controls, ready, policies, library)),
    )


def _fitting(
    tiering: Tiering, controls: Mapping[str, Control], ready: ReadyPlans
) -> Iterator[ReadyPolicy]:
    """The baseline, the policies of the legal classes, and those of the kind of system."""
    classes = (exposure.legal_class.policy for exposure in tiering.exposures)
    held = {
        item.name
        for control in controls.values()
        for item in control.circumstances
        if item.when is not None and holds(item.when, tiering.answers)
    }
    kinds = (policy.name for policy in ready.policies.values() if policy.fits & held)
    names = dict.fromkeys((BASELINE, *(name for name in classes if name is not None), *kinds))
    yield from (ready.policies[name] for name in names)


def _duties(
    controls: Mapping[str, Control],
    ready: ReadyPlans,
    policies: tuple[ReadyPolicy, ...],
    library: Library,
) -> Iterator[Attestation]:
    """What people attest of a law that no control covers."""
    for policy in policies:
        for item in attestations_of(policy, ready, controls, library):
            if item.control is None:
                yield item


def _demands(
    tiering: Tiering,
    controls: Mapping[str, Control],
    ready: ReadyPlans,
    policies: tuple[ReadyPolicy, ...],
) -> Iterator[Demand]:
    """Every control of the policies that may apply and of which the tier asks something."""
    mappings = {
        name: mapping for policy in policies for name, mapping in mappings_of(policy, ready).items()
    }
    for control in controls.values():
        applies = control.applies(tiering.answers)
        if applies is not Applies.NO and control.asked_at(tiering.tier):
            yield _demand(control, applies, mappings.get(control.id), tiering.tier, ready)


def _demand(
    control: Control,
    applies: Applies,
    mapping: CheckMapping | None,
    tier: Tier,
    ready: ReadyPlans,
) -> Demand:
    limit = control.limit_at(tier)
    if mapping and mapping.bar is None:
        limit = "must hold"
    elif mapping and mapping.bar:
        bar = at_tier(bar_of(control, mapping), tier)
        words = mapping.bar.direction.value.replace("_", " ")
        limit = limit if bar is None else f"{words} {decimal_text(bar)}"
    return Demand(
        control=control,
        applies=applies,
        limit=limit,
        check=mapping.check if mapping else None,
        part=mapping.part if mapping else None,
        kept=ready.kept.get(control.id),
    )
