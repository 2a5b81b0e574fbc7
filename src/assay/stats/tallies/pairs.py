"""Counts of label by two decisions on the same rows: this version's, and another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Self

from assay.errors import InvalidArgument
from assay.stats.tallies.confusion import BinaryCounts
from assay.stats.tallies.slices import (
    Levels,
    added,
    by_name,
    level_order,
    parse_cells,
)
from assay.stats.tallies.state import (
    Json,
    MalformedTally,
    columns,
    count,
    mapping,
    sequence,
)

Against = Literal["champion", "baseline"]
"""Whose scores stand beside this version's: the version in production, or a rule to beat."""

CHAMPION: Final = "champion"
BASELINE: Final = "baseline"
AGAINST: Final[tuple[Against, ...]] = (CHAMPION, BASELINE)

_NONE: Final = BinaryCounts()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ask for label by both decisions in every group of `by` (no columns: all rows)."""

    kind: ClassVar[str] = "pairs/1"
    against: Against = CHAMPION
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """Rows with a usable label that only one of the two scored; no comparison uses them.

    Attributes:
        version_only: rows that only this version scored.
        other_only: rows that only the other scored.
    """

    version_only: int = 0
    other_only: int = 0

    def __add__(self, other: Self) -> Unpaired:
        return Unpaired(
            version_only=self.version_only + other.version_only,
            other_only=self.other_only + other.other_only,
        )

    def state(self) -> dict[str, Json]:
        """The canonical form."""
        return {"version_only": self.version_only, "other_only": self.other_only}

    @classmethod
    def from_state(cls, state: object) -> Self:
        """The counts that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("version_only", "other_only"))
        return cls(version_only=count(raw["version_only"]), other_only=count(raw["other_only"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCells:
    """Label by this version's decision, apart by what the other decided.

    Attributes:
        other_negative: rows that the other predicts negative.
        other_positive: rows that the other predicts positive.
    """

    other_negative: BinaryCounts = _NONE
    other_positive: BinaryCounts = _NONE

    def __add__(self, other: Self) -> PairCells:
        return PairCells(
            other_negative=self.other_negative + other.other_negative,
            other_positive=self.other_positive + other.other_positive,
        )

    @property
    def n(self) -> int:
        """Rows that both scored."""
        return self.other_negative.n + self.other_positive.n

    @property
    def version(self) -> BinaryCounts:
        """Label by this version's decision."""
        return self.other_negative + self.other_positive

    @property
    def other(self) -> BinaryCounts:
        """Label by the other's decision."""
        return BinaryCounts(
            true_negatives=self.other_negative.negatives,
            false_positives=self.other_positive.negatives,
            false_negatives=self.other_negative.positives,
            true_positives=self.other_positive.positives,
        )

    @property
    def cells(self) -> tuple[int, ...]:
        """Eight counts: by the other's decision, then label, then this version's decision."""
        return (*self.other_negative.cells, *self.other_positive.cells)

    @classmethod
    def of(cls, cells: Iterable[int]) -> Self:
        """The counts whose `cells` these are."""
        eight = tuple(cells)
        return cls(
            other_negative=BinaryCounts.of(eight[:4]), other_positive=BinaryCounts.of(eight[4:])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """Label by both decisions of every group of `by` that occurs.

    Attributes:
        against: whose decision is the other.
        by: the slice's columns, in the recipe's order.
        cells: counts by levels; a level of None holds the rows where that column is missing.
        unpaired: rows that only one of the two scored, in whatever group.
    """

    against: Against
    by: tuple[str, ...]
    cells: Mapping[Levels, PairCells]
    unpaired: Unpaired

    @classmethod
    def empty(cls, spec: Pairs) -> PairCounts:
        """No rows."""
        return cls(against=spec.against, by=spec.by, cells={}, unpaired=Unpaired())

    @property
    def spec(self) -> Pairs:
        """What was asked for."""
        return Pairs(against=self.against, by=self.by)

    def merge(self, other: PairCounts) -> PairCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different slices, or compare with different others.
        """
        if self.spec != other.spec:
            raise InvalidArgument(f"Counts of {self.spec} and of {other.spec} do not add up.")
        cells = added(self.cells, other.cells)
        return PairCounts(
            against=self.against, by=self.by, cells=cells, unpaired=self.unpaired + other.unpaired
        )

    def state(self) -> Json:
        """The canonical form; a cell's eight counts stand in the order of `PairCells.cells`."""
        return {
            "kind": Pairs.kind,
            "against": self.against,
            "by": list(self.by),
            "cells": [
                {"levels": list(names), "counts": list(self.cells[names].cells)}
                for names in sorted(self.cells, key=level_order)
                if self.cells[names].n
            ],
            "unpaired": self.unpaired.state(),
        }

    @classmethod
    def from_state(cls, state: object) -> PairCounts:
        """The counts that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of pair counts.
        """
        raw = mapping(state, keys=("kind", "against", "by", "cells", "unpaired"))
        if raw["kind"] != Pairs.kind:
            raise MalformedTally("Pair counts are of an unknown kind.")
        by = columns(raw["by"])
        cells = parse_cells(raw["cells"], by=by, parse=_cell)
        return cls(
            against=parse_against(raw["against"]),
            by=by,
            cells=cells,
            unpaired=Unpaired.from_state(raw["unpaired"]),
        )

    @property
    def total(self) -> PairCells:
        """All rows that both scored, those with a missing level included."""
        return add_pairs(self.cells.values())

    def groups(self) -> dict[str, PairCells]:
        """Counts by group name, in name order, without rows that have a missing level."""
        return by_name(self.cells)


def add_pairs(counts: Iterable[PairCells]) -> PairCells:
    """The sum of several counts; nothing added is no rows."""
    total = PairCells()
    for part in counts:
        total = total + part
    return total


def parse_against(value: object) -> Against:
    """One of AGAINST; raises MalformedTally."""
    for known in AGAINST:
        if value == known:
            return known
    raise MalformedTally("A tally compares with something unknown.")


def _cell(item: object) -> tuple[object, PairCells]:
    raw = mapping(item, keys=("levels", "counts"))
    found = [count(value) for value in sequence(raw["counts"], longest=8)]
    if len(found) != 8 or not any(found):
        raise MalformedTally("A cell of pair counts has eight counts, not all of them 0.")
    return raw["levels"], PairCells.of(found)
