"""Figures drawn by hand as SVG: where every mark lies, before there is any markup.

Marks lie across a strip of WIDTH pixels; how high they are drawn is the template's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 320.0
"""Width of a strip, in pixels."""

MARGIN: Final = 16.0
"""Room at both ends of a strip, so that a tick's label is not cut off, in pixels."""

TICKS_MAX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on a scale."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A linear scale of values across a strip."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Where a value lies, in pixels to one decimal; beyond an end, at that end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Round values within the scale, at most TICKS_MAX."""
        step = _round_step((self.high - self.low) / (TICKS_MAX - 1))
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = (index * step for index in range(first, last + 1))
        return tuple(Tick(x=self.x(value), label=f"{value:,.{digits}f}") for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A figure between its bounds; without bounds, a dot alone.

    Attributes:
        value: where the dot lies.
        low, high: where the bounds lie; None where the figure has none at all.
        low_open, high_open: whether there is no bound on that side, so the bar runs on.
    """

    value: float
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit or two, with the stretch of the scale that is good."""

    lines: tuple[float, ...]
    start: float
    length: float


def scale_over(values: Iterable[float]) -> Scale:
    """A scale that shows the finite values with some room, and no more than a proportion's.

    Raises:
        ValueError: no value is finite.
    """
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    room = 0.12 * (high - low) or 0.1 * abs(high) or 0.1
    start, end = low - room, high + room
    return Scale(
        low=max(0.0, start) if low >= 0 else start,
        high=min(1.0, end) if high <= 1 else end,
    )


def bar(scale: Scale, value: float, low: float, high: float) -> Bar:
    """A figure between its bounds on a scale; an infinite bound leaves its side open."""
    return Bar(
        value=scale.x(value),
        low=scale.x(low),
        high=scale.x(high),
        low_open=math.isinf(low),
        high_open=math.isinf(high),
    )


def limit(scale: Scale, *, at_least: float | None = None, at_most: float | None = None) -> Limit:
    """The limits of a figure on a scale; None where it has none on that side."""
    start = scale.x(scale.low if at_least is None else at_least)
    end = scale.x(scale.high if at_most is None else at_most)
    ends = [scale.x(item) for item in (at_least, at_most) if item is not None]
    return Limit(lines=tuple(dict.fromkeys(ends)), start=start, length=round(end - start, 1))


def _round_step(least: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is no smaller than `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
