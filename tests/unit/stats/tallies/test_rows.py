"""Row counts: their canonical form, their sum, and what is no form of theirs."""

from __future__ import annotations

from typing import Any

import pytest

from assay.stats.tallies import RowCounts
from assay.stats.tallies.state import MalformedTally

COUNTS = RowCounts(read=10, excluded={"missing score": 2}, missing={"p": 2, "age": 1})
STATE: dict[str, Any] = {
    "kind": "rows/1",
    "read": 10,
    "excluded": {"missing score": 2},
    "missing": {"age": 1, "p": 2},
}


def test_the_form_leaves_out_what_counts_nothing():
    """A reason or a column with count 0 is absent, so equal rows have equal forms."""
    padded = RowCounts(
        read=10, excluded={**COUNTS.excluded, "missing label": 0}, missing={"age": 1, "p": 2}
    )
    assert padded.state() == COUNTS.state() == STATE
    assert RowCounts.from_state(STATE) == COUNTS
    assert RowCounts.from_state(RowCounts.empty().state()) == RowCounts.empty()


def test_sums():
    """Counts add up by name; excluded rows are not used."""
    total = COUNTS.merge(RowCounts(read=5, excluded={"missing label": 1}, missing={"age": 4}))
    assert (total.read, total.used) == (15, 12)
    assert total.missing == {"age": 5, "p": 2}
    assert total.excluded_share == pytest.approx(0.2)
    assert RowCounts.empty().excluded_share == 0


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "rows/2"},
        {"read": 1},
        {"read": 10.0},
        {"read": True},
        {"read": -1},
        {"read": 2**53},
        {"read": "10"},
        {"excluded": {"missing score": 0}},
        {"excluded": {"bad luck": 1}},
        {"excluded": {"missing score": 6, "missing label": 5}},
        {"excluded": []},
        {"missing": {"age": 11}},
        {"missing": {"x" * 201: 1}},
        {"missing": {f"c{i}": 1 for i in range(1001)}},
        {"more": 1},
    ],
)
def test_other_forms_are_refused(change: dict[str, Any]):
    """Unknown kinds, reasons and keys; counts that are no counts; more left out than read."""
    with pytest.raises(MalformedTally):
        RowCounts.from_state({**STATE, **change})
