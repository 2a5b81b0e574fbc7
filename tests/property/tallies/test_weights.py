"""Weights add up: frequencies as if rows were repeated, sampling weights on their exact grid."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.tallies.naive import Row
from tests.property.tallies.test_merging import LEVELS, ROWS, _batch, fill, recipe

from assay.evidence.recipe import Recipe, recipe_for
from assay.evidence.tallies import MalformedTallySet, TallySet
from assay.stats.tallies import (
    Rows,
    Weight,
    WeightedConfusion,
    WeightedConfusionCounts,
)
from assay.stats.tallies.filling import Filling, Layout
from assay.stats.tallies.filling.weighing import WeightsTooLarge

FREQUENCY = Weight(column="w", kind="frequency")
SAMPLING = Weight(column="w", kind="sampling", scale=64)


def weighted_recipe(weight: Weight, *, unit: bool = False) -> Recipe:
    """The recipe of `test_merging`, with weights."""
    roles = replace(recipe(unit=unit).roles, weight=weight)
    return recipe_for(roles, [])


def weigh(
    rows: Sequence[Row], weights: Sequence[float], wanted: Recipe, *, batch: int = 10_000
) -> TallySet:
    """The tallies of rows with weights."""
    roles = wanted.roles
    layout = Layout(
        label="y",
        score="s",
        unit=roles.unit,
        levels=LEVELS,
        specs=wanted.specs,
        weight=roles.weight,
    )
    filling = Filling(layout)
    for start in range(0, len(rows), batch):
        part = _batch(rows[start : start + batch], roles)
        held = np.array(weights[start : start + batch], dtype=np.float64)
        filling.add(replace(part, weights=held))
    filled = filling.tallies()
    if not filled:
        return TallySet.empty(wanted)
    if roles.unit is None:
        return TallySet(recipe=wanted.digest, tallies=filled[0], buckets={})
    return TallySet.of_buckets(wanted.digest, filled)


def chances(seed: int, size: int) -> list[float]:
    """Sampling weights of every sort: small, large, at half a step, whole."""
    chance = random.Random(seed)
    step = 64 / 2**40
    return [
        chance.choice(
            (chance.random(), 64 * chance.random(), 64.0, 3.0, step * (chance.randrange(9) + 0.5))
        )
        for _ in range(size)
    ]


@settings(max_examples=40)
@given(rows=ROWS, unit=st.booleans(), seed=st.integers(0, 2**32), batch=st.integers(1, 90))
def test_a_frequency_is_a_row_repeated(rows: list[Row], unit: bool, seed: int, batch: int):
    """A row of weight k counts as k rows: every tally has the same bytes."""
    chance = random.Random(seed)
    counts = [chance.choice((1, 1, 2, 3, 40)) for _ in rows]
    repeated = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
    found = weigh(
        rows, list(map(float, counts)), weighted_recipe(FREQUENCY, unit=unit), batch=batch
    )
    expected = fill(repeated, recipe_for(recipe(unit=unit).roles, []))
    assert replace(found, recipe=expected.recipe).to_bytes() == expected.to_bytes()


@pytest.mark.parametrize("unit", [False, True])
def test_frequencies_of_many_scores_are_rows_repeated(unit: bool):
    """The same where scores are too many to stay exact, overall and in some of the slices."""
    chance = random.Random(7)
    rows = [
        Row(
            label=chance.random() < 0.3,
            score=chance.random(),
            groups={"sex": "f" if chance.random() < 0.9 else "m", "region": "west"},
            unit=f"p{chance.randrange(3)}",
        )
        for _ in range(9_000)
    ]
    found = weigh(rows, [2.0] * len(rows), weighted_recipe(FREQUENCY, unit=unit), batch=700)
    expected = fill([*rows, *rows], recipe_for(recipe(unit=unit).roles, []))
    assert replace(found, recipe=expected.recipe).to_bytes() == expected.to_bytes()


@settings(max_examples=30)
@given(rows=ROWS, seed=st.integers(0, 2**32), batch=st.integers(1, 90))
def test_sampling_weights_are_summed_on_their_grid(rows: list[Row], seed: int, batch: int):
    """Sums of `round_half_even(w · 2^40 / scale)` and of its square, cell by cell."""
    weights = chances(seed, len(rows))
    found = weigh(rows, weights, weighted_recipe(SAMPLING), batch=batch)
    cells = {True: [0, 0, 0], False: [0, 0, 0]}
    for row, weight in zip(rows, weights, strict=True):
        step = round(Fraction(weight) * 2**40 / 64)
        usable = row.label is not None and row.score is not None and 0 <= row.score <= 1
        if usable and step:
            cell = cells[bool(row.label)]
            cell[0] += 1
            cell[1] += step
            cell[2] += step**2
    tally = found.tallies[WeightedConfusion()]
    assert isinstance(tally, WeightedConfusionCounts)
    total = tally.total
    for label, (count, steps, squares) in cells.items():
        held = "positives" if label else "negatives"
        assert getattr(total.rows, held) == count
        assert getattr(total.sums, held) == steps
        assert getattr(total.squares, held) == squares


@settings(max_examples=30)
@given(
    rows=ROWS,
    unit=st.booleans(),
    weight=st.sampled_from([FREQUENCY, SAMPLING]),
    cuts=st.lists(st.integers(0, 300), max_size=5),
    order=st.randoms(),
)
def test_any_partition_of_weighted_rows_merges_to_one_pass(
    rows: list[Row], unit: bool, weight: Weight, cuts: list[int], order: random.Random
):
    """Any partition, merged in any order, gives the bytes of one pass; they read back."""
    wanted = weighted_recipe(weight, unit=unit)
    weights = [order.choice((1.0, 5.0, 0.0, -1.0, 2.5, float("nan"))) for _ in rows]
    pairs = list(zip(rows, weights, strict=True))
    order.shuffle(pairs)
    bounds = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [
        weigh([row for row, _ in part], [held for _, held in part], wanted)
        for part in (pairs[start:end] for start, end in itertools.pairwise(bounds))
    ]
    order.shuffle(parts)
    merged = functools.reduce(TallySet.merge, parts, TallySet.empty(wanted))
    whole = weigh(rows, weights, wanted)
    assert sorted(map(repr, pairs)) == sorted(map(repr, zip(rows, weights, strict=True)))
    assert merged.to_bytes() == whole.to_bytes()
    assert TallySet.from_bytes(whole.to_bytes()) == whole
    assert Recipe.from_bytes(wanted.to_bytes()) == wanted


SOUND = Row(label=True, score=0.5, groups={"sex": "f", "region": "west"})


def test_unusable_weights_are_counted_by_reason():
    """Each is excluded once, and named; a fraction is a sampling weight, and no frequency."""
    weights = [2.0, float("nan"), -1.0, float("inf"), float("-inf"), 0.5, 0.0]
    rows = [SOUND] * len(weights)
    by_frequency = weigh(rows, weights, weighted_recipe(FREQUENCY)).tallies[Rows()]
    assert by_frequency.state() == {
        "kind": "rows/1",
        "read": 8,
        "excluded": {
            "fractional weight": 1,
            "infinite weight": 1,
            "missing weight": 1,
            "negative weight": 2,
            "zero weight": 1,
        },
        "missing": {"w": 1},
    }
    sampled = weigh(rows, weights, weighted_recipe(SAMPLING)).tallies[Rows()]
    assert sampled.state() == {
        "kind": "rows/1",
        "read": 7,
        "excluded": {
            "infinite weight": 1,
            "missing weight": 1,
            "negative weight": 2,
            "zero weight": 1,
        },
        "missing": {"w": 1},
    }


def test_weights_beyond_their_scale_are_an_error_that_counts_them():
    """How many exceed the scale, the largest, and the scale that would hold it."""
    weights = [64.0, 64.5, 1000.0, 3.0]
    with pytest.raises(WeightsTooLarge, match=r"2 sampling weights in column 'w' .* 1000") as told:
        weigh([SOUND] * 4, weights, weighted_recipe(SAMPLING))
    assert "scale: 1024" in told.value.remedy


@pytest.mark.parametrize("weights", [[2.0**53], [2.0**52] * 3, [1e300, 1.0]])
def test_frequencies_beyond_what_can_be_counted_are_an_error(weights: list[float]):
    """More than 2^53 - 1 rows are no count that all readers of JSON can read."""
    with pytest.raises(WeightsTooLarge, match="column 'w' add up to more than"):
        weigh([SOUND] * len(weights), weights, weighted_recipe(FREQUENCY))


def test_the_sums_of_a_million_large_weights_are_exact():
    """Beyond 64 bits too, where machine integers would run over."""
    size = 1_100_000
    layout = Layout(
        label="y", score="s", unit=None, levels={}, specs=[WeightedConfusion()], weight=SAMPLING
    )
    filling = Filling(layout)
    part = replace(_batch([SOUND], recipe(unit=False).roles), levels={})
    one = replace(part, weights=np.array([64.0]))
    many = one.where(np.zeros(size, dtype=np.int64))
    filling.add(many)
    tally = filling.tallies()[0][WeightedConfusion()]
    assert isinstance(tally, WeightedConfusionCounts)
    assert tally.total.sums.n == size << 40
    assert tally.total.squares.n == size << 80


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"1099511627776"', '"01099511627776"'),
        ('"1099511627776"', '"1099511627777"'),
        ('"1099511627776"', '"0"'),
        ('"1208925819614629174706176"', '"1208925819614629174706177"'),
        ('"1208925819614629174706176"', '"1"'),
        ('"rows":[0,0,0,1]', '"rows":[0,0,1]'),
        ('"rows":[0,0,0,1]', '"rows":[0,0,0,0]'),
        ('"levels":["f"]', '"levels":["f × g"]'),
    ],
)
def test_sums_that_no_rows_have_are_refused(before: str, after: str):
    """A tally by another hand is read only if so many weights could add up to it."""
    data = weigh([SOUND], [64.0], weighted_recipe(SAMPLING)).to_bytes().decode()
    assert before in data
    with pytest.raises(MalformedTallySet):
        TallySet.from_bytes(data.replace(before, after).encode())
