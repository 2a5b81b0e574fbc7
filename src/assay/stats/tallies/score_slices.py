"""One group's counts of label by score: exact while few scores are distinct, else binned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.tallies.bins import (
    STEPS_BY_GROUP,
    STEPS_OVERALL,
    bin_count,
    bin_edges,
    bin_numbers,
)
from assay.stats.tallies.label_counts import LabelCounts, Points
from assay.stats.tallies.state import (
    LARGEST_COUNT,
    Json,
    MalformedTally,
    counts_text,
    made_of,
    parse_counts,
)

EXACT_SCORES: Final = 4096
"""Distinct scores up to which a slice stays exact."""


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

    def __post_init__(self) -> None:
        bins = LabelCounts.of(self.bins, dtype=np.int64)
        object.__setattr__(self, "bins", bins)
        _refuse_outside(bins, bin_count(self.steps) - 1)
        if self.exact is None:
            return
        exact = LabelCounts.of(self.exact, dtype=np.float64)
        object.__setattr__(self, "exact", exact)
        _refuse_outside(exact, 1)
        if len(bins) or len(exact) > EXACT_SCORES:
            raise InvalidArgument(
                f"A slice is exact up to {EXACT_SCORES} distinct scores, or else binned."
            )

    @classmethod
    def of(cls, exact: LabelCounts, *, steps: int) -> ScoreSlice:
        """The slice of any number of distinct scores: exact if few, binned if many."""
        if len(exact) <= EXACT_SCORES:
            return cls(steps=steps, exact=exact, bins={})
        return cls(steps=steps, exact=None, bins=_binned(exact, steps))

    @property
    def counts(self) -> LabelCounts:
        """The label counts, by score or by bin."""
        held = self.bins if self.exact is None else self.exact
        assert isinstance(held, LabelCounts)  # noqa: S101 - made so on construction
        return held

    @property
    def n(self) -> int:
        """Rows counted."""
        return self.counts.n

    def merge(self, other: ScoreSlice) -> ScoreSlice:
        """Add two sets of rows; associative and commutative to the byte.

        The sum is exact only if both are and few scores are distinct in both together. So
        which of the two a slice is depends on its rows alone, not on how they were split.
        """
        if self.steps != other.steps:
            raise InvalidArgument(f"Bins of {self.steps} and of {other.steps} steps do not add up.")
        if self.exact is None or other.exact is None:
            bins = self._in_bins().plus(other._in_bins())
            return ScoreSlice(steps=self.steps, exact=None, bins=bins)
        return ScoreSlice.of(self.counts.plus(other.counts), steps=self.steps)

    def table(self) -> ScoreTable:
        """The counts as arrays."""
        counts = self.counts
        if self.exact is None:
            edges = bin_edges(self.steps)
            low, high = edges[counts.points], edges[counts.points + 1]
        else:
            low = high = counts.points.astype(np.float64)
        return ScoreTable(
            scores=(low + high) / 2.0,
            half_widths=(high - low) / 2.0,
            negatives=counts.negatives,
            positives=counts.positives,
        )

    def state(self) -> dict[str, Json]:
        """The canonical form: "scores" or "bins", and counts of each label in their order.

        A score is the shortest decimal that reads back as the same double, as Python
        writes it.
        """
        counts = self.counts
        points: list[Any] = counts.points.tolist()
        spelled = (
            {"bins": counts_text(points)}
            if self.exact is None
            else {"scores": " ".join(map(repr, points))}
        )
        return {
            "steps": self.steps,
            **spelled,
            "negatives": counts_text(counts.negatives.tolist()),
            "positives": counts_text(counts.positives.tolist()),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ScoreSlice:
        """The slice that `state` spells, from a mapping that has its keys.

        Raises:
            MalformedTally: it is not the canonical form of a slice.
        """
        steps = state["steps"]
        if type(steps) is not int or steps not in (STEPS_OVERALL, STEPS_BY_GROUP):
            raise MalformedTally("A slice of scores has an unknown number of steps.")
        if "scores" in state:
            exact = _parse(_parse_scores(state["scores"]), state, largest=1)
            return cls(steps=steps, exact=exact, bins={})
        numbers = parse_counts(state["bins"], longest=bin_count(steps))
        bins = _parse(numbers, state, largest=bin_count(steps) - 1)
        if bins.n <= EXACT_SCORES:
            raise MalformedTally("A slice of scores is binned, with too few rows to need it.")
        return cls(steps=steps, exact=None, bins=bins)

    def _in_bins(self) -> LabelCounts:
        return self.counts if self.exact is None else _binned(self.counts, self.steps)


def _binned(exact: LabelCounts, steps: int) -> LabelCounts:
    numbers = bin_numbers(exact.points.astype(np.float64), steps)
    return LabelCounts.sums(numbers, exact.negatives, exact.positives)


def _refuse_outside(counts: LabelCounts, largest: int) -> None:
    if len(counts) and not (counts.points[0] >= 0 and counts.points[-1] <= largest):
        raise InvalidArgument(f"A slice counts at a point outside [0, {largest}].")


def _parse(points: Points, state: Mapping[str, Any], *, largest: int) -> LabelCounts:
    negatives = parse_counts(state["negatives"], longest=len(points))
    positives = parse_counts(state["positives"], longest=len(points))
    if not len(points) == len(negatives) == len(positives):
        raise MalformedTally("A slice of scores has counts that do not match its points.")
    if points[-1] > largest or not np.all(points[1:] > points[:-1]):
        raise MalformedTally("A slice of scores has points out of order, or beyond the last.")
    if not np.all(negatives + positives):
        raise MalformedTally("A slice of scores has a point that counts nothing.")
    if sum(negatives.tolist()) + sum(positives.tolist()) > LARGEST_COUNT:
        raise MalformedTally("A slice of scores counts more than 2^53 - 1 rows.")
    return LabelCounts(points, negatives, positives)


def _parse_scores(value: object) -> npt.NDArray[np.float64]:
    # Twenty-five characters hold the longest shortest decimal of [0, 1] and its space.
    if (
        not isinstance(value, str)
        or len(value) > 25 * EXACT_SCORES
        or not made_of(value, "0123456789.e- ")
        or " -" in f" {value}"
    ):
        raise MalformedTally("A slice has something other than scores where scores stand.")
    texts = value.split(" ")
    try:
        scores = [float(item) for item in texts]
    except ValueError as error:
        raise MalformedTally("A slice has a score that is no number.") from error
    if len(scores) > EXACT_SCORES or list(map(repr, scores)) != texts:
        raise MalformedTally("A slice has too many scores, or one in another spelling.")
    return np.array(scores)
