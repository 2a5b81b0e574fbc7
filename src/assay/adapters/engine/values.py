"""The values of a column with their counts, as the survey asks for them and messages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import Source

_HEAD_ROWS: Final = 16_384


def values(session: Session, source: Source, text: str, *, rest: str = "") -> list[tuple[str, int]]:
    """The texts that an expression gives, and how often; frequent first, without NULL."""
    inner = select(f"{text} AS value", source=source.table, rest=rest)
    counted = session.rows(
        select(
            "value",
            "count(*)",
            source=f"({inner})",
            rest="WHERE value IS NOT NULL GROUP BY value ORDER BY 2 DESC, 1",
        )
    )
    return [(str(value), int(count)) for value, count in counted]


def head(whole: bool) -> str:
    """The end of a query over all rows, or over the first."""
    return "" if whole else f"LIMIT {_HEAD_ROWS}"


def listed(counts: Sequence[tuple[str, int]]) -> str:
    """Values with their counts, the first five, shortened."""
    shown = ", ".join(f"{value[:40]!r} ({n:,} rows)" for value, n in counts[:5])
    return shown if len(counts) <= 5 else f"{shown} and {len(counts) - 5:,} more"
