"""Counts of label by score: the sufficient statistic of ranking and calibration.

Up to EXACT_SCORES distinct scores are kept as they are. Beyond that, scores fall into
bins of equal steps within each halving of the distance to the nearer of 0 and 1
(`docs`: statistics, section 3), so that rare events near 0 keep their resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from assay.stats.tallies.confusion import Levels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EXACT_SCORES: Final = 4096
"""Distinct scores up to which a slice stays exact."""

HALVINGS: Final = 16
"""Halvings of the distance to the nearer end, on each side."""

STEPS_OVERALL: Final = 2048
STEPS_BY_GROUP: Final = 128
"""Steps within each halving; coarser within groups, since finer is the data again."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Ask for label counts by score in every group of `by` (no columns: all rows)."""

    kind: ClassVar[str] = "scores/1"
    by: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Steps within each halving at which this tally bins."""
        return STEPS_BY_GROUP if self.by else STEPS_OVERALL


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """Label counts by ascending score: what every ranking and calibration function reads.

    Attributes:
        scores: (k,) float64, strictly ascending; a bin's midpoint where binned.
        half_widths: (k,) float64, half a bin's width; zeros where exact.
        negatives, positives: (k,) int64 counts of each label.
    """

    scores: npt.NDArray[np.float64]
    half_widths: npt.NDArray[np.float64]
    negatives: npt.NDArray[np.int64]
    positives: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSlice:
    """One group's label counts by score: exact values or bin numbers, never both.

    Attributes:
        steps: steps within each halving, at which this slice bins when it must.
        exact: (negatives, positives) by score, while at most EXACT_SCORES are distinct;
            None once binned.
        bins: (negatives, positives) by bin number; empty while exact.
    """

    steps: int
    exact: Mapping[float, tuple[int, int]] | None
    bins: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """Label counts by score of every group of `by` that occurs."""

    by: tuple[str, ...]
    slices: Mapping[Levels, ScoreSlice]
