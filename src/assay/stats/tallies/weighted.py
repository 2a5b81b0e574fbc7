"""Sampling weights by label and decision, by group: sums of them and of their squares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

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
from assay.stats.tallies.weights import GRID_BITS

_SUM: Final = re.compile(r"0|[1-9][0-9]{0,40}")
"""Squares of 2^53 weights, each of at most 2^40 steps, add up to 41 digits."""


@dataclass(frozen=True, slots=True)
class WeightedConfusion:
    """Ask for label-by-decision sums of sampling weights in every group of `by`."""

    kind: ClassVar[str] = "weighted-confusion/1"
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedCounts:
    """One group's rows, sums of weights, and sums of squared weights, in four cells each.

    Attributes:
        rows: how many rows there are, each once.
        sums: sums of weights, in steps of the grid.
        squares: sums of squared weights, in squared steps of the grid.
    """

    rows: BinaryCounts = field(default_factory=BinaryCounts)
    sums: BinaryCounts = field(default_factory=BinaryCounts)
    squares: BinaryCounts = field(default_factory=BinaryCounts)

    def __add__(self, other: WeightedCounts) -> WeightedCounts:
        return WeightedCounts(
            rows=self.rows + other.rows,
            sums=self.sums + other.sums,
            squares=self.squares + other.squares,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedConfusionCounts:
    """Label-by-decision sums of sampling weights of every group of `by` that occurs.

    Attributes:
        by: the slice's columns, in the recipe's order.
        cells: sums by levels; a level of None holds the rows where that column is missing.
    """

    by: tuple[str, ...]
    cells: Mapping[Levels, WeightedCounts]

    @classmethod
    def empty(cls, by: tuple[str, ...]) -> WeightedConfusionCounts:
        """No rows."""
        return cls(by=by, cells={})

    def merge(self, other: WeightedConfusionCounts) -> WeightedConfusionCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different slices.
        """
        if self.by != other.by:
            raise InvalidArgument(f"Weights by {self.by} and by {other.by} do not add up.")
        cells = added(self.cells, other.cells)
        return WeightedConfusionCounts(by=self.by, cells=cells)

    def state(self) -> Json:
        """The canonical form; cells stand in the order TN, FP, FN, TP, sums as text."""
        return {
            "kind": WeightedConfusion.kind,
            "by": list(self.by),
            "cells": [
                {
                    "levels": list(names),
                    "rows": list(self.cells[names].rows.cells),
                    "sums": list(map(str, self.cells[names].sums.cells)),
                    "squares": list(map(str, self.cells[names].squares.cells)),
                }
                for names in sorted(self.cells, key=level_order)
                if self.cells[names].rows.n
            ],
        }

    @classmethod
    def from_state(cls, state: object) -> WeightedConfusionCounts:
        """The sums that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of sums of weights.
        """
        raw = mapping(state, keys=("kind", "by", "cells"))
        if raw["kind"] != WeightedConfusion.kind:
            raise MalformedTally("Sums of weights are of an unknown kind.")
        by = columns(raw["by"])
        cells = parse_cells(raw["cells"], by=by, parse=_cell)
        return cls(by=by, cells=cells)

    @property
    def total(self) -> WeightedCounts:
        """All rows, those with a missing level included."""
        return _added(self.cells.values())

    def groups(self) -> dict[str, WeightedCounts]:
        """Sums by group name, in name order, without rows that have a missing level."""
        return by_name(self.cells)


def _added(counts: Iterable[WeightedCounts]) -> WeightedCounts:
    total = WeightedCounts()
    for part in counts:
        total = total + part
    return total


def _cell(item: object) -> tuple[object, WeightedCounts]:
    raw = mapping(item, keys=("levels", "rows", "sums", "squares"))
    rows, sums, squares = (sequence(raw[key], longest=4) for key in ("rows", "sums", "squares"))
    if not len(rows) == len(sums) == len(squares) == 4:
        raise MalformedTally("A cell of weights has four counts, four sums and four squares.")
    found = [
        _possible(count(n), _sum(s), _sum(q)) for n, s, q in zip(rows, sums, squares, strict=True)
    ]
    if not any(n for n, _, _ in found):
        raise MalformedTally("A cell of weights counts nothing.")
    parts = [BinaryCounts.of(cells) for cells in zip(*found, strict=True)]
    return raw["levels"], WeightedCounts(rows=parts[0], sums=parts[1], squares=parts[2])


def _sum(value: object) -> int:
    if not isinstance(value, str) or not _SUM.fullmatch(value):
        raise MalformedTally("A sum of weights is not a plain whole number.")
    return int(value)


def _possible(rows: int, total: int, squares: int) -> tuple[int, int, int]:
    """What so many weights of 1 to 2^40 steps can add up to, squares by Cauchy-Schwarz."""
    if not rows <= total <= rows << GRID_BITS or not total**2 <= rows * squares:
        raise MalformedTally("Sums of weights are not those of so many rows.")
    if squares > total << GRID_BITS:
        raise MalformedTally("Squared weights add up to more than their sum allows.")
    return rows, total, squares
