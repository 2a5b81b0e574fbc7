"""What every column of a dataset holds: types, missing values, limits, and which values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar

from assay.errors import InvalidArgument
from assay.stats.tallies.inspections.cells import ColumnCells
from assay.stats.tallies.inspections.numbers import number_of
from assay.stats.tallies.state import (
    Json,
    MalformedTally,
    ascending,
    columns,
    count,
    mapping,
    sequence,
    text,
)

INTEGER: Final = "integer"
NUMBER: Final = "number"
BOOLEAN: Final = "boolean"
DATE: Final = "date"
TIMESTAMP: Final = "timestamp"
TEXT: Final = "text"

TYPES: Final = (INTEGER, NUMBER, BOOLEAN, DATE, TIMESTAMP, TEXT)
"""Types of values: each value is of one, the first that fits. A text file's "5" is an integer."""

COLUMNS_INSPECTED_MAX: Final = 1000

DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{0,400}[1-9])?")
"""A decimal in its one spelling, but for "-0"."""

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d{1,6})?)?")

Limits = tuple[str, str]
"""The least and the greatest, as text."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Ask for a profile of these columns of the file; none named: of every one."""

    kind: ClassVar[str] = "profiles/1"
    of: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What orders inspections of one kind."""
        return self.of

    def form(self) -> dict[str, Json]:
        """The canonical form in a recipe."""
        return {"kind": self.kind, "of": list(self.of)}

    @classmethod
    def from_form(cls, raw: Mapping[str, Any]) -> Profiles:
        """The inspection that `form` spells."""
        return cls(of=columns(mapping(raw, keys=("kind", "of"))["of"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds.

    Attributes:
        types: values by type (TYPES); one that has none is absent.
        nan: missing values that are NaN rather than absent.
        infinite: numbers that are infinite.
        numbers: the least and greatest finite number, as decimals; None without one.
        dates: the first and last date or timestamp, ISO 8601 in UTC; None without one.
        cells: values and missing values, without another column's levels. Dates are numbers
            there: days since 1970.
    """

    types: Mapping[str, int]
    nan: int
    infinite: int
    numbers: Limits | None
    dates: Limits | None
    cells: ColumnCells

    @property
    def missing(self) -> int:
        """Rows without a value, NaN included."""
        return sum(self.cells.missing.values())

    @property
    def values(self) -> int:
        """Rows with a value."""
        return sum(self.types.values())

    @property
    def numbers_spelled(self) -> list[str]:
        """The numbers that are kept, as a table would write them: whole ones without a point."""
        numbers = (number_of(point, bits=self.cells.bits) for point in self.cells.numbers)
        return [str(int(n)) if n.is_integer() else repr(n) for n in numbers]

    @property
    def type(self) -> str | None:
        """The narrowest type that all values have; None without values."""
        return narrowest(self.types)

    def merge(self, other: ColumnProfile) -> ColumnProfile:
        """Add two sets of rows; associative and commutative to the byte."""
        types = {name: self.types.get(name, 0) + other.types.get(name, 0) for name in TYPES}
        return ColumnProfile(
            types={name: n for name, n in types.items() if n},
            nan=self.nan + other.nan,
            infinite=self.infinite + other.infinite,
            numbers=_wider(self.numbers, other.numbers, key=Decimal),
            dates=_wider(self.dates, other.dates, key=str),
            cells=self.cells.merge(other.cells),
        )

    def state(self) -> dict[str, Json]:
        """The canonical form."""
        return {
            "types": dict(sorted(self.types.items())),
            "nan": self.nan,
            "infinite": self.infinite,
            "numbers": None if self.numbers is None else list(self.numbers),
            "dates": None if self.dates is None else list(self.dates),
            "cells": self.cells.state((None,)),
        }

    @classmethod
    def from_state(cls, state: object) -> ColumnProfile:
        """The profile that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("types", "nan", "infinite", "numbers", "dates", "cells"))
        types = mapping(raw["types"], keys=set(TYPES) & set(raw["types"]))
        profile = cls(
            types={name: count(types[name]) for name in TYPES if name in types},
            nan=count(raw["nan"]),
            infinite=count(raw["infinite"]),
            numbers=_parse_limits(raw["numbers"], DECIMAL),
            dates=_parse_limits(raw["dates"], _INSTANT),
            cells=ColumnCells.from_state(raw["cells"], (None,)),
        )
        if not all(profile.types.values()) or profile.nan > profile.missing:
            raise MalformedTally("A column's profile contradicts itself.")
        return profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCounts:
    """A profile of each column that was asked for, by name."""

    spec: Profiles
    columns: Mapping[str, ColumnProfile]

    @classmethod
    def empty(cls, spec: Profiles) -> ProfileCounts:
        """No rows."""
        return cls(spec=spec, columns={})

    def merge(self, other: ProfileCounts) -> ProfileCounts:
        """Add two sets of rows of the same columns; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different columns.
        """
        if self.spec != other.spec:
            raise InvalidArgument("Profiles of different columns do not add up.")
        return ProfileCounts(spec=self.spec, columns=joined(self.columns, other.columns))

    def state(self) -> Json:
        """The canonical form."""
        return {
            **self.spec.form(),
            "columns": [
                {"column": name, **self.columns[name].state()} for name in sorted(self.columns)
            ],
        }

    @classmethod
    def from_state(cls, state: object) -> ProfileCounts:
        """The profiles that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("kind", "of", "columns"))
        return cls(
            spec=Profiles.from_form({"kind": raw["kind"], "of": raw["of"]}),
            columns={
                name: ColumnProfile.from_state(item) for name, item in named(raw["columns"]).items()
            },
        )


Part = TypeVar("Part", ColumnProfile, ColumnCells)


def narrowest(types: Mapping[str, int]) -> str | None:
    """The narrowest type that values of several types all have; None without values."""
    found = {name for name, n in types.items() if n}
    if len(found) <= 1:
        return next(iter(found), None)
    if found == {INTEGER, NUMBER}:
        return NUMBER
    return TIMESTAMP if found == {DATE, TIMESTAMP} else TEXT


def joined(first: Mapping[str, Part], second: Mapping[str, Part]) -> dict[str, Part]:
    """Two sets of columns, those of one name merged."""
    both = {**first, **second}
    return {
        name: first[name].merge(second[name]) if name in first and name in second else both[name]
        for name in sorted(both)
    }


def named(value: object) -> dict[str, dict[str, Any]]:
    """Items of a list by the `column` that each names, in ascending order."""
    items = sequence(value, longest=COLUMNS_INSPECTED_MAX)
    if not all(isinstance(item, Mapping) and "column" in item for item in items):
        raise MalformedTally("A tally of columns has an item that names none.")
    names = [text(item["column"]) for item in items]
    ascending(names)
    return {
        name: {key: part for key, part in item.items() if key != "column"}
        for name, item in zip(names, items, strict=True)
    }


def _wider(first: Limits | None, second: Limits | None, *, key: Callable[[str], Any]) -> Any:
    if first is None or second is None:
        return first or second
    return min(first[0], second[0], key=key), max(first[1], second[1], key=key)


def _parse_limits(value: object, spelling: re.Pattern[str]) -> Limits | None:
    if value is None:
        return None
    low, high = (text_of(item, spelling) for item in sequence(value, longest=2))
    return low, high


def text_of(value: object, spelling: re.Pattern[str]) -> str:
    """A text in one spelling; raises MalformedTally."""
    if not isinstance(value, str) or not spelling.fullmatch(value):
        raise MalformedTally("A column's limit is in an unknown spelling.")
    return value
