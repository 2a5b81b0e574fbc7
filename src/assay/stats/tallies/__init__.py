"""Mergeable counts: integers only, so any split of the rows gives the same bytes."""

from assay.stats.tallies.bins import STEPS_BY_GROUP, STEPS_OVERALL
from assay.stats.tallies.confusion import BinaryCounts, Confusion, ConfusionCounts
from assay.stats.tallies.inspections import Inspected, Inspection
from assay.stats.tallies.pair_grid import PairGrid
from assay.stats.tallies.pairs import (
    AGAINST,
    BASELINE,
    CHAMPION,
    Against,
    PairCells,
    PairCounts,
    Pairs,
    Unpaired,
)
from assay.stats.tallies.rows import RowCounts, Rows
from assay.stats.tallies.score_pairs import PairedRows, ScorePairCounts, ScorePairs
from assay.stats.tallies.score_slices import EXACT_SCORES, ScoreSlice, ScoreTable
from assay.stats.tallies.scores import SLICES_MAX, ScoreCounts, Scores
from assay.stats.tallies.slices import CELLS_MAX, INTERSECTION, Levels
from assay.stats.tallies.weighted import (
    WeightedConfusion,
    WeightedConfusionCounts,
    WeightedCounts,
)
from assay.stats.tallies.weights import Weight

Spec = Rows | Confusion | Scores | WeightedConfusion | Pairs | ScorePairs | Inspection
"""What a recipe may ask for; a frozen value, so equal requests are collected once."""

Tally = (
    RowCounts
    | ConfusionCounts
    | ScoreCounts
    | WeightedConfusionCounts
    | PairCounts
    | ScorePairCounts
    | Inspected
)
"""What collecting gives for a Spec of the matching name."""

__all__ = [
    "AGAINST",
    "BASELINE",
    "CELLS_MAX",
    "CHAMPION",
    "EXACT_SCORES",
    "INTERSECTION",
    "SLICES_MAX",
    "STEPS_BY_GROUP",
    "STEPS_OVERALL",
    "Against",
    "BinaryCounts",
    "Confusion",
    "ConfusionCounts",
    "Inspected",
    "Inspection",
    "Levels",
    "PairCells",
    "PairCounts",
    "PairGrid",
    "PairedRows",
    "Pairs",
    "RowCounts",
    "Rows",
    "ScoreCounts",
    "ScorePairCounts",
    "ScorePairs",
    "ScoreSlice",
    "ScoreTable",
    "Scores",
    "Spec",
    "Tally",
    "Unpaired",
    "Weight",
    "WeightedConfusion",
    "WeightedConfusionCounts",
    "WeightedCounts",
]
