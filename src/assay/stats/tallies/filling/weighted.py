"""Adding up sampling weights by label and decision in groups, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.confusion import BinaryCounts
from assay.stats.tallies.filling.batch import Batch, Integers, Layout
from assay.stats.tallies.filling.slicing import Slicing, finest, holding
from assay.stats.tallies.filling.weighing import grid_steps
from assay.stats.tallies.slices import Levels
from assay.stats.tallies.weighted import (
    WeightedConfusion,
    WeightedConfusionCounts,
    WeightedCounts,
)

Exact = npt.NDArray[Any]
"""Python integers, (k, 4, PARTS) object."""

PARTS: Final = 5
"""Rows, weights, and the three products of a weight's halves that make its square."""

_HALF_BITS: Final = 20
_FLUSHED_ROWS: Final = 1 << 20
"""Rows whose sums, each below 2^42 a row, are sure to fit in 64 bits."""


class WeightedFilling:
    """Sums of sampling weights of every slice asked for, by bucket of units.

    A weight has up to 40 bits and its square 80, so squares are added up as the products of
    two halves, in 64 bits while they fit and in Python's integers beyond.
    """

    def __init__(self, specs: Sequence[WeightedConfusion], layout: Layout) -> None:
        self._specs = specs
        self._layout = layout
        self._scale = 1 if layout.weight is None else layout.weight.scale
        self.counted = [Slicing(by, layout) for by in finest([spec.by for spec in specs])]
        self._fresh = {
            slicing.by: np.zeros((PARTS, slicing.count * 4), dtype=np.int64)
            for slicing in self.counted
        }
        self._sums: dict[tuple[str, ...], Exact] = {
            by: np.zeros(fresh.shape, dtype=object) for by, fresh in self._fresh.items()
        }
        self._rows = 0

    def add(self, batch: Batch, numbers: Mapping[tuple[str, ...], Integers]) -> None:
        """Add usable rows, given their combinations with labels by each counted slicing."""
        if not self._specs or batch.weights is None:
            return
        # Weights beyond the scale end in an error when all are read; here they must only fit.
        steps = np.minimum(grid_steps(batch.weights, self._scale), 2.0**40).astype(np.int64)
        high, low = steps >> _HALF_BITS, steps & ((1 << _HALF_BITS) - 1)
        parts: tuple[Integers | int, ...] = (1, steps, high * high, high * low, low * low)
        for by, fresh in self._fresh.items():
            cells = numbers[by] * 2
            cells += batch.predicted
            for sums, part in zip(fresh, parts, strict=True):
                np.add.at(sums, cells, part)
        self._rows += len(batch)
        if self._rows >= _FLUSHED_ROWS:
            self._flush()

    def counts(
        self, buckets: Sequence[int]
    ) -> dict[int, dict[WeightedConfusion, WeightedConfusionCounts]]:
        """The tallies by bucket, for buckets that have rows."""
        self._flush()
        filled: dict[int, dict[WeightedConfusion, WeightedConfusionCounts]] = {
            bucket: {} for bucket in buckets
        }
        for spec in self._specs:
            cells = self._cells(spec.by)
            for bucket in buckets:
                filled[bucket][spec] = WeightedConfusionCounts(
                    by=spec.by, cells=cells.get(bucket, {})
                )
        return filled

    def _flush(self) -> None:
        for by, fresh in self._fresh.items():
            self._sums[by] += fresh.astype(object)
            fresh[:] = 0
        self._rows = 0

    def _cells(self, by: tuple[str, ...]) -> dict[int, dict[Levels, WeightedCounts]]:
        slicing, fine = Slicing(by, self._layout), holding(by, self.counted)
        onto = fine.onto(slicing)
        sums = self._sums[fine.by].reshape(PARTS, fine.count, 4)
        cells: dict[int, dict[Levels, WeightedCounts]] = {}
        for number in np.flatnonzero(sums[0].any(axis=1)).tolist():
            bucket, levels = slicing.decode(int(onto[number]))
            held = cells.setdefault(bucket, {})
            held[levels] = held.get(levels, WeightedCounts()) + _weighted(sums[:, number])
        return cells


def _weighted(parts: Exact) -> WeightedCounts:
    rows, steps, high, mixed, low = parts
    squares = (high << 2 * _HALF_BITS) + (mixed << (_HALF_BITS + 1)) + low
    return WeightedCounts(
        rows=BinaryCounts.of(map(int, rows)),
        sums=BinaryCounts.of(map(int, steps)),
        squares=BinaryCounts.of(map(int, squares)),
    )
