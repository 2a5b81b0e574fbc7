"""Which values of a column share a cell, so that a table of counts is neither thin nor huge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.inspections.cells import ColumnCells, Counter, Level
from assay.stats.tallies.inspections.numbers import bounds_of
from assay.stats.tallies.score_slices import ScoreTable

ROWS_PER_CELL: Final = 20
"""What the smallest level must have per cell, on average."""

MIN_LEVEL_ROWS: Final = 100
"""Rows below which a level is too thin for a table by it."""

NUMBER_CELLS: Final = 20
"""Cells of equal mass that numbers fall into."""

_CELLS_MAX: Final = 200

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """A cell's number for each value of a column; it never depends on the other column.

    Attributes:
        size: how many cells there are.
        missing: the cell of missing values, one of its own where there are any.
        words: the cell of texts that have none of their own.
        texts: cells of frequent texts.
        bits: bits at which numbers have cells.
        numbers: cells of numbers, of about equal mass and ascending.
    """

    size: int
    missing: int | None
    words: int | None
    texts: dict[str, int]
    bits: int
    numbers: dict[int, int]

    @classmethod
    def of(cls, cells: ColumnCells, levels: Sequence[Level]) -> Grouping:
        """The cells of a column, as many as the smallest of these levels can fill.

        Missing values are a cell. Texts have one each, the rare ones one together; so have
        texts that are too many to be kept. Numbers share up to NUMBER_CELLS.
        """
        smallest = min((int(n) for n in _margin(cells, levels)), default=0)
        most = max(2, min(_CELLS_MAX, smallest // ROWS_PER_CELL))
        missing = 0 if _rows(cells.missing, levels) else None
        size = 0 if missing is None else 1
        texts = {name: n for name, c in (cells.texts or {}).items() if (n := _rows(c, levels))}
        numbers = {point: n for point, c in cells.numbers.items() if (n := _rows(c, levels))}
        worded = bool(texts) or bool(_rows(cells.words, levels))
        room = max(1, most - size)
        of_numbers = min(NUMBER_CELLS, room if not worded else max(1, room // 2))
        kept = _frequent(texts, room - (min(of_numbers, len(numbers)) if numbers else 0))
        named = {name: size + i for i, name in enumerate(kept)}
        size += len(named)
        words = size if worded and len(kept) < max(1, len(texts)) else None
        size += words is not None
        bins = _equal_masses(list(numbers.values()), of_numbers)
        return cls(
            size=size + (max(bins) + 1 if bins else 0),
            missing=missing,
            words=words,
            texts=named,
            bits=cells.bits,
            numbers={point: size + i for point, i in zip(numbers, bins, strict=True)},
        )

    def table(self, cells: ColumnCells, levels: Sequence[Level]) -> Counts:
        """Rows by cell and level: (size, len(levels)) int64.

        Args:
            cells: the values that the grouping is of, or some of them.
            levels: the levels that count; rows of others are left out.
        """
        table = np.zeros((self.size, len(levels)), dtype=np.int64)
        cut = cells.cut(self.bits)
        counters: list[tuple[int | None, Counter]] = [
            (self.missing, cut.missing),
            (self.words, cut.words),
            *((self.texts.get(name, self.words), c) for name, c in (cut.texts or {}).items()),
            *((self.numbers.get(point), c) for point, c in cut.numbers.items()),
        ]
        for cell, counter in counters:
            if cell is not None:
                table[cell] += [counter.get(level, 0) for level in levels]
        return table


def ordered_table(cells: ColumnCells, *, negative: Level, positive: Level) -> ScoreTable:
    """Two levels' counts by ascending number, as ranking reads them; other values left out."""
    points = [
        point for point, c in cells.numbers.items() if c.get(negative, 0) or c.get(positive, 0)
    ]
    ends = bounds_of(points, bits=cells.bits)
    # An infinite number is a point, not a bin.
    bins = np.where(np.isfinite(ends).all(axis=1, keepdims=True), ends, 0.0)
    widths = bins[:, 1] - bins[:, 0]
    held = [cells.numbers[point] for point in points]
    return ScoreTable(
        scores=np.where(widths > 0.0, ends[:, 0] + widths / 2.0, ends[:, 0]),
        half_widths=widths / 2.0,
        negatives=np.array([c.get(negative, 0) for c in held], dtype=np.int64),
        positives=np.array([c.get(positive, 0) for c in held], dtype=np.int64),
    )


def level_rows(cells: ColumnCells) -> dict[Level, int]:
    """Rows of each level of the other column, missing values of the column included."""
    levels = cells.levels
    return dict(zip(levels, (int(n) for n in _margin(cells, levels)), strict=True))


def _margin(cells: ColumnCells, levels: Sequence[Level]) -> Counts:
    counters = [cells.missing, cells.words, *(cells.texts or {}).values(), *cells.numbers.values()]
    return np.array(
        [sum(counter.get(level, 0) for counter in counters) for level in levels], dtype=np.int64
    )


def _rows(counter: Counter, levels: Sequence[Level]) -> int:
    return sum(counter.get(level, 0) for level in levels)


def _frequent(texts: dict[str, int], room: int) -> list[str]:
    """The texts that have a cell of their own, the most frequent first."""
    ordered = sorted(texts, key=lambda name: (-texts[name], name))
    return ordered if len(ordered) <= room else ordered[: max(0, room - 1)]


def _equal_masses(masses: Sequence[int], most: int) -> list[int]:
    """A bin for each mass, in order: by the middle of its share of the whole."""
    if len(masses) <= most:
        return list(range(len(masses)))
    total, before = sum(masses), 0
    found: list[int] = []
    for mass in masses:
        found.append((2 * before + mass) * most // (2 * total))
        before += mass
    dense = {number: i for i, number in enumerate(dict.fromkeys(found))}
    return [dense[number] for number in found]
