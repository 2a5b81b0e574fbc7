"""Score counts: exact or binned for their rows' sake, their canonical form, their tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from assay.errors import InvalidArgument
from assay.stats.tallies import ScoreCounts, Scores, ScoreSlice
from assay.stats.tallies.label_counts import LabelCounts
from assay.stats.tallies.state import MalformedTally

EXACT = ScoreSlice(steps=128, exact={0.1: (1, 0), 0.5: (2, 3), 1.0: (0, 1)}, bins={})
STATE: dict[str, Any] = {
    "kind": "scores/1",
    "by": ["sex"],
    "slices": [
        {
            "levels": ["f"],
            "steps": 128,
            "scores": "0.1 0.5 1.0",
            "negatives": "1 2 0",
            "positives": "0 3 1",
        }
    ],
}
BINNED = {
    "levels": ["f"],
    "steps": 128,
    "bins": "0 7 4095",
    "negatives": "4000 100 0",
    "positives": "0 0 100",
}


def many(count: int, *, start: int = 0) -> ScoreSlice:
    """A slice of so many distinct scores, in order of which no two start alike."""
    scores = {(start + i + 0.5) / 10_000: (1, 2) for i in range(count)}
    return ScoreSlice.of(LabelCounts.of(scores, dtype=np.float64), steps=128)


def test_the_form_of_exact_scores():
    """Each score is the shortest decimal of its double; tiny ones have an exponent."""
    counts = ScoreCounts(by=("sex",), slices={("f",): EXACT})
    assert counts.state() == STATE
    assert ScoreCounts.from_state(STATE) == counts
    tiny = ScoreSlice(steps=2048, exact={5e-324: (1, 0), -0.0: (0, 1)}, bins={})
    assert tiny.state()["scores"] == "0.0 5e-324"


def test_up_to_4096_distinct_scores_are_exact():
    """One more, and the slice is binned, with no row lost."""
    assert many(4096).exact is not None
    assert many(4097).exact is None
    assert many(4097).n == 3 * 4097


@pytest.mark.parametrize("split", [1, 4000, 4096])
def test_merging_bins_only_if_it_must(split: int):
    """Whether a slice is exact depends on its rows, not on how they were split."""
    for size in (4096, 4097):
        parts = many(split), many(size - split, start=split)
        assert parts[0].merge(parts[1]) == parts[1].merge(parts[0]) == many(size)
    assert many(4097).merge(many(3)) == many(3).merge(many(4097))
    with pytest.raises(InvalidArgument):
        EXACT.merge(ScoreSlice(steps=2048, exact={}, bins={}))


def test_tables():
    """Exact scores have no width; a bin stands at its middle, with half its width."""
    table = EXACT.table()
    assert table.scores.tolist() == [0.1, 0.5, 1.0]
    assert table.half_widths.tolist() == [0, 0, 0]
    assert (table.negatives.tolist(), table.positives.tolist()) == ([1, 2, 0], [0, 3, 1])
    wide = ScoreSlice(steps=128, exact=None, bins={2048: (5000, 0), 4095: (0, 1)}).table()
    assert wide.scores.tolist() == [0.5 + 2.0**-10, 1 - 2.0**-24]
    assert wide.half_widths.tolist() == [2.0**-10, 2.0**-24]


def test_tables_of_groups_and_of_all_rows():
    """All rows include those with a missing level; groups do not."""
    counts = ScoreCounts(by=("sex",), slices={("m",): EXACT, (None,): EXACT, ("f",): EXACT})
    assert list(counts.groups()) == ["f", "m"]
    assert counts.table().negatives.sum() == 9
    assert counts.table(("m",)).negatives.sum() == 3
    assert counts.table(("x",)).scores.tolist() == []
    assert ScoreCounts.empty(()).table().scores.tolist() == []


def test_only_counts_of_the_same_slice_add_up():
    """By another column is another tally."""
    with pytest.raises(InvalidArgument):
        ScoreCounts.empty(()).merge(ScoreCounts.empty(("sex",)))


def test_bins_are_coarser_by_group():
    """Overall 2,048 steps within each halving, by group 128."""
    assert (Scores().steps, Scores(by=("sex",)).steps) == (2048, 128)


@pytest.mark.parametrize(
    ("exact", "bins"),
    [
        ({1.5: (1, 0)}, {}),
        ({-0.5: (1, 0)}, {}),
        ({float("nan"): (1, 0)}, {}),
        ({0.5: (-1, 0)}, {}),
        ({0.5: (2**53, 0)}, {}),
        ({0.5: (1, 0)}, {1: (1, 0)}),
        ({i / 5000: (1, 0) for i in range(4097)}, {}),
        (None, {4096: (1, 0)}),
        (None, {-1: (1, 0)}),
    ],
)
def test_a_slice_is_in_range(exact: Any, bins: Any):
    """Points in [0, 1] or of an existing bin, plain counts, exact or binned and not both."""
    with pytest.raises(InvalidArgument):
        ScoreSlice(steps=128, exact=exact, bins=bins)


def test_label_counts_are_a_mapping():
    """They read like the mapping that they were made from."""
    counts = LabelCounts.of({0.5: (1, 2), 0.1: (0, 1), 0.3: (0, 0)}, dtype=np.float64)
    assert dict(counts) == {0.1: (0, 1), 0.5: (1, 2)}
    assert counts == {0.1: (0, 1), 0.5: (1, 2)}
    assert counts.get(0.3) is None
    assert 0.1 in counts
    assert counts != {0.1: (0, 1)}
    assert hash(counts) == hash(LabelCounts.of(dict(counts), dtype=np.float64))


def _with(change: dict[str, Any], base: dict[str, Any] = STATE["slices"][0]) -> dict[str, Any]:
    return {**STATE, "slices": [{**base, **change}]}


def test_binned_slices_read_back():
    """Bins are read as strictly as scores."""
    counts = ScoreCounts.from_state(_with({}, BINNED))
    assert counts.state() == _with({}, BINNED)


@pytest.mark.parametrize(
    "state",
    [
        {**STATE, "kind": "scores/2"},
        {**STATE, "slices": STATE["slices"] * 2},
        {**STATE, "slices": STATE["slices"] * 4097},
        {
            **STATE,
            "slices": [{**STATE["slices"][0], "levels": ["e"], "steps": 2048}, STATE["slices"][0]],
        },
        _with({"steps": 64}),
        _with({"steps": "128"}),
        _with({"steps": True}),
        _with({"scores": "0.10 0.5 1.0"}),
        _with({"scores": "0.1 0.5 1"}),
        _with({"scores": "0.1 0.5 1e0"}),
        _with({"scores": "0.5 0.1 1.0"}),
        _with({"scores": "0.1 0.1 1.0"}),
        _with({"scores": "0.1 0.5 1.5"}),
        _with({"scores": "-0.0 0.5 1.0"}),
        _with({"scores": "0.1  0.5 1.0"}),
        _with({"scores": " 0.1 0.5 1.0"}),
        _with({"scores": "0.1 0.5 nan"}),
        _with({"scores": "0.1 0.5 1-1"}),
        _with({"scores": ""}),
        _with({"scores": [0.1, 0.5, 1.0]}),
        _with({"scores": "9" * 200_000}),
        _with({"scores": " ".join(repr(i / 5000) for i in range(4097))}),
        _with({"negatives": "1 2"}),
        _with({"negatives": "1 2 0 0"}),
        _with({"negatives": "1 2 00"}),
        _with({"negatives": "1 2 +0"}),
        _with({"negatives": "1 2 -1"}),
        _with({"negatives": "0 2 0"}),
        _with({"negatives": f"{2**53} 2 0"}),
        _with({"negatives": f"{2**53 - 1} 2 0"}),
        _with({"negatives": "1 2 ٠"}),
        _with({"levels": []}),
        _with({"levels": ["f × m"]}),
        _with({"more": 1}),
        _with({"bins": "0 7 4096"}, BINNED),
        _with({"bins": "7 0 4095"}, BINNED),
        _with({"bins": "0 7"}, BINNED),
        _with({"negatives": "3800 100 0"}, BINNED),
        _with({"scores": "0.1 0.5 1.0"}, BINNED),
    ],
)
def test_other_forms_are_refused(state: object):
    """Other spellings, disorder, wrong shapes, and bins for rows too few to need them."""
    with pytest.raises(MalformedTally):
        ScoreCounts.from_state(state)
