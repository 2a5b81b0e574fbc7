"""Rates of a population from a sample whose rows have unequal weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assay.stats.proportions import Proportion, Sampled
from assay.stats.tallies import BinaryCounts, WeightedCounts

Cells = Callable[[BinaryCounts], int]
"""A sum of some of the four cells."""


def weighted_proportion(
    counts: WeightedCounts, buckets: Sequence[WeightedCounts], *, events: Cells, trials: Cells
) -> Proportion:
    """A weighted rate: sums of weights, scaled to add up to the rows among the trials.

    Args:
        counts: of all rows.
        buckets: of each bucket of units; empty where rows are independent.
        events: the cells that are events.
        trials: the cells that are trials, those of events among them.

    Source: Korn & Graubard (1998), Survey Methodology 24(2), 193-201, section 2.
    """
    rows, weight = trials(counts.rows), trials(counts.sums)
    if rows == 0:
        return Proportion(events=0, trials=0)

    def scaled(total: int) -> float:
        return total * rows / weight  # of whole numbers of any size, to the nearest double

    def squared(total: int) -> float:
        return total * rows**2 / weight**2

    return Proportion(
        events=min(scaled(events(counts.sums)), float(rows)),
        trials=float(rows),
        buckets=tuple((scaled(events(part.sums)), scaled(trials(part.sums))) for part in buckets),
        sampled=Sampled(
            rows=rows,
            squares=squared(trials(counts.squares)),
            event_squares=squared(events(counts.squares)),
        ),
    )
