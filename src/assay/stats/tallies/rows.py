"""How many rows were read, how many were left out and why, and what was missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from assay.stats.tallies.state import Json, MalformedTally, count, mapping, text

MISSING_LABEL: Final = "missing label"
MISSING_SCORE: Final = "missing score"
SCORE_OUT_OF_RANGE: Final = "score out of range"
MISSING_UNIT: Final = "missing unit"
MISSING_WEIGHT: Final = "missing weight"
NEGATIVE_WEIGHT: Final = "negative weight"
INFINITE_WEIGHT: Final = "infinite weight"
FRACTIONAL_WEIGHT: Final = "fractional weight"
ZERO_WEIGHT: Final = "zero weight"

REASONS: Final = (
    MISSING_LABEL,
    MISSING_SCORE,
    SCORE_OUT_OF_RANGE,
    MISSING_UNIT,
    MISSING_WEIGHT,
    NEGATIVE_WEIGHT,
    INFINITE_WEIGHT,
    FRACTIONAL_WEIGHT,
    ZERO_WEIGHT,
)
"""Why a row is excluded; the first that applies counts. NaN is missing, infinity is not."""

_NAMES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Rows:
    """Ask for the row counts of a dataset; every recipe has it."""

    kind: ClassVar[str] = "rows/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """Rows read, rows excluded by reason, and missing values by column of a role.

    Attributes:
        read: every row of the dataset.
        excluded: rows by reason (REASONS); a row is excluded once, for the first reason that
            applies. A reason that never applied is absent.
        missing: missing values among the rows read, by column; a full column is absent.
    """

    read: int
    excluded: Mapping[str, int]
    missing: Mapping[str, int]

    @classmethod
    def empty(cls) -> RowCounts:
        """No rows."""
        return cls(read=0, excluded={}, missing={})

    @property
    def used(self) -> int:
        """Rows that the measurements rest on."""
        return self.read - sum(self.excluded.values())

    @property
    def excluded_share(self) -> float:
        """Rows excluded as a fraction of rows read; 0 when nothing was read."""
        return sum(self.excluded.values()) / self.read if self.read else 0.0

    def merge(self, other: RowCounts) -> RowCounts:
        """Add two sets of rows; associative and commutative to the byte."""
        return RowCounts(
            read=self.read + other.read,
            excluded=_add(self.excluded, other.excluded),
            missing=_add(self.missing, other.missing),
        )

    def state(self) -> Json:
        """The canonical form: reasons and columns that count nothing are left out."""
        return {
            "kind": Rows.kind,
            "read": self.read,
            "excluded": _filled(self.excluded),
            "missing": _filled(self.missing),
        }

    @classmethod
    def from_state(cls, state: object) -> RowCounts:
        """The counts that `state` spells.

        Raises:
            MalformedTally: it is not the canonical form of row counts.
        """
        raw = mapping(state, keys=("kind", "read", "excluded", "missing"))
        counts = cls(
            read=count(raw["read"]),
            excluded=_parse(raw["excluded"]),
            missing=_parse(raw["missing"]),
        )
        if raw["kind"] != Rows.kind or not set(counts.excluded) <= set(REASONS):
            raise MalformedTally("Row counts are of an unknown kind, or exclude without a reason.")
        if counts.used < 0 or any(n > counts.read for n in counts.missing.values()):
            raise MalformedTally("Row counts leave out more rows than were read.")
        return counts


def _add(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    total = {name: first.get(name, 0) + second.get(name, 0) for name in {*first, *second}}
    return _filled(total)


def _filled(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: n for name, n in sorted(counts.items()) if n}


def _parse(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or len(value) > _NAMES_MAX:
        raise MalformedTally("Row counts by name are not an object, or a huge one.")
    parsed = {text(name): count(n) for name, n in value.items()}
    if not all(parsed.values()):
        raise MalformedTally("Row counts name something that was never counted.")
    return parsed
