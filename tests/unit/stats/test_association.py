"""What one column tells of another: point values by hand and by scikit-learn, and their bounds."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score, roc_auc_score
from tests.property.tallies.naive_inspections import cells

from assay.stats.association import entropy, entropy_share, mutual_information
from assay.stats.contingency import Grouping, level_rows, ordered_table
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.ranking import area_under_roc

ERRORS = Errors(low=0.05, high=0.05)


def estimate(table: npt.NDArray[np.int64], errors: Errors = ERRORS) -> Estimate:
    found = entropy_share(table, errors=errors)
    assert isinstance(found, Estimate), found
    return found


def test_a_column_that_tells_everything_has_the_whole_entropy():
    """One cell for each level."""
    found = estimate(np.array([[500, 0], [0, 500]]))
    assert found.value == pytest.approx(1.0)
    assert found.high == 1.0
    assert 0.85 < found.low < 1.0


def test_a_column_that_tells_nothing_has_none():
    """The same shares in every cell, exactly."""
    found = estimate(np.array([[300, 700], [600, 1400]]))
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.low == 0.0
    assert found.high < 0.01


def test_one_cell_or_one_level_leaves_nothing():
    """A constant column tells nothing for sure; a constant target has nothing to tell."""
    constant = estimate(np.array([[300, 700], [0, 0]]))
    assert (constant.value, constant.low, constant.high) == (0.0, 0.0, 0.0)
    assert isinstance(entropy_share(np.array([[300, 0], [5, 0]]), errors=ERRORS), Undefined)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=5, max_size=200))
def test_mutual_information_is_scikit_learns(pairs: list[tuple[int, int]]):
    """And the share is that of the target's entropy, whatever the order of cells."""
    table = np.zeros((5, 3), dtype=np.int64)
    for cell, level in pairs:
        table[cell, level] += 1
    peer = mutual_info_score(*zip(*pairs, strict=True))
    assert mutual_information(table.astype(float)) == pytest.approx(peer, abs=1e-9)
    whole = entropy(table.sum(axis=0).astype(float))
    found = entropy_share(table, errors=READING)
    if whole == 0.0:
        assert isinstance(found, Undefined)
        return
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(min(1.0, max(0.0, peer) / whole), abs=1e-9)
    turned = entropy_share(table[::-1, ::-1], errors=READING)
    assert isinstance(turned, Estimate)
    assert turned.high == pytest.approx(found.high, abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 4), st.floats(0.0, 4.0))
def test_more_rows_narrow_the_bounds(seed: int, strength: float):
    """A hundred times the rows leave the value and narrow both sides."""
    shares = np.random.default_rng(seed).dirichlet(np.ones(8)).reshape(4, 2) + 0.01
    shares[:, 0] *= np.exp(strength * np.arange(4) / 4)
    few = np.maximum(1, np.round(shares / shares.sum() * 1000)).astype(np.int64)
    first, second = estimate(few), estimate(few * 100)
    assert second.value == pytest.approx(first.value)
    assert second.low >= first.low - 1e-9
    assert second.high <= first.high + 1e-9


def test_buckets_of_units_count_as_fewer_rows():
    """Rows that repeat within a bucket tell no more than once."""
    draw = np.random.default_rng(5)
    buckets = [draw.multinomial(6, [0.4, 0.1, 0.2, 0.3]).reshape(2, 2) * 5 for _ in range(64)]
    table = np.sum(buckets, axis=0)
    clustered = entropy_share(table, errors=ERRORS, buckets=buckets)
    assert isinstance(clustered, Estimate)
    assert clustered.n == pytest.approx(table.sum() / 5, rel=0.35)
    assert clustered.low < estimate(table).low
    assert isinstance(entropy_share(table, errors=ERRORS, buckets=buckets[:5]), Undefined)


def values(size: int) -> tuple[list[float | str | None], list[str]]:
    """Numbers that lean on the level, texts and missing values among them."""
    draw = np.random.default_rng(size)
    levels = [("a", "b")[int(x)] for x in draw.random(size) < 0.4]
    column: list[float | str | None] = [
        None
        if draw.random() < 0.1
        else ("t" + str(draw.integers(4)) if draw.random() < 0.2 else draw.normal(level == "b"))
        for level in levels
    ]
    return column, levels


@pytest.mark.parametrize("size", [200, 1000, 20_000])
def test_cells_hold_every_row_and_enough_of_them(size: int):
    """Each row is in one cell; the smaller level has 20 a cell, and numbers 20 cells at most."""
    column, levels = values(size)
    held = cells(zip(column, levels, strict=True))
    grouping = Grouping.of(held, ["a", "b"])
    table = grouping.table(held, ["a", "b"])
    assert dict(zip("ab", table.sum(axis=0).tolist(), strict=True)) == level_rows(held)
    assert (table.sum(axis=1) > 0).all()
    assert grouping.size <= max(2, table.sum(axis=0).min() // 20)
    assert len(set(grouping.numbers.values())) <= 20


def test_cells_do_not_depend_on_how_rows_were_split():
    """Parts are counted in the cells of the whole, and add up to it."""
    column, levels = values(6000)
    pairs = list(zip(column, levels, strict=True))
    whole, parts = cells(pairs), [cells(pairs[i::3]) for i in range(3)]
    grouping = Grouping.of(whole, ["a", "b"])
    added = sum(grouping.table(part, ["a", "b"]) for part in parts)
    assert np.array_equal(added, grouping.table(whole, ["a", "b"]))


def test_texts_that_are_too_many_are_one_cell_beside_the_missing():
    """That a note was written may tell as much as what it says."""
    pairs = [(f"note {i}" if i % 2 else None, "ab"[i % 2]) for i in range(1000)]
    grouping = Grouping.of(cells(pairs), ["a", "b"])
    assert grouping.size == 2
    assert estimate(grouping.table(cells(pairs), ["a", "b"])).value == pytest.approx(1.0)


def test_rare_texts_share_a_cell():
    """The frequent ones have one each."""
    pairs = [(f"t{min(i % 50, 12)}", "ab"[i % 2]) for i in range(400)]
    grouping = Grouping.of(cells(pairs), ["a", "b"])
    assert grouping.size == 10
    assert grouping.words is not None


@pytest.mark.parametrize("size", [300, 5000])
def test_ordered_tables_rank_as_scikit_learn_does(size: int):
    """Exact while few numbers differ; else within what bins can hide."""
    draw = np.random.default_rng(size)
    levels = draw.random(size) < 0.3
    numbers = draw.lognormal(levels, 1.0)
    held = cells(zip(numbers.tolist(), np.where(levels, "1", "0").tolist(), strict=True))
    table = ordered_table(held, negative="0", positive="1")
    found = area_under_roc(table, errors=READING)
    assert isinstance(found, Estimate)
    tolerance = 1e-9 if size == 300 else 2e-3
    assert found.value == pytest.approx(roc_auc_score(levels, numbers), abs=tolerance)


def test_infinite_numbers_are_the_ends_of_the_order():
    """They are points, without a width."""
    pairs = [(math.inf, "1"), (-math.inf, "0"), (1.0, "0"), (2.0, "1")] * 30
    table = ordered_table(cells(pairs), negative="0", positive="1")
    assert table.half_widths.tolist() == [0.0] * 4
    found = area_under_roc(table, errors=READING)
    assert isinstance(found, Estimate)
    assert found.value == 1.0
