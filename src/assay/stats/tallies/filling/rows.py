"""Counting rows read, excluded and missing; sorting out the rows that can be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.filling.batch import (
    MISSING,
    NO_UNIT,
    NO_UNIT_BUCKET,
    Batch,
    Integers,
    Layout,
)
from assay.stats.tallies.filling.weighing import Weighing
from assay.stats.tallies.rows import REASONS, RowCounts

Mask = npt.NDArray[np.bool_]


class RowFilling:
    """Row counts by bucket of units."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._buckets = layout.buckets
        self._weighing = None if layout.weight is None else Weighing(layout.weight)
        self._read = np.zeros(self._buckets, dtype=np.int64)
        self._excluded = np.zeros((len(REASONS), self._buckets), dtype=np.int64)
        self._missing: dict[str, Integers] = {}

    def usable(self, batch: Batch) -> tuple[Batch, Batch]:
        """Count all rows; return them with how many each is, and those that tallies may count.

        Raises:
            WeightsTooLarge: frequency weights add up to more rows than can be counted.
        """
        weights = self._unusable_weights(batch)
        batch = self._counted(batch, weights)
        if self._complete(batch) and not any(map(np.any, weights)):
            self._read += self._by_bucket(batch)
            self._count_missing_levels(batch)
            return batch, batch
        buckets = np.where(batch.buckets == NO_UNIT, np.uint8(NO_UNIT_BUCKET), batch.buckets)
        homed = replace(batch, buckets=buckets)
        self._read += self._by_bucket(homed)
        self._count_missing(batch, homed)
        return batch, batch.where(self._exclude(batch, homed, weights))

    def counts(self) -> dict[int, RowCounts]:
        """Row counts by bucket; buckets without rows are absent.

        Raises:
            WeightsTooLarge: sampling weights exceed their scale.
        """
        if self._weighing is not None:
            self._weighing.verify_within_scale()
        return {
            int(bucket): RowCounts(
                read=int(self._read[bucket]),
                excluded=_filled(dict(zip(REASONS, self._excluded[:, bucket], strict=True))),
                missing=_filled({name: by[bucket] for name, by in self._missing.items()}),
            )
            for bucket in np.flatnonzero(self._read)
        }

    def _unusable_weights(self, batch: Batch) -> tuple[Mask, ...]:
        if self._weighing is None or batch.weights is None:
            return ()
        return self._weighing.unusable(batch.weights)

    def _counted(self, batch: Batch, weights: tuple[Mask, ...]) -> Batch:
        if self._weighing is None or batch.weights is None:
            return batch
        bad = np.logical_or.reduce(weights)
        return replace(batch, counts=self._weighing.counts(batch.weights, bad))

    def _complete(self, batch: Batch) -> bool:
        # The comparisons are False where a score is NaN, which `min` and `max` hand on.
        return bool(
            batch.labels.max() < MISSING
            and batch.scores.min() >= 0.0
            and batch.scores.max() <= 1.0
            and (self._buckets == 1 or batch.buckets.max() < NO_UNIT)
        )

    def _exclude(self, batch: Batch, homed: Batch, weights: tuple[Mask, ...]) -> Mask:
        """Count excluded rows, each for its first reason, and mark the rest."""
        inside = (batch.scores >= 0.0) & (batch.scores <= 1.0)
        usable: Mask = np.ones(len(batch), dtype=np.bool_)
        reasons = (
            batch.labels == MISSING,
            np.isnan(batch.scores),
            ~inside,
            batch.buckets == NO_UNIT,
            *weights,
        )
        for reason, applies in enumerate(reasons):
            self._excluded[reason] += self._by_bucket(homed.where(usable & applies))
            usable &= ~applies
        return usable

    def _count_missing(self, batch: Batch, homed: Batch) -> None:
        layout = self._layout
        self._add_missing(layout.label, homed.where(batch.labels == MISSING))
        self._add_missing(layout.score, homed.where(np.isnan(batch.scores)))
        if layout.unit is not None:
            self._add_missing(layout.unit, homed.where(batch.buckets == NO_UNIT))
        if layout.weight is not None and batch.weights is not None:
            self._add_missing(layout.weight.column, homed.where(np.isnan(batch.weights)))
        self._count_missing_levels(homed)

    def _count_missing_levels(self, batch: Batch) -> None:
        for column, names in self._layout.levels.items():
            codes = batch.levels[column]
            if codes.max() == len(names):
                self._add_missing(column, batch.where(codes == len(names)))
        for against, column in self._layout.others.items():
            self._add_missing(column, batch.where(np.isnan(batch.others[against].scores)))

    def _add_missing(self, column: str, rows: Batch) -> None:
        if len(rows):
            before = self._missing.get(column, np.zeros(self._buckets, dtype=np.int64))
            self._missing[column] = before + self._by_bucket(rows)

    def _by_bucket(self, rows: Batch) -> Integers:
        """How many rows there are in each bucket."""
        if rows.counts is not None:
            # Sums of whole numbers below 2^53, which weighing has made sure of, are exact.
            sums = np.bincount(rows.buckets, weights=rows.counts, minlength=self._buckets)
            return sums.astype(np.int64)
        if self._buckets == 1:
            return np.array([len(rows)], dtype=np.int64)
        return np.bincount(rows.buckets, minlength=self._buckets)


def _filled(counts: dict[str, np.int64]) -> dict[str, int]:
    return {name: int(n) for name, n in sorted(counts.items()) if n}
