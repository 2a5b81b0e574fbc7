"""Any split of the rows, counted apart and merged in any order, gives the same bytes."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
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
from assay.stats.tallies import Scores
from assay.stats.tallies.filling import Batch, Filling, Layout
from assay.stats.tallies.filling.batch import MISSING, NO_UNIT

LEVELS = {"sex": ("f", "m"), "region": ("north", "south", "west")}


def recipe(*, unit: bool) -> Recipe:
    """Two protected columns, and scores by both together besides the base recipe."""
    roles = ColumnRoles(
        label=Label(column="y"),
        score="s",
        decision=DecisionRule(favourable_when="<", threshold=Decimal("0.35")),
        protected=tuple(Protected(column=column) for column in LEVELS),
        unit="person" if unit else None,
    )
    return recipe_for(roles, [Scores(by=("sex", "region"))])


def fill(rows: Sequence[Row], recipe: Recipe, *, batch: int = 10_000) -> TallySet:
    """The tallies of rows, by way of batches of codes."""
    roles = recipe.roles
    layout = Layout(label="y", score="s", unit=roles.unit, levels=LEVELS, specs=recipe.specs)
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
    scores = np.array([np.nan if row.score is None else row.score for row in rows])
    units = [NO_UNIT if row.unit is None else bucket_of(row.unit) for row in rows]
    return Batch(
        labels=np.array(
            [MISSING if row.label is None else int(row.label) for row in rows], dtype=np.uint8
        ),
        scores=scores,
        predicted=~(scores < float(roles.decision.threshold)),
        levels={
            column: np.array(
                [
                    len(names) if (level := row.groups[column]) is None else names.index(level)
                    for row in rows
                ],
                dtype=np.uint8,
            )
            for column, names in LEVELS.items()
        },
        buckets=np.array(units if roles.unit else [0] * len(rows), dtype=np.uint8),
    )


def sample(seed: int, size: int, digits: int | None, *, people: int = 400) -> list[Row]:
    """Rows of every sort, from a seed: unusable ones too, and a group with round scores."""
    chance = random.Random(seed)

    def row() -> Row:
        region = chance.choice(("north", "south", "west", None))
        score = chance.random() ** chance.choice((1, 6))
        if digits is not None or region == "west":
            score = round(score, 2 if region == "west" else digits)
        return Row(
            label=chance.choices((False, True, None), weights=(70, 25, 1))[0],
            score=chance.choices(
                (score, None, float("nan"), 1.5, float("inf"), -0.0), weights=(95, 1, 1, 1, 1, 1)
            )[0],
            groups={
                "sex": chance.choices(("f", "m", None), weights=(30, 60, 2))[0],
                "region": region,
            },
            unit=chance.choices((f"p{chance.randrange(people)}", None), weights=(99, 1))[0],
        )

    return [row() for _ in range(size)]


ROWS = st.builds(
    sample,
    seed=st.integers(0, 2**32),
    size=st.integers(0, 300),
    digits=st.sampled_from([None, 1, 3]),
)


@settings(max_examples=40)
@given(rows=ROWS, unit=st.booleans(), batch=st.integers(1, 100))
def test_filling_counts_what_counting_by_hand_counts(rows: list[Row], unit: bool, batch: int):
    """Batches of codes give the tallies of one row at a time."""
    wanted = recipe(unit=unit)
    assert fill(rows, wanted, batch=batch).to_bytes() == count_rows(rows, wanted).to_bytes()


@settings(max_examples=30)
@given(
    rows=ROWS,
    unit=st.booleans(),
    cuts=st.lists(st.integers(0, 300), max_size=6),
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
    assert merged.to_bytes() == fill(rows, wanted).to_bytes()


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("digits", [None, 4])
def test_many_scores_merge_to_one_pass(unit: bool, digits: int | None):
    """Beyond the scores that stay exact, in some slices and not in others, bytes agree too."""
    wanted = recipe(unit=unit)
    rows = sample(5, 24_000, digits, people=3)
    whole = fill(rows, wanted)
    assert whole.to_bytes() == count_rows(rows, wanted).to_bytes()
    assert whole.to_bytes() == fill(rows[::-1], wanted, batch=700).to_bytes()
    parts = [fill(rows[start::7], wanted) for start in range(7)]
    halves = [functools.reduce(TallySet.merge, half) for half in (parts[4:], parts[:4])]
    assert halves[0].merge(halves[1]).to_bytes() == whole.to_bytes()
    slices = whole.tallies[Scores(by=("region",))].slices.values()  # type: ignore[union-attr]
    exact = [part.exact is not None for part in slices]
    assert any(exact)
    assert not all(exact) or digits == 4


@settings(max_examples=20)
@given(rows=ROWS, unit=st.booleans())
def test_bytes_read_back(rows: list[Row], unit: bool):
    """What was written reads as the same tallies, and writes as the same bytes."""
    tallies = fill(rows, recipe(unit=unit))
    data = tallies.to_bytes()
    assert TallySet.from_bytes(data) == tallies
    assert TallySet.from_bytes(data).to_bytes() == data
