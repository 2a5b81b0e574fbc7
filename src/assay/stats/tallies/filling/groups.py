"""Counting label by decision in groups: the finest slices row by row, the others from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assay.stats.tallies.confusion import BinaryCounts, Confusion, ConfusionCounts
from assay.stats.tallies.filling.batch import Batch, Integers, Layout
from assay.stats.tallies.filling.slicing import Slicing, finest, holding
from assay.stats.tallies.slices import Levels


class ConfusionFilling:
    """Confusion counts of every slice asked for, by bucket of units."""

    def __init__(self, specs: Sequence[Confusion], layout: Layout) -> None:
        self._specs = specs
        self._layout = layout
        self.counted = [Slicing(by, layout) for by in finest([spec.by for spec in specs])]
        self._counts = {
            slicing.by: np.zeros((slicing.count, 4), dtype=np.int64) for slicing in self.counted
        }

    def add(self, batch: Batch, numbers: Mapping[tuple[str, ...], Integers]) -> None:
        """Count usable rows, given their combinations with labels by each counted slicing."""
        for by, counts in self._counts.items():
            cells = numbers[by] * 2
            cells += batch.predicted
            np.add.at(counts.reshape(-1), cells, 1 if batch.counts is None else batch.counts)

    def counts(self, buckets: Sequence[int]) -> dict[int, dict[Confusion, ConfusionCounts]]:
        """The tallies by bucket, for buckets that have rows."""
        filled: dict[int, dict[Confusion, ConfusionCounts]] = {bucket: {} for bucket in buckets}
        for spec in self._specs:
            cells = self._cells(spec.by)
            for bucket in buckets:
                filled[bucket][spec] = ConfusionCounts(by=spec.by, cells=cells.get(bucket, {}))
        return filled

    def _cells(self, by: tuple[str, ...]) -> dict[int, dict[Levels, BinaryCounts]]:
        slicing, fine = Slicing(by, self._layout), holding(by, self.counted)
        onto, counts = fine.onto(slicing), np.zeros((slicing.count, 4), dtype=np.int64)
        for cell in range(4):
            np.add.at(counts[:, cell], onto, self._counts[fine.by][:, cell])
        cells: dict[int, dict[Levels, BinaryCounts]] = {}
        for number in np.flatnonzero(counts.any(axis=1)):
            bucket, levels = slicing.decode(int(number))
            cells.setdefault(bucket, {})[levels] = BinaryCounts.of(counts[number].tolist())
        return cells
