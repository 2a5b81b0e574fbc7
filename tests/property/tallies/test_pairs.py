"""Two scores of the same rows: any split, order and number of processes gives the same bytes."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.tallies.naive import Row, bucket_of, count_rows

from assay.evidence.recipe import (
    ColumnRoles,
    DecisionRule,
    Label,
    Protected,
    Recipe,
    recipe_for,
)
from assay.evidence.tallies import TallySet
from assay.stats.tallies import (
    AGAINST,
    Against,
    PairGrid,
    Pairs,
    ScorePairCounts,
    ScorePairs,
    Weight,
)
from assay.stats.tallies.filling import Batch, Filling, Layout
from assay.stats.tallies.filling.batch import MISSING, NO_UNIT, OtherScores
from assay.stats.tallies.pair_grid import GRID_CELLS_MAX

LEVELS = {"sex": ("f", "m")}


def recipe(*, unit: bool, weight: Weight | None = None) -> Recipe:
    """Both kinds of other version, and one protected column."""
    roles = ColumnRoles(
        label=Label(column="y"),
        score="s",
        decision=DecisionRule(favourable_when="<", threshold=Decimal("0.35")),
        protected=tuple(Protected(column=column) for column in LEVELS),
        unit="person" if unit else None,
        weight=weight,
        champion="now",
        baseline="rule",
    )
    return recipe_for(roles, [])


def fill(rows: Sequence[Row], recipe: Recipe, *, batch: int = 10_000) -> TallySet:
    """The tallies of rows, by way of batches of codes."""
    roles = recipe.roles
    layout = Layout(
        label="y",
        score="s",
        unit=roles.unit,
        levels=LEVELS,
        specs=recipe.specs,
        others=roles.others,
        weight=roles.weight,
    )
    filling = Filling(layout)
    for start in range(0, len(rows), batch):
        filling.add(_batch(rows[start : start + batch], roles))
    filled = filling.tallies()
    if not filled:
        return TallySet.empty(recipe)
    if roles.unit is None:
        return TallySet(recipe=recipe.digest, tallies=filled[0], buckets={})
    return TallySet.of_buckets(recipe.digest, filled)


def _batch(rows: Sequence[Row], roles: ColumnRoles) -> Batch:
    units = [NO_UNIT if row.unit is None else bucket_of(row.unit) for row in rows]
    codes = {None: len(LEVELS["sex"])} | {name: at for at, name in enumerate(LEVELS["sex"])}
    others: dict[Against, npt.NDArray[np.float64]] = {
        against: _floats([row.others[against] for row in rows]) for against in AGAINST
    }
    scores = _floats([row.score for row in rows])
    beside: dict[Against, OtherScores] = {
        against: OtherScores(scores=other, predicted=~(other < 0.35))
        for against, other in others.items()
    }
    return Batch(
        labels=np.array(
            [MISSING if row.label is None else int(row.label) for row in rows], dtype=np.uint8
        ),
        scores=scores,
        predicted=~(scores < float(roles.decision.threshold)),
        levels={"sex": np.array([codes[row.groups["sex"]] for row in rows], dtype=np.uint8)},
        buckets=np.array(units if roles.unit else [0] * len(rows), dtype=np.uint8),
        weights=None if roles.weight is None else _floats([row.weight for row in rows]),
        others=beside,
    )


def _floats(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values])


def sample(seed: int, size: int, digits: int | None, *, people: int = 400) -> list[Row]:
    """Rows of every sort, from a seed: such as only one of the two scored, or none."""
    chance = random.Random(seed)

    def score(value: float) -> float | None:
        value = value if digits is None else round(value, digits)
        odd = (None, float("nan"), 1.5, -0.0)
        return chance.choice(odd) if chance.random() < 0.04 else value

    def row() -> Row:
        truth = chance.random() ** 2
        others = (chance.random(), min(1.0, truth * chance.uniform(0.9, 1.1)))
        return Row(
            label=None if chance.random() < 0.01 else chance.random() < truth,
            score=score(truth),
            groups={"sex": chance.choice(("f", "m", None))},
            unit=None if chance.random() < 0.01 else f"p{chance.randrange(people)}",
            weight=chance.choice((1.0, 2.0, 7.0, 0.0, None)),
            others={against: score(value) for against, value in zip(AGAINST, others, strict=True)},
        )

    return [row() for _ in range(size)]


ROWS = st.builds(
    sample,
    seed=st.integers(0, 2**32),
    size=st.integers(0, 200),
    digits=st.sampled_from([None, 1, 3]),
)


@settings(max_examples=25)
@given(rows=ROWS, unit=st.booleans(), batch=st.integers(1, 100))
def test_filling_counts_what_counting_by_hand_counts(rows: list[Row], unit: bool, batch: int):
    """Batches of codes give the tallies of one row at a time."""
    wanted = recipe(unit=unit)
    assert fill(rows, wanted, batch=batch).to_bytes() == count_rows(rows, wanted).to_bytes()


@settings(max_examples=20)
@given(rows=ROWS, unit=st.booleans())
def test_a_weighted_row_counts_as_so_many(rows: list[Row], unit: bool):
    """Frequency weights count as rows repeated; a row of no usable weight is in no pair."""
    wanted = recipe(unit=unit, weight=Weight(column="w", kind="frequency"))
    assert fill(rows, wanted, batch=50).to_bytes() == count_rows(rows, wanted).to_bytes()


@settings(max_examples=25)
@given(
    rows=ROWS,
    unit=st.booleans(),
    cuts=st.lists(st.integers(0, 200), max_size=5),
    order=st.randoms(),
)
def test_any_partition_merges_to_one_pass(
    rows: list[Row], unit: bool, cuts: list[int], order: random.Random
):
    """Any partition of the rows, merged in any order, gives the bytes of one pass."""
    wanted = recipe(unit=unit)
    order.shuffle(rows)
    bounds = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [fill(rows[start:end], wanted) for start, end in itertools.pairwise(bounds)]
    order.shuffle(parts)
    merged = functools.reduce(TallySet.merge, parts, TallySet.empty(wanted))
    whole = fill(rows, wanted)
    assert merged.to_bytes() == whole.to_bytes()
    assert TallySet.from_bytes(whole.to_bytes()) == whole


def test_crowded_grids_merge_to_one_pass():
    """Grids that had to be made coarser are the same however rows are split."""
    wanted = recipe(unit=False)
    rows = sample(11, 78_000, None)
    whole = fill(rows, wanted)
    grid = grid_of(whole, "champion")
    assert grid.steps < 128
    assert GRID_CELLS_MAX / 8 < len(grid.cells) <= GRID_CELLS_MAX
    # Scores that nearly agree fill few cells, and so keep their resolution.
    assert grid_of(whole, "baseline").steps > grid.steps
    parts = [fill(rows[start::5], wanted, batch=7000) for start in range(5)]
    halves = [functools.reduce(TallySet.merge, half) for half in (parts[3:], parts[:3])]
    assert halves[0].merge(halves[1]).to_bytes() == whole.to_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("unit", [False, True])
def test_crowded_grids_are_counted_as_by_hand(unit: bool):
    """So are grids that had to be made coarser, overall and in crowded buckets."""
    wanted = recipe(unit=unit)
    rows = sample(11, 90_000, None, people=2)
    assert fill(rows, wanted).to_bytes() == count_rows(rows, wanted).to_bytes()


def test_processes_give_the_bytes_of_one():
    """Parts counted in other processes, and sent as bytes, merge to one pass."""
    wanted = recipe(unit=True)
    rows = sample(3, 3_000, None)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sent = pool.map(_count_part, [(start, 3) for start in range(3)])
    merged = functools.reduce(TallySet.merge, map(TallySet.from_bytes, sent))
    assert merged.to_bytes() == fill(rows, wanted).to_bytes()


def _count_part(part: tuple[int, int]) -> bytes:
    start, step = part
    return fill(sample(3, 3_000, None)[start::step], recipe(unit=True)).to_bytes()


def test_rows_that_one_version_alone_scored_are_counted_and_left_out():
    """No comparison uses them; each is told by who scored it."""
    both = Row(
        label=True, score=0.5, groups={"sex": "f"}, others={"champion": 0.4, "baseline": 0.1}
    )
    rows = [
        both,
        replace(both, others={"champion": None, "baseline": 0.1}),
        replace(both, others={"champion": 1.5, "baseline": 0.1}),
        replace(both, score=None),
        replace(both, score=None, label=None),
    ]
    found = fill(rows, recipe(unit=False)).tallies[Pairs()]
    assert found.total.n == 1  # type: ignore[union-attr]
    assert (found.unpaired.version_only, found.unpaired.other_only) == (2, 1)  # type: ignore[union-attr]


def grid_of(found: TallySet, against: Against) -> PairGrid:
    """The grid of all rows."""
    tally = found.tallies[ScorePairs(against=against)]
    assert isinstance(tally, ScorePairCounts)
    assert tally.rows is not None
    return tally.rows.grid
