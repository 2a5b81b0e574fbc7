"""With what a version was compared on the same rows, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.stats.tallies import BASELINE, CHAMPION, Against

CHANGE: Final = "_change"
"""How the names of checks end that compare with the version in production."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Another version's scores of the same rows.

    Attributes:
        against: the version in production, or a rule to beat.
        column: where its scores stand.
        version: the name of the version in production, where the journal knows one.
        paired: rows that both scored.
        version_only: rows that only this version scored.
        other_only: rows that only the other scored.
    """

    against: Against
    column: str
    version: str = ""
    paired: int
    version_only: int
    other_only: int

    @property
    def name(self) -> str:
        """The other, as a sentence names it."""
        if self.against == BASELINE:
            return "the baseline"
        return f"{self.version} in production" if self.version else "production"


def against_words(check: str, comparisons: Sequence[Comparison]) -> str:
    """What a check compares with, such as "against 4.1.3 in production"; "" for any other."""
    if not check.endswith(CHANGE):
        return ""
    found = [item for item in comparisons if item.against == CHAMPION]
    return f"against {found[0].name}" if found else ""


def comparison_text(item: Comparison) -> str:
    """Which rows were compared, and which were left out, in one sentence."""
    left_out = [
        f"{item.version_only:,} that only this version scored" if item.version_only else "",
        f"{item.other_only:,} that only {item.name} scored" if item.other_only else "",
    ]
    told = " and ".join(filter(None, left_out))
    rest = f"; left out: {told}" if told else ""
    rows = "1 row" if item.paired == 1 else f"{item.paired:,} rows"
    return f"Compared with {item.name} (column {item.column}) on {rows} that both scored{rest}."
