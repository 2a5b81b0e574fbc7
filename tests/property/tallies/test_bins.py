"""The bin rule is the same number for number in numpy, in plain Python and in SQL."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.property.tallies.naive import EDGES, ladder_bin

from assay.errors import InvalidArgument
from assay.stats.tallies.bins import bin_count, bin_edges, bin_numbers, coarser

STEPS = (2048, 128)
SCORES = st.floats(0.0, 1.0, allow_subnormal=True)
SPECIAL = (
    *(0.0, -0.0, 1.0, 0.5, 5e-324, 2.2250738585072014e-308, 2.0**-16, 1.0 - 2.0**-16),
    *(math.nextafter(edge, 0.0) for edge in (*EDGES, 1.0)),
    *(math.nextafter(edge, 1.0) for edge in EDGES),
)


def sql_rule(steps: int) -> str:
    """The ladder as SQL over a column `s`: what any engine with doubles can run."""
    widths = [high - low for low, high in zip(EDGES, (*EDGES[1:], 1.0), strict=True)]
    rungs = " ".join(
        f"WHEN s >= {low!r}::DOUBLE THEN "
        f"{steps * i} + least({steps - 1}, "
        f"floor((s - {low!r}::DOUBLE) * {steps / width!r}::DOUBLE))"
        for i, (low, width) in reversed(list(enumerate(zip(EDGES, widths, strict=True))))
    )
    return f"CASE {rungs} END"


@pytest.mark.parametrize("steps", STEPS)
@given(scores=st.lists(SCORES, min_size=1, max_size=200))
@example(scores=list(SPECIAL))
def test_numpy_agrees_with_the_ladder(steps: int, scores: list[float]):
    """The number from the double's bits is the number from comparisons, for every double."""
    found = bin_numbers(np.array(scores), steps)
    assert found.tolist() == [ladder_bin(score, steps) for score in scores]


@pytest.mark.parametrize("steps", STEPS)
def test_sql_agrees_with_the_ladder(steps: int):
    """DuckDB, running the ladder as SQL, gives the numbers that numpy gives."""
    generator = np.random.default_rng(7)
    scores = np.concatenate(
        [
            np.abs(SPECIAL),
            generator.random(20_000),
            generator.random(20_000) ** 8,
            1.0 - generator.random(20_000) ** 8,
            np.nextafter(bin_edges(steps), 0.0),
            bin_edges(steps),
        ]
    )
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT ({sql_rule(steps)})::BIGINT AS bin FROM (SELECT unnest(?) AS s)",
            [scores.tolist()],
        ).fetchnumpy()["bin"]
    assert np.array_equal(found, bin_numbers(scores, steps))


@pytest.mark.parametrize("steps", STEPS)
def test_edges_are_the_edges(steps: int):
    """A bin holds its lower edge and all doubles up to the next edge; the last holds 1."""
    edges, numbers = bin_edges(steps), np.arange(bin_count(steps))
    assert np.all(np.diff(edges) > 0)
    assert (edges[0], edges[-1]) == (0.0, 1.0)
    assert np.array_equal(bin_numbers(edges[:-1], steps), numbers)
    assert np.array_equal(bin_numbers(np.nextafter(edges[1:], 0.0), steps), numbers)
    assert bin_numbers(np.array([1.0]), steps).tolist() == [bin_count(steps) - 1]


@given(scores=st.lists(SCORES, min_size=1, max_size=100))
def test_bins_nest(scores: list[float]):
    """The coarse bin of a score is that of its fine bin."""
    array = np.array(scores)
    fine = bin_numbers(array, 2048)
    assert np.array_equal(coarser(fine, steps=2048, to=128), bin_numbers(array, 128))


@pytest.mark.parametrize("steps", [0, -1, 3, 4096])
def test_other_numbers_of_steps_are_refused(steps: int):
    """Steps are a power of two, at most as fine as the finest."""
    with pytest.raises(InvalidArgument):
        bin_count(steps)
