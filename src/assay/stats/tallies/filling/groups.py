"""Counting label by decision in groups: the finest slices row by row, the others from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.stats.tallies.confusion import BinaryCounts, Confusion, ConfusionCounts, Levels
from assay.stats.tallies.filling.batch import Batch, Integers, Layout, Slicing


class ConfusionFilling:
    """Confusion counts of every slice asked for, by bucket of units."""

    def __init__(self, specs: Sequence[Confusion], layout: Layout) -> None:
        self._specs = specs
        self._layout = layout
        self._slicings = [Slicing(by, layout) for by in finest([spec.by for spec in specs])]
        self._counts = [np.zeros(4 * slicing.count, dtype=np.int64) for slicing in self._slicings]

    def add(self, batch: Batch) -> None:
        """Count usable rows."""
        cells = batch.labels * np.uint8(2) + batch.predicted
        for slicing, counts in zip(self._slicings, self._counts, strict=True):
            np.add.at(counts, slicing.numbers(batch) * 4 + cells, 1)

    def counts(self, buckets: Sequence[int]) -> dict[int, dict[Confusion, ConfusionCounts]]:
        """The tallies by bucket, for buckets that have rows."""
        filled: dict[int, dict[Confusion, ConfusionCounts]] = {bucket: {} for bucket in buckets}
        for spec in self._specs:
            cells = self._cells(spec.by)
            for bucket in buckets:
                filled[bucket][spec] = ConfusionCounts(by=spec.by, cells=cells.get(bucket, {}))
        return filled

    def _cells(self, by: tuple[str, ...]) -> dict[int, dict[Levels, BinaryCounts]]:
        slicing = Slicing(by, self._layout)
        counts = self._summed(by).reshape(slicing.count, 4)
        cells: dict[int, dict[Levels, BinaryCounts]] = {}
        for number in np.flatnonzero(counts.any(axis=1)):
            bucket, levels = slicing.decode(int(number))
            cells.setdefault(bucket, {})[levels] = BinaryCounts.of(counts[number].tolist())
        return cells

    def _summed(self, by: tuple[str, ...]) -> Integers:
        """Counts of shape (buckets, *levels of each column, 4) from a slice that holds it."""
        at = next(i for i, slicing in enumerate(self._slicings) if set(by) <= set(slicing.by))
        fine = self._slicings[at]
        counts = self._counts[at].reshape(self._layout.buckets, *fine.sizes, 4)
        others = tuple(1 + i for i, column in enumerate(fine.by) if column not in by)
        kept = [column for column in fine.by if column in by]
        axes = [0, *(1 + kept.index(column) for column in by), 1 + len(by)]
        summed: Integers = counts.sum(axis=others).transpose(axes)
        return summed


def finest(slices: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The slices from which all the others follow by summing over columns."""
    kept: list[tuple[str, ...]] = []
    for by in sorted(set(slices), key=lambda by: (-len(by), by)):
        if not any(set(by) <= set(other) for other in kept):
            kept.append(by)
    return kept
