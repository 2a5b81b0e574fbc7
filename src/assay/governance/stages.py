"""Stages: where a version stands between its making and its end, as a machine made of data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from assay.errors import Refused, suggest
from assay.policy.tiers import Tier

Stage = NewType("Stage", str)

DEVELOPMENT: Final = Stage("development")
"""Where every version begins."""

PRODUCTION: Final = Stage("production")

RETIRED: Final = Stage("retired")
"""Where every version ends; nothing leads out of it."""


class WrongStage(Refused):
    """A version cannot move from where it stands to the stage named."""

    code = "stage.wrong"


class Needs(StrEnum):
    """What a step asks of the gate, in order of strictness."""

    DECISION = "decision"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A way into a stage.

    Attributes:
        sources: the stages that it leads from.
        target: the stage that it leads to.
        needs: a decision that does not deny, or one that allows.
        fresh: how old that decision may be; None: as old as it likes.
    """

    sources: frozenset[Stage]
    target: Stage
    needs: Needs = Needs.ALLOW
    fresh: timedelta | None = None

    def stale(self, decided_at: datetime, at: datetime) -> bool:
        """Whether a decision is too old for this step."""
        return self.fresh is not None and at - decided_at > self.fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Promotion past a gate that does not allow it, by several people who answer for it.

    Attributes:
        targets: the stages that it may lead to.
        people: how many different people must ask for it.
        follow_up: within what time what was passed over must be made good.
    """

    targets: frozenset[Stage]
    people: int
    follow_up: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMachine:
    """The stages of an organisation, the steps between them, and what each asks.

    Attributes:
        stages: in order; the first is DEVELOPMENT and the last RETIRED.
        live: those in which a version answers for real, so that it is judged again in time.
        retention: how long evidence is kept after retirement.
        decide_within: within what time people decide on what waits for them, by tier.
    """

    name: str
    version: str
    stages: tuple[Stage, ...]
    live: frozenset[Stage]
    steps: tuple[Step, ...]
    emergency: Emergency
    retention: timedelta
    decide_within: Mapping[Tier, timedelta]

    def step(self, current: Stage, target: Stage) -> Step:
        """The step from one stage to another.

        Raises:
            WrongStage: there is none.
        """
        for step in self.steps:
            if step.target == target and current in step.sources:
                return step
        onward = sorted({str(step.target) for step in self.steps if current in step.sources})
        raise WrongStage(
            f"The version stands in {current}, and nothing leads from there to {target}."
            if current != target
            else f"The version already stands in {current}.",
            remedy=f"From {current} a version moves to: {', '.join(onward)}."
            if onward
            else "Retire it with `assay retire`, or leave it where it is.",
        )

    def named(self, name: str) -> Stage:
        """The stage of that name.

        Raises:
            UnknownStage: there is none that a version is promoted to.
        """
        known = [str(stage) for stage in self.stages]
        if name not in known:
            raise UnknownStage(
                f"There is no stage {name!r}.",
                remedy=suggest(name, known, otherwise=f"Stages: {', '.join(known)}."),
            )
        return Stage(name)


class UnknownStage(Refused):
    """A stage was named that the organisation does not have."""

    code = "stage.unknown"


def defects(machine: StageMachine) -> Iterator[str]:
    """What makes a machine unusable, in words."""
    stages = machine.stages
    if len(stages) < 2 or stages[0] != DEVELOPMENT or stages[-1] != RETIRED:
        yield f"its stages do not begin with {DEVELOPMENT} and end with {RETIRED}"
    if len(set(stages)) != len(stages):
        yield "a stage is named twice"
    named: Mapping[str, frozenset[Stage]] = {
        "live": machine.live,
        "emergency": machine.emergency.targets,
        **{f"the step to {step.target}": step.sources | {step.target} for step in machine.steps},
    }
    for place, used in named.items():
        for stage in sorted(used - set(stages)):
            yield f"{place} names {stage!r}, which is no stage"
    for step in machine.steps:
        if step.target in {DEVELOPMENT, RETIRED} or RETIRED in step.sources:
            yield f"a step leads to {step.target} from {', '.join(sorted(step.sources))}"
        if step.target in machine.live and step.needs is not Needs.ALLOW:
            yield f"{step.target} is live, and its step does not need the gate to allow"
    reached = _reached(machine)
    yield from (f"nothing leads to {stage}" for stage in stages if stage not in {*reached, RETIRED})


def _reached(machine: StageMachine) -> set[Stage]:
    reached = {DEVELOPMENT}
    while True:
        further = {step.target for step in machine.steps if step.sources & reached}
        if further <= reached:
            return reached
        reached |= further
