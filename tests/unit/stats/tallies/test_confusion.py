"""Confusion counts: their canonical form, their sum, and what is no form of theirs."""

from __future__ import annotations

from typing import Any

import pytest

from assay.errors import InvalidArgument
from assay.stats.tallies import BinaryCounts, ConfusionCounts
from assay.stats.tallies.state import MalformedTally

ONE = BinaryCounts(true_negatives=1, false_positives=2, false_negatives=3, true_positives=4)
COUNTS = ConfusionCounts(
    by=("sex", "age"),
    cells={("m", ">40"): ONE, (None, "<=40"): ONE, ("f", None): ONE, ("m", "<=40"): ONE},
)
STATE: dict[str, Any] = {
    "kind": "confusion/1",
    "by": ["sex", "age"],
    "cells": [
        {"levels": [None, "<=40"], "counts": [1, 2, 3, 4]},
        {"levels": ["f", None], "counts": [1, 2, 3, 4]},
        {"levels": ["m", "<=40"], "counts": [1, 2, 3, 4]},
        {"levels": ["m", ">40"], "counts": [1, 2, 3, 4]},
    ],
}


def test_the_form_is_sorted_by_level():
    """A missing level comes first; a cell without rows is left out."""
    assert COUNTS.state() == STATE
    assert ConfusionCounts.from_state(STATE) == COUNTS
    padded = ConfusionCounts(by=COUNTS.by, cells={**COUNTS.cells, ("x", "y"): BinaryCounts()})
    assert padded.state() == STATE


def test_sums():
    """Cells add up by level; groups leave out rows with a missing level; the total does not."""
    twice = COUNTS.merge(COUNTS)
    assert twice.cells["m", ">40"] == ONE + ONE
    assert set(twice.groups()) == {"m × <=40", "m × >40"}
    assert twice.total.n == 80
    assert ConfusionCounts.empty(COUNTS.by).merge(COUNTS) == COUNTS
    with pytest.raises(InvalidArgument):
        COUNTS.merge(ConfusionCounts.empty(("sex",)))


def test_views_of_the_four_counts():
    """Sums along each side, and the same seen from the other label."""
    assert (ONE.n, ONE.positives, ONE.negatives) == (10, 7, 3)
    assert (ONE.predicted_positives, ONE.predicted_negatives, ONE.correct) == (6, 4, 5)
    assert ONE.swapped().cells == (4, 3, 2, 1)
    assert BinaryCounts.of(ONE.cells) == ONE


def _with(cell: dict[str, Any]) -> dict[str, Any]:
    return {**STATE, "cells": [{**STATE["cells"][0], **cell}]}


@pytest.mark.parametrize(
    "state",
    [
        {**STATE, "kind": "confusion/2"},
        {**STATE, "by": ["sex", "sex"]},
        {**STATE, "by": "sa"},
        {**STATE, "by": ["sex"]},
        {**STATE, "cells": STATE["cells"][::-1]},
        {**STATE, "cells": STATE["cells"][:1] * 2},
        {**STATE, "cells": [{}]},
        {**STATE, "cells": [STATE["cells"][0]] * 10_001},
        {**STATE, "more": []},
        _with({"counts": [0, 0, 0, 0]}),
        _with({"counts": [1, 2, 3]}),
        _with({"counts": [1, 2, 3, 4, 5]}),
        _with({"counts": [1, 2, 3, -4]}),
        _with({"counts": [1, 2, 3, 4.0]}),
        _with({"levels": ["f"]}),
        _with({"levels": ["f", 4]}),
        _with({"levels": ["a × b", "c"]}),
        _with({"levels": ["x" * 201, "c"]}),
        [],
        None,
    ],
)
def test_other_forms_are_refused(state: object):
    """Doubles, disorder, wrong shapes, empty cells, and names that would read as two."""
    with pytest.raises(MalformedTally):
        ConfusionCounts.from_state(state)
