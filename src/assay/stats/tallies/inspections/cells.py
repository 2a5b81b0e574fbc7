"""One column's values by the levels of another: missing, texts and numbers apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar, cast

from assay.stats.tallies.inspections.numbers import (
    EXACT,
    LADDER,
    POINTS_MAX,
    fitting,
    parse_spelled,
    rank,
    spelled,
)
from assay.stats.tallies.state import (
    TEXT_MAX,
    Json,
    MalformedTally,
    ascending,
    counts_text,
    mapping,
    parse_counts,
    sequence,
    text,
)

Level = str | None
"""A level of the other column; None where it is missing, or where there is no other column."""

Value = TypeVar("Value", str, int)
"""A text, or a point of numbers."""

Counter = Mapping[Level, int]
"""Rows by level; a level without rows is absent."""

LEVELS_MAX: Final = 256
"""Levels of the other column; those of a protected column are fewer."""

TEXTS_MAX: Final = 200
"""Different texts of a column; more of them are names or words, and are only counted."""

_KEYS: Final = frozenset({"missing", "texts", "numbers"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCells:
    """Rows by value of a column and level of another; which of them it keeps follows from them.

    Attributes:
        missing: rows without a value.
        texts: rows by text; None once there are more than TEXTS_MAX, or one is longer than
            TEXT_MAX characters.
        words: rows with a text, where `texts` is None; else nothing.
        bits: how many leading bits of a number are kept: EXACT, or fewer once there are more
            than POINTS_MAX points.
        numbers: rows by number, cut to those bits.
    """

    missing: Counter
    texts: Mapping[str, Counter] | None
    words: Counter
    bits: int
    numbers: Mapping[int, Counter]

    @classmethod
    def empty(cls) -> ColumnCells:
        """No rows."""
        return cls(missing={}, texts={}, words={}, bits=EXACT, numbers={})

    @classmethod
    def of(
        cls,
        *,
        missing: Counter,
        texts: Mapping[str, Counter] | None,
        words: Counter,
        bits: int,
        numbers: Mapping[int, Counter],
    ) -> ColumnCells:
        """The cells of any number of values, in the one form that they have.

        Args:
            missing: rows without a value.
            texts: rows by text; None if there are known to be too many.
            words: rows with a text that `texts` does not hold.
            bits: the bits of `numbers`, known to be enough.
            numbers: rows by number.
        """
        if texts is None or len(texts) > TEXTS_MAX or any(len(name) > TEXT_MAX for name in texts):
            words = total([words, *(texts or {}).values()])
            texts = None
        fewer = fitting(numbers, bits=bits)
        return cls(
            missing=total([missing]),
            texts=None if texts is None else {name: total([texts[name]]) for name in sorted(texts)},
            words=words,
            bits=fewer,
            numbers=_cut(numbers, bits=bits, to=fewer),
        )

    @property
    def exact(self) -> bool:
        """Whether every value is kept as it is."""
        return self.texts is not None and self.bits == EXACT

    @property
    def distinct(self) -> int:
        """Different values, missing ones apart; at least so many where not `exact`."""
        many = TEXTS_MAX + 1 if self.texts is None else len(self.texts)
        return many + (POINTS_MAX + 1 if self.bits < EXACT else len(self.numbers))

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that occur, a missing one first."""
        counters = [self.missing, self.words, *(self.texts or {}).values(), *self.numbers.values()]
        return tuple(sorted({level for counter in counters for level in counter}, key=_order))

    def merge(self, other: ColumnCells) -> ColumnCells:
        """Add two sets of rows; associative and commutative to the byte."""
        bits = min(self.bits, other.bits)
        texts = None
        if self.texts is not None and other.texts is not None:
            texts = _sums([self.texts, other.texts])
        words = [self.words, other.words]
        if texts is None:
            words += [c for part in (self.texts, other.texts) if part for c in part.values()]
        return ColumnCells.of(
            missing=total([self.missing, other.missing]),
            texts=texts,
            words=total(words),
            bits=bits,
            numbers=_sums([part.cut(bits).numbers for part in (self, other)]),
        )

    def cut(self, bits: int) -> ColumnCells:
        """The same with numbers cut to no more than these bits."""
        if self.bits <= bits:
            return self
        return ColumnCells(
            missing=self.missing,
            texts=self.texts,
            words=self.words,
            bits=bits,
            numbers=_cut(self.numbers, bits=self.bits, to=bits),
        )

    def state(self, levels: Sequence[Level]) -> dict[str, Json]:
        """The canonical form; counts stand in the order of the levels."""
        return {
            "missing": _row(self.missing, levels),
            "texts": [{"text": name, "rows": _row(c, levels)} for name, c in self.texts.items()]
            if self.texts is not None
            else _row(self.words, levels),
            "numbers": self._numbers(levels),
        }

    @classmethod
    def from_state(cls, state: object, levels: Sequence[Level]) -> ColumnCells:
        """The cells that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=_KEYS)
        many = isinstance(raw["texts"], str)
        bits, numbers = _parse_numbers(raw["numbers"], levels)
        cells = cls(
            missing=_parse_row(raw["missing"], levels),
            texts=None if many else _parse_texts(raw["texts"], levels),
            words=_parse_row(raw["texts"], levels) if many else {},
            bits=bits,
            numbers=numbers,
        )
        if many and sum(cells.words.values()) == 0:
            raise MalformedTally("A column has many texts, and none.")
        return cells

    def _numbers(self, levels: Sequence[Level]) -> dict[str, Json]:
        points = (
            " ".join(map(spelled, self.numbers))
            if self.bits == EXACT
            else counts_text(list(self.numbers))
        )
        rows = [
            counts_text([counter.get(level, 0) for counter in self.numbers.values()])
            for level in levels
        ]
        return {"bits": self.bits, "points": points, "rows": rows if self.numbers else []}


def total(counters: Iterable[Counter]) -> dict[Level, int]:
    """The sum of counters, without what counts nothing, levels in their order."""
    held = list(counters)
    if len(held) == 1 and len(held[0]) == 1:
        return {level: count for level, count in held[0].items() if count}
    sums: dict[Level, int] = {}
    for counter in held:
        for level, count in counter.items():
            sums[level] = sums.get(level, 0) + count
    return {level: sums[level] for level in sorted(sums, key=_order) if sums[level]}


def _order(level: Level) -> tuple[bool, str]:
    return (level is not None, level or "")


def _sums(parts: Iterable[Mapping[Value, Counter]]) -> dict[Value, Counter]:
    found: dict[Value, list[Counter]] = {}
    for part in parts:
        for value, counter in part.items():
            found.setdefault(value, []).append(counter)
    return {value: total(counters) for value, counters in found.items()}


def _cut(numbers: Mapping[int, Counter], *, bits: int, to: int) -> dict[int, Counter]:
    """Numbers cut to fewer bits, ascending by value."""
    found: dict[int, list[Counter]] = {}
    for point, counter in numbers.items():
        found.setdefault(point >> (bits - to), []).append(counter)
    ordered = sorted(found, key=partial(rank, bits=to))
    return {point: total(found[point]) for point in ordered}


def _row(counter: Counter, levels: Sequence[Level]) -> str:
    return counts_text([counter.get(level, 0) for level in levels])


def _parse_row(value: object, levels: Sequence[Level]) -> dict[Level, int]:
    if not levels and value == "":
        return {}
    counts = parse_counts(value, longest=len(levels)).tolist()
    if len(counts) != len(levels):
        raise MalformedTally("A column has counts for other levels than there are.")
    return {level: count for level, count in zip(levels, counts, strict=True) if count}


def _parse_texts(value: object, levels: Sequence[Level]) -> dict[str, Counter]:
    items = [mapping(item, keys=("text", "rows")) for item in sequence(value, longest=TEXTS_MAX)]
    names = [text(item["text"]) for item in items]
    ascending(names)
    return {name: _parse_row(item["rows"], levels) for name, item in zip(names, items, strict=True)}


def _parse_numbers(value: object, levels: Sequence[Level]) -> tuple[int, dict[int, Counter]]:
    raw = mapping(value, keys=("bits", "points", "rows"))
    bits, spelling = raw["bits"], raw["points"]
    if type(bits) is not int or bits not in LADDER or not isinstance(spelling, str):
        raise MalformedTally("A column's numbers are of an unknown precision.")
    rows = sequence(raw["rows"], longest=len(levels))
    if not spelling and not rows:
        return bits, {}
    points = _parse_points(spelling, bits)
    counts = [parse_counts(row, longest=len(points)).tolist() for row in rows]
    if len(rows) != len(levels) or any(len(row) != len(points) for row in counts):
        raise MalformedTally("A column's numbers have counts that do not match.")
    return bits, {
        point: {level: row[i] for level, row in zip(levels, counts, strict=True) if row[i]}
        for i, point in enumerate(points)
    }


def _parse_points(spelling: str, bits: int) -> list[int]:
    if bits < EXACT:
        points = cast(list[int], parse_counts(spelling, longest=POINTS_MAX).tolist())
        if any(point >> bits for point in points):
            raise MalformedTally("A column has a number beyond the largest.")
    else:
        texts = spelling.split(" ", POINTS_MAX)
        points = [parse_spelled(item) for item in texts]
        if len(points) > POINTS_MAX:
            raise MalformedTally("A column has too many numbers to be exact.")
    ascending([rank(point, bits=bits) for point in points])
    return points
