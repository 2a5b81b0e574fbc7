"""The schema of a catalogue, and those of regulations, risks and kinds of evidence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from assay.adapters.loaders.fields import Id, Text
from assay.adapters.loaders.problems import Strict

Words = Annotated[list[Text], Field(min_length=1)]


class SourceSchema(Strict):
    """Where a catalogue's content stands."""

    document: Text = Field(description="The document.")
    section: Text = Field(description="The part of it that is listed.")


class VerificationSchema(Strict):
    """How far a catalogue was checked against its source."""

    level: Text = Field(description="In a few words.")
    note: Text = Field(description="What was seen, and what was not.")


class CatalogueSchema(Strict):
    """What every catalogue says of itself."""

    id: Id = Field(description="The catalogue's id, which references name.")
    title: Text = Field(description="Its title.")
    source: SourceSchema = Field(description="Where its content stands.")
    citation: Text = Field(description="How to cite it, with its licence where it has one.")
    applies_to: list[Id] = Field(description="Whom it concerns.")
    status: Text = Field(description="Whether it is in force.")
    as_of: Text = Field(description="The month that it reflects.")
    verification: VerificationSchema = Field(description="How far it was checked.")
    notes: list[Text] = Field(default=[], description="What a reader must know besides.")


class EntrySchema(Strict):
    """What every item of a catalogue says."""

    id: Text = Field(description="The item's id.")
    title: Text = Field(description="Its title.")
    text: Text = Field(description="What it demands or names, in our own words.")
    evidence: list[Id] = Field(min_length=1, description="Kinds of evidence that speak to it.")
    automatable: Literal["full", "partial", "manual"] = Field(
        description="Whether a machine can tell."
    )


class ProvisionSchema(EntrySchema):
    """One provision of a regulation."""

    group: Text | None = Field(default=None, description="The heading that it stands under.")
    level: Text | None = Field(default=None, description="Its level in the hierarchy.")
    parent: Text | None = Field(default=None, description="The item that it is a part of.")
    section: Text | None = Field(default=None, description="The section of the source.")
    paper_section: Text | None = Field(default=None, description="The section of the paper.")
    was: Text | None = Field(default=None, description="Its number in the edition before.")
    tactics: list[Text] = Field(default=[], description="The tactics that it serves.")
    mitigates: list[Text] = Field(default=[], description="The techniques that it mitigates.")
    maturity: Text | None = Field(default=None, description="How far it has been seen in use.")
    max_score: int | None = Field(default=None, description="The most points that it gives.")
    deadline_days: int | None = Field(default=None, description="Days within which to act.")
    deadline_hours: int | None = Field(default=None, description="Hours within which to act.")


class MilestoneSchema(Strict):
    """A day from which something applies."""

    date: Text = Field(description="The day.")
    what: Text = Field(description="What applies from it.")
    provisions: list[Text] = Field(
        default=[], description="The items, and groups of items, that apply from it."
    )
    whole: Literal[True] | None = Field(
        default=None, description="Whether every item applies from it."
    )


class RegulationSchema(CatalogueSchema):
    """A law, standard or guidance as a list of provisions."""

    timeline: list[MilestoneSchema] = Field(default=[], description="When what applies.")
    scoring: dict[str, Any] = Field(default={}, description="How its scores are made.")
    formulas: dict[str, Text] = Field(default={}, description="Its formulas.")
    categories: dict[str, Words] = Field(default={}, description="Its categories of people.")
    worked_example: dict[str, Any] = Field(default={}, description="An example with figures.")
    items: list[ProvisionSchema] = Field(min_length=1, description="The provisions.")


class EvidenceKindsSchema(CatalogueSchema):
    """The closed vocabulary of kinds of evidence."""

    items: list[EntrySchema] = Field(min_length=1, description="The kinds.")


class RiskSchema(EntrySchema):
    """One risk, who answers for it, and the controls that test it."""

    controls: Words = Field(description="The controls that test it.")
    monitors: Words = Field(description="What watches it.")
    mitigations: Words = Field(description="What can be done about it.")
    owner_role: Text = Field(description="The role that answers for it.")


class RisksSchema(CatalogueSchema):
    """The risks of AI systems."""

    items: list[RiskSchema] = Field(min_length=1, description="The risks.")
