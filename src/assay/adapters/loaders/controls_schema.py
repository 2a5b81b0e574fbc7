"""The schema of the matrix of controls: thresholds by tier, and when each applies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from assay.adapters.loaders.catalogue_schema import CatalogueSchema, EntrySchema, Words
from assay.adapters.loaders.fields import BarTier, Id, Number, Text
from assay.adapters.loaders.problems import Strict, refuse
from assay.adapters.loaders.questionnaire_schema import ConditionSchema


class LimitSchema(Strict):
    """A threshold at one tier: a number, or a mode in words."""

    value: Number | None = Field(default=None, description="The number.")
    unit: Literal["fraction", "points"] | None = Field(default=None, description="Its unit.")
    mode: Text | None = Field(default=None, description="What is asked where no number is.")
    soak_hours: int | None = Field(default=None, description="Hours under observation.")

    @model_validator(mode="after")
    def _something(self) -> LimitSchema:
        if self.value is None and self.mode is None:
            raise refuse("has neither `value` nor `mode`.", remedy="Give one of them.")
        return self


class AppliesSchema(Strict):
    """A condition under which controls apply; without `when`, the answers do not tell."""

    title: Text = Field(description="The condition in words, after 'if'.")
    when: ConditionSchema | None = Field(default=None, description="The answers it follows from.")


class ControlSchema(EntrySchema):
    """One control with its threshold by tier."""

    group: Text = Field(description="The heading that it stands under.")
    comparison: Literal["<=", ">=", "==", ">", "present"] = Field(
        description="How the figure compares with the threshold."
    )
    thresholds: dict[BarTier, Text] = Field(description="The thresholds as printed.")
    limits: dict[BarTier, LimitSchema] = Field(description="The thresholds for machines.")
    basis: Literal["R", "S", "P", "D"] = Field(
        description="Where the numbers come from: regulation, statistics, practice, default."
    )
    rationale: Text = Field(description="Why the threshold is where it is.")
    serves: Words = Field(description="References to the provisions that it serves.")
    also: dict[Id, dict[BarTier, Number]] = Field(
        default={}, description="Further numbers by tier."
    )
    bound: Literal["lower95", "upper95"] | None = Field(
        default=None, description="The bound of the figure that is compared."
    )
    applies_if: Words = Field(description="Conditions, of which one is enough.")


class ControlsSchema(CatalogueSchema):
    """The matrix of controls."""

    conditions: dict[Id, AppliesSchema] = Field(description="When controls apply.")
    items: list[ControlSchema] = Field(min_length=1, description="The controls.")
