"""The schema of a policy file: its keys, and what each may hold. Editors read it too."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from assay.adapters.loaders.fields import BarTier, Id, Number, Text, VersionName, Within
from assay.adapters.loaders.problems import Strict, wrong_type
from assay.policy.policy import MAX_EXCLUDED_DEFAULT

_LATER: Final = "Delete it: leaving it unread would loosen the policy in silence."
_TIERS: Final = ("low", "medium", "high", "critical")


def _by_tier(value: Any) -> Any:
    """A single bar holds from the lowest tier up."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return {"low": value}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="a number, or numbers by tier such as {low: 0.6, high: 0.7}")


BarByTier = Annotated[
    dict[BarTier, Number],
    BeforeValidator(_by_tier),
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {
                    "type": "object",
                    "properties": {tier: {"type": "number"} for tier in _TIERS},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
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


class RequirementSchema(Strict):
    """One rule: a check, its parameters, and the bar that its figure must clear."""

    planned: ClassVar = dict.fromkeys(
        (
            "between",
            "effective_from",
            "equals",
            "expression",
            "max_age",
            "requires",
            "satisfies",
            "until",
            "when",
        ),
        _LATER,
    )

    check: Text = Field(description="The check's name; `assay check --list` has all.")
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
    insufficient: dict[BarTier, Literal["allow", "hold", "deny"]] = Field(
        default={},
        description="What happens when the data cannot tell, by tier; by default low allows, "
        "medium and high hold, critical denies.",
    )
    owner: Text | None = Field(
        default=None, description="Who set the bar, such as team:fair-lending."
    )
    rationale: Text | None = Field(default=None, description="Why the bar is where it is.")


class ApproverSchema(Strict):
    """One approval; each is given by a different person, none of them the author."""

    role: Id = Field(description="The role in which it is given, such as validator.")


class PolicySchema(Strict):
    """The requirements that a version must meet before it may ship, tier by tier."""

    planned: ClassVar = dict.fromkeys(("extends", "max_age"), _LATER)

    policy: Id = Field(description="The policy's name, such as lending.")
    version: VersionName = Field(description="The policy's version, such as 1.0.0.")
    errors: BudgetSchema = Field(
        default=BudgetSchema(),
        description="The error rates of decisions: false_allow and false_deny, 0.05 each.",
    )
    requirements: dict[Id, RequirementSchema] = Field(
        description="The requirements, each under an id of its own."
    )
    approvals: dict[BarTier, list[ApproverSchema]] = Field(
        default={},
        description="Who must approve, by tier. A tier left out takes the nearest lower one.",
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
