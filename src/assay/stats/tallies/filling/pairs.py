"""Counting two versions' decisions and scores on the same rows, in the same pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.bins import bin_numbers
from assay.stats.tallies.filling.batch import MISSING, NO_UNIT, Batch, Layout
from assay.stats.tallies.filling.scores import Numbers, ScoreFilling
from assay.stats.tallies.filling.slicing import Slicing
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.pair_grid import (
    GRID_CELLS_MAX,
    GRID_STEPS_MAX,
    PairGrid,
    cell_numbers,
)
from assay.stats.tallies.pairs import Against, PairCells, PairCounts, Pairs, Unpaired
from assay.stats.tallies.score_pairs import PairedRows, ScorePairCounts, ScorePairs
from assay.stats.tallies.scores import Scores
from assay.stats.tallies.slices import Levels
from assay.stats.tallies.squared_errors import POWERS, SquaredErrors, fixed_point

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PairSpec = Pairs | ScorePairs
PairTally = PairCounts | ScorePairCounts

_ALL: Final = Scores()


class PairFilling:
    """Every tally of rows that this version and one other scored, by bucket of units."""

    def __init__(self, against: Against, specs: Sequence[PairSpec], layout: Layout) -> None:
        self._against: Against = against
        self._unpaired = np.zeros((2, layout.buckets), dtype=np.int64)
        decisions = [spec for spec in specs if isinstance(spec, Pairs)]
        self._decisions = [_Decisions(spec, layout) for spec in decisions]
        self._scores = _Scores(layout) if len(decisions) < len(specs) else None

    def add(self, read: Batch, usable: Batch) -> None:
        """Count rows: all that were read, and those of them that this version's tallies use."""
        paired = _in_range(usable.others[self._against].scores)
        self._count_unpaired(0, usable, ~paired)
        if len(usable) < len(read):
            self._count_unpaired(1, read, _other_only(read, self._against))
        rows = usable if paired.all() else usable.where(paired)
        if len(rows) == 0:
            return
        for decisions in self._decisions:
            decisions.add(rows, self._against)
        if self._scores is not None:
            self._scores.add(rows, rows.as_scored_by(self._against))

    def counts(self, buckets: Sequence[int]) -> dict[int, dict[PairSpec, PairTally]]:
        """The tallies by bucket, for buckets that have rows."""
        found: dict[int, dict[PairSpec, PairTally]] = {bucket: {} for bucket in buckets}
        unpaired = {
            bucket: Unpaired(
                version_only=int(self._unpaired[0, bucket]),
                other_only=int(self._unpaired[1, bucket]),
            )
            for bucket in buckets
        }
        for decisions in self._decisions:
            spec, cells = decisions.spec, decisions.cells()
            for bucket in buckets:
                found[bucket][spec] = PairCounts(
                    against=spec.against,
                    by=spec.by,
                    cells=cells.get(bucket, {}),
                    unpaired=unpaired[bucket],
                )
        if self._scores is not None:
            rows = self._scores.rows(buckets)
            for bucket in buckets:
                found[bucket][ScorePairs(against=self._against)] = ScorePairCounts(
                    against=self._against, rows=rows.get(bucket), unpaired=unpaired[bucket]
                )
        return found

    def _count_unpaired(self, kind: int, batch: Batch, rows: Mask) -> None:
        if rows.any():
            each = 1 if batch.counts is None else batch.counts[rows]
            np.add.at(self._unpaired[kind], batch.buckets[rows], each)


class _Decisions:
    """Label by both decisions, in the groups of one slice."""

    def __init__(self, spec: Pairs, layout: Layout) -> None:
        self.spec = spec
        self._slicing = Slicing(spec.by, layout)
        self._counts = np.zeros((self._slicing.count, 8), dtype=np.int64)

    def add(self, rows: Batch, against: Against) -> None:
        """Count rows that both scored."""
        # The slicing numbers 2·combination + label; the eight cells stand in PairCells' order.
        combinations, labels = np.divmod(self._slicing.numbers(rows), 2)
        cells = combinations * 8 + rows.others[against].predicted * np.int64(4)
        cells += labels * 2 + rows.predicted
        np.add.at(self._counts.reshape(-1), cells, 1 if rows.counts is None else rows.counts)

    def cells(self) -> dict[int, dict[Levels, PairCells]]:
        """Counts by bucket and levels."""
        found: dict[int, dict[Levels, PairCells]] = {}
        for number in np.flatnonzero(self._counts.any(axis=1)):
            bucket, levels = self._slicing.decode(int(number))
            found.setdefault(bucket, {})[levels] = PairCells.of(self._counts[number].tolist())
        return found


class _Scores:
    """Label by both scores, over all rows."""

    def __init__(self, layout: Layout) -> None:
        self._slicing = Slicing((), layout)
        self._version = ScoreFilling([_ALL], layout)
        self._other = ScoreFilling([_ALL], layout)
        self._grids = [_Grid() for _ in range(layout.buckets)]
        self._errors = np.zeros((layout.buckets, len(POWERS)), dtype=object)

    def add(self, rows: Batch, other: Batch) -> None:
        """Count rows that both scored, as either scored them."""
        numbers: Numbers = {(): self._slicing.numbers(rows)}
        self._version.add(rows, numbers)
        self._other.add(other, numbers)
        cells = cell_numbers(
            bin_numbers(rows.scores, GRID_STEPS_MAX),
            bin_numbers(other.scores, GRID_STEPS_MAX),
            steps=GRID_STEPS_MAX,
        )
        positives = rows.labels.astype(np.int64)
        negatives = 1 - positives
        products = fixed_point((rows.scores - positives) ** 2, (other.scores - positives) ** 2)
        if rows.counts is not None:
            positives, negatives = positives * rows.counts, negatives * rows.counts
            # A row of a large weight would overflow 64 bits, which Python's integers do not.
            products = products.astype(object) * rows.counts
        for bucket, part in _by_bucket(rows, len(self._grids)):
            self._grids[bucket].add(cells[part], negatives[part], positives[part])
            self._errors[bucket] += products[:, part].sum(axis=1).astype(object)

    def rows(self, buckets: Sequence[int]) -> dict[int, PairedRows]:
        """What was counted, by bucket; buckets where no row has both scores are absent."""
        version, other = self._version.counts(buckets), self._other.counts(buckets)
        return {
            bucket: PairedRows(
                version=version[bucket][_ALL].slices[()],
                other=other[bucket][_ALL].slices[()],
                grid=self._grids[bucket].grid(),
                squared_errors=SquaredErrors(sums=tuple(map(int, self._errors[bucket]))),
            )
            for bucket in buckets
            if version[bucket][_ALL].slices
        }


class _Grid:
    """The grid of one bucket: rows wait until sorting them costs little for each."""

    def __init__(self) -> None:
        self._grid = PairGrid.empty()
        self._waiting: list[tuple[Integers, Integers, Integers]] = []
        self._waiting_rows = 0

    def add(self, cells: Integers, negatives: Integers, positives: Integers) -> None:
        """Count rows of either label by their cells of the finest grid."""
        self._waiting.append((cells, negatives, positives))
        self._waiting_rows += len(cells)
        if self._waiting_rows > max(GRID_CELLS_MAX, 2 * len(self._grid.cells)):
            self._sort()

    def grid(self) -> PairGrid:
        """All rows so far."""
        self._sort()
        return self._grid

    def _sort(self) -> None:
        if self._waiting:
            columns = map(np.concatenate, zip(*self._waiting, strict=True))
            fresh = PairGrid.of(LabelCounts.sums(*columns), steps=GRID_STEPS_MAX)
            self._grid = self._grid.merge(fresh)
            self._waiting, self._waiting_rows = [], 0


def _by_bucket(rows: Batch, buckets: int) -> list[tuple[int, slice | Integers]]:
    """The rows of each bucket that has some."""
    if buckets == 1:
        return [(0, slice(None))]
    order = np.argsort(rows.buckets, kind="stable")
    found, starts = np.unique(rows.buckets[order], return_index=True)
    parts = np.split(order, starts[1:])
    return [(int(bucket), part) for bucket, part in zip(found, parts, strict=True)]


def _in_range(scores: Floats) -> Mask:
    """Where there is a score from 0 to 1; comparisons with NaN are False."""
    inside: Mask = (scores >= 0.0) & (scores <= 1.0)
    return inside


def _other_only(read: Batch, against: Against) -> Mask:
    """The rows with a usable label and unit that only the other scored."""
    known = (read.labels != MISSING) & (read.buckets != NO_UNIT)
    scored: Mask = known & _in_range(read.others[against].scores) & ~_in_range(read.scores)
    return scored
