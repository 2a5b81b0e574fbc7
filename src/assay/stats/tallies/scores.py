"""Counts of label by score: the sufficient statistic of ranking and calibration.

Up to EXACT_SCORES distinct scores are kept as they are; beyond that, scores fall into the
bins of `assay.stats.tallies.bins`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Final

from assay.errors import InvalidArgument
from assay.stats.tallies.bins import STEPS_BY_GROUP, STEPS_OVERALL
from assay.stats.tallies.score_slices import ScoreSlice, ScoreTable
from assay.stats.tallies.slices import Levels, by_name, level_order, parse_cells
from assay.stats.tallies.state import (
    Json,
    MalformedTally,
    columns,
    mapping,
)

SLICES_MAX: Final = 4096
"""Slices of one tally, those of all buckets of units together."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Ask for label counts by score in every group of `by` (no columns: all rows)."""

    kind: ClassVar[str] = "scores/1"
    by: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Steps within each halving at which this tally bins where rows are independent.

        Where rows share units, every tally bins at STEPS_BY_GROUP.
        """
        return STEPS_BY_GROUP if self.by else STEPS_OVERALL


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """Label counts by score of every group of `by` that occurs.

    Attributes:
        by: the slice's columns, in the recipe's order.
        slices: counts by levels, all of the same steps; a level of None holds the rows where
            that column is missing.
    """

    by: tuple[str, ...]
    slices: Mapping[Levels, ScoreSlice]

    @classmethod
    def empty(cls, by: tuple[str, ...]) -> ScoreCounts:
        """No rows."""
        return cls(by=by, slices={})

    def merge(self, other: ScoreCounts) -> ScoreCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different slices, or binned differently.
        """
        if self.by != other.by:
            raise InvalidArgument(f"Scores by {self.by} and by {other.by} do not add up.")
        slices = dict(self.slices)
        for names, part in other.slices.items():
            slices[names] = slices[names].merge(part) if names in slices else part
        return ScoreCounts(by=self.by, slices=slices)

    def table(self, levels: Levels = ()) -> ScoreTable:
        """The counts of one group or, where no levels are given, of all rows."""
        if levels:
            parts = [self.slices[levels]] if levels in self.slices else []
        else:
            parts = list(self.slices.values())
        return _together(parts).table()

    def groups(self) -> dict[str, ScoreTable]:
        """Counts by group name, in name order, without rows that have a missing level."""
        return {name: part.table() for name, part in by_name(self.slices).items()}

    def state(self) -> Json:
        """The canonical form."""
        return {
            "kind": Scores.kind,
            "by": list(self.by),
            "slices": [
                {"levels": list(names), **self.slices[names].state()}
                for names in sorted(self.slices, key=level_order)
                if len(self.slices[names].counts)
            ],
        }

    @classmethod
    def from_state(cls, state: object) -> ScoreCounts:
        """The counts that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of score counts.
        """
        raw = mapping(state, keys=("kind", "by", "slices"))
        if raw["kind"] != Scores.kind:
            raise MalformedTally("Score counts are of an unknown kind.")
        by = columns(raw["by"])
        slices = parse_cells(raw["slices"], by=by, parse=_parse_slice, longest=SLICES_MAX)
        if len({part.steps for part in slices.values()}) > 1:
            raise MalformedTally("Score counts are binned in more than one way.")
        return cls(by=by, slices=slices)


def _together(parts: Sequence[ScoreSlice]) -> ScoreSlice:
    if not parts:
        return ScoreSlice(steps=STEPS_OVERALL, exact={}, bins={})
    return reduce(ScoreSlice.merge, parts)


def _parse_slice(item: object) -> tuple[object, ScoreSlice]:
    points = "bins" if isinstance(item, Mapping) and "bins" in item else "scores"
    raw = mapping(item, keys=("levels", "steps", points, "negatives", "positives"))
    return raw["levels"], ScoreSlice.from_state(raw)


__all__ = ["SLICES_MAX", "ScoreCounts", "ScoreSlice", "ScoreTable", "Scores"]
