"""Counts and scores have one spelling: whatever else is read as them is refused."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InvalidArgument
from assay.stats.tallies.score_slices import ScoreSlice
from assay.stats.tallies.state import LARGEST_COUNT, MalformedTally, counts_text, parse_counts

NEARLY_COUNTS = st.text("0129 \n-+٠", max_size=12)
NEARLY_SCORES = st.text("015.e- \n", max_size=12)


@given(st.lists(st.integers(0, LARGEST_COUNT), min_size=1))
def test_counts_read_back(values: list[int]) -> None:
    """What is written is read."""
    assert parse_counts(counts_text(values), longest=len(values)).tolist() == values


@given(NEARLY_COUNTS)
def test_counts_have_one_spelling(written: str) -> None:
    """No other text is read as those counts."""
    try:
        numbers = parse_counts(written, longest=100)
    except MalformedTally:
        return
    assert counts_text(numbers.tolist()) == written


@given(NEARLY_SCORES)
def test_scores_have_one_spelling(written: str) -> None:
    """Nor is any other text read as those scores."""
    points = len(written.split(" "))
    state: dict[str, Any] = {
        "steps": 128,
        "scores": written,
        "negatives": counts_text([1] * points),
        "positives": counts_text([0] * points),
    }
    try:
        read = ScoreSlice.from_state(state)
    except (MalformedTally, InvalidArgument):
        return
    assert read.state() == state
