"""Filling every tally of a recipe from batches of rows, in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assay.stats.tallies import (
    AGAINST,
    Confusion,
    Pairs,
    Rows,
    ScorePairs,
    Scores,
    Spec,
    Tally,
    WeightedConfusion,
)
from assay.stats.tallies.filling.batch import Batch, Layout
from assay.stats.tallies.filling.groups import ConfusionFilling
from assay.stats.tallies.filling.pairs import PairFilling
from assay.stats.tallies.filling.rows import RowFilling
from assay.stats.tallies.filling.scores import ScoreFilling
from assay.stats.tallies.filling.weighted import WeightedFilling

_BLOCK_ROWS: Final = 15 * 1024
"""Rows counted at a time: their arrays stay in the cache, and below the size from which
allocation asks the operating system for fresh pages, which costs more than the counting."""


class Filling:
    """The tallies of the rows added so far; any split and order of them gives the same."""

    def __init__(self, layout: Layout) -> None:
        self._specs = tuple(layout.specs)
        self._rows = RowFilling(layout)
        self._confusion = ConfusionFilling(
            [spec for spec in self._specs if isinstance(spec, Confusion)], layout
        )
        self._scores = ScoreFilling(
            [spec for spec in self._specs if isinstance(spec, Scores)], layout
        )
        self._weighted = WeightedFilling(
            [spec for spec in self._specs if isinstance(spec, WeightedConfusion)], layout
        )
        counted = [*self._confusion.counted, *self._scores.counted, *self._weighted.counted]
        self._slicings = {slicing.by: slicing for slicing in counted}
        self._pairs = [
            PairFilling(against, specs, layout)
            for against in AGAINST
            if (specs := [spec for spec in _paired(self._specs) if spec.against == against])
        ]

    def add(self, batch: Batch) -> None:
        """Count rows; each once, in every tally."""
        for start in range(0, len(batch), _BLOCK_ROWS):
            read, block = self._rows.usable(batch.where(slice(start, start + _BLOCK_ROWS)))
            for pairs in self._pairs:
                pairs.add(read, block)
            if len(block):
                numbers = {by: slicing.numbers(block) for by, slicing in self._slicings.items()}
                self._confusion.add(block, numbers)
                self._scores.add(block, numbers)
                self._weighted.add(block, numbers)

    def tallies(self) -> dict[int, dict[Spec, Tally]]:
        """A tally for each spec, by bucket of units; one bucket, 0, of independent rows.

        Buckets without rows are absent.
        """
        rows = self._rows.counts()
        confusion = self._confusion.counts(list(rows))
        scores = self._scores.counts(list(rows))
        weighted = self._weighted.counts(list(rows))
        pairs = [part.counts(list(rows)) for part in self._pairs]
        found: dict[int, dict[Spec, Tally]] = {}
        for bucket, read in rows.items():
            found[bucket] = {Rows(): read}
            found[bucket].update(confusion[bucket].items())
            found[bucket].update(scores[bucket].items())
            found[bucket].update(weighted[bucket].items())
            for part in pairs:
                found[bucket].update(part[bucket].items())
        return found


def _paired(specs: Iterable[Spec]) -> list[Pairs | ScorePairs]:
    return [spec for spec in specs if isinstance(spec, Pairs | ScorePairs)]
