"""Numbering distinct scores, and counting them exactly while a slice has few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.bins import STEPS_OVERALL, bin_count, bin_numbers
from assay.stats.tallies.filling.batch import Integers
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.score_slices import EXACT_SCORES

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_WAITING_ROWS: Final = 1 << 14


class DistinctScores:
    """Numbers the distinct scores of all rows while there are at most EXACT_SCORES.

    Scores that people round, or that trees give, are few: then one number per row serves
    every slice. The score's bin finds the number of the first score seen there, and one
    comparison tells whether it is this one; only others are searched for.
    """

    def __init__(self) -> None:
        self.values: Floats = np.full(EXACT_SCORES + 1, np.nan)
        self._count = 0
        self._first: Integers = np.full(bin_count(STEPS_OVERALL), EXACT_SCORES, dtype=np.int64)
        self._order: Integers = np.zeros(0, dtype=np.int64)

    def numbers(self, scores: Floats, bins: Integers) -> Integers | None:
        """The number of each score; None once there are too many to number.

        Args:
            scores: (n,) in [0, 1].
            bins: (n,) their bins at STEPS_OVERALL.
        """
        numbers = self._first.take(bins)
        others = np.flatnonzero(self.values.take(numbers) != scores)
        if len(others) == 0:
            return numbers
        found = scores[others]
        if not self._learn(np.setdiff1d(found, self.values[: self._count])):
            return None
        ordered = self.values[self._order]
        numbers[others] = self._order[np.searchsorted(ordered, found)]
        return numbers

    def _learn(self, fresh: Floats) -> bool:
        start, end = self._count, self._count + len(fresh)
        if end > EXACT_SCORES:
            return False
        self.values[start:end] = fresh
        bins = bin_numbers(fresh, STEPS_OVERALL)
        free = self._first[bins] == EXACT_SCORES
        self._first[bins[free]] = np.arange(start, end)[free]
        self._count = end
        self._order = np.argsort(self.values[:end])
        return True


class ExactSlices:
    """Exact label counts of those slices that still have few distinct scores.

    Rows wait until there are many, and are then sorted into the counts at once; a slice
    with more than EXACT_SCORES distinct scores drops out for good.
    """

    def __init__(self, slices: int) -> None:
        self._alive: Flags = np.ones(slices, dtype=np.bool_)
        self._any_alive = True
        self._waiting: list[tuple[Integers, Floats, Integers, Integers]] = []
        self._waiting_rows = 0
        self._sorted_rows = 0

    def add(
        self, slices: Integers, scores: Floats, negatives: Integers, positives: Integers
    ) -> None:
        """Add label counts at scores, in slices by number; repeated points add up."""
        if not self._any_alive:
            return
        rows = np.flatnonzero(self._alive.take(slices))
        if len(rows) == 0:
            return
        self._waiting.append((slices[rows], scores[rows], negatives[rows], positives[rows]))
        self._waiting_rows += len(rows)
        # Sorting costs in proportion to what is there, so it waits for as much again.
        if self._waiting_rows > max(_WAITING_ROWS, 2 * self._sorted_rows):
            self._sort()

    def counts(self) -> Iterator[tuple[int, LabelCounts]]:
        """The slices that stayed exact, by number, with their counts."""
        self._sort()
        if not self._waiting:
            return
        slices, scores, negatives, positives = self._waiting[0]
        starts = np.flatnonzero(np.append(True, slices[1:] != slices[:-1]))
        for start, end in zip(starts, [*starts[1:], len(slices)], strict=True):
            part = slice(start, end)
            counts = LabelCounts.sums(scores[part], negatives[part], positives[part])
            yield int(slices[start]), counts

    def _sort(self) -> None:
        if not self._waiting:
            return
        slices, scores, negatives, positives = map(np.concatenate, zip(*self._waiting, strict=True))
        order = np.lexsort((scores, slices))
        slices, scores = slices[order], scores[order]
        new = (slices[1:] != slices[:-1]) | (scores[1:] != scores[:-1])
        first = np.flatnonzero(np.append(True, new))
        slices, scores = slices[first], scores[first]
        self._alive &= np.bincount(slices, minlength=len(self._alive)) <= EXACT_SCORES
        self._any_alive = bool(self._alive.any())
        kept = self._alive[slices]
        negatives = np.add.reduceat(negatives[order], first)[kept]
        positives = np.add.reduceat(positives[order], first)[kept]
        self._waiting = [(slices[kept], scores[kept], negatives, positives)] if kept.any() else []
        self._sorted_rows = self._waiting_rows = int(kept.sum())
