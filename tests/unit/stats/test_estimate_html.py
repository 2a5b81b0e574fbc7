"""An estimate in a notebook: one line of text, its bounds rounded outward."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.stats.estimate import Estimate


def shown(low: float, value: float, high: float, *, method: str = "made") -> str:
    return Estimate(
        value=value, low=low, high=high, low_error=0.05, high_error=0.05, n=8214, method=method
    )._repr_html_()


def test_it_has_figure_bounds_n_and_method():
    """A number never travels alone."""
    assert shown(0.0519, 0.071, 0.0901) == (
        "<span><strong>0.071</strong> (at least 0.051, at most 0.091), n = 8,214 "
        "<small>made</small></span>"
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-math.inf, math.inf, "(at least -∞, at most ∞)"),
        (0.25, 0.75, "(at least 0.250, at most 0.750)"),
        (-12345.6789, 98765.4321, "(at least -12,345.679, at most 98,765.433)"),
        (1e-9, 0.999999999, "(at least 0.000, at most 1.000)"),
        (-0.9, -0.0001, "(at least -0.900, at most 0.000)"),
    ],
)
def test_bounds_in_words(low: float, high: float, words: str):
    """Thousands are grouped, and what does not exist is infinite."""
    assert words in shown(low, 0.5, high)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_no_bound_claims_more_than_it_shows(one: float, other: float):
    """The lower is never printed above itself, the upper never below."""
    low, high = sorted((one, other))
    words = shown(low, low, high).partition("(at least ")[2].partition(")")[0]
    printed = [Decimal(part.replace(",", "")) for part in words.split(", at most ")]
    assert printed[0] <= Decimal(repr(low))
    assert printed[1] >= Decimal(repr(high))


def test_a_method_is_text():
    """Nothing in it becomes markup."""
    assert "<small>a &lt;b&gt; &amp; c</small>" in shown(0.1, 0.2, 0.3, method="a <b> & c")
