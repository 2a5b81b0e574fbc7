"""A schema that people wrote: which columns there must be, and what they may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from assay.errors import InvalidArgument, nearest
from assay.evidence.measurement import DocumentContent
from assay.stats.tallies.inspections.profiles import (
    BOOLEAN,
    DATE,
    INTEGER,
    NUMBER,
    TEXT,
    TIMESTAMP,
    TYPES,
    ColumnProfile,
)

_FITS: Final[Mapping[str, frozenset[str]]] = {
    INTEGER: frozenset({INTEGER}),
    NUMBER: frozenset({INTEGER, NUMBER}),
    BOOLEAN: frozenset({BOOLEAN}),
    DATE: frozenset({DATE}),
    TIMESTAMP: frozenset({DATE, TIMESTAMP}),
    TEXT: frozenset(TYPES),
}
"""By declared type, the types of values that suit it; anything can be read as text."""

_KEYS: Final = ("type", "required", "at_least", "at_most", "levels")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredColumn:
    """What a schema says of one column.

    Attributes:
        type: one of TYPES; None where it says nothing.
        required: whether a value may not be missing.
        at_least, at_most: limits of its numbers, both inside.
        levels: the values that it may have; None where any may be.
    """

    type: str | None = None
    required: bool = False
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    levels: frozenset[str] | None = None


def parse_schema(document: DocumentContent) -> dict[str, DeclaredColumn]:
    """The columns that a document declares under `columns`.

    Raises:
        InvalidArgument: it has no such mapping, or says of a column what is not understood.
    """
    columns = document.content.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise InvalidArgument(
            f"{document.path} has no `columns`: a mapping of names, each to a type "
            f"({', '.join(TYPES)}) or to {', '.join(_KEYS)}."
        )
    return {str(name): _column(document.path, str(name), item) for name, item in columns.items()}


def unfit(types: Mapping[str, int], declared: str, profile: ColumnProfile | None = None) -> int:
    """How many values are not of a type; 0 and 1 can stand for false and true."""
    if declared == BOOLEAN and profile is not None and _zero_or_one(profile):
        return 0
    return sum(n for name, n in types.items() if name not in _FITS[declared])


def departures(name: str, declared: DeclaredColumn, profile: ColumnProfile | None) -> Iterator[str]:
    """In what a column departs from its declaration, each as a clause."""
    if profile is None:
        yield f"{name} is not there"
        return
    if declared.type is not None and (wrong := unfit(profile.types, declared.type, profile)):
        others = _others(profile, declared.type)
        yield f"{name}: {wrong:,} values are no {declared.type} but {others}"
    if declared.required and profile.missing:
        yield f"{name}: {profile.missing:,} values are missing"
    yield from _outside(name, declared, profile)
    if declared.levels is not None:
        yield from _strangers(name, declared.levels, profile)


def _outside(name: str, declared: DeclaredColumn, profile: ColumnProfile) -> Iterator[str]:
    if profile.numbers is None:
        return
    low, high = map(Decimal, profile.numbers)
    if declared.at_least is not None and low < declared.at_least:
        yield f"{name}: the least value is {low}, below {declared.at_least}"
    if declared.at_most is not None and high > declared.at_most:
        yield f"{name}: the greatest value is {high}, above {declared.at_most}"


def _strangers(name: str, levels: frozenset[str], profile: ColumnProfile) -> Iterator[str]:
    if not profile.cells.exact:
        yield f"{name}: it has more than {profile.cells.distinct - 1:,} different values"
        return
    found = [*(profile.cells.texts or {}), *profile.numbers_spelled]
    strange = sorted(value for value in found if value not in levels)
    if strange:
        shown = ", ".join(map(repr, strange[:_SHOWN]))
        more = f" and {len(strange) - _SHOWN} more" if len(strange) > _SHOWN else ""
        like = nearest(strange[0], levels)
        hint = f" (did someone mean {like!r}?)" if like else ""
        yield f"{name}: {shown}{more} is not declared{hint}"


def _column(path: str, name: str, item: Any) -> DeclaredColumn:
    said: Any = {"type": item} if isinstance(item, str) else item
    if not isinstance(said, Mapping) or not set(said) <= set(_KEYS):
        raise InvalidArgument(
            f"{path} says of column {name!r} what is not understood; it may be a type, or have "
            f"{', '.join(_KEYS)}."
        )
    kind, levels = said.get("type"), said.get("levels")
    if kind is not None and kind not in TYPES:
        raise InvalidArgument(
            f"{path} gives column {name!r} the type {kind!r}; types are {', '.join(TYPES)}."
        )
    if levels is not None and (isinstance(levels, str) or not isinstance(levels, Sequence)):
        raise InvalidArgument(f"{path} gives column {name!r} levels that are no list.")
    return DeclaredColumn(
        type=kind,
        required=said.get("required", False) is True,
        at_least=_limit(path, name, said.get("at_least")),
        at_most=_limit(path, name, said.get("at_most")),
        levels=None if levels is None else frozenset(map(_level, levels)),
    )


def _limit(path: str, name: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        limit = Decimal(str(value))
    except InvalidOperation:
        limit = Decimal("NaN")
    if isinstance(value, bool) or not limit.is_finite():
        raise InvalidArgument(f"{path} limits column {name!r} by {value!r}, which is no number.")
    return limit


def _level(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _zero_or_one(profile: ColumnProfile) -> bool:
    return set(profile.types) <= {INTEGER} and profile.numbers in {
        ("0", "1"),
        ("0", "0"),
        ("1", "1"),
    }


def _others(profile: ColumnProfile, declared: str) -> str:
    return " or ".join(name for name in profile.types if name not in _FITS[declared])
