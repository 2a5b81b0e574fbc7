"""Mergeable counts: integers only, so any split of the rows gives the same bytes."""

from assay.stats.tallies.confusion import (
    INTERSECTION,
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    Levels,
)
from assay.stats.tallies.rows import RowCounts, Rows
from assay.stats.tallies.scores import ScoreCounts, Scores, ScoreSlice, ScoreTable

Spec = Rows | Confusion | Scores
"""What a recipe may ask for; a frozen value, so equal requests are collected once."""

Tally = RowCounts | ConfusionCounts | ScoreCounts
"""What collecting gives for a Spec of the matching name."""

__all__ = [
    "INTERSECTION",
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
