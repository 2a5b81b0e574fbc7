"""Numbering the distinct scores of all rows, while there are few."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.bins import STEPS_OVERALL, bin_count, bin_numbers
from assay.stats.tallies.filling.batch import Integers
from assay.stats.tallies.score_slices import EXACT_SCORES

Floats = npt.NDArray[np.float64]


class DistinctScores:
    """Numbers the distinct scores of all rows while there are at most EXACT_SCORES.

    Scores that people round, or that trees give, are few: then one number per row serves
    every slice. The score's bin finds the number of a score seen there before, and one
    comparison tells whether it is this one; only others are searched for.
    """

    def __init__(self) -> None:
        self.values: Floats = np.full(EXACT_SCORES + 1, np.nan)
        self._count = 0
        self._in_bin: Integers = np.full(bin_count(STEPS_OVERALL), EXACT_SCORES, dtype=np.int64)
        self._order: Integers = np.zeros(0, dtype=np.int64)

    def numbers(self, scores: Floats, bins: Integers) -> Integers | None:
        """The number of each score; None once there are too many to number.

        Args:
            scores: (n,) in [0, 1].
            bins: (n,) their bins at STEPS_OVERALL.
        """
        numbers = self._in_bin.take(bins)
        others = np.flatnonzero(self.values.take(numbers) != scores)
        if len(others) == 0:
            return numbers
        found = scores[others]
        if not self._learn(np.setdiff1d(found, self.values[: self._count])):
            return None
        numbers[others] = self._order[np.searchsorted(self.values[self._order], found)]
        return numbers

    def _learn(self, fresh: Floats) -> bool:
        start, end = self._count, self._count + len(fresh)
        if end > EXACT_SCORES:
            return False
        self.values[start:end] = fresh
        bins = bin_numbers(fresh, STEPS_OVERALL)
        free = self._in_bin[bins] == EXACT_SCORES
        self._in_bin[bins[free]] = np.arange(start, end)[free]
        self._count = end
        self._order = np.argsort(self.values[:end])
        return True
