"""Tallies of two versions on the same rows: strict reading, and what does not add up."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from assay.errors import InvalidArgument
from assay.stats.tallies import (
    BinaryCounts,
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
from assay.stats.tallies.pair_grid import GRID_CELLS_MAX, cell_numbers
from assay.stats.tallies.squared_errors import BITS, SquaredErrors
from assay.stats.tallies.state import MalformedTally

CELLS = PairCells(
    other_negative=BinaryCounts(true_negatives=5, true_positives=1),
    other_positive=BinaryCounts(false_positives=2, false_negatives=3),
)
COUNTS = PairCounts(
    against="champion",
    by=("sex",),
    cells={("f",): CELLS, (None,): CELLS},
    unpaired=Unpaired(version_only=4, other_only=1),
)
SLICE = ScoreSlice(steps=2048, exact={0.25: (1, 0), 0.5: (0, 1)}, bins={})
GRID = PairGrid(steps=128, cells=LabelCounts.of({70: (1, 0), 5000: (0, 1)}, dtype=np.int64))
SCORED = ScorePairCounts(
    against="baseline",
    rows=PairedRows(
        version=SLICE, other=SLICE, grid=GRID, squared_errors=SquaredErrors(sums=(1 << BITS,) * 9)
    ),
    unpaired=Unpaired(),
)


def test_either_decision_can_be_had_from_the_cells():
    """The version's counts and the other's, each as if it were alone."""
    assert CELLS.version.cells == (5, 2, 3, 1)
    # Its negatives are the rows that the other predicts negative: five of label 0, one of 1.
    assert CELLS.other.cells == (5, 2, 1, 3)
    assert CELLS.n == CELLS.version.n == CELLS.other.n == 11
    assert PairCells.of(CELLS.cells) == CELLS
    assert COUNTS.groups() == {"f": CELLS}
    assert COUNTS.total.n == 22


def test_what_was_written_reads_back():
    """The canonical forms, and an empty tally's."""
    for spec, tally in (
        (Pairs("champion", ("sex",)), COUNTS),
        (Pairs(), PairCounts.empty(Pairs())),
    ):
        assert PairCounts.from_state(tally.state()) == tally
        assert tally.spec == spec
    for scored in (SCORED, ScorePairCounts.empty(ScorePairs("baseline"))):
        assert ScorePairCounts.from_state(scored.state()) == scored


def test_different_comparisons_do_not_add_up():
    """With another version, or by another column."""
    with pytest.raises(InvalidArgument):
        COUNTS.merge(PairCounts.empty(Pairs("baseline", ("sex",))))
    with pytest.raises(InvalidArgument):
        COUNTS.merge(PairCounts.empty(Pairs("champion", ())))
    with pytest.raises(InvalidArgument):
        SCORED.merge(ScorePairCounts.empty(ScorePairs("champion")))


def changed(state: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a state with one thing changed."""
    whole = copy.deepcopy(state)
    part = whole
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind",), "pairs/2"),
        (("against",), "somebody"),
        (("cells", 0, "counts"), [1, 2, 3, 4]),
        (("cells", 0, "counts"), [0] * 8),
        (("cells", 0, "counts"), [-1, 0, 0, 0, 0, 0, 0, 1]),
        (("cells", 0, "levels"), ["z"]),
        (("cells", 0, "levels"), ["f × m"]),
        (("unpaired",), {"version_only": 1}),
        (("unpaired", "other_only"), True),
    ],
)
def test_malformed_pairs_are_refused(path: tuple[Any, ...], value: Any):
    """One spelling alone, and bounded."""
    with pytest.raises(MalformedTally):
        PairCounts.from_state(changed(COUNTS.state(), path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind",), "pairs/1"),
        (("rows", "grid", "steps"), 12),
        (("rows", "grid", "steps"), 256),
        (("rows", "grid", "steps"), 64),
        (("rows", "grid", "cells"), "5000 70"),
        (("rows", "grid", "cells"), "70 16777216"),
        (("rows", "grid", "cells"), "70"),
        (("rows", "grid", "negatives"), "0 0"),
        (("rows", "grid", "negatives"), "2 0"),
        (("rows", "other", "positives"), "0 2"),
        (("rows", "version", "steps"), 128),
        (("rows", "squared_errors"), ["1"] * 8),
        (("rows", "squared_errors"), ["01"] * 9),
        (("rows", "squared_errors"), [1] * 9),
        (("rows", "squared_errors"), [str(3 << BITS)] * 9),
    ],
)
def test_malformed_score_pairs_are_refused(path: tuple[Any, ...], value: Any):
    """A grid in another form, rows that do not agree, sums that no rows could have."""
    with pytest.raises(MalformedTally):
        ScorePairCounts.from_state(changed(SCORED.state(), path, value))


def test_a_grid_is_as_fine_as_its_cells_are_few():
    """One cell too many halves the steps; the coarsest grid always fits."""
    bins = np.arange(GRID_CELLS_MAX + 1)
    finest = cell_numbers(bins % 4096, bins // 4096, steps=128)
    ones = np.ones(len(bins), dtype=np.int64)
    assert (
        PairGrid.of(LabelCounts.sums(finest[:-1], ones[:-1], 0 * ones[:-1]), steps=128).steps == 128
    )
    coarser = PairGrid.of(LabelCounts.sums(finest, ones, 0 * ones), steps=128)
    assert coarser.steps == 64
    assert coarser.n == len(bins)
    chance = np.random.default_rng(1)
    spread = cell_numbers(*chance.integers(0, 4096, (2, 400_000)), steps=128)
    many = np.ones(len(spread), dtype=np.int64)
    fitted = PairGrid.of(LabelCounts.sums(spread, many, 0 * many), steps=128)
    assert fitted.steps == 8
    assert len(fitted.cells) <= GRID_CELLS_MAX
    negatives, positives = fitted.counts()
    assert negatives.shape[0] <= 256
    assert (int(negatives.sum()), int(positives.sum())) == (400_000, 0)
