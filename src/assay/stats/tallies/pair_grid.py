"""Counts of label by two scores of the same rows: a grid that is as fine as 1 MiB allows.

Marginal histograms cannot say how two scores vary together; a grid of both can. It has 256
rows and columns or, while few of its cells are filled, up to 4,096: scores that are crowded
together, or nearly agree, keep their resolution.

Its cut points are those of `assay.stats.tallies.bins`, which nest: a coarser grid follows
from a finer one. So which grid holds some rows depends on these rows alone, not on how they
were split, and parts that never met merge to the byte. Quantiles of either score would not:
each part would find its own, and the whole could be had from none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from assay.errors import InvalidArgument
from assay.stats.tallies.bins import STEPS_BY_GROUP, bin_count, coarser
from assay.stats.tallies.label_counts import Integers, LabelCounts
from assay.stats.tallies.state import (
    LARGEST_COUNT,
    Json,
    MalformedTally,
    counts_text,
    mapping,
    parse_counts,
)

GRID_STEPS_MIN: Final = 8
"""Steps within each halving of the coarsest grid, which has 256 bins a side."""

GRID_STEPS_MAX: Final = STEPS_BY_GROUP
"""Of the finest, which has 4,096."""

GRID_CELLS_MAX: Final = bin_count(GRID_STEPS_MIN) ** 2
"""Filled cells: two counts of eight bytes in each are 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairGrid:
    """Label counts by the bins of two scores.

    Attributes:
        steps: steps within each halving, of both scores: the most, up to GRID_STEPS_MAX, at
            which at most GRID_CELLS_MAX cells are filled.
        cells: (negatives, positives) by cell number, this version's bin times the bins of a
            side and the other's bin.
    """

    steps: int
    cells: LabelCounts

    @classmethod
    def empty(cls) -> PairGrid:
        """No rows."""
        return cls(steps=GRID_STEPS_MAX, cells=LabelCounts.of({}, dtype=np.int64))

    @classmethod
    def of(cls, cells: LabelCounts, *, steps: int) -> PairGrid:
        """The grid of any number of cells: made coarser until they are few enough."""
        while len(cells) > GRID_CELLS_MAX:
            cells = _coarsened(cells, steps=steps, to=steps // 2)
            steps //= 2
        return cls(steps=steps, cells=cells)

    @property
    def n(self) -> int:
        """Rows counted."""
        return self.cells.n

    def merge(self, other: PairGrid) -> PairGrid:
        """Add two sets of rows; associative and commutative to the byte.

        Either grid fills no more cells than their sum, so the sum is at least as coarse.
        """
        steps = min(self.steps, other.steps)
        one, two = (_coarsened(part.cells, steps=part.steps, to=steps) for part in (self, other))
        return PairGrid.of(one.plus(two), steps=steps)

    def counts(self) -> tuple[Integers, Integers]:
        """Negatives and positives by rank of each score, (k, l) int64, bins without rows cut."""
        version, other = np.divmod(self.cells.points.astype(np.int64), bin_count(self.steps))
        rows, row = np.unique(version, return_inverse=True)
        columns, column = np.unique(other, return_inverse=True)
        found: list[Integers] = []
        for counts in (self.cells.negatives, self.cells.positives):
            grid = np.zeros((len(rows), len(columns)), dtype=np.int64)
            grid[row, column] = counts
            found.append(grid)
        return found[0], found[1]

    def state(self) -> dict[str, Json]:
        """The canonical form: the filled cells in ascending order."""
        return {
            "steps": self.steps,
            "cells": counts_text(self.cells.points.tolist()),
            "negatives": counts_text(self.cells.negatives.tolist()),
            "positives": counts_text(self.cells.positives.tolist()),
        }

    @classmethod
    def from_state(cls, state: object) -> PairGrid:
        """The grid that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of a grid with rows.
        """
        raw = mapping(state, keys=("steps", "cells", "negatives", "positives"))
        steps = raw["steps"]
        if (
            type(steps) is not int
            or steps & (steps - 1)
            or not (GRID_STEPS_MIN <= steps <= GRID_STEPS_MAX)
        ):
            raise MalformedTally("A grid of scores has an unknown number of steps.")
        cells = _parse_cells(raw, largest=bin_count(steps) ** 2 - 1)
        if steps < GRID_STEPS_MAX and cells.n <= GRID_CELLS_MAX:
            raise MalformedTally("A grid of scores is coarser than its few rows need.")
        return cls(steps=steps, cells=cells)


def cell_numbers(version: Integers, other: Integers, *, steps: int) -> Integers:
    """The cell of each pair of bins of so many steps, (n,) int64."""
    numbers: Integers = version * np.int64(bin_count(steps)) + other
    return numbers


def _coarsened(cells: LabelCounts, *, steps: int, to: int) -> LabelCounts:
    if steps == to:
        return cells
    if to < GRID_STEPS_MIN:
        raise InvalidArgument(f"A grid has at least {GRID_STEPS_MIN} steps, not {to}.")
    version, other = (
        coarser(bins, steps=steps, to=to)
        for bins in np.divmod(cells.points.astype(np.int64), bin_count(steps))
    )
    numbers = cell_numbers(version, other, steps=to)
    return LabelCounts.sums(numbers, cells.negatives, cells.positives)


def _parse_cells(raw: Mapping[str, Any], *, largest: int) -> LabelCounts:
    points, negatives, positives = (
        parse_counts(raw[key], longest=GRID_CELLS_MAX)
        for key in ("cells", "negatives", "positives")
    )
    if not len(points) == len(negatives) == len(positives):
        raise MalformedTally("A grid of scores has counts that do not match its cells.")
    if points[-1] > largest or not np.all(points[1:] > points[:-1]):
        raise MalformedTally("A grid of scores has cells out of order, or beyond the last.")
    if not np.all(negatives + positives):
        raise MalformedTally("A grid of scores has a cell that counts nothing.")
    if sum(negatives.tolist()) + sum(positives.tolist()) > LARGEST_COUNT:
        raise MalformedTally("A grid of scores counts more than 2^53 - 1 rows.")
    return LabelCounts(points, negatives, positives)
