"""Scales and positions: nothing leaves its strip, nothing changes its order."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.documents.drawing import MARGIN, TICKS_MAX, WIDTH, Scale, bar, limit, scale_over

finite = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


@given(st.lists(finite, min_size=1, max_size=6))
def test_a_scale_keeps_order_and_holds_every_value(values: list[float]):
    """Larger values lie no further left, and all lie between the margins."""
    scale = scale_over(values)
    places = [scale.x(value) for value in sorted(values)]
    assert places == sorted(places)
    assert MARGIN <= places[0] <= places[-1] <= WIDTH - MARGIN


@given(st.lists(finite, min_size=1, max_size=6))
def test_ticks_are_few_and_within(values: list[float]):
    """There are ticks to read by, in order, on the scale."""
    scale = scale_over(values)
    assume(scale.high - scale.low > 1e-6 * max(abs(scale.low), abs(scale.high)))
    places = [tick.x for tick in scale.ticks]
    assert 1 <= len(places) <= TICKS_MAX + 1
    assert places == sorted(places)
    assert MARGIN <= places[0] <= places[-1] <= WIDTH - MARGIN


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_proportions_scale_stays_within_0_and_1(values: list[float]):
    """No axis suggests a proportion that cannot be."""
    scale = scale_over(values)
    assert 0.0 <= scale.low < scale.high <= 1.0


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 0.166, ["0.00", "0.05", "0.10", "0.15"]),
        (276.0, 524.0, ["300", "350", "400", "450", "500"]),
        (-0.02, 0.013, ["-0.02", "-0.01", "0.00", "0.01"]),
        (0.0, 4000.0, ["0", "1,000", "2,000", "3,000", "4,000"]),
    ],
)
def test_ticks_are_round(low: float, high: float, labels: list[str]):
    """Labels are multiples of 1, 2 or 5, with the digits that tell them apart."""
    assert [tick.label for tick in Scale(low=low, high=high).ticks] == labels


def test_a_bound_that_does_not_exist_leaves_its_side_open():
    """The bar runs on to the end of the strip, and is marked as open there."""
    scale = scale_over((2.0, 0.8, 1.2, math.inf))
    drawn = bar(scale, 1.0, 0.8, math.inf)
    assert (drawn.low_open, drawn.high_open) == (False, True)
    assert drawn.high == WIDTH - MARGIN


@pytest.mark.parametrize("at_most", [True, False])
def test_the_good_side_of_a_limit_reaches_its_scales_end(at_most: bool):
    """Below the limit where the figure must be at most that, above it otherwise."""
    scale = Scale(low=0.0, high=1.0)
    drawn = limit(scale, at_most=0.25) if at_most else limit(scale, at_least=0.25)
    assert drawn.lines == (scale.x(0.25),)
    assert (drawn.start == MARGIN) is at_most
    assert (drawn.start + drawn.length == WIDTH - MARGIN) is not at_most


def test_two_limits_shade_what_lies_between_them():
    """A figure that must lie between two limits has a line at each."""
    scale = Scale(low=0.0, high=1.0)
    drawn = limit(scale, at_least=0.25, at_most=0.5)
    assert drawn.lines == (scale.x(0.25), scale.x(0.5))
    assert (drawn.start, drawn.start + drawn.length) == pytest.approx(drawn.lines)
