"""The schema of a policy file: its keys, and what each may hold. Editors read it too."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from assay.adapters.loaders.fields import BarTier, Id, Number, Text, VersionName, Within, as_number
from assay.adapters.loaders.problems import Strict, refuse, shown, wrong_type
from assay.adapters.loaders.times import End, PeriodByTier, Start
from assay.policy.policy import MAX_EXCLUDED_DEFAULT, Range

EXTENDS_MAX: Final = 16
_TIERS: Final = ("low", "medium", "high", "critical")


def _by_tier(value: Any) -> Any:
    """A single bar holds from the lowest tier up."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return {"low": value}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="a number, or numbers by tier such as {low: 0.6, high: 0.7}")


def _ranges_by_tier(value: Any) -> Any:
    """A single range holds from the lowest tier up."""
    if isinstance(value, list):
        return {"low": value}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="two numbers such as [0.8, 1.25], or such by tier")


def _range(value: Any) -> Range:
    if not isinstance(value, list) or len(value) != 2:
        raise wrong_type(value, wanted="two numbers, the least and the most, such as [0.8, 1.25]")
    low, high = map(as_number, value)
    if low > high:
        raise refuse(
            f"goes from {low} to {high}, which holds nothing.", remedy="Write the least first."
        )
    return Range(low=low, high=high)


def _required_by_tier(value: Any) -> Any:
    """What is asked for at all is asked for from the lowest tier up."""
    if value is True:
        return {"low": True}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="true, or the tier from which it is asked, such as {high: true}")


def _required(value: Any) -> bool:
    if value is not True:
        raise refuse(
            f"is {shown(value)}; a tier either asks for it or is left out.",
            remedy="Name the lowest tier that asks for it, such as {high: true}.",
        )
    return True


def _tiered(item: dict[str, Any]) -> dict[str, Any]:
    """A value from the lowest tier up, or values by tier."""
    by_tier = {
        "type": "object",
        "properties": dict.fromkeys(_TIERS, item),
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [item, by_tier]}


BarByTier = Annotated[
    dict[BarTier, Number],
    BeforeValidator(_by_tier),
    Field(min_length=1),
    WithJsonSchema(_tiered({"type": "number"})),
]
RangeByTier = Annotated[
    dict[BarTier, Annotated[Range, PlainValidator(_range)]],
    BeforeValidator(_ranges_by_tier),
    Field(min_length=1),
    WithJsonSchema(
        _tiered({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
    ),
]
RequiredByTier = Annotated[
    dict[BarTier, Annotated[bool, PlainValidator(_required)]],
    BeforeValidator(_required_by_tier),
    Field(min_length=1),
    WithJsonSchema(_tiered({"const": True})),
]
Rate = Annotated[Decimal, Within(Decimal(0), Decimal("0.5"), "()")]
Share = Annotated[Decimal, Within(Decimal(0), Decimal(1), "[)")]


class BudgetSchema(Strict):
    """How often a decision may be wrong, and which way."""

    false_allow: Rate = Field(
        default=Decimal("0.05"),
        description="How often a version at its limit may be allowed, a fraction below 0.5.",
    )
    false_deny: Rate = Field(
        default=Decimal("0.05"),
        description="How often a version within its limits may be denied, a fraction below 0.5.",
    )
    uses: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=1,
        description="How many versions one evaluation set is meant to judge: `false_allow` is "
        "divided among them. By default 1.",
    )


class RequirementSchema(Strict):
    """One rule: what shows it - a check, an expression or a person - and what is asked of it."""

    check: Text | None = Field(
        default=None, description="The check's name; `assay check --list` has all."
    )
    expression: Text | None = Field(
        default=None,
        description="In place of a check: a CEL expression that must be true, such as "
        "`evidence.rows >= 1000 && measurement.ranks_well.low > 0.6`.",
    )
    attest: Text | None = Field(
        default=None,
        description="In place of a check: what a person must confirm, in words. Until someone "
        "has, the release is on hold.",
    )
    by: Id | None = Field(
        default=None, description="With `attest`: the role in which it is confirmed."
    )
    parameters: dict[str, Any] = Field(
        default={}, alias="with", description="The check's parameters."
    )
    at_least: BarByTier | None = Field(
        default=None,
        description="The least that the figure may be: a number, from tier low up, or by tier. "
        "A tier left out takes the nearest lower one; below the first, nothing is asked.",
    )
    at_most: BarByTier | None = Field(
        default=None,
        description="The most that the figure may be: a number, from tier low up, or by tier. "
        "A tier left out takes the nearest lower one; below the first, nothing is asked.",
    )
    between: RangeByTier | None = Field(
        default=None,
        description="The least and the most that the figure may be, such as [0.8, 1.25]; from "
        "tier low up, or by tier.",
    )
    equals: BarByTier | None = Field(
        default=None,
        description="What a counted figure must be exactly; no sample shows that of an estimate.",
    )
    requires: RequiredByTier | None = Field(
        default=None,
        description="For what is true or false: the tier from which it must hold, such as "
        "{high: true}; by default every tier.",
    )
    when: Text | None = Field(
        default=None,
        description="A CEL expression over system, version, tier, answers and evidence, such as "
        "`tier >= HIGH`; where it is false, the requirement does not apply.",
    )
    effective_from: Start | None = Field(
        default=None, description="The day (UTC) or instant from which it applies."
    )
    until: End | None = Field(
        default=None, description="The last day (UTC) on which it applies, or the instant it ends."
    )
    max_age: PeriodByTier | None = Field(
        default=None,
        description="How old its evidence may be, such as 90d, from tier low up, or by tier; "
        "older evidence is missing.",
    )
    insufficient: dict[BarTier, Literal["allow", "hold", "deny"]] = Field(
        default={},
        description="What happens when the data cannot tell, by tier; by default low allows, "
        "medium and high hold, critical denies.",
    )
    satisfies: list[Text] = Field(
        default=[],
        description='The provisions that it serves, such as "eu-ai-act:ART10-2-F".',
    )
    basis: Literal["law", "statistics", "convention", "default"] | None = Field(
        default=None,
        description="Where the limit comes from; of a default, which is yet to be calibrated, "
        "reports say so.",
    )
    laxer_because: Text | None = Field(
        default=None,
        description="Why a higher tier is asked for less than a lower one, where it is.",
    )
    owner: Text | None = Field(
        default=None, description="Who set the bar, such as team:fair-lending."
    )
    rationale: Text | None = Field(default=None, description="Why the bar is where it is.")


class ApproverSchema(Strict):
    """One approval; each is given by a different person, none of them the author."""

    role: Id = Field(description="The role in which it is given, such as validator.")


class WaiversSchema(Strict):
    """What the policy allows of waivers."""

    longest: PeriodByTier | None = Field(
        default=None,
        description="How long a waiver may last, such as 90d, from tier low up, or by tier; by "
        "default 365d, 180d, 90d, 30d. Below the first tier named, none is granted.",
    )
    granted_by: dict[BarTier, Id] | None = Field(
        default=None,
        min_length=1,
        description="The role in which one is granted, by tier; by default approver.",
    )
    renewals: int = Field(
        default=1, ge=0, le=99, description="How often the same waiver may be granted anew."
    )


class PolicySchema(Strict):
    """The requirements that a version must meet before it may ship, tier by tier."""

    policy: Id = Field(description="The policy's name, such as lending.")
    version: VersionName = Field(description="The policy's version, such as 1.0.0.")
    extends: list[Text] = Field(
        default=[],
        min_length=1,
        max_length=EXTENDS_MAX,
        description="What it builds on and only tightens: ready policies by name, such as "
        "eu-ai-act/high-risk, and files by path from this one's folder, such as "
        "../hub/policy.yaml.",
    )
    errors: BudgetSchema = Field(
        default=BudgetSchema(),
        description="The error rates of decisions: false_allow and false_deny, 0.05 each.",
    )
    max_age: PeriodByTier | None = Field(
        default=None,
        description="How old evidence may be, such as 90d, from tier low up, or by tier; older "
        "evidence is missing. A requirement may say less.",
    )
    requirements: dict[Id, RequirementSchema] = Field(
        default={}, description="The requirements, each under an id of its own."
    )
    approvals: dict[BarTier, list[ApproverSchema]] = Field(
        default={},
        description="Who must approve, by tier. A tier left out takes the nearest lower one.",
    )
    waivers: WaiversSchema = Field(
        default=WaiversSchema(),
        description="How long waivers may last, who grants them, and how often anew.",
    )
    mode: Literal["enforce", "warn", "observe"] = Field(
        default="enforce",
        description="enforce stops a release that is not allowed, warn says so, observe only "
        "records.",
    )
    max_excluded: Share = Field(
        default=MAX_EXCLUDED_DEFAULT,
        description="The share of rows that may be unusable; beyond it no figure suffices.",
    )
