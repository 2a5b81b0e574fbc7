"""Two scores of the same rows, counted one row at a time: slow, obvious, sharing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

from assay.stats.tallies import (
    Against,
    BinaryCounts,
    Levels,
    PairCells,
    PairCounts,
    PairedRows,
    PairGrid,
    Pairs,
    ScorePairCounts,
    ScorePairs,
    ScoreSlice,
    Unpaired,
)
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.squared_errors import SquaredErrors

CELLS_MAX: Final = 65_536


def in_range(score: float | None) -> bool:
    """Whether there is a score from 0 to 1."""
    return score is not None and 0 <= score <= 1


def unpaired(read: Sequence[Any], used: Sequence[Any], against: Against, *, unit: bool) -> Unpaired:
    """Rows that only one of the two scored."""
    return Unpaired(
        version_only=sum(not in_range(row.others[against]) for row in used),
        other_only=sum(
            row.label is not None
            and not (unit and row.unit is None)
            and in_range(row.others[against])
            and not in_range(row.score)
            for row in read
        ),
    )


def pair_counts(
    spec: Pairs,
    used: Sequence[Any],
    left_out: Unpaired,
    predicted: Callable[[float], bool],
) -> PairCounts:
    """Label by both decisions in every group."""
    groups: dict[Levels, Counter[tuple[bool, bool, bool]]] = {}
    for row in used:
        other = row.others[spec.against]
        if in_range(other):
            levels = tuple(row.groups[column] for column in spec.by)
            cell = predicted(other), bool(row.label), predicted(row.score)
            groups.setdefault(levels, Counter())[cell] += 1
    return PairCounts(
        against=spec.against,
        by=spec.by,
        cells={
            levels: PairCells(
                other_negative=_binary(cells, False), other_positive=_binary(cells, True)
            )
            for levels, cells in groups.items()
        },
        unpaired=left_out,
    )


def score_pair_counts(
    spec: ScorePairs,
    used: Sequence[Any],
    left_out: Unpaired,
    slice_of: Callable[[Sequence[tuple[bool, float]]], ScoreSlice],
    bin_of: Callable[[float, int], int],
) -> ScorePairCounts:
    """Label by both scores."""
    triples = [
        (bool(row.label), float(row.score) + 0, float(row.others[spec.against]) + 0)
        for row in used
        if in_range(row.others[spec.against])
    ]
    rows = None
    if triples:
        rows = PairedRows(
            version=slice_of([(label, score) for label, score, _ in triples]),
            other=slice_of([(label, score) for label, _, score in triples]),
            grid=_grid(triples, bin_of),
            squared_errors=SquaredErrors(sums=_sums(triples)),
        )
    return ScorePairCounts(against=spec.against, rows=rows, unpaired=left_out)


def _binary(cells: Counter[tuple[bool, bool, bool]], other: bool) -> BinaryCounts:
    return BinaryCounts(
        true_negatives=cells[other, False, False],
        false_positives=cells[other, False, True],
        false_negatives=cells[other, True, False],
        true_positives=cells[other, True, True],
    )


def _grid(
    triples: Sequence[tuple[bool, float, float]], bin_of: Callable[[float, int], int]
) -> PairGrid:
    """The finest grid whose cells are few enough, tried from the finest on."""
    for steps in (128, 64, 32, 16, 8):
        side = 32 * steps
        counts: dict[int, tuple[int, int]] = {}
        for label, version, other in triples:
            cell = bin_of(version, steps) * side + bin_of(other, steps)
            negatives, positives = counts.get(cell, (0, 0))
            counts[cell] = (negatives + (not label), positives + label)
        if len(counts) <= CELLS_MAX:
            cells = LabelCounts.of(counts, dtype=int)
            return PairGrid(
                steps=steps, cells=LabelCounts.sums(cells.points, cells.negatives, cells.positives)
            )
    raise AssertionError("The coarsest grid has no more cells than may be filled.")


def _sums(triples: Sequence[tuple[bool, float, float]]) -> tuple[int, ...]:
    """Each product of floats as the machine forms it, then rounded exactly and added."""
    powers = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
    totals = [0] * len(powers)
    for label, version, other in triples:
        a, b = (version - label) * (version - label), (other - label) * (other - label)
        raised = {0: (1.0, 1.0), 1: (a, b), 2: (a * a, b * b), 3: (a * a * a, b * b * b)}
        for at, (i, j) in enumerate(powers):
            totals[at] += round(Fraction(raised[i][0] * raised[j][1]) * 2**40)
    return tuple(totals)
