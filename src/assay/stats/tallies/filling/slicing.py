"""Numbering the combinations of bucket and levels that rows can fall into."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.stats.tallies.filling.batch import Batch, Integers, Layout
from assay.stats.tallies.slices import Levels


class Slicing:
    """Numbers every combination of bucket and levels that a slice could have."""

    def __init__(self, by: tuple[str, ...], layout: Layout) -> None:
        self.by = by
        self._names = [[*layout.levels[column], None] for column in by]
        self._shape = (layout.buckets, *map(len, self._names))
        self.count = int(np.prod(self._shape, dtype=object))
        # Narrow integers are several times faster to combine, and widened once.
        self._dtype = np.min_scalar_type(2 * self.count)

    def numbers(self, batch: Batch) -> Integers:
        """The combination of each row with its label: (n,) int64, 2 · combination + label.

        The label is NEGATIVE or POSITIVE.
        """
        numbers = batch.buckets.astype(self._dtype)
        for column, size in zip(self.by, self._shape[1:], strict=True):
            numbers *= size
            numbers += batch.levels[column]
        numbers *= 2
        numbers += batch.labels
        return numbers.astype(np.int64)

    def decode(self, number: int) -> tuple[int, Levels]:
        """The bucket and the levels of a combination."""
        bucket, *codes = (int(code) for code in np.unravel_index(number, self._shape))
        return bucket, tuple(names[code] for names, code in zip(self._names, codes, strict=True))

    def onto(self, coarse: Slicing) -> Integers:
        """For each combination, (count,) int64, the one that holds it by fewer columns."""
        bucket, *codes = np.unravel_index(np.arange(self.count), self._shape)
        at = dict(zip(self.by, codes, strict=True))
        indices = (bucket, *(at[column] for column in coarse.by))
        return np.ravel_multi_index(indices, coarse._shape).astype(np.int64)


def finest(slices: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The slices from which all the others follow by summing over columns."""
    kept: list[tuple[str, ...]] = []
    for by in sorted(set(slices), key=lambda by: (-len(by), by)):
        if not any(set(by) <= set(other) for other in kept):
            kept.append(by)
    return kept


def holding(by: tuple[str, ...], counted: Sequence[Slicing]) -> Slicing:
    """The first slicing from which a slice follows by summing over columns."""
    return next(slicing for slicing in counted if set(by) <= set(slicing.by))
