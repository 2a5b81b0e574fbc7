"""Ready policies: which controls each asks for, which checks show them, what people attest.

From the catalogues follow requirements with a check where one shows a control, and requirements
that a person attests where none does, or not in full. An attestation has an owner and an end,
since what a person once said does not hold for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from assay.policy.conditions import Condition, condition_of
from assay.policy.controls import Basis, Control, serving
from assay.policy.policy import Direction, Parameter, RequirementId
from assay.policy.provisions import Library, Reference
from assay.policy.tiers import Tier

LIMITS: Final = "limits"
"""The name of a control's main number by tier, among its further ones."""

TEST_AGE: Final = "test_age_days_max"
"""The further number by which a control says how old its test may be."""

BASELINE: Final = "baseline"
"""The ready policy that fits any system."""

SHORTHAND: Final[Mapping[str, str]] = {
    "lower95": "by the lower 95 % bound",
    "upper95": "by the upper 95 % bound",
    "point": "by the value itself",
    "report": "is reported, without a limit",
}
"""What the controls' catalogue abbreviates."""

DUTY_OWNER: Final = "compliance officer"
"""Who answers for a duty that no control covers: the owner of the risk R25, breach of law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarOf:
    """How a bar follows from a control's number by tier: plus + times x number."""

    direction: Direction
    of: str = LIMITS
    times: Decimal = Decimal(1)
    plus: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMapping:
    """The check that shows a control.

    Attributes:
        bar: None for a check whose fact must be true.
        id: the requirement's id, where it is not the control's.
        part: what it does not show of the control; None where it shows all.
        note: what else a reader must know of it.
    """

    control: str
    check: str
    id: RequirementId | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    bar: BarOf | None = None
    part: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPolicy:
    """The plan of one ready policy.

    Attributes:
        name: "eu-ai-act/high-risk".
        serving: regulations whose controls it asks for; empty for all controls.
        fits: names of circumstances; a system of which one holds is offered the policy.
        given: names of circumstances that hold of every system that the policy is for.
        leaves_out: names of circumstances; a control that applies only in these is left out.
        adds: further controls, with the provisions that they serve here.
        attested: controls left to people, though a check exists.
        mappings: checks that take the place of the common ones.
        duties: provisions that no control covers, to be attested, and of which systems, in
            words; "" for all.
    """

    name: str
    title: str
    text: str
    version: str
    serving: tuple[str, ...] = ()
    fits: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    leaves_out: frozenset[str] = frozenset()
    adds: Mapping[str, tuple[Reference, ...]] = field(
        default_factory=dict[str, tuple[Reference, ...]]
    )
    attested: frozenset[str] = frozenset()
    mappings: Mapping[str, CheckMapping] = field(default_factory=dict[str, CheckMapping])
    duties: Mapping[Reference, str] = field(default_factory=dict[Reference, str])

    @property
    def id(self) -> str:
        """The name as a policy's id, which has no slash."""
        return self.name.replace("/", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlans:
    """Every ready policy, and what they share.

    Attributes:
        approvals: roles by tier.
        attestation_days: how long an attestation holds, by tier.
        kept: controls that Assay keeps by itself, and how.
        mappings: by control, the check that shows it.
        policies: by name.
    """

    as_of: str
    approvals: Mapping[Tier, tuple[str, ...]]
    attestation_days: Mapping[Tier, int]
    kept: Mapping[str, str]
    mappings: Mapping[str, CheckMapping]
    policies: Mapping[str, ReadyPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What requirements with a check and attestations have in common.

    Attributes:
        serves: the provisions that it serves.
        when: the condition that the answers tell; None where it always applies.
        untold: the part of its circumstance that no answer tells, in words; "" for none.
        effective_from: the day from which the provisions apply; None where one does already.
    """

    id: RequirementId
    owner: str
    serves: tuple[Reference, ...]
    when: Condition | None
    untold: str
    effective_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRequirement(Asked):
    """A requirement that a check shows, with its control."""

    control: Control
    mapping: CheckMapping
    bar: Mapping[Tier, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Asked):
    """A requirement that a person confirms, since no check shows it yet, or not in full.

    Attributes:
        asks: what is confirmed, in words, with the threshold of each tier.
        expires_after_days: by tier; a tier that is left out does not ask.
        evidence: kinds of evidence that speak to it.
        source: the control's id, or the provision.
        control: None for a duty of the law that no control covers.
    """

    asks: str
    expires_after_days: Mapping[Tier, int]
    evidence: tuple[str, ...]
    source: str
    control: Control | None = None

    @property
    def role(self) -> str:
        """The role in which it is confirmed: its owner's."""
        return self.owner.replace(" ", "-")


def controls_of(policy: ReadyPolicy, controls: Mapping[str, Control]) -> list[Control]:
    """The controls that a ready policy asks for, in the catalogue's order."""
    chosen = serving(controls.values(), policy.serving) if policy.serving else controls.values()
    kept = {
        control.id
        for control in chosen
        if not {item.name for item in control.circumstances} <= policy.leaves_out
    }
    return [item for item in controls.values() if item.id in kept | set(policy.adds)]


def mappings_of(policy: ReadyPolicy, plans: ReadyPlans) -> dict[str, CheckMapping]:
    """The checks that show controls in this policy."""
    found = {**plans.mappings, **policy.mappings}
    return {name: item for name, item in found.items() if name not in policy.attested}


def requirements_of(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> list[ReadyRequirement]:
    """The requirements that checks show: a control each."""
    mappings = mappings_of(policy, plans)
    return [
        ReadyRequirement(
            id=mappings[control.id].id or _requirement_id(control.id),
            owner=control.owner,
            serves=_serves(control, policy),
            when=_told(control, policy),
            untold=_untold(control),
            effective_from=library.effective_from(_serves(control, policy)),
            control=control,
            mapping=mappings[control.id],
            bar=bar_of(control, mappings[control.id]),
        )
        for control in controls_of(policy, controls)
        if control.id in mappings
    ]


def attestations_of(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> list[Attestation]:
    """What people attest: controls that no check shows (in full), then duties of the law."""
    mappings = mappings_of(policy, plans)
    asked = [
        _attestation(control, mappings.get(control.id), policy, plans, library)
        for control in controls_of(policy, controls)
        if control.id not in plans.kept
        and (control.id not in mappings or mappings[control.id].part)
    ]
    duties = (_duty(name, where, plans, library) for name, where in policy.duties.items())
    return [*asked, *duties]


def bar_of(control: Control, mapping: CheckMapping) -> dict[Tier, Decimal]:
    """The bar by tier of the check that shows a control; empty for a fact."""
    bar = mapping.bar
    if bar is None:
        return {}
    return {
        tier: bar.plus + bar.times * number for tier, number in _numbers(control, bar.of).items()
    }


def mismatches(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> Iterator[str]:
    """What in a plan means nothing: a control, number, regulation or provision not there."""
    named = [*plans.kept, *plans.mappings, *policy.mappings, *policy.adds, *policy.attested]
    yield from (f"control {name!r}" for name in named if name not in controls)
    yield from (
        f"number {item.bar.of!r} of {name!r}"
        for name, item in {**plans.mappings, **policy.mappings}.items()
        if item.bar is not None and name in controls and not _numbers(controls[name], item.bar.of)
    )
    yield from (
        f"regulation {name!r}" for name in policy.serving if name not in library.regulations
    )
    references = [*policy.duties, *(item for added in policy.adds.values() for item in added)]
    yield from (f"provision {item!r}" for item in references if not library.find(item))


def _numbers(control: Control, name: str) -> dict[Tier, Decimal]:
    """A control's numbers by tier; a tier that only reports has none."""
    if name != LIMITS:
        return dict(control.also.get(name, {}))
    return {tier: limit.value for tier, limit in control.limits.items() if limit.value is not None}


def _attestation(
    control: Control,
    mapping: CheckMapping | None,
    policy: ReadyPolicy,
    plans: ReadyPlans,
    library: Library,
) -> Attestation:
    days = control.also.get(TEST_AGE, {})
    part = f" {mapping.part}" if mapping and mapping.part else ""
    asked = [tier for tier in plans.attestation_days if control.asked_at(tier)]
    serves = _serves(control, policy)
    return Attestation(
        id=_requirement_id(
            f"{control.id} attested" if control.id in plans.mappings else control.id
        ),
        owner=control.owner,
        serves=serves,
        when=_told(control, policy),
        untold=_untold(control),
        effective_from=library.effective_from(serves),
        asks=f"{control.title}. {_spelled_out(control.text)}{part} {_limits(control, asked)}",
        expires_after_days={
            tier: int(days.get(tier, plans.attestation_days[tier])) for tier in asked
        },
        evidence=control.evidence,
        source=control.id,
        control=control,
    )


def _serves(control: Control, policy: ReadyPolicy) -> tuple[Reference, ...]:
    return (*control.serves, *policy.adds.get(control.id, ()))


def _told(control: Control, policy: ReadyPolicy) -> Condition | None:
    """The condition under which a control applies, as far as answers tell it."""
    if any(item.name in policy.given or item.when is None for item in control.circumstances):
        return None
    return condition_of(item.when for item in control.circumstances if item.when is not None)


def _untold(control: Control) -> str:
    """The circumstance in words where no answer tells all of it, in the same words everywhere."""
    return control.circumstance() if control.untold() else ""


def _limits(control: Control, asked: Sequence[Tier]) -> str:
    """What each tier asks, in words: "Tier low: at least 0.6; from medium up: at least 0.8."."""
    words: dict[str, list[str]] = {}
    for tier in asked:
        words.setdefault(_spelled_out(control.limit_at(tier)), []).append(str(tier))
    ours = ", a default of ours" if control.basis is Basis.D else ""
    if len(words) == 1 and len(asked) == len(control.limits):
        return f"At every tier{ours}: {next(iter(words))}."
    said = (f"{_listed(tiers)} {limit}" for limit, tiers in words.items())
    return f"By tier{ours}: {'; '.join(said)}."


def _spelled_out(text: str) -> str:
    """A control's shorthand in words."""
    for short, words in SHORTHAND.items():
        text = re.sub(rf"\b{short}\b", words, text)
    return text


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "medium, high and critical"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _duty(reference: Reference, where: str, plans: ReadyPlans, library: Library) -> Attestation:
    found = library.find(reference)
    title = library.title(reference)
    said = found[0].text if len(found) == 1 else "; ".join(item.title for item in found) + "."
    name = found[0].id if len(found) == 1 else title.partition(" - ")[0]
    return Attestation(
        id=_requirement_id(name),
        owner=DUTY_OWNER,
        serves=(reference,),
        when=None,
        untold=where,
        effective_from=library.effective_from([reference]),
        asks=f"{title}. {said}",
        expires_after_days=plans.attestation_days,
        evidence=tuple(dict.fromkeys(kind for item in found for kind in item.evidence)),
        source=reference,
    )


def _requirement_id(name: str) -> RequirementId:
    """A control's or provision's id as a requirement's: "perf.floor" is perf-floor."""
    words = "".join(sign if sign.isalnum() else " " for sign in name.lower()).split()
    return RequirementId("-".join(words))
