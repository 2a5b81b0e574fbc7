"""What a column's values are, whatever its type: numbers, instants or texts, as SQL.

A text file's "5" is the number 5, and so is 5.0: files of different formats compare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from assay.adapters.engine.session import select
from assay.adapters.engine.source import Column

_NUMERIC: Final = re.compile(
    r"FLOAT|DOUBLE|DECIMAL\(.*\)|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)"
)
_WHOLE: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_INSTANT: Final = re.compile(r"DATE|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE")

_DAY_US: Final = "86400000000.0"
_NO_NUMBER: Final = "CAST(NULL AS DOUBLE)"
_NO_INSTANT: Final = "CAST(NULL AS TIMESTAMP)"
_NO_TEXT: Final = "CAST(NULL AS VARCHAR)"


def values(column: Column, table: str, *beside: str) -> str:
    """A subquery with each row's value of a column in one of three forms, and more beside.

    Its columns: `raw` (a double, NaN included, of a plain number), `instant` (UTC), `text`
    (what is neither), `number` (raw without NaN, or days since 1970), `missing`.

    Args:
        column: the column.
        table: SQL for the rows.
        beside: further expressions, each with its name.
    """
    raw, instant, text = _forms(column)
    first = select(
        f"{raw} AS raw", f"{instant} AS instant", f"{text} AS written", *beside, source=table
    )
    names = [item.rpartition(" AS ")[2] for item in beside]
    second = select(
        "raw",
        "instant",
        "CASE WHEN raw IS NULL AND instant IS NULL THEN written END AS text",
        "coalesce(CASE WHEN NOT isnan(raw) THEN raw + 0.0 END, "
        f"epoch_us(instant) / {_DAY_US}) AS number",
        *names,
        source=f"({first})",
    )
    return f"({select('*', 'number IS NULL AND text IS NULL AS missing', source=f'({second})')})"


def leading_bits(number: str = "number") -> str:
    """All bits of a double as a whole number, sign and exponent leading."""
    return f"CAST(CAST(CAST({number} AS DOUBLE) AS BIT) AS UBIGINT)"


def same(column: Column) -> str:
    """A value's one text, equal for equal values of other files; NULL if missing."""
    if _WHOLE.fullmatch(column.type):
        return f"CAST({column.sql} AS VARCHAR)"
    raw, instant, text = _forms(column)
    whole = f"CAST(TRY_CAST({raw} AS BIGINT) AS VARCHAR)"
    cases: Mapping[str, str] = {
        # Long identifiers are no doubles, so digits alone stay as they are.
        f"regexp_full_match({text}, '-?[0-9]+')": text,
        f"isnan({raw})": _NO_TEXT,
        f"{raw} = trunc({raw}) AND abs({raw}) < 1e15": whole,
        f"{raw} IS NOT NULL": f"CAST({raw} AS VARCHAR)",
        f"{instant} IS NOT NULL": f"CAST({instant} AS VARCHAR)",
        f"lower({text}) IN ('true', 'false')": f"lower({text})",
    }
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases.items())
    return f"CASE {whens} ELSE {text} END"


def _forms(column: Column) -> tuple[str, str, str]:
    """The value as a double, as an instant, as text; NULL where it is not, or missing."""
    sql, kind = column.sql, column.type
    if _NUMERIC.fullmatch(kind):
        return f"CAST({sql} AS DOUBLE)", _NO_INSTANT, _NO_TEXT
    if _INSTANT.fullmatch(kind):
        finite = f"CASE WHEN isfinite({sql}) THEN make_timestamp(epoch_us({sql})) END"
        return _NO_NUMBER, finite, _NO_TEXT
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        text = f"CAST({sql} AS VARCHAR)"
        instant = f"CASE WHEN {text} LIKE '____-__-__%' THEN TRY_CAST({text} AS TIMESTAMP) END"
        return f"TRY_CAST({text} AS DOUBLE)", instant, text
    return _NO_NUMBER, _NO_INSTANT, f"CAST({sql} AS VARCHAR)"
