"""Counting labels by score in slices: exactly while scores are few, in bins beyond."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.bins import STEPS_BY_GROUP, STEPS_OVERALL, bin_count, bin_numbers, coarser
from assay.stats.tallies.confusion import Levels
from assay.stats.tallies.filling.batch import (
    NEGATIVE,
    POSITIVE,
    Batch,
    Bytes,
    Integers,
    Layout,
    Slicing,
)
from assay.stats.tallies.filling.distinct import DistinctScores, ExactSlices
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.score_slices import EXACT_SCORES, ScoreSlice
from assay.stats.tallies.scores import ScoreCounts, Scores

Floats = npt.NDArray[np.float64]


class ScoreFilling:
    """Score counts of every slice asked for, by bucket of units."""

    def __init__(self, specs: Sequence[Scores], layout: Layout) -> None:
        self._distinct: DistinctScores | None = DistinctScores()
        self._histograms = {
            spec: Histogram(
                Slicing(spec.by, layout),
                steps=spec.steps if layout.unit is None else STEPS_BY_GROUP,
            )
            for spec in specs
        }

    def add(self, batch: Batch) -> None:
        """Count usable rows."""
        bins = bin_numbers(batch.scores, STEPS_OVERALL)
        if self._distinct is not None:
            numbers = self._distinct.numbers(batch.scores, bins)
            if numbers is not None:
                for histogram in self._histograms.values():
                    histogram.add_numbered(batch, numbers)
                return
            for histogram in self._histograms.values():
                histogram.bin(self._distinct.values)
            self._distinct = None
        for histogram in self._histograms.values():
            histogram.add_binned(batch, bins)

    def counts(self, buckets: Sequence[int]) -> dict[int, dict[Scores, ScoreCounts]]:
        """The tallies by bucket, for buckets that have rows."""
        values = None if self._distinct is None else self._distinct.values
        filled: dict[int, dict[Scores, ScoreCounts]] = {bucket: {} for bucket in buckets}
        for spec, histogram in self._histograms.items():
            slices = histogram.slices(values)
            for bucket in buckets:
                filled[bucket][spec] = ScoreCounts(by=spec.by, slices=slices.get(bucket, {}))
        return filled


class Histogram:
    """Label counts of every slice of one tally: by number of score, later by bin."""

    def __init__(self, slicing: Slicing, *, steps: int) -> None:
        self._slicing = slicing
        self._steps = steps
        self._counts = self._empty(EXACT_SCORES)
        self._exact: ExactSlices | None = None

    def add_numbered(self, batch: Batch, numbers: Integers) -> None:
        """Count rows by the number of their score."""
        self._add(self._slicing.numbers(batch), batch.labels, numbers, 1)

    def add_binned(self, batch: Batch, bins: Integers) -> None:
        """Count rows by bin and, in slices with few distinct scores, by score."""
        assert self._exact is not None  # noqa: S101 - `bin` came before
        slices = self._slicing.numbers(batch)
        own_bins = coarser(bins, steps=STEPS_OVERALL, to=self._steps)
        self._add(slices, batch.labels, own_bins, 1)
        positives = batch.labels.astype(np.int64)
        self._exact.add(slices, batch.scores, 1 - positives, positives)

    def bin(self, values: Floats) -> None:
        """Go over from numbers of scores to bins.

        Args:
            values: (EXACT_SCORES or more,) the score of each number.
        """
        slices, numbers = np.nonzero(self._counts.any(axis=1))
        negatives, positives = self._counts[slices, :, numbers].T
        scores = values[numbers]
        self._exact = ExactSlices(self._slicing.count)
        self._exact.add(slices, scores, negatives, positives)
        self._counts = self._empty(bin_count(self._steps))
        bins = bin_numbers(scores, self._steps)
        self._add(slices, NEGATIVE, bins, negatives)
        self._add(slices, POSITIVE, bins, positives)

    def slices(self, values: Floats | None) -> dict[int, dict[Levels, ScoreSlice]]:
        """The slices by bucket and levels.

        Args:
            values: the score of each number, unless scores are binned.
        """
        exact = {} if self._exact is None else dict(self._exact.counts())
        found: dict[int, dict[Levels, ScoreSlice]] = {}
        for number in np.flatnonzero(self._counts.any(axis=(1, 2))):
            bucket, levels = self._slicing.decode(int(number))
            part = self._slice(self._counts[number], exact.get(int(number)), values)
            found.setdefault(bucket, {})[levels] = part
        return found

    def _add(
        self, slices: Integers, labels: Bytes | int, columns: Integers, amounts: Integers | int
    ) -> None:
        index = slices * 2
        index += labels
        index *= self._counts.shape[2]
        index += columns
        np.add.at(self._counts.reshape(-1), index, amounts)

    def _slice(
        self, counts: Integers, exact: LabelCounts | None, values: Floats | None
    ) -> ScoreSlice:
        if exact is not None:
            return ScoreSlice(steps=self._steps, exact=exact, bins={})
        points = np.flatnonzero(counts.any(axis=0))
        negatives, positives = counts[:, points]
        if values is not None:
            scores = LabelCounts.sums(values[points], negatives, positives)
            return ScoreSlice(steps=self._steps, exact=scores, bins={})
        bins = LabelCounts(points, negatives, positives)
        return ScoreSlice(steps=self._steps, exact=None, bins=bins)

    def _empty(self, columns: int) -> Integers:
        return np.zeros((self._slicing.count, 2, columns), dtype=np.int64)
