"""Filling: corners that random rows seldom reach."""

from __future__ import annotations

import numpy as np
import pytest

from assay.stats.tallies import (
    Confusion,
    RowCounts,
    Rows,
    ScoreCounts,
    Scores,
    Spec,
    Tally,
)
from assay.stats.tallies.bins import bin_numbers
from assay.stats.tallies.filling import Batch, Filling, Layout
from assay.stats.tallies.filling.distinct import DistinctScores
from assay.stats.tallies.filling.slicing import finest


def fill(specs: list[Spec], scores: np.ndarray, *, levels: int = 1) -> dict[Spec, Tally]:
    """Rows with these scores, every second label positive, groups in turn."""
    size = len(scores)
    layout = Layout(
        label="y",
        score="p",
        unit=None,
        levels={"g": [f"g{i}" for i in range(levels)]},
        specs=specs,
    )
    filling = Filling(layout)
    filling.add(
        Batch(
            labels=(np.arange(size) % 2).astype(np.uint8),
            scores=scores,
            predicted=scores >= 0.5,
            levels={"g": (np.arange(size) % levels).astype(np.uint8)},
            buckets=np.zeros(size, dtype=np.uint8),
        )
    )
    return filling.tallies()[0]


def test_a_recipe_may_ask_for_rows_alone():
    """No score and no group is counted that nobody asked for."""
    scores = np.random.default_rng(1).random(20_000)
    expected = RowCounts(read=20_000, excluded={}, missing={})
    assert fill([Rows()], scores) == {Rows(): expected}


def test_no_rows_fill_nothing():
    """A batch of no rows is no bucket."""
    layout = Layout(label="y", score="p", unit=None, levels={}, specs=[Rows(), Scores()])
    assert Filling(layout).tallies() == {}


@pytest.mark.parametrize("levels", [3, 150])
def test_groups_few_and_many(levels: int):
    """Counted together or each column on its own, groups add up to all rows."""
    specs: list[Spec] = [Rows(), Confusion(by=("g",)), Scores(), Scores(by=("g",))]
    scores = np.random.default_rng(2).random(40_000)
    tallies = fill(specs, scores, levels=levels)
    overall, by_group = tallies[Scores()], tallies[Scores(by=("g",))]
    assert isinstance(overall, ScoreCounts)
    assert isinstance(by_group, ScoreCounts)
    assert overall.slices[()].exact is None
    assert {part.exact is None for part in by_group.slices.values()} == {levels == 3}
    assert sum(part.n for part in by_group.slices.values()) == overall.slices[()].n == 40_000


def test_scores_that_share_a_bin_are_told_apart():
    """Distinct scores of one bin keep their own numbers, in whatever order they come."""
    base = np.array([0.3, 0.30000000000000004, 0.1 + 0.2 + 1e-15, 0.30000000001])
    assert len(set(bin_numbers(base, 2048).tolist())) == 1
    distinct = DistinctScores()
    for scores in (base[:1], base[2:], np.tile(base[::-1], 3), base):
        numbers = distinct.numbers(scores, bin_numbers(scores, 2048))
        assert numbers is not None
        assert np.array_equal(distinct.values[numbers], scores)


def test_too_many_distinct_scores_have_no_numbers():
    """The last one that fits is numbered, the next is not."""
    distinct = DistinctScores()
    scores = np.arange(4097) / 5000
    bins = bin_numbers(scores, 2048)
    assert distinct.numbers(scores[:4096], bins[:4096]) is not None
    assert distinct.numbers(scores[4096:], bins[4096:]) is None


def test_the_finest_slices_hold_the_others():
    """A slice is counted on its own only if no other has all its columns."""
    assert finest([(), ("a",), ("b", "a"), ("a", "b"), ("c",)]) == [("a", "b"), ("c",)]
    assert finest([()]) == [()]
