"""Counts of both labels at ascending points: scores, or numbers of bins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.tallies.state import LARGEST_COUNT

Points = npt.NDArray[Any]
"""Float64 scores or int64 bin numbers."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelCounts(Mapping[Any, tuple[int, int]]):
    """A mapping from a point to (negatives, positives), held in three arrays.

    A histogram by group and bucket has millions of entries; as objects they would take ten
    times the memory.

    Attributes:
        points: (k,) float64 scores or int64 bin numbers, strictly ascending.
        negatives, positives: (k,) int64 counts, no two of them 0 together.
    """

    points: Points
    negatives: Integers
    positives: Integers

    @classmethod
    def of(cls, entries: Mapping[Any, tuple[int, int]], *, dtype: type[Any]) -> LabelCounts:
        """The counts in a mapping; entries that count nothing are left out."""
        if isinstance(entries, LabelCounts):
            return entries
        points = np.fromiter(entries, dtype=dtype, count=len(entries))
        counts = np.array(list(entries.values()), dtype=np.int64).reshape(-1, 2)
        return cls.sums(points, counts[:, 0], counts[:, 1])

    @classmethod
    def sums(cls, points: Points, negatives: Integers, positives: Integers) -> LabelCounts:
        """The counts in arrays whose points may repeat, in any order.

        Raises:
            InvalidArgument: a count is negative, or all together are beyond 2^53 - 1.
        """
        if len(points) == 0:
            return cls(points, negatives, positives)
        points = points + 0  # -0.0 becomes 0.0, and no spelling but 0.0 is left
        order = np.argsort(points, kind="stable")
        ordered = points[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        totals = [np.add.reduceat(part[order], first) for part in (negatives, positives)]
        if min(negatives.min(), positives.min()) < 0:
            raise InvalidArgument("A count is negative.")
        if int(totals[0].sum()) + int(totals[1].sum()) > LARGEST_COUNT:
            raise InvalidArgument("Counts add up to more than 2^53 - 1.")
        filled = (totals[0] > 0) | (totals[1] > 0)
        return cls(ordered[first][filled], totals[0][filled], totals[1][filled])

    def plus(self, other: LabelCounts) -> LabelCounts:
        """The counts of both."""
        if not len(self) or not len(other):
            return other if len(other) else self
        return LabelCounts.sums(
            np.concatenate((self.points, other.points)),
            np.concatenate((self.negatives, other.negatives)),
            np.concatenate((self.positives, other.positives)),
        )

    @property
    def n(self) -> int:
        """Rows counted."""
        return int(self.negatives.sum()) + int(self.positives.sum())

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.points.tolist())

    def __getitem__(self, point: Any) -> tuple[int, int]:
        at = int(np.searchsorted(self.points, point))
        if at == len(self.points) or self.points[at] != point:
            raise KeyError(point)
        return int(self.negatives[at]), int(self.positives[at])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabelCounts):
            return Mapping.__eq__(self, other)
        return (
            np.array_equal(self.points, other.points)
            and np.array_equal(self.negatives, other.negatives)
            and np.array_equal(self.positives, other.positives)
        )

    def __hash__(self) -> int:
        return hash((self.points.tobytes(), self.negatives.tobytes(), self.positives.tobytes()))
