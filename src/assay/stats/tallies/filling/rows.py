"""Counting rows read, excluded and missing; sorting out the rows that can be used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.filling.batch import (
    MISSING,
    NO_UNIT,
    NO_UNIT_BUCKET,
    Batch,
    Bytes,
    Integers,
    Layout,
)
from assay.stats.tallies.rows import REASONS, RowCounts

Mask = npt.NDArray[np.bool_]


class RowFilling:
    """Row counts by bucket of units."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._buckets = layout.buckets
        self._read = np.zeros(self._buckets, dtype=np.int64)
        self._excluded = np.zeros((len(REASONS), self._buckets), dtype=np.int64)
        self._missing: dict[str, Integers] = {}

    def usable(self, batch: Batch) -> Batch:
        """Count all rows, and return those that every other tally may count."""
        if self._complete(batch):
            self._read += self._by_bucket(batch.buckets)
            self._count_missing_levels(batch, batch.buckets)
            return batch
        buckets = np.where(batch.buckets == NO_UNIT, np.uint8(NO_UNIT_BUCKET), batch.buckets)
        self._read += self._by_bucket(buckets)
        self._count_missing(batch, buckets)
        return batch.where(self._exclude(batch, buckets))

    def counts(self) -> dict[int, RowCounts]:
        """Row counts by bucket; buckets without rows are absent."""
        return {
            int(bucket): RowCounts(
                read=int(self._read[bucket]),
                excluded=_filled(dict(zip(REASONS, self._excluded[:, bucket], strict=True))),
                missing=_filled({name: by[bucket] for name, by in self._missing.items()}),
            )
            for bucket in np.flatnonzero(self._read)
        }

    def _complete(self, batch: Batch) -> bool:
        # The comparisons are False where a score is NaN, which `min` and `max` hand on.
        return bool(
            batch.labels.max() < MISSING
            and batch.scores.min() >= 0.0
            and batch.scores.max() <= 1.0
            and (self._buckets == 1 or batch.buckets.max() < NO_UNIT)
        )

    def _exclude(self, batch: Batch, buckets: Bytes) -> Mask:
        """Count excluded rows, each for its first reason, and mark the rest."""
        inside = (batch.scores >= 0.0) & (batch.scores <= 1.0)
        usable: Mask = np.ones(len(batch), dtype=np.bool_)
        reasons = (
            batch.labels == MISSING,
            np.isnan(batch.scores),
            ~inside,
            batch.buckets == NO_UNIT,
        )
        for reason, applies in enumerate(reasons):
            self._excluded[reason] += self._by_bucket(buckets[usable & applies])
            usable &= ~applies
        return usable

    def _count_missing(self, batch: Batch, buckets: Bytes) -> None:
        layout = self._layout
        self._add_missing(layout.label, buckets[batch.labels == MISSING])
        self._add_missing(layout.score, buckets[np.isnan(batch.scores)])
        if layout.unit is not None:
            self._add_missing(layout.unit, buckets[batch.buckets == NO_UNIT])
        self._count_missing_levels(batch, buckets)

    def _count_missing_levels(self, batch: Batch, buckets: Bytes) -> None:
        for column, names in self._layout.levels.items():
            codes = batch.levels[column]
            if codes.max() == len(names):
                self._add_missing(column, buckets[codes == len(names)])

    def _add_missing(self, column: str, buckets: Bytes) -> None:
        if len(buckets):
            before = self._missing.get(column, np.zeros(self._buckets, dtype=np.int64))
            self._missing[column] = before + self._by_bucket(buckets)

    def _by_bucket(self, buckets: Bytes) -> Integers:
        if self._buckets == 1:
            return np.array([len(buckets)], dtype=np.int64)
        return np.bincount(buckets, minlength=self._buckets)


def _filled(counts: dict[str, np.int64]) -> dict[str, int]:
    return {name: int(n) for name, n in sorted(counts.items()) if n}
