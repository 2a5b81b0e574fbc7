"""The recipe: what one pass over one dataset counts, by which columns, in which bands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assay.stats.tallies import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The column of outcomes. `positive` is the value that the score predicts, as text.

    None means that the column holds booleans or 0 and 1.
    """

    column: str
    positive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """When a score leads to the favourable decision: `score <favourable_when> threshold`."""

    favourable_when: Literal["<", "<=", ">", ">="]
    threshold: Decimal

    @property
    def favourable_is_positive(self) -> bool:
        """Whether the favourable decision is the one that predicts the positive label."""
        return self.favourable_when in {">", ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A protected column; with cut points its numbers fall into right-closed bands."""

    column: str
    cuts: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRoles:
    """What the columns of a dataset of binary decisions are for.

    `unit` names the column whose equal values are one person: such rows are not independent.
    """

    label: Label
    score: str
    decision: DecisionRule
    protected: tuple[Protected, ...] = ()
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Column roles and the tallies to fill, deduplicated, in canonical order."""

    roles: ColumnRoles
    specs: tuple[Spec, ...]
