"""How columns become codes: SQL expressions, one for each role and type of column."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date
from typing import Final

from assay.adapters.engine.session import quoted
from assay.adapters.engine.source import Column, Source
from assay.errors import NotEvaluated
from assay.evidence.roles import Cut, cut_text
from assay.stats.tallies.filling.batch import MISSING, NEGATIVE, NO_UNIT, POSITIVE

STRAY: Final = 255
"""The code of a value that the survey has not met, or that is of no use in its role."""

NOT_A_NUMBER: Final = -sys.float_info.max
"""The score of a text that is no number; as a true score it would be out of range too."""

_FLOATING: Final = re.compile(r"FLOAT|DOUBLE|DECIMAL\(.*\)")
_WHOLE: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_INSTANT: Final = re.compile(r"TIMESTAMP(?:_S|_MS|_NS)?")
_NAMED: Final = re.compile(r"VARCHAR|ENUM\(.*\)|BOOLEAN|DATE|UUID", re.DOTALL)

_LARGEST_WHOLE: Final = 10**15
"""Beyond it a double no longer tells neighbouring whole numbers apart."""


class WrongType(NotEvaluated):
    """A column's type, or a value in it, does not suit the column's role."""

    code = "data.wrong-type"


def check_number(source: Source, column: Column) -> None:
    """Refuse a column that cannot hold numbers."""
    numeric = _FLOATING.fullmatch(column.type) or _WHOLE.fullmatch(column.type)
    if not numeric and not source.delimited:
        raise WrongType(
            f"Column {column.name!r} is {column.type}, and must hold numbers.",
            where=f"{source.where}, column {column.name}",
            remedy="Store it as a whole number or a double.",
        )


def check_names(source: Source, column: Column) -> None:
    """Refuse a column whose values are not names of groups, labels or units."""
    suitable = (_FLOATING, _WHOLE, _NAMED, _INSTANT)
    if not any(kind.fullmatch(column.type) for kind in suitable):
        raise WrongType(
            f"Column {column.name!r} is {column.type}, whose values name no group or unit.",
            where=f"{source.where}, column {column.name}",
            remedy="Store it as text, a whole number, a boolean or a date.",
        )


def check_date(source: Source, column: Column) -> None:
    """Refuse a column that cannot hold dates."""
    dated = column.type == "DATE" or _INSTANT.fullmatch(column.type)
    if not dated and column.type != "VARCHAR":
        raise WrongType(
            f"Column {column.name!r} is {column.type}, and must hold dates, as its cut points do.",
            where=f"{source.where}, column {column.name}",
            remedy="Store it as a date, or as a time without a zone; or cut it by numbers.",
        )


def is_floating(column: Column) -> bool:
    """Whether the column's type has fractions."""
    return _FLOATING.fullmatch(column.type) is not None


def level_text(column: Column, value: str | None = None) -> str:
    """A value as text: a whole number without a point, a date in ISO form; NULL if missing.

    Args:
        column: the column.
        value: SQL for another value of its type, instead of the column's own.
    """
    value = value or column.sql
    if _INSTANT.fullmatch(column.type):
        # Midnight is how libraries that have no dates of their own write a date.
        day = f"CAST({value} AS DATE)"
        return (
            f"CASE WHEN CAST({day} AS TIMESTAMP) = {value} THEN CAST({day} AS VARCHAR) "
            f"ELSE CAST({value} AS VARCHAR) END"
        )
    if not is_floating(column):
        return value if column.type == "VARCHAR" else f"CAST({value} AS VARCHAR)"
    double = f"CAST({value} AS DOUBLE)"
    # A branch may be computed for rows that do not take it, so no branch may fail.
    whole = f"CAST(TRY_CAST({double} AS BIGINT) AS VARCHAR)"
    return (
        f"CASE WHEN isnan({double}) THEN NULL WHEN {_whole(double)} THEN {whole} "
        f"ELSE CAST({double} AS VARCHAR) END"
    )


def level_codes(column: Column, levels: Sequence[str]) -> str:
    """The position of a value's text among the levels; the code after the last if missing."""
    text = level_text(column)
    if not levels:
        return _case(f"WHEN {text} IS NULL THEN 0")
    # A cast to an enumeration looks the text up in a hash table, which no CASE does.
    members = ", ".join(map(quoted, levels))
    code = f"enum_code(TRY_CAST({text} AS ENUM({members})))"
    return _case(f"WHEN {text} IS NULL THEN {len(levels)}", otherwise=f"coalesce({code}, {STRAY})")


def band_codes(column: Column, cuts: Sequence[Cut]) -> str:
    """The band of a number or date: 0 up to the first cut, and so on; missing where it is NaN."""
    if isinstance(cuts[0], date):
        return _date_codes(column, cuts)
    number = _number(column)
    bands = [
        f"WHEN {number} <= {_double(float(cut_text(cut)))} THEN {i}" for i, cut in enumerate(cuts)
    ]
    return _case(
        f"WHEN {column.sql} IS NULL OR isnan({number}) THEN {len(cuts) + 1}",
        f"WHEN {number} IS NULL THEN {STRAY}",
        *bands,
        otherwise=str(len(cuts)),
    )


def _date_codes(column: Column, cuts: Sequence[Cut]) -> str:
    day = _day(column)
    bands = [
        f"WHEN {day} <= CAST({quoted(cut_text(cut))} AS DATE) THEN {i}"
        for i, cut in enumerate(cuts)
    ]
    return _case(
        f"WHEN {column.sql} IS NULL THEN {len(cuts) + 1}",
        f"WHEN {day} IS NULL THEN {STRAY}",
        *bands,
        otherwise=str(len(cuts)),
    )


def label_codes(column: Column, *, negative: str | None, positive: str) -> str:
    """NEGATIVE, POSITIVE or MISSING."""
    text = level_text(column)
    return _case(
        f"WHEN {text} IS NULL THEN {MISSING}",
        f"WHEN {text} = {quoted(positive)} THEN {POSITIVE}",
        *([f"WHEN {text} = {quoted(negative)} THEN {NEGATIVE}"] if negative is not None else []),
    )


def bucket_codes(column: Column) -> str:
    """SHA-256 of the value's text, mod 64; NO_UNIT if missing."""
    text = level_text(column)
    fraction = f"WHEN {is_fraction(column)} THEN {STRAY}"
    last_byte = f"CAST('0x' || right(sha256({text}), 2) AS INTEGER)"
    return _case(
        f"WHEN {text} IS NULL THEN {NO_UNIT}",
        *([fraction] if is_floating(column) else []),
        otherwise=f"{last_byte} & 63",
    )


def score_values(column: Column) -> str:
    """A score as a double: NaN if missing, NOT_A_NUMBER if it is text and no number."""
    missing = "CAST('nan' AS DOUBLE)"
    number = _number(column)
    if column.type != "VARCHAR":
        return f"coalesce({number}, {missing})"
    return (
        f"CASE WHEN {column.sql} IS NULL THEN {missing} "
        f"ELSE coalesce({number}, {_double(NOT_A_NUMBER)}) END"
    )


def is_no_number(column: Column) -> str:
    """Whether a text column holds a value that is no number."""
    return f"{column.sql} IS NOT NULL AND {_number(column)} IS NULL"


def is_no_date(column: Column) -> str:
    """Whether a text column holds a value that is no date."""
    return f"{column.sql} IS NOT NULL AND {_day(column)} IS NULL"


def is_fraction(column: Column) -> str:
    """Whether a column of numbers holds one that is not whole."""
    return f"NOT {_whole(f'CAST({column.sql} AS DOUBLE)')}"


def _number(column: Column) -> str:
    cast = "TRY_CAST" if column.type == "VARCHAR" else "CAST"
    return f"{cast}({column.sql} AS DOUBLE)"


def _day(column: Column) -> str:
    cast = "TRY_CAST" if column.type == "VARCHAR" else "CAST"
    return f"{cast}({column.sql} AS DATE)"


def _whole(double: str) -> str:
    return f"({double} = trunc({double}) AND abs({double}) < {_LARGEST_WHOLE})"


def _double(value: float) -> str:
    return f"CAST({quoted(repr(value))} AS DOUBLE)"


def _case(*whens: str, otherwise: str = str(STRAY)) -> str:
    return f"CAST(CASE {' '.join(whens)} ELSE {otherwise} END AS UTINYINT)"
