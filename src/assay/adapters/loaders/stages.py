"""The stages of an organisation, as a file lays them down: Assay's own, or one of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from assay.adapters.loaders.fields import Id, VersionName
from assay.adapters.loaders.problems import Strict, validate
from assay.adapters.loaders.shipped import shipped
from assay.adapters.loaders.times import Period, PeriodByTier
from assay.adapters.loaders.yaml import parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError
from assay.governance.stages import Emergency, Needs, Stage, StageMachine, Step, defects

SHIPPED = "stages.yaml"


class UnusableStages(ConfigurationError):
    """Stages and steps do not make a machine that every version can go through."""

    code = "stages.unusable"


class StepSchema(Strict):
    """A way into a stage."""

    to: Id = Field(description="The stage that it leads to.")
    sources: list[Id] = Field(alias="from", min_length=1, description="The stages it leads from.")
    needs: Literal["decision", "allow"] = Field(
        default="allow",
        description="A decision of the gate that does not deny, or one that allows.",
    )
    fresh: Period | None = Field(default=None, description="How old that decision may be.")


class EmergencySchema(Strict):
    """Promotion past a gate that does not allow it."""

    to: list[Id] = Field(description="The stages that it may lead to; none forbids it.")
    people: int = Field(default=2, ge=2, le=9, description="How many must ask for it.")
    follow_up: Period = Field(
        default=timedelta(days=7), description="Within what time what was passed over is made good."
    )


class StagesSchema(Strict):
    """Where a version stands between its making and its end, and what each step asks."""

    stages: Id = Field(description="The machine's name.")
    version: VersionName = Field(description="The machine's version.")
    order: list[Id] = Field(min_length=2, description="The stages, the first one first.")
    live: list[Id] = Field(description="Those in which a version answers for real.")
    steps: list[StepSchema] = Field(min_length=1, description="The ways between them.")
    emergency: EmergencySchema = Field(description="Promotion past the gate.")
    retention: Period = Field(description="How long evidence is kept after retirement.")
    decide_within: PeriodByTier = Field(
        description="Within what time people decide on what waits for them, by tier."
    )


def parse_stages(written: Written) -> StageMachine:
    """The stage machine that a text lays down.

    Raises:
        ConfigurationError: what is wrong and where.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(StagesSchema, text)
    machine = StageMachine(
        name=schema.stages,
        version=schema.version,
        stages=tuple(map(Stage, schema.order)),
        live=frozenset(map(Stage, schema.live)),
        steps=tuple(map(_step, schema.steps)),
        emergency=Emergency(
            targets=frozenset(map(Stage, schema.emergency.to)),
            people=schema.emergency.people,
            follow_up=schema.emergency.follow_up,
        ),
        retention=schema.retention,
        decide_within=schema.decide_within,
    )
    for defect in defects(machine):
        raise UnusableStages(
            f"The stages cannot be used: {defect}.",
            where=text.locate("steps", key=True),
            remedy="Compare with the stages that Assay ships: `assay schema stages`, and the "
            "reference page on stages.",
        )
    return machine


def shipped_stages() -> StageMachine:
    """The machine that Assay ships."""
    return parse_stages(shipped(SHIPPED))


def _step(schema: StepSchema) -> Step:
    return Step(
        sources=frozenset(map(Stage, schema.sources)),
        target=Stage(schema.to),
        needs=Needs(schema.needs),
        fresh=schema.fresh,
    )
