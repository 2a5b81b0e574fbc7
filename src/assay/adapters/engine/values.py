"""The values of a column with their counts, as the survey asks for them and messages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import Source

_HEAD_ROWS: Final = 16_384
_FETCHED_MAX: Final = 1000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of a column, without missing ones.

    Attributes:
        counts: each value and how many rows have it, the most frequent first; no more than a
            thousand, since nobody reads further.
        distinct: how many different values there are.
    """

    counts: tuple[tuple[str, int], ...]
    distinct: int

    @property
    def names(self) -> list[str]:
        """The values alone."""
        return [value for value, _ in self.counts]

    def __str__(self) -> str:
        shown = ", ".join(f"{name[:40]!r} ({n:,} rows)" for name, n in self.counts[:_SHOWN])
        more = self.distinct - _SHOWN
        return f"{shown} and {more:,} more" if more > 0 else shown


def values(session: Session, source: Source, text: str, *, rest: str = "") -> Values:
    """The texts that an expression gives, in all rows or in those that `rest` leaves."""
    inner = select(f"{text} AS value", source=source.table, rest=rest)
    found = session.rows(
        select(
            "value",
            "count(*)",
            "count(*) OVER ()",
            source=f"({inner})",
            rest=f"WHERE value IS NOT NULL GROUP BY value ORDER BY 2 DESC, 1 LIMIT {_FETCHED_MAX}",
        )
    )
    return Values(
        counts=tuple((str(value), int(count)) for value, count, _ in found),
        distinct=int(found[0][2]) if found else 0,
    )


def head(whole: bool) -> str:
    """The end of a query over all rows, or over the first."""
    return "" if whole else f"LIMIT {_HEAD_ROWS}"
