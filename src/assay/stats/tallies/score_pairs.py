"""Counts of label by two scores of the same rows: how two versions rank and how they err."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from assay.errors import InvalidArgument
from assay.stats.tallies.pair_grid import PairGrid
from assay.stats.tallies.pairs import CHAMPION, Against, Unpaired, parse_against
from assay.stats.tallies.score_slices import ScoreSlice
from assay.stats.tallies.squared_errors import SquaredErrors
from assay.stats.tallies.state import Json, MalformedTally, mapping


@dataclass(frozen=True, slots=True)
class ScorePairs:
    """Ask for label by this version's score and another's, over all rows that both scored."""

    kind: ClassVar[str] = "score-pairs/1"
    against: Against = CHAMPION


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRows:
    """Rows that both scored: each score alone, both together, and their squared errors.

    Attributes:
        version: label counts by this version's score.
        other: label counts by the other's score.
        grid: label counts by both.
        squared_errors: sums of their squared errors.
    """

    version: ScoreSlice
    other: ScoreSlice
    grid: PairGrid
    squared_errors: SquaredErrors

    def merge(self, other: PairedRows) -> PairedRows:
        """Add two sets of rows; associative and commutative to the byte."""
        return PairedRows(
            version=self.version.merge(other.version),
            other=self.other.merge(other.other),
            grid=self.grid.merge(other.grid),
            squared_errors=self.squared_errors.merge(other.squared_errors),
        )

    def state(self) -> Json:
        """The canonical form."""
        return {
            "version": self.version.state(),
            "other": self.other.state(),
            "grid": self.grid.state(),
            "squared_errors": self.squared_errors.state(),
        }

    @classmethod
    def from_state(cls, state: object) -> PairedRows:
        """The rows that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("version", "other", "grid", "squared_errors"))
        version, other = (_parse_slice(raw[key]) for key in ("version", "other"))
        grid = PairGrid.from_state(raw["grid"])
        if version.steps != other.steps or not version.n == other.n == grid.n:
            raise MalformedTally("Two scores of the same rows do not count the same rows.")
        errors = SquaredErrors.from_state(raw["squared_errors"], rows=grid.n)
        return cls(version=version, other=other, grid=grid, squared_errors=errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePairCounts:
    """Label by two scores, over all rows that both scored.

    Attributes:
        against: whose score is the other.
        rows: the rows that both scored; None where there is none.
        unpaired: rows that only one of the two scored.
    """

    against: Against
    rows: PairedRows | None
    unpaired: Unpaired

    @classmethod
    def empty(cls, spec: ScorePairs) -> ScorePairCounts:
        """No rows."""
        return cls(against=spec.against, rows=None, unpaired=Unpaired())

    @property
    def spec(self) -> ScorePairs:
        """What was asked for."""
        return ScorePairs(against=self.against)

    def merge(self, other: ScorePairCounts) -> ScorePairCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two compare with different others.
        """
        if self.spec != other.spec:
            raise InvalidArgument(f"Counts of {self.spec} and of {other.spec} do not add up.")
        rows = self.rows or other.rows
        if self.rows is not None and other.rows is not None:
            rows = self.rows.merge(other.rows)
        return ScorePairCounts(
            against=self.against, rows=rows, unpaired=self.unpaired + other.unpaired
        )

    def state(self) -> Json:
        """The canonical form; "rows" is null where no row has both scores."""
        return {
            "kind": ScorePairs.kind,
            "against": self.against,
            "rows": None if self.rows is None else self.rows.state(),
            "unpaired": self.unpaired.state(),
        }

    @classmethod
    def from_state(cls, state: object) -> ScorePairCounts:
        """The counts that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of score pairs.
        """
        raw = mapping(state, keys=("kind", "against", "rows", "unpaired"))
        if raw["kind"] != ScorePairs.kind:
            raise MalformedTally("Score pairs are of an unknown kind.")
        return cls(
            against=parse_against(raw["against"]),
            rows=None if raw["rows"] is None else PairedRows.from_state(raw["rows"]),
            unpaired=Unpaired.from_state(raw["unpaired"]),
        )


def _parse_slice(item: object) -> ScoreSlice:
    points = "bins" if isinstance(item, Mapping) and "bins" in item else "scores"
    raw: Mapping[str, Any] = mapping(item, keys=("steps", points, "negatives", "positives"))
    return ScoreSlice.from_state(raw)
