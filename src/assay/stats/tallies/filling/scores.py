"""Counting labels by score in slices: exactly while scores are few, in bins beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.bins import STEPS_BY_GROUP, STEPS_OVERALL, bin_count, bin_numbers, coarser
from assay.stats.tallies.filling.batch import Batch, Integers, Layout
from assay.stats.tallies.filling.distinct import DistinctScores
from assay.stats.tallies.filling.exact import ExactCounts
from assay.stats.tallies.filling.slicing import Slicing, finest, holding
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.score_slices import ScoreSlice
from assay.stats.tallies.scores import ScoreCounts, Scores
from assay.stats.tallies.slices import Levels

Numbers = Mapping[tuple[str, ...], Integers]

COLUMNS: Final = bin_count(STEPS_BY_GROUP)
"""Columns of a histogram by group: its bins or, before them, as many distinct scores."""

_JOINT_COUNTERS_MAX: Final = 1 << 20
"""Counters up to which all columns together are counted at once: beyond, misses of the cache
cost more than counting by each column anew."""


class ScoreFilling:
    """Score counts of every slice asked for, by bucket of units."""

    def __init__(self, specs: Sequence[Scores], layout: Layout) -> None:
        self._specs = specs
        self._layout = layout
        self.counted = _counted(specs, layout)
        self._by_group = {
            slicing.by: np.zeros((slicing.count, 2, COLUMNS), dtype=np.int64)
            for slicing in self.counted
        }
        self._overall = np.zeros((2, bin_count(STEPS_OVERALL)), dtype=np.int64)
        self._distinct: DistinctScores | None = DistinctScores()
        self._exact: dict[tuple[str, ...], ExactCounts] = {}

    def add(self, batch: Batch, numbers: Numbers) -> None:
        """Count usable rows, given their combinations with labels by each counted slicing."""
        if not self._specs:
            return
        each = 1 if batch.counts is None else batch.counts
        bins = bin_numbers(batch.scores, STEPS_OVERALL)
        if self._distinct is not None:
            found = self._distinct.numbers(batch.scores, bins)
            if found is not None:
                self._count(numbers, found, each)
                return
            self._bin(self._distinct.values)
            self._distinct = None
        self._count(numbers, coarser(bins, steps=STEPS_OVERALL, to=STEPS_BY_GROUP), each)
        for by, exact in self._exact.items():
            exact.add(batch, numbers[by])
        if self._layout.unit is None:
            bins += batch.labels * np.int64(self._overall.shape[1])
            np.add.at(self._overall.reshape(-1), bins, each)

    def counts(self, buckets: Sequence[int]) -> dict[int, dict[Scores, ScoreCounts]]:
        """The tallies by bucket, for buckets that have rows."""
        filled: dict[int, dict[Scores, ScoreCounts]] = {bucket: {} for bucket in buckets}
        for spec in self._specs:
            slices = self._slices(spec)
            for bucket in buckets:
                filled[bucket][spec] = ScoreCounts(by=spec.by, slices=slices.get(bucket, {}))
        return filled

    def _count(self, numbers: Numbers, columns: Integers, each: Integers | int) -> None:
        for by, counts in self._by_group.items():
            cells = numbers[by] * COLUMNS
            cells += columns
            np.add.at(counts.reshape(-1), cells, each)

    def _bin(self, values: npt.NDArray[np.float64]) -> None:
        """Go over from distinct scores by number to bins, and to exact counts beside them."""
        for slicing in self.counted:
            coarse = [
                Slicing(spec.by, self._layout)
                for spec in self._specs
                if holding(spec.by, self.counted) is slicing
                and self._steps(spec) == STEPS_BY_GROUP  # overall, scores are many by now
            ]
            self._exact[slicing.by] = ExactCounts(slicing, coarse)
            for part in coarse:
                slices, numbers, negatives, positives = _filled(self._summed(part))
                exact = self._exact[slicing.by][part.by]
                exact.add(slices, values[numbers], negatives, positives)
        _, numbers, negatives, positives = _filled(self._by_group[self.counted[0].by])
        bins = bin_numbers(values[numbers], STEPS_OVERALL)
        np.add.at(self._overall[0], bins, negatives)
        np.add.at(self._overall[1], bins, positives)
        for counts in self._by_group.values():
            slices, numbers, negatives, positives = _filled(counts)
            bins = bin_numbers(values[numbers], STEPS_BY_GROUP) + slices * (2 * COLUMNS)
            counts[:] = 0
            np.add.at(counts.reshape(-1), bins, negatives)
            np.add.at(counts.reshape(-1), bins + COLUMNS, positives)

    def _slices(self, spec: Scores) -> dict[int, dict[Levels, ScoreSlice]]:
        """The slices of one tally by bucket and levels."""
        slicing, steps = Slicing(spec.by, self._layout), self._steps(spec)
        counts, exact = self._counted_for(slicing, steps)
        found: dict[int, dict[Levels, ScoreSlice]] = {}
        for number in np.flatnonzero(counts.any(axis=(1, 2))).tolist():
            bucket, levels = slicing.decode(number)
            part = self._slice(counts[number], exact.get(number), steps)
            found.setdefault(bucket, {})[levels] = part
        return found

    def _counted_for(
        self, slicing: Slicing, steps: int
    ) -> tuple[Integers, Mapping[int, LabelCounts]]:
        """Histograms by combination, and the exact counts that some still have."""
        if self._distinct is not None:
            return self._summed(slicing), {}
        if steps == STEPS_OVERALL:
            return self._overall[None], {}
        exact = self._exact[holding(slicing.by, self.counted).by]
        return self._summed(slicing), exact[slicing.by].counts()

    def _slice(self, counts: Integers, exact: LabelCounts | None, steps: int) -> ScoreSlice:
        if exact is not None:
            return ScoreSlice(steps=steps, exact=exact, bins={})
        columns = np.flatnonzero(counts.any(axis=0))
        negatives, positives = counts[:, columns]
        if self._distinct is None:
            bins = LabelCounts.sums(columns, negatives, positives)
            return ScoreSlice(steps=steps, exact=None, bins=bins)
        scores = LabelCounts.sums(self._distinct.values[columns], negatives, positives)
        return ScoreSlice(steps=steps, exact=scores, bins={})

    def _summed(self, coarse: Slicing) -> Integers:
        """Histograms by fewer columns, (count, 2, COLUMNS) int64."""
        fine = holding(coarse.by, self.counted)
        counts, onto = self._by_group[fine.by], fine.onto(coarse)
        summed = np.zeros((coarse.count, *counts.shape[1:]), dtype=np.int64)
        for number in np.flatnonzero(counts.any(axis=(1, 2))):
            summed[onto[number]] += counts[number]
        return summed

    def _steps(self, spec: Scores) -> int:
        return spec.steps if self._layout.unit is None else STEPS_BY_GROUP


def _counted(specs: Sequence[Scores], layout: Layout) -> list[Slicing]:
    """All columns together where they have few combinations, else each slice on its own."""
    slices = [spec.by for spec in specs]
    if not slices:
        return []
    together = tuple(column for column in layout.levels if any(column in by for by in slices))
    joint = Slicing(together, layout)
    if joint.count * 2 * COLUMNS <= _JOINT_COUNTERS_MAX:
        return [joint]
    return [Slicing(by, layout) for by in finest(slices)]


def _filled(counts: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Of histograms (count, 2, columns) the filled columns: number, column, both counts."""
    numbers, columns = np.nonzero(counts.any(axis=1))
    negatives, positives = counts[numbers, :, columns].T
    return numbers, columns, negatives, positives
