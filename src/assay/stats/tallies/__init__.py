"""Mergeable counts: integers only, so any split of the rows gives the same bytes."""

from assay.stats.tallies.bins import STEPS_BY_GROUP, STEPS_OVERALL
from assay.stats.tallies.confusion import (
    CELLS_MAX,
    INTERSECTION,
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    Levels,
)
from assay.stats.tallies.rows import RowCounts, Rows
from assay.stats.tallies.score_slices import EXACT_SCORES, ScoreSlice, ScoreTable
from assay.stats.tallies.scores import SLICES_MAX, ScoreCounts, Scores

Spec = Rows | Confusion | Scores
"""What a recipe may ask for; a frozen value, so equal requests are collected once."""

Tally = RowCounts | ConfusionCounts | ScoreCounts
"""What collecting gives for a Spec of the matching name."""

__all__ = [
    "CELLS_MAX",
    "EXACT_SCORES",
    "INTERSECTION",
    "SLICES_MAX",
    "STEPS_BY_GROUP",
    "STEPS_OVERALL",
    "BinaryCounts",
    "Confusion",
    "ConfusionCounts",
    "Levels",
    "RowCounts",
    "Rows",
    "ScoreCounts",
    "ScoreSlice",
    "ScoreTable",
    "Scores",
    "Spec",
    "Tally",
]
