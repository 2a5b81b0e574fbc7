"""Counts of label by decision, by group: the sufficient statistic of a binary decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from assay.errors import InvalidArgument
from assay.stats.tallies.slices import Levels, added, by_name, level_order, parse_cells
from assay.stats.tallies.state import (
    Json,
    MalformedTally,
    columns,
    count,
    mapping,
    sequence,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCounts:
    """The four cells of label by prediction; integers, so any split adds up exactly.

    "Positive" is the label that the score predicts (`defaulted`), which may well be the
    unfavourable outcome; `favourable` gives the view that fairness speaks of.
    """

    true_negatives: int = 0
    false_positives: int = 0
    false_negatives: int = 0
    true_positives: int = 0

    def __add__(self, other: Self) -> BinaryCounts:
        return BinaryCounts(
            true_negatives=self.true_negatives + other.true_negatives,
            false_positives=self.false_positives + other.false_positives,
            false_negatives=self.false_negatives + other.false_negatives,
            true_positives=self.true_positives + other.true_positives,
        )

    @property
    def n(self) -> int:
        """Rows counted."""
        return (
            self.true_negatives + self.false_positives + self.false_negatives + self.true_positives
        )

    @property
    def positives(self) -> int:
        """Rows whose label is positive."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> int:
        """Rows whose label is negative."""
        return self.true_negatives + self.false_positives

    @property
    def predicted_positives(self) -> int:
        """Rows predicted positive."""
        return self.true_positives + self.false_positives

    @property
    def predicted_negatives(self) -> int:
        """Rows predicted negative."""
        return self.true_negatives + self.false_negatives

    @property
    def correct(self) -> int:
        """Rows whose prediction equals their label."""
        return self.true_positives + self.true_negatives

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """The four counts in the order TN, FP, FN, TP: label first, then prediction."""
        return (
            self.true_negatives,
            self.false_positives,
            self.false_negatives,
            self.true_positives,
        )

    @classmethod
    def of(cls, cells: Iterable[int]) -> Self:
        """The counts whose `cells` these are."""
        tn, fp, fn, tp = cells
        return cls(true_negatives=tn, false_positives=fp, false_negatives=fn, true_positives=tp)

    def swapped(self) -> BinaryCounts:
        """The same rows with positive and negative exchanged, in label and prediction."""
        return BinaryCounts(
            true_negatives=self.true_positives,
            false_positives=self.false_negatives,
            false_negatives=self.false_positives,
            true_positives=self.true_negatives,
        )


@dataclass(frozen=True, slots=True)
class Confusion:
    """Ask for label-by-decision counts in every group of `by` (no columns: all rows)."""

    kind: ClassVar[str] = "confusion/1"
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionCounts:
    """Label-by-decision counts of every group of `by` that occurs.

    Attributes:
        by: the slice's columns, in the recipe's order.
        cells: counts by levels; a level of None holds the rows where that column is missing.
    """

    by: tuple[str, ...]
    cells: Mapping[Levels, BinaryCounts]

    @classmethod
    def empty(cls, by: tuple[str, ...]) -> ConfusionCounts:
        """No rows."""
        return cls(by=by, cells={})

    def merge(self, other: ConfusionCounts) -> ConfusionCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different slices.
        """
        if self.by != other.by:
            raise InvalidArgument(f"Counts by {self.by} and by {other.by} do not add up.")
        cells = added(self.cells, other.cells)
        return ConfusionCounts(by=self.by, cells=cells)

    def state(self) -> Json:
        """The canonical form; counts stand in the order TN, FP, FN, TP."""
        return {
            "kind": Confusion.kind,
            "by": list(self.by),
            "cells": [
                {"levels": list(names), "counts": list(self.cells[names].cells)}
                for names in sorted(self.cells, key=level_order)
                if self.cells[names].n
            ],
        }

    @classmethod
    def from_state(cls, state: object) -> ConfusionCounts:
        """The counts that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of confusion counts.
        """
        raw = mapping(state, keys=("kind", "by", "cells"))
        if raw["kind"] != Confusion.kind:
            raise MalformedTally("Confusion counts are of an unknown kind.")
        by = columns(raw["by"])
        cells = parse_cells(raw["cells"], by=by, parse=_cell)
        return cls(by=by, cells=cells)

    @property
    def total(self) -> BinaryCounts:
        """All rows, those with a missing level included."""
        return add(self.cells.values())

    def groups(self) -> dict[str, BinaryCounts]:
        """Counts by group name, in name order, without rows that have a missing level.

        Group names join the levels of an intersection: "female × <=25".
        """
        return by_name(self.cells)


def add(counts: Iterable[BinaryCounts]) -> BinaryCounts:
    """The sum of several counts; nothing added is no rows."""
    total = BinaryCounts()
    for part in counts:
        total = total + part
    return total


def _cell(item: object) -> tuple[object, BinaryCounts]:
    raw = mapping(item, keys=("levels", "counts"))
    found = [count(value) for value in sequence(raw["counts"], longest=4)]
    if len(found) != 4 or not any(found):
        raise MalformedTally("A cell of confusion counts has four counts, not all of them 0.")
    return raw["levels"], BinaryCounts.of(found)
