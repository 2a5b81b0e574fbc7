"""How many rows were read, how many were left out and why, and what was missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Rows:
    """Ask for the row counts of a dataset; every recipe has it."""

    kind: ClassVar[str] = "rows/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """Rows read, rows excluded by reason, and missing values by column of a role.

    A row is excluded once, for the first reason that applies in this order:
    "missing label", "missing score", "score out of range".
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


def _add(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    total = {name: first.get(name, 0) + second.get(name, 0) for name in {*first, *second}}
    return dict(sorted(total.items()))
