"""The Brier score taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.stats.tables import buckets_of, table_of

from assay.stats.brier_parts import (
    BrierParts,
    brier_parts,
    brier_reliability,
    brier_resolution,
)
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.probabilities import brier_score

ERRORS = Errors(low=0.05, high=0.05)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), scores=st.integers(1, 15))
def test_the_parts_add_up_to_the_brier_score_of_few_distinct_scores(seed: int, scores: int):
    """With every distinct score in a bin of its own, Murphy's partition is exact."""
    chance = np.random.default_rng(seed)
    values = np.repeat(np.linspace(0.05, 0.95, scores), 40)
    labels = (chance.random(len(values)) < values).astype(int)
    parts = brier_parts(table_of(values, labels), bins=200)
    whole = brier_score(table_of(values, labels), errors=ERRORS)
    assert isinstance(parts, BrierParts)
    assert isinstance(whole, Estimate)
    assert parts.brier == pytest.approx(whole.value, abs=1e-12)


def test_parts_by_hand():
    """Two scores of a hundred rows each."""
    values = np.repeat([0.2, 0.6], 100)
    labels = np.concatenate([np.arange(100) < 30, np.arange(100) < 50]).astype(int)
    parts = brier_parts(table_of(values, labels))
    assert isinstance(parts, BrierParts)
    assert parts.reliability == pytest.approx((0.1**2 + 0.1**2) / 2)
    assert parts.resolution == pytest.approx(0.1**2)
    assert parts.uncertainty == pytest.approx(0.4 * 0.6)


@pytest.mark.parametrize("measure", [brier_reliability, brier_resolution])
@pytest.mark.parametrize("clustered", [False, True], ids=["rows", "units"])
def test_bounds_enclose_a_large_part_and_narrow_with_rows(measure, clustered: bool):
    """Of scores that rank well and are far off."""
    widths = []
    for size in (400, 6400):
        chance = np.random.default_rng(size)
        values = np.round(chance.random(size) * 0.6, 3)
        labels = (chance.random(size) < values + 0.3).astype(int)
        members = chance.integers(0, 64, size)
        found = measure(
            table_of(values, labels),
            errors=ERRORS,
            buckets=buckets_of(values, labels, members) if clustered else (),
        )
        assert isinstance(found, Estimate)
        assert 0.0 < found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert widths[1] < 0.5 * widths[0]


@pytest.mark.parametrize(
    "measure", [brier_parts, lambda table: brier_resolution(table, errors=ERRORS)]
)
def test_no_row_has_no_part(measure):
    """Nothing to compare."""
    assert isinstance(measure(table_of(np.array([]), np.array([], dtype=int))), Undefined)
