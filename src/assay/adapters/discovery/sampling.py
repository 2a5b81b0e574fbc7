"""A bounded look at a data file: what its columns hold, so that roles can be proposed.

The engine's own reading of files is used, so a value is spelt here as verdicts will spell it.
Nothing here enters evidence: verdicts rest on whole files.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay.adapters.engine.columns import level_text
from assay.adapters.engine.session import Session, open_session, select
from assay.adapters.engine.source import Column, open_source

ROWS_MAX: Final = 20_000
"""Rows looked at, from the start of the file."""
COLUMNS_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a column of the sample holds.

    Attributes:
        column: the column's name.
        present: rows that have a value.
        distinct: different values among them, by their text.
        low, high: the least and the greatest number, where every value is a number.
        values: its values as text, where there are exactly two.
    """

    column: str
    present: int
    distinct: int
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether every value is a number."""
        return self.low is not None


class Sample:
    """The first rows of a file, in memory."""

    def __init__(self, session: Session, columns: tuple[Column, ...]) -> None:
        self._session = session
        self._columns = {column.name: column for column in columns}
        self.holdings: tuple[Holding, ...] = tuple(self._holdings())

    def mean_by(self, score: str, label: str) -> dict[str, float]:
        """The mean of a column of numbers for each value, as text, of another."""
        value, number = level_text(self._columns[label]), _number(self._columns[score])
        rows = self._session.rows(
            select(f"{value} AS value", f"avg({number})", source="sample", rest="GROUP BY ALL")
        )
        return {value: mean for value, mean in sorted(rows, key=str) if None not in (value, mean)}

    def _holdings(self) -> Iterator[Holding]:
        parts = [part for column in self._columns.values() for part in _aggregates(column)]
        counts = self._session.rows(select(*parts, source="sample"))[0]
        for index, name in enumerate(self._columns):
            present, distinct, numbers, low, high, first, last = counts[7 * index : 7 * index + 7]
            numeric = present > 0 and numbers == present
            yield Holding(
                column=name,
                present=present,
                distinct=distinct,
                low=low if numeric else None,
                high=high if numeric else None,
                values=(str(first), str(last)) if distinct == 2 else (),
            )


@contextmanager
def open_sample(path: Path) -> Generator[Sample]:
    """The first rows of a Parquet or delimited file (gzip allowed); nothing else is read.

    Raises:
        NotEvaluated: it is neither, or damaged, or empty.
    """
    with open_session([path], memory_limit="512MB", threads=2) as session:
        source = open_source(session, path)
        columns = source.columns[:COLUMNS_MAX]
        chosen = select(
            *(column.sql for column in columns), source=source.table, rest=f"LIMIT {ROWS_MAX}"
        )
        session.run(f"CREATE TEMP TABLE sample AS {chosen}")
        yield Sample(session, columns)


def _aggregates(column: Column) -> list[str]:
    text, number = level_text(column), _number(column)
    # NaN sorts above every number and would hide the greatest one.
    finite = f"FILTER (WHERE isfinite({number}))"
    return [
        f"count({text})",
        f"count(DISTINCT {text})",
        f"count({number})",
        f"min({number}) {finite}",
        f"max({number}) {finite}",
        f"min({text})",
        f"max({text})",
    ]


def _number(column: Column) -> str:
    """The value as a double, or NULL; a date or a list is no number, and neither is a truth."""
    nothing = "CAST(NULL AS DOUBLE)"
    return nothing if column.type == "BOOLEAN" else f"TRY_CAST({column.sql} AS DOUBLE)"
