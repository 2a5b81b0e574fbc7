"""Lift: what the top of a ranking holds, with bounds that allow for where the cut falls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr
from tests.unit.stats.tables import buckets_of, table_of

from assay.errors import InvalidArgument
from assay.stats import Errors, Estimate, Undefined, exact_lower_bound, lift_at_top
from assay.stats.lift import captured
from assay.stats.tallies.scores import ScoreTable

ERRORS = Errors(low=0.05, high=0.05)


def ranked(*counts: tuple[float, int, int]) -> ScoreTable:
    """A table from (score, negatives, positives), ascending."""
    scores, negatives, positives = zip(*sorted(counts), strict=True)
    return ScoreTable(
        scores=np.array(scores),
        half_widths=np.zeros(len(scores)),
        negatives=np.array(negatives, dtype=np.int64),
        positives=np.array(positives, dtype=np.int64),
    )


def test_lift_is_the_share_captured_over_the_share_of_rows() -> None:
    """The top tenth holds forty of fifty positives: eight times a random tenth."""
    table = ranked((0.9, 60, 40), (0.5, 200, 5), (0.1, 690, 5))
    measured = lift_at_top(table, share=0.1, errors=ERRORS)
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx(8.0)
    assert measured.n == 1000
    assert measured.low < 10 * exact_lower_bound(events=40, trials=50, error=0.05)
    assert measured.high > measured.value


def test_a_tie_at_the_cut_counts_in_proportion_and_a_bin_in_any_order() -> None:
    """Half of a tie's positives; of a bin's, none to all that fit."""
    table = ranked((0.1, 65, 5), (0.5, 10, 10), (0.9, 5, 5))
    assert captured(table, 20.0) == (10.0, 10.0, 10.0)
    binned = ScoreTable(
        scores=np.array([0.1, 0.9]),
        half_widths=np.array([0.01, 0.01]),
        negatives=np.array([80, 6]),
        positives=np.array([10, 4]),
    )
    assert captured(binned, 5.0) == (0.0, 2.0, 4.0)


@pytest.mark.parametrize("wanted", [0.0, 1.0, 100.0, 1e9])
def test_no_rows_and_all_rows_hold_none_and_all(wanted: float) -> None:
    """The ends of the ranking, and a number of rows beyond it."""
    table = ranked((0.1, 65, 5), (0.5, 10, 10), (0.9, 5, 5))
    held = captured(table, wanted)
    assert held.expected == pytest.approx({0.0: 0.0, 1.0: 0.5}.get(wanted, 20.0))


def test_without_positives_or_units_there_is_no_lift() -> None:
    """Both are said with what is lacking; a share outside (0, 1) is a mistake."""
    assert isinstance(lift_at_top(ranked((0.5, 9, 0)), share=0.1, errors=ERRORS), Undefined)
    table = table_of(np.linspace(0.0, 1.0, 40), np.arange(40) % 2)
    few = buckets_of(np.linspace(0.0, 1.0, 40), np.arange(40) % 2, np.arange(40) % 5)
    lacking = lift_at_top(table, share=0.1, errors=ERRORS, buckets=few)
    assert isinstance(lacking, Undefined)
    assert lacking.units_lacking == (("", 5),)
    with pytest.raises(InvalidArgument, match="fraction"):
        lift_at_top(table, share=1.0, errors=ERRORS)


@pytest.mark.parametrize("units_of", [1, 3])
def test_scores_that_nearly_separate_are_missed_no_more_than_declared(units_of: int) -> None:
    """The cut, not what lies above it, varies there: bounds given the cut miss a quarter."""
    rows, base, shift, share, draws = 600, 0.2, 6.0, 0.18, 300
    truth = float(ndtr(shift - _cut(base, shift, share))) / share
    generator = np.random.default_rng(20261124)
    below = above = 0
    for _ in range(draws):
        units = np.repeat(np.arange(rows // units_of), units_of)
        own = generator.random(rows) < base
        labels = np.where(generator.random(rows) < 0.6, own[units * units_of], own).astype(np.int64)
        scores = generator.normal(size=rows) + shift * labels
        members = generator.integers(0, 64, len(units))[units]
        found = lift_at_top(
            table_of(scores, labels),
            share=share,
            errors=ERRORS,
            buckets=buckets_of(scores, labels, members) if units_of > 1 else (),
        )
        assert isinstance(found, Estimate)
        below += found.low > truth
        above += found.high < truth
    allowed = 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)
    assert max(below, above) / draws <= allowed


def _cut(base: float, shift: float, share: float) -> float:
    """The score above which a share of all rows lies, by bisection."""
    low, high = -10.0, 10.0 + shift
    for _ in range(80):
        middle = (low + high) / 2
        above = base * ndtr(shift - middle) + (1 - base) * ndtr(-middle)
        low, high = (middle, high) if above > share else (low, middle)
    return low
