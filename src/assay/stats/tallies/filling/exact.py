"""Counting scores exactly in those slices that still have few distinct ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.filling.batch import Batch, Integers
from assay.stats.tallies.filling.slicing import Slicing
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.score_slices import EXACT_SCORES

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_WAITING_ROWS: Final = 1 << 14


class ExactSlices:
    """Exact label counts of the slices of one tally that still have few distinct scores.

    Rows wait until there are many, and are then sorted into the counts at once; a slice
    with more than EXACT_SCORES distinct scores drops out for good.
    """

    def __init__(self, slices: int) -> None:
        self.alive: Flags = np.ones(slices, dtype=np.bool_)
        self._waiting: list[tuple[Integers, Floats, Integers, Integers]] = []
        self._waiting_rows = 0
        self._sorted_rows = 0

    def add(
        self, slices: Integers, scores: Floats, negatives: Integers, positives: Integers
    ) -> None:
        """Add label counts at scores, in slices by number; repeated points add up."""
        rows = np.flatnonzero(self.alive.take(slices))
        if len(rows) == 0:
            return
        self._waiting.append((slices[rows], scores[rows], negatives[rows], positives[rows]))
        self._waiting_rows += len(rows)
        # Sorting costs in proportion to what is there, so it waits for as much again.
        if self._waiting_rows > max(_WAITING_ROWS, 2 * self._sorted_rows):
            self._sort()

    def counts(self) -> dict[int, LabelCounts]:
        """The slices that stayed exact and have rows, by number."""
        self._sort()
        if not self._waiting:
            return {}
        slices, scores, negatives, positives = self._waiting[0]
        starts = np.flatnonzero(np.append(True, slices[1:] != slices[:-1]))
        return {
            int(slices[start]): LabelCounts.sums(
                scores[start:end], negatives[start:end], positives[start:end]
            )
            for start, end in zip(starts, [*starts[1:], len(slices)], strict=True)
        }

    def _sort(self) -> None:
        if not self._waiting:
            return
        slices, scores, negatives, positives = map(np.concatenate, zip(*self._waiting, strict=True))
        # A plain sort by score, then a stable one of short integers, which is a radix sort: five
        # times faster than `lexsort`.
        by_score = np.argsort(scores)
        numbers = slices[by_score].astype(np.min_scalar_type(len(self.alive)))
        order = by_score[np.argsort(numbers, kind="stable")]
        slices, scores = slices[order], scores[order]
        new = (slices[1:] != slices[:-1]) | (scores[1:] != scores[:-1])
        first = np.flatnonzero(np.append(True, new))
        slices, scores = slices[first], scores[first]
        self.alive &= np.bincount(slices, minlength=len(self.alive)) <= EXACT_SCORES
        kept = self.alive[slices]
        negatives = np.add.reduceat(negatives[order], first)[kept]
        positives = np.add.reduceat(positives[order], first)[kept]
        self._waiting = [(slices[kept], scores[kept], negatives, positives)] if kept.any() else []
        self._sorted_rows = self._waiting_rows = int(kept.sum())


class ExactCounts:
    """Exact counts of all tallies that follow from one counted slicing.

    Once the large slices have dropped out, one look-up a row finds that there is nothing to
    do; that is why the flags of all tallies are kept together, by the counted combination.
    """

    def __init__(self, counted: Slicing, coarser: Sequence[Slicing]) -> None:
        self._slices = {slicing.by: ExactSlices(slicing.count) for slicing in coarser}
        self._onto = {slicing.by: counted.onto(slicing) for slicing in coarser}
        self._alive: Flags = np.ones(2 * counted.count, dtype=np.bool_)

    def __getitem__(self, by: tuple[str, ...]) -> ExactSlices:
        """The slices of one tally."""
        return self._slices[by]

    def add(self, batch: Batch, numbers: Integers) -> None:
        """Count rows, given their combinations with labels, wherever a slice is still exact."""
        rows = np.flatnonzero(self._alive.take(numbers))
        if len(rows) == 0:
            return
        combinations, labels = np.divmod(numbers[rows], 2)
        each = np.int64(1) if batch.counts is None else batch.counts[rows]
        negatives, positives = (1 - labels) * each, labels * each
        alive = np.zeros(len(self._alive) // 2, dtype=np.bool_)
        for by, part in self._slices.items():
            onto = self._onto[by]
            part.add(onto[combinations], batch.scores[rows], negatives, positives)
            alive |= part.alive[onto]
        self._alive = np.repeat(alive, 2)
