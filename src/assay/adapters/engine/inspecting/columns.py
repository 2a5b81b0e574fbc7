"""Profiles of columns, their values by another column's levels, and values outside limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from assay.adapters.engine.inspecting.forms import leading_bits, values
from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import Column
from assay.evidence.roles import decimal_text
from assay.stats.tallies.inspections import ColumnCells, ColumnProfile, LimitCounts, Limits
from assay.stats.tallies.inspections.cells import TEXTS_MAX, Counter, Level
from assay.stats.tallies.inspections.numbers import EXACT, POINTS_MAX
from assay.stats.tallies.inspections.profiles import (
    BOOLEAN,
    DATE,
    INTEGER,
    NUMBER,
    TEXT,
    TIMESTAMP,
)
from assay.stats.tallies.state import TEXT_MAX

_MARGIN: Final = 4
"""How far beyond a limit an approximate count must be to be surely beyond it."""

_TYPES: Final[Mapping[str, str]] = {
    INTEGER: "instant IS NULL AND number = trunc(number) AND isfinite(number)",
    NUMBER: "instant IS NULL AND (number <> trunc(number) OR isinf(number))",
    DATE: "instant IS NOT NULL AND instant = date_trunc('day', instant)",
    TIMESTAMP: "instant IS NOT NULL AND instant <> date_trunc('day', instant)",
    BOOLEAN: "lower(text) IN ('true', 'false')",
    TEXT: "lower(text) NOT IN ('true', 'false')",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows that are inspected.

    Attributes:
        table: SQL for them, which can be read as often as need be.
        bucket: SQL for the bucket of a row's unit; 0 where rows are independent.
    """

    session: Session
    table: str
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """About how many different values a bucket has: numbers, their first 24 bits, texts."""

    numbers: int
    coarse: int
    texts: int

    @property
    def bits(self) -> int:
        """Bits of numbers that are surely enough for the cells that will be kept."""
        if self.numbers <= _MARGIN * POINTS_MAX:
            return EXACT
        # Sixteen bins of 24 bits at most lie in one of 20: were 22 bits few enough, these were too.
        return 24 if self.coarse <= _MARGIN * 16 * POINTS_MAX else 20

    @property
    def many_texts(self) -> bool:
        """Whether there are surely too many texts to keep."""
        return self.texts > _MARGIN * TEXTS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A column's profile by bucket, without its cells, and how its values spread there."""

    profiles: Mapping[int, ColumnProfile]
    spread: Mapping[int, Spread]


def describe(rows: Rows, column: Column) -> Described:
    """Types, missing values and limits of one column, by bucket."""
    bits = leading_bits()
    found = rows.session.rows(
        select(
            "bucket",
            *(f"count(*) FILTER ({condition})" for condition in _TYPES.values()),
            "count(*) FILTER (isnan(raw))",
            "count(*) FILTER (isinf(raw))",
            "min(raw) FILTER (isfinite(raw))",
            "max(raw) FILTER (isfinite(raw))",
            "CAST(min(instant) AS VARCHAR)",
            "CAST(max(instant) AS VARCHAR)",
            f"approx_count_distinct({bits})",
            f"approx_count_distinct({bits} >> {EXACT - 24})",
            "approx_count_distinct(text)",
            source=values(column, rows.table, f"{rows.bucket} AS bucket"),
            rest="GROUP BY bucket",
        )
    )
    return Described(
        profiles={int(row[0]): _profile(row) for row in found},
        spread={
            int(row[0]): Spread(numbers=row[-3], coarse=row[-2], texts=row[-1]) for row in found
        },
    )


def _profile(row: tuple[Any, ...]) -> ColumnProfile:
    types = row[1 : 1 + len(_TYPES)]
    nan, infinite, low, high, first, last = row[1 + len(_TYPES) : -3]
    return ColumnProfile(
        types={name: int(n) for name, n in zip(_TYPES, types, strict=True) if n},
        nan=int(nan),
        infinite=int(infinite),
        numbers=None if low is None else (_decimal(low), _decimal(high)),
        dates=None if first is None else (_instant(first), _instant(last)),
        cells=ColumnCells.empty(),
    )


@dataclass(slots=True)
class _Cells:
    """The values of one bucket, being gathered."""

    missing: dict[Level, int] = field(default_factory=dict[Level, int])
    texts: dict[str, dict[Level, int]] = field(default_factory=dict[str, dict[Level, int]])
    numbers: dict[int, dict[Level, int]] = field(default_factory=dict[int, dict[Level, int]])


def cells(
    rows: Rows,
    column: Column,
    spread: Mapping[int, Spread],
    *,
    target: str = "NULL",
    level: Callable[[Any], Level] = lambda _: None,
) -> dict[int, ColumnCells]:
    """A column's values by the levels of a target, by bucket.

    Args:
        rows: the rows.
        column: the column.
        spread: as `describe` found it.
        target: SQL for the level of a row.
        level: what the target's value means.
    """
    shifts = _by_bucket({bucket: EXACT - item.bits for bucket, item in spread.items()})
    keeps = _by_bucket({bucket: int(not item.many_texts) for bucket, item in spread.items()})
    # One character more than may be kept tells a text that is too long.
    kept = f"CASE WHEN {keeps} = 1 THEN left(text, {TEXT_MAX + 1}) ELSE '' END"
    found = rows.session.rows(
        select(
            "bucket",
            "target",
            "missing",
            f"CASE WHEN number IS NOT NULL THEN {leading_bits()} >> {shifts} END AS point",
            f"CASE WHEN text IS NOT NULL THEN {kept} END AS kept",
            "count(*)",
            source=values(column, rows.table, f"{rows.bucket} AS bucket", f"{target} AS target"),
            rest="GROUP BY ALL",
        )
    )
    gathered = {bucket: _Cells() for bucket in spread}
    for bucket, value, missing, point, text, count in found:
        into = gathered[int(bucket)]
        _add(into, level(value), count, missing=missing, point=point, text=text)
    return {bucket: _kept(item, spread[bucket]) for bucket, item in gathered.items()}


def limits(rows: Rows, column: Column, spec: Limits) -> dict[int, LimitCounts]:
    """How many values of a column lie outside limits, by bucket."""
    below = "false" if spec.at_least is None else f"number < {_double(spec.at_least)}"
    above = "false" if spec.at_most is None else f"number > {_double(spec.at_most)}"
    found = rows.session.rows(
        select(
            "bucket",
            "count(*)",
            "count(*) FILTER (missing)",
            f"count(*) FILTER ({below})",
            f"count(*) FILTER ({above})",
            "count(*) FILTER (text IS NOT NULL)",
            source=values(column, rows.table, f"{rows.bucket} AS bucket"),
            rest="GROUP BY bucket",
        )
    )
    return {
        int(bucket): LimitCounts(
            spec=spec, rows=n, missing=missing, below=low, above=high, texts=texts
        )
        for bucket, n, missing, low, high, texts in found
    }


def _add(
    into: _Cells, level: Level, count: int, *, missing: bool, point: int | None, text: str | None
) -> None:
    if missing:
        counter = into.missing
    elif point is not None:
        counter = into.numbers.setdefault(int(point), {})
    else:
        counter = into.texts.setdefault(str(text), {})
    counter[level] = counter.get(level, 0) + int(count)


def _kept(found: _Cells, spread: Spread) -> ColumnCells:
    words: list[Counter] = list(found.texts.values()) if spread.many_texts else []
    return ColumnCells.of(
        missing=found.missing,
        texts=None if spread.many_texts else found.texts,
        words=words[0] if words else {},
        bits=spread.bits,
        numbers=found.numbers,
    )


def _by_bucket(numbers: Mapping[int, int]) -> str:
    """SQL for a number that depends on the bucket."""
    distinct = set(numbers.values())
    if len(distinct) == 1:
        return str(distinct.pop())
    whens = " ".join(f"WHEN {bucket} THEN {number}" for bucket, number in sorted(numbers.items()))
    return f"(CASE bucket {whens} END)"


def _double(limit: Decimal) -> str:
    return f"CAST('{float(limit)!r}' AS DOUBLE)"


def _decimal(number: float) -> str:
    return decimal_text(Decimal(repr(number)))


def _instant(text: str) -> str:
    """An instant's text, of a whole day without its time."""
    return text.removesuffix(" 00:00:00")
