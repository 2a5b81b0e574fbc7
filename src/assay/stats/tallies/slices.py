"""The groups of a slice: how they are named, put in order, added up and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol, Self, TypeVar

from assay.stats.tallies.state import (
    MalformedTally,
    ascending,
    levels,
    sequence,
)

Levels = tuple[str | None, ...]
"""One level per column of a slice, in the slice's column order; None is a missing value."""

INTERSECTION: Final = " × "
"""Joins the levels of an intersection in a group's name; so no level may contain it."""

CELLS_MAX: Final = 10_000
"""Groups of one slice; more of them would be a list of people."""


class Addable(Protocol):
    """Counts that add up."""

    def __add__(self, other: Self, /) -> Self:
        """Both sets of rows together."""
        ...


Cell = TypeVar("Cell")
Sum = TypeVar("Sum", bound=Addable)


def level_order(names: Levels) -> tuple[tuple[bool, str], ...]:
    """The order of levels: a missing one first, then by code point."""
    return tuple((name is not None, name or "") for name in names)


def added(cells: Mapping[Levels, Sum], others: Mapping[Levels, Sum]) -> dict[Levels, Sum]:
    """The cells of two sets of rows together."""
    both = dict(cells)
    for names, counts in others.items():
        both[names] = both[names] + counts if names in both else counts
    return both


def by_name(cells: Mapping[Levels, Cell]) -> dict[str, Cell]:
    """Cells by group name, in name order, without those of rows that have a missing level.

    >>> by_name({("male",): 2, (None,): 1, ("female",): 3})
    {'female': 3, 'male': 2}
    >>> by_name({("female", "<=25"): 1})
    {'female × <=25': 1}
    """
    named = {
        INTERSECTION.join(level for level in names if level is not None): cell
        for names, cell in cells.items()
        if None not in names
    }
    return dict(sorted(named.items()))


def parse_cells(
    value: object,
    *,
    by: tuple[str, ...],
    parse: Callable[[object], tuple[object, Cell]],
    longest: int = CELLS_MAX,
) -> dict[Levels, Cell]:
    """The cells of a slice, which stand in the order of their levels.

    Args:
        value: a list of cells.
        by: the slice's columns.
        parse: reads one cell, and gives its levels as they stand beside it.
        longest: how many cells there may be.

    Raises:
        MalformedTally: they are no such cells, or a level could be taken for two.
    """
    cells = [
        (_levels(names, by), cell) for names, cell in map(parse, sequence(value, longest=longest))
    ]
    ascending([level_order(names) for names, _ in cells])
    return dict(cells)


def _levels(value: object, by: tuple[str, ...]) -> Levels:
    names = levels(value, by=by)
    if any(INTERSECTION in name for name in names if name is not None):
        raise MalformedTally(f"A level contains {INTERSECTION!r}, which joins levels.")
    return names
