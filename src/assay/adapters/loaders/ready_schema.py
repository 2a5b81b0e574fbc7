"""The schema of the plans of ready policies."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from assay.adapters.loaders.catalogue_schema import CatalogueSchema, Words
from assay.adapters.loaders.fields import BarTier, Id, Number, Text, VersionName
from assay.adapters.loaders.problems import Strict, refuse


class BarSchema(Strict):
    """How a bar follows from a control's number by tier: plus + times x number."""

    at_least: Id | None = Field(default=None, description="The number below which it fails.")
    at_most: Id | None = Field(default=None, description="The number above which it fails.")
    times: Number | None = Field(default=None, description="What the number is multiplied by.")
    plus: Number | None = Field(default=None, description="What is added to it.")

    @model_validator(mode="after")
    def _one_direction(self) -> BarSchema:
        if (self.at_least is None) is (self.at_most is None):
            raise refuse("has no direction, or two.", remedy="Give `at_least` or `at_most`.")
        return self


class MappingSchema(Strict):
    """The check that shows a control."""

    control: Text = Field(description="The control.")
    check: Text = Field(description="The check.")
    id: Id | None = Field(default=None, description="The requirement's id, if not the control's.")
    parameters: dict[Id, Any] = Field(default={}, alias="with", description="Its parameters.")
    bar: BarSchema | None = Field(default=None, description="Its bar; none for a fact.")
    part: Text | None = Field(default=None, description="What it does not show.")
    note: Text | None = Field(default=None, description="What else to know of it.")


class AddedSchema(Strict):
    """A control that a policy asks for besides those that serve its regulations."""

    control: Text = Field(description="The control.")
    serves: Words = Field(description="The provisions that it serves here.")


class DutySchema(Strict):
    """A provision that people attest."""

    provision: Text = Field(description="The provision, or a group.")
    where: Text | None = Field(default=None, description="Of which systems, in words.")


class ReadyPolicySchema(Strict):
    """The plan of one ready policy."""

    id: Text = Field(description="Its name.")
    title: Text = Field(description="Its title.")
    text: Text = Field(description="What it asks for, in words.")
    version: VersionName = Field(description="Its version.")
    serving: list[Id] = Field(default=[], description="Regulations whose controls it asks for.")
    fits: list[Id] = Field(default=[], description="Conditions of which one is enough to offer it.")
    given: list[Id] = Field(default=[], description="Conditions that hold of all its systems.")
    leaves_out: list[Id] = Field(default=[], description="Conditions whose controls are left out.")
    adds: list[AddedSchema] = Field(default=[], description="Further controls.")
    attested: list[Text] = Field(
        default=[], description="Controls left to people, though a check exists."
    )
    mappings: list[MappingSchema] = Field(default=[], description="Checks of its own.")
    duties: list[DutySchema] = Field(default=[], description="Provisions to be attested.")


class ReadyPoliciesSchema(CatalogueSchema):
    """The plans of all ready policies."""

    approvals: dict[BarTier, list[Id]] = Field(description="Roles that approve, by tier.")
    attestation_days: dict[BarTier, int] = Field(
        min_length=4, description="How long an attestation holds, by tier."
    )
    kept: dict[Text, Text] = Field(description="Controls that Assay keeps, and how.")
    mappings: list[MappingSchema] = Field(description="The checks that show controls.")
    items: list[ReadyPolicySchema] = Field(min_length=1, description="The policies.")
