"""Inspections of parts add up to those of the whole, to the byte, in any order."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.test_collector import roles
from tests.property.tallies.naive_inspections import Record, cells, inspect

from assay.evidence.recipe import Protected, recipe_for
from assay.evidence.tallies import TallySet
from assay.stats.tallies.inspections import (
    Associations,
    ColumnCells,
    DuplicateCounts,
    Duplicates,
    Inspection,
    Limits,
    Overlap,
    Profiles,
    no_rows,
    parse_inspected,
    parse_inspection,
)
from assay.stats.tallies.inspections.numbers import (
    bounds_of,
    number_of,
    parse_spelled,
    point_of,
    spelled,
)
from assay.stats.tallies.state import MalformedTally

ROLES = roles(Protected(column="sex"), Protected(column="age", cuts=(Decimal(30),)), unit="person")
SPECS: list[Inspection] = [
    Profiles(),
    Profiles(of=("x",)),
    Associations(),
    Associations(target="sex"),
    Associations(target="age", of=("x", "note")),
    Limits("x", Decimal("-1.5"), None),
    Overlap(on=("sex",)),
    Overlap(units=True),
]
DAY = datetime.date(2024, 1, 1)

numbers = st.one_of(
    st.integers(-5, 5).map(float),
    st.floats(allow_nan=False, width=64),
    st.floats(1e3, 1e4),
)
values = st.one_of(
    st.none(),
    numbers,
    st.just(math.nan),
    st.sampled_from(["own", "rent", "free", "é" * 201]),
    st.booleans(),
    st.integers(0, 400).map(lambda days: DAY + datetime.timedelta(days=days)),
)
records = st.fixed_dictionaries(
    {
        "p": st.just(0.5),
        "defaulted": st.sampled_from([0, 1, None]),
        "sex": st.sampled_from(["f", "m", None]),
        "age": st.sampled_from([20, 40, None]),
        "person": st.sampled_from(["a", "b", "c"]),
        "x": values,
        "note": st.one_of(st.none(), st.integers(0, 10**6).map(lambda i: f"note {i}")),
    }
)


@given(rows=st.lists(records, max_size=25), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_any_split_merges_to_the_same_bytes(rows: list[Record], seed: int):
    """Whole and merged parts have one state, which reads back as itself."""
    draw = random.Random(seed)
    parts: list[list[Record]] = [[], [], []]
    for row in rows:
        draw.choice(parts).append(row)
    draw.shuffle(parts)
    training = [dict(row) for row in rows[::3]]
    for spec in SPECS:
        whole = inspect(spec, rows, ROLES, training) if rows else no_rows(spec)
        total: Any = no_rows(spec)
        for part in parts:
            total = total.merge(inspect(spec, part, ROLES, training) if part else no_rows(spec))
        assert total == whole, spec
        assert total.state() == whole.state()
        assert parse_inspected(whole.state()) == whole  # type: ignore[arg-type]
        assert whole.spec == spec
        assert parse_inspection(spec.form()) == spec


@pytest.mark.parametrize("size", [500, 513, 3000, 20_000])
@pytest.mark.parametrize("spread", [1e-9, 1.0, 1e9])
def test_many_numbers_keep_a_resolution_that_no_split_changes(size: int, spread: float):
    """Few numbers are exact; of many, the bits kept depend on the numbers alone."""
    draw = random.Random(size)
    drawn = [(1000.0 + spread * draw.gauss(0, 1), draw.choice("ab")) for _ in range(size)]
    whole = cells(drawn)
    total = ColumnCells.empty()
    for start in range(0, size, 377):
        total = total.merge(cells(drawn[start : start + 377]))
    assert total == whole
    assert (whole.bits == 64) == (len({number for number, _ in drawn}) <= 512)
    assert len(whole.numbers) <= 512
    ends = bounds_of(list(whole.numbers), bits=whole.bits)
    assert (ends[1:, 0] > ends[:-1, 1]).all()
    for number, _ in drawn[:50]:
        assert ((ends[:, 0] <= number) & (number <= ends[:, 1])).sum() == 1


def test_many_texts_are_counted_and_not_kept():
    """Beyond 200 texts no word stays, in whatever order they came."""
    few = cells([(f"w{i}", None) for i in range(200)])
    many = few.merge(cells([("another", None)]))
    assert few.exact
    assert few.distinct == 200
    assert (many.texts, sum(many.words.values()), many.distinct) == (None, 201, 201)
    assert many == cells([(f"w{i}", None) for i in range(200)] + [("another", None)])


@given(number=st.floats(allow_nan=False))
def test_a_number_is_its_point(number: float):
    """All bits give the number back; its spelling is the shortest that does."""
    point = point_of(number)
    assert number_of(point, bits=64) == number
    assert parse_spelled(spelled(point)) == point


def test_a_recipe_names_inspections_and_tallies_carry_them():
    """Both survive being written, and no base recipe has any."""
    recipe = recipe_for(ROLES, [*SPECS, Duplicates(), Duplicates(on=("x",))])
    assert type(recipe).from_bytes(recipe.to_bytes()) == recipe
    empty = TallySet.empty(recipe)
    assert TallySet.from_bytes(empty.to_bytes()).to_bytes() == empty.to_bytes()
    assert not any(isinstance(spec, Inspection) for spec in recipe_for(ROLES, []).specs)


def test_units_are_compared_only_where_they_are_declared():
    """Without a unit there is nothing to compare, so the recipe does not ask."""
    assert Overlap(units=True) not in recipe_for(roles(), [Overlap(units=True)]).specs


STATES: list[tuple[Inspection, dict[str, Any]]] = [
    (Duplicates(), {"rows": 1, "repeated": 2}),
    (Overlap(), {"rows": 1, "shared": 2}),
    (Limits("x", Decimal(1), None), {"rows": 1, "missing": 2}),
    (Limits("x", Decimal(1), None), {"at_least": "1.0"}),
    (Limits("x", Decimal(1), None), {"at_least": "one"}),
    (Profiles(), {"columns": [{"column": "b"}, {"column": "a"}]}),
    (Profiles(), {"columns": [{}]}),
    (Associations(), {"levels": ["b", "a"]}),
    (Associations(), {"levels": [None, None]}),
]


@pytest.mark.parametrize(("spec", "changed"), STATES)
def test_a_state_that_contradicts_itself_is_refused(spec: Inspection, changed: dict[str, Any]):
    """Whoever reads tallies of others trusts nothing."""
    state: Any = no_rows(spec).state()
    with pytest.raises((MalformedTally, ValueError)):
        parse_inspected({**state, **changed})


CELLS: list[dict[str, Any]] = [
    {"missing": "1 2"},
    {"missing": "x"},
    {"texts": [{"text": "b", "rows": "1"}, {"text": "a", "rows": "1"}]},
    {"texts": "0"},
    {"numbers": {"bits": 23, "points": "", "rows": []}},
    {"numbers": {"bits": 64, "points": "1", "rows": ["1"]}},
    {"numbers": {"bits": 64, "points": "2.0 1.0", "rows": ["1 1"]}},
    {"numbers": {"bits": 64, "points": "-0.0", "rows": ["1"]}},
    {"numbers": {"bits": 64, "points": "nan", "rows": ["1"]}},
    {"numbers": {"bits": 8, "points": "256", "rows": ["1"]}},
    {"numbers": {"bits": 8, "points": "1 2", "rows": ["1"]}},
    {"numbers": {"bits": 8, "points": "1", "rows": []}},
]


@pytest.mark.parametrize("changed", CELLS)
def test_cells_in_another_spelling_are_refused(changed: dict[str, Any]):
    """Each set of counts has one spelling."""
    state = cells([("own", None), (3.0, None), (None, None)]).state((None,))
    assert ColumnCells.from_state(state, (None,)).state((None,)) == state
    with pytest.raises(MalformedTally):
        ColumnCells.from_state({**state, **changed}, (None,))


def test_duplicates_of_other_columns_do_not_add_up():
    """What was compared in other columns is another figure."""
    first = DuplicateCounts(on=(), rows=1, repeated=0)
    with pytest.raises(ValueError, match="other columns"):
        first.merge(DuplicateCounts(on=("x",), rows=1, repeated=0))


def test_values_are_drawn_of_every_kind():
    """The strategies above reach numbers, texts, dates and nothing."""
    drawn: Sequence[Any] = [None, 1.0, "own", True, DAY]
    found = cells([(value, None) for value in drawn])
    assert (len(found.numbers), len(found.texts or {}), found.missing) == (2, 2, {None: 1})


def test_tiny_negative_numbers_come_before_zero():
    """Cut to few bits they read as -0, and still have one place and one spelling."""
    tiny = [(sign * 10.0**-exponent, None) for exponent in range(1, 308) for sign in (-1, 1)]
    found = cells([*tiny, (0.0, None), (-1e-320, None), *((10.0**e, None) for e in range(300))])
    assert found.bits < 64
    assert ColumnCells.empty().merge(found) == found
    assert list(ColumnCells.empty().merge(found).numbers) == list(found.numbers)
    assert ColumnCells.from_state(found.state((None,)), (None,)) == found
