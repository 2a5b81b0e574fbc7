"""What filling is given: rows as codes and scores, and what the codes mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.pairs import Against

if TYPE_CHECKING:
    from assay.stats.tallies import Spec, Weight

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

NEGATIVE: Final = 0
POSITIVE: Final = 1
MISSING: Final = 2
"""Codes of labels."""

BUCKETS: Final = 64
"""Rows of one unit share a bucket, SHA-256(unit id) mod 64, so a unit split over
partitions meets itself again."""

NO_UNIT: Final = BUCKETS
"""The code of a row without a unit, which no measurement can use."""

NO_UNIT_BUCKET: Final = 21
"""Where such a row is counted as read: SHA-256 of the empty text, mod 64."""

LEVELS_MAX: Final = 200
"""Levels of one column; more of them are not groups of people but people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the codes in batches mean, and what to count.

    Attributes:
        label, score, unit: names of the columns; no unit where rows are independent.
        levels: by protected column, its levels by code; the code after the last is a missing
            value. At most LEVELS_MAX.
        specs: what to count.
        weight: what the weights in batches are; None where every row counts once.
        others: the column of scores of each other version that rows were scored by too.
    """

    label: str
    score: str
    unit: str | None
    levels: Mapping[str, Sequence[str]]
    specs: Sequence[Spec]
    weight: Weight | None = None
    others: Mapping[Against, str] = field(default_factory=dict[Against, str])

    @property
    def buckets(self) -> int:
        """How many buckets rows fall into; one where they are independent."""
        return 1 if self.unit is None else BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherScores:
    """What another version made of the rows of a batch, by the same rule of decision.

    Attributes:
        scores: (n,) float64; NaN where missing.
        predicted: (n,) bool: whether the score leads to the positive prediction.
    """

    scores: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.bool_]

    def where(self, rows: slice | npt.NDArray[np.bool_]) -> OtherScores:
        """Some of the rows."""
        return OtherScores(scores=self.scores[rows], predicted=self.predicted[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows, in any order.

    Attributes:
        labels: (n,) uint8: NEGATIVE, POSITIVE or MISSING.
        scores: (n,) float64; NaN where missing.
        predicted: (n,) bool: whether the score leads to the positive prediction.
        levels: by protected column, (n,) uint8 codes of the layout.
        buckets: (n,) uint8 below BUCKETS, or NO_UNIT; zeros where rows are independent.
        weights: (n,) float64, as the rows have them; NaN where missing, None without weights.
        counts: (n,) int64, how many rows each row is, as filling derives it from frequency
            weights; None where every row is one.
        others: the same rows as each other version of the layout scored them.
    """

    labels: Bytes
    scores: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.bool_]
    levels: Mapping[str, Bytes]
    buckets: Bytes
    weights: npt.NDArray[np.float64] | None = None
    counts: Integers | None = None
    others: Mapping[Against, OtherScores] = field(default_factory=dict[Against, OtherScores])

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, rows: slice | npt.NDArray[np.bool_]) -> Batch:
        """Some of the rows: a range (not copied), or those that a mask marks."""
        return Batch(
            labels=self.labels[rows],
            scores=self.scores[rows],
            predicted=self.predicted[rows],
            levels={column: codes[rows] for column, codes in self.levels.items()},
            buckets=self.buckets[rows],
            weights=None if self.weights is None else self.weights[rows],
            counts=None if self.counts is None else self.counts[rows],
            others={against: other.where(rows) for against, other in self.others.items()},
        )

    def as_scored_by(self, against: Against) -> Batch:
        """The rows with another version's scores and decisions in place of this one's."""
        other = self.others[against]
        return replace(self, scores=other.scores, predicted=other.predicted)
