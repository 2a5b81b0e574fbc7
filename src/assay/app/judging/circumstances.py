"""Circumstances: what the expressions of a policy may read of a case, and what they made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from assay.app.judging.production import comparing, with_production
from assay.errors import VerificationFailed
from assay.evidence.canonical import Json, canonical, parse_object
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.governance.manifest import Answer, Manifest
from assay.policy.attestations import Attestation, attestation_measure
from assay.policy.expressions import COMPONENTS, Datum, evaluated, ruled, variable_name
from assay.policy.judging import Measure, expired
from assay.policy.policy import ATTESTATION, Policy, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Rows

if TYPE_CHECKING:
    from assay.app.judging.deciding import Case

SCHEMA: Final = "assay.circumstances/1"

COUNTED: Final = frozenset({"evidence.rows", "evidence.excluded"})
"""The variables of conditions that only the tallies tell."""


class UnreadableCircumstances(VerificationFailed):
    """Recorded circumstances are not what this version of Assay writes."""

    code = "record.unreadable-circumstances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a manifest says that expressions may read, as it stood when a decision was made.

    Attributes:
        texts: by variable, such as "system.purpose".
        answers: to the intake questionnaire, by question; None for a system without an intake.
        in_production: the version in production, where the policy compares with it and the data
            do not hold its scores; else "". No expression reads it.
    """

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: Mapping[str, Answer] | None = None
    in_production: str = ""

    def to_bytes(self) -> bytes:
        """Canonical JSON, for the record of a decision."""
        answers = self.answers
        return canonical(
            {
                "schema": SCHEMA,
                "texts": dict(self.texts),
                "answers": None
                if answers is None
                else {
                    name: answer if isinstance(answer, str) else list(answer)
                    for name, answer in answers.items()
                },
                **({"in_production": self.in_production} if self.in_production else {}),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Circumstances:
        """What `to_bytes` wrote; raises UnreadableCircumstances."""
        try:
            return _circumstances(cast(Mapping[str, Any], parse_object(data)))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableCircumstances(
                f"What a decision's conditions read is unreadable: {error}"
            ) from error


def circumstances_of(manifest: Manifest, *, name: str) -> Circumstances:
    """What a manifest says that expressions may read.

    Args:
        manifest: the manifest.
        name: of the version, which the manifest may leave to others.
    """
    system = manifest.system
    return Circumstances(
        texts={
            "system.purpose": system.purpose,
            "system.owner": system.owner,
            "version.kind": manifest.version.kind,
            "version.name": name,
        },
        answers=system.intake.answers if system.intake else None,
    )


def conditions(case: Case, *, at: datetime) -> dict[RequirementId, Measurement]:
    """What became of each requirement's `when` at an instant."""
    if not case.programs.conditions:
        return {}
    data = condition_data(case, at=at)
    return {name: evaluated(program, data) for name, program in case.programs.conditions.items()}


def answered_measures(
    case: Case,
    measures: Mapping[RequirementId, Measure],
    attestations: Sequence[Attestation],
    *,
    at: datetime,
) -> dict[RequirementId, Measure]:
    """A measure for every requirement: of checks as bound, of people, and of expressions.

    Args:
        case: the case.
        measures: of the requirements that have a check.
        attestations: what people have attested of the version.
        at: the instant of which it is judged.
    """
    taken_at = case.evidence_at(at)
    found = {name: replace(item, taken_at=taken_at) for name, item in measures.items()}
    if case.circumstances.in_production:
        compared = comparing(case.policy, case.catalogue, case.gathered.recipe.roles)
        found = with_production(found, compared, name=case.circumstances.in_production)
    for rule in case.policy.requirements:
        if rule.check == ATTESTATION:
            found[rule.id] = attestation_measure(rule, attestations, version=case.version.digest)
    if not case.programs.rules:
        return found
    reads = frozenset[str]().union(*(item.reads for item in case.programs.rules.values()))
    current = _current(case, found, at=at)
    data = condition_data(case, at=at) | measurement_data(case.policy, current, reads=reads)
    estimated = estimated_variables(case.policy, found)
    for name, program in case.programs.rules.items():
        said = ruled(program, data, estimated=estimated)
        found[name] = Measure(at=partial(_said, said), statistical=False, taken_at=taken_at)
    return found


def _circumstances(form: Mapping[str, Any]) -> Circumstances:
    if form["schema"] != SCHEMA:
        raise ValueError(f"its form is not {SCHEMA}")
    answers = form["answers"]
    return Circumstances(
        texts={str(name): str(text) for name, text in form["texts"].items()},
        answers=None
        if answers is None
        else {
            str(name): answer if isinstance(answer, str) else tuple(map(str, answer))
            for name, answer in answers.items()
        },
        in_production=str(form.get("in_production", "")),
    )


def _current(
    case: Case, measures: Mapping[RequirementId, Measure], *, at: datetime
) -> dict[RequirementId, Measure]:
    """The same measures, without what is too old to be judged by."""
    found = dict(measures)
    for rule in case.policy.requirements:
        if rule.id not in measures:
            continue
        measure = measures[rule.id]
        reason = expired(case.policy, rule, tier=case.tier, at=at, taken_at=measure.taken_at)
        if reason is not None:
            lost = NotCollected(reason=f"`measurement.{variable_name(rule.id)}`: {reason}")
            found[rule.id] = replace(measure, at=partial(_said, lost))
    return found


def _said(measurement: Measurement, _errors: Errors) -> Measurement:
    return measurement


def condition_data(case: Case, *, at: datetime) -> dict[str, Datum | NotCollected | Undefined]:
    """The values that conditions may read of a case at an instant."""
    return {
        **uncounted_data(
            case.circumstances,
            system=case.system,
            tier=case.tier,
            tier_source=case.tier_source,
            components=case.version.components,
            produced=case.gathered.produced,
            age=at - case.evidence_at(at),
        ),
        **counted_data(case.gathered.evidence),
    }


def uncounted_data(
    circumstances: Circumstances,
    *,
    system: str,
    tier: Tier,
    tier_source: str,
    components: Mapping[str, Any],
    produced: str,
    age: timedelta,
) -> dict[str, Datum | NotCollected | Undefined]:
    """What conditions may read without the tallies.

    Args:
        circumstances: what was said of the system and the version.
        system: its id.
        tier: its tier.
        tier_source: where that comes from.
        components: of the version, by name.
        produced: who made the scores.
        age: of the evidence.
    """
    return {
        **circumstances.texts,
        **_answers(circumstances),
        "system.id": system,
        "tier": int(tier),
        "tier_source": tier_source,
        **{f"version.{name}.pinned": _pinned(components.get(name)) for name in COMPONENTS},
        "evidence.produced": produced,
        "evidence.age_days": age.days,
    }


def counted_data(evidence: Evidence) -> dict[str, Datum]:
    """What conditions may read of the tallies: the variables COUNTED."""
    rows = evidence[Rows()]
    return {"evidence.rows": rows.read, "evidence.excluded": rows.read - rows.used}


def measurement_data(
    policy: Policy,
    measures: Mapping[RequirementId, Measure],
    *,
    reads: Collection[str] | None = None,
) -> dict[str, Datum | NotCollected | Undefined]:
    """The figures that rules may read, with both bounds at the policy's `false_allow`.

    Args:
        policy: the policy.
        measures: by requirement, of those that a check or a person answers.
        reads: the variables that are wanted, since a figure may take long; None for all.
    """
    allow = policy.errors.allow_error
    found: dict[str, Datum | NotCollected | Undefined] = {}
    for rule in policy.requirements:
        prefix = f"measurement.{variable_name(rule.id)}."
        wanted = reads is None or any(name.startswith(prefix) for name in reads)
        if rule.id in measures and wanted:
            measured = measures[rule.id].at(Errors(low=allow, high=allow))
            found |= _figures(rule, measured, statistical=measures[rule.id].statistical)
    return found


def estimated_variables(
    policy: Policy, measures: Mapping[RequirementId, Measure]
) -> frozenset[str]:
    """The variables that are estimates or their bounds."""
    return frozenset(
        f"measurement.{variable_name(rule.id)}.{part}"
        for rule in policy.requirements
        if rule.id in measures and measures[rule.id].statistical
        for part in ("value", "low", "high")
    )


def _answers(circumstances: Circumstances) -> Mapping[str, Answer]:
    if circumstances.answers is None:
        return {}
    return {f"answers.{name}": answer for name, answer in circumstances.answers.items()}


def _pinned(component: Mapping[str, Json] | None) -> bool:
    """Whether a component is declared, and known by its digest."""
    return component is not None and component.get("unpinned") is not True


def _figures(
    rule: Requirement, measured: Measurement, *, statistical: bool
) -> dict[str, Datum | NotCollected | Undefined]:
    """A requirement's variables: a value, and bounds where it has them; or why there are none."""
    prefix = f"measurement.{variable_name(rule.id)}"
    parts = ("value", "low", "high") if statistical else ("value",)
    match measured:
        case Estimate(value=value, low=low, high=high) if statistical:
            return {
                f"{prefix}.value": value,
                f"{prefix}.low": low,
                f"{prefix}.high": high,
            }
        case Fact(value=value) if not statistical:
            return {f"{prefix}.value": value if isinstance(value, bool) else float(value)}
        case NotCollected() | Undefined():
            lacking: NotCollected | Undefined = measured
        case NotApplicable(reason=reason):
            lacking = NotCollected(reason=f"`{prefix}` does not apply: {reason}")
        case CheckFailed(reason=reason):
            lacking = NotCollected(reason=f"`{prefix}` could not be measured: {reason}")
        case _:
            lacking = NotCollected(reason=f"`{prefix}` is not what its check promises.")
    return {f"{prefix}.{part}": lacking for part in parts}
