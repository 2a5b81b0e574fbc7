"""Controls: what good practice and law ask of a system, with a threshold by tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final

from assay.policy.conditions import Answers, Condition, holds
from assay.policy.provisions import Reference
from assay.policy.tiers import Tier

SIGNS: Final[Mapping[str, str]] = {
    "<=": "at most ",
    ">=": "at least ",
    "==": "exactly ",
    ">": "above ",
}
"""A comparison in words, before a number."""

NOT_ASKED: Final = frozenset({"not_applicable", "none"})
"""Modes of a limit by which a tier asks for nothing."""


class Basis(Enum):
    """Where a control's thresholds come from."""

    R = "regulatory or supervisory text"
    S = "statistics"
    P = "published convention"
    D = "an engineering default, to calibrate"


class Applies(StrEnum):
    """Whether a control applies to a system, as far as its answers tell."""

    YES = "yes"
    DEPENDS = "depends"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A threshold at one tier: a number, a mode in words, or a number with a mode."""

    value: Decimal | None = None
    unit: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """A condition under which controls apply; `when` None where the answers do not tell."""

    name: str
    title: str
    when: Condition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control.

    Attributes:
        comparison: how the figure compares with the threshold: <=, >=, ==, > or present.
        thresholds: by tier, as printed.
        limits: by tier, for machines.
        serves: the provisions that it serves.
        also: further numbers by tier, such as how many cases a test needs.
        circumstances: it applies if any of these holds.
        owner: the role that answers for the risk it tests.
    """

    id: str
    title: str
    text: str
    group: str
    evidence: tuple[str, ...]
    comparison: str
    thresholds: Mapping[Tier, str]
    limits: Mapping[Tier, Limit]
    basis: Basis
    rationale: str
    serves: tuple[Reference, ...]
    circumstances: tuple[Circumstance, ...]
    owner: str
    also: Mapping[str, Mapping[Tier, Decimal]] = field(
        default_factory=dict[str, Mapping[Tier, Decimal]]
    )

    def asked_at(self, tier: Tier) -> bool:
        """Whether a tier asks for anything."""
        return tier in self.limits and self.limits[tier].mode not in NOT_ASKED

    def limit_at(self, tier: Tier) -> str:
        """What a tier asks, in words: "at least 0.80", or "report" where it names no number."""
        sign = SIGNS.get(self.comparison, "") if self.limits[tier].value is not None else ""
        return f"{sign}{self.thresholds[tier]}"

    def applies(self, answers: Answers) -> Applies:
        """Whether it applies to a system with these answers, every question's."""
        decided = [item.when for item in self.circumstances if item.when is not None]
        if any(holds(condition, answers) for condition in decided):
            return Applies.YES
        return Applies.NO if len(decided) == len(self.circumstances) else Applies.DEPENDS

    def circumstance(self) -> str:
        """When it applies, in words: "it generates content, or it calls tools by itself"."""
        return ", or ".join(item.title for item in self.circumstances)

    def untold(self) -> str:
        """The part of its circumstance that answers do not tell, in words; "" for none."""
        return ", or ".join(item.title for item in self.circumstances if item.when is None)


def serving(controls: Iterable[Control], regulations: Sequence[str]) -> list[Control]:
    """The controls that serve a provision of any of some regulations, in order."""
    wanted = set(regulations)
    return [
        control
        for control in controls
        if any(reference.partition(":")[0] in wanted for reference in control.serves)
    ]
