"""Chart 2: who is treated differently? Each group's figure with its interval, and its size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assay.documents.charts.layout import (
    GAP,
    ROW,
    Layer,
    Spec,
    begun,
    column,
    layered,
    marks,
    told_apart,
    width_of,
)
from assay.documents.drawing import Scale, scale_over
from assay.documents.gate import count
from assay.documents.visible import visible
from assay.documents.wording import figure, units
from assay.stats.estimate import GroupReading

WIDTH: Final = 340
"""Width of the plot, in pixels."""

FIGURES: Final = "figure [95 % interval]"

NOTE_MAX: Final = 44
"""Characters of a note on a group."""

NAMED_MAX: Final = 2
"""Groups left out that a description spells out before it only counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is claimed of the groups, and how it stands.

    Attributes:
        title: the requirement's name, for the title.
        said: the claim's own figure, bounds and limit in words.
        pair: rate and name of the groups behind the bound that decided; two for a gap, one for
            a worst group.
        limit: the limit, where the claim bounds each group's figure; None where it bounds a
            gap between them.
    """

    title: str
    said: str
    pair: frozenset[tuple[str, str]] = frozenset()
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A reading on its line; `y` in pixels from the top."""

    reading: GroupReading
    y: float

    @property
    def hollow(self) -> bool:
        """Whether the claim leaves the group out."""
        return bool(self.reading.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The groups that are compared with each other: of one rate, cut in one way."""

    heading: str
    y: float
    rows: tuple[_Row, ...]

    @property
    def reference(self) -> GroupReading | None:
        """The group of the highest figure among those compared; None where there are no two."""
        known = [
            row.reading for row in self.rows if row.reading.value is not None and not row.hollow
        ]
        return max(known, key=_value) if len(known) > 1 else None


def group_chart(readings: Sequence[GroupReading], claim: Claim) -> Spec:
    """Every group's figure with its 95 % interval, by rate and by how people are grouped.

    Within a section the groups farthest below the highest figure come first. Groups that the
    claim leaves out are hollow; those without a figure say why; none is dropped.

    Args:
        readings: at least one group's reading.
        claim: what is claimed of them.
    """
    sections = list(_sections(readings))
    rows = [row for section in sections for row in section.rows]
    height = rows[-1].y + ROW / 2
    numbers = [number for row in rows for number in _numbers(row.reading)]
    limit = [] if claim.limit is None else [claim.limit]
    scale = scale_over([*numbers, *limit] or [0.0, 1.0])
    return layered(
        title=claim.title,
        subtitle=[visible(claim.said), _legend(sections, claim)],
        description=_described(readings, sections, claim),
        size=(WIDTH, round(height)),
        domain=(scale.low, scale.high),
        axis={"title": None, "grid": True, "tickCount": 6},
        layers=[*_lines(sections, claim, height), *_marks(rows, scale), *_columns(sections, claim)],
    )


def _legend(sections: Sequence[_Section], claim: Claim) -> str:
    rows = [row for section in sections for row in section.rows]
    parts = ["Lines: 95 % intervals, each group alone."]
    if claim.limit is not None:
        parts.append("Solid line: the limit.")
    elif any(section.reference for section in sections):
        parts.append("Dashed line: the group of the highest figure.")
    if any(row.hollow for row in rows):
        parts.append("Hollow: too few people.")
    if claim.pair:
        parts.append("Bold: behind the bound that decided.")
    return " ".join(parts)


def _sections(readings: Sequence[GroupReading]) -> Iterator[_Section]:
    """Readings by rate and by the columns named before the group's levels."""
    parts: dict[tuple[str, str], list[GroupReading]] = {}
    for reading in readings:
        by, colon, _ = reading.group.partition(": ")
        parts.setdefault((reading.rate, by if colon else ""), []).append(reading)
    y = ROW / 2
    for (rate, by), members in parts.items():
        heading = ", ".join(visible(part) for part in (rate, f"by {by}" if by else "") if part)
        start = y
        if heading:
            y += ROW
        rows = []
        for reading in sorted(members, key=_value):
            rows.append(_Row(reading=reading, y=y))
            y += ROW
        yield _Section(heading=heading, y=start, rows=tuple(rows))
        y += ROW / 2


def _value(reading: GroupReading) -> float:
    """For sorting: groups without a figure come last."""
    return math.inf if reading.value is None else reading.value


def _numbers(reading: GroupReading) -> list[float]:
    found = (reading.low, reading.value, reading.high)
    return [item for item in found if item is not None and math.isfinite(item)]


def _lines(sections: Sequence[_Section], claim: Claim, height: float) -> list[Layer]:
    if claim.limit is not None:
        return [marks("rule", "limit", [{"x": claim.limit, "y": 0, "y2": height}])]
    references = [
        {"x": value, "y": section.rows[0].y - ROW / 2, "y2": section.rows[-1].y + ROW / 2}
        for section in sections
        if section.reference is not None and (value := section.reference.value) is not None
    ]
    return [marks("rule", "reference", references)]


def _marks(rows: Sequence[_Row], scale: Scale) -> list[Layer]:
    """Dots and intervals; one that has no end on a side runs to the edge, with an arrow."""
    layers: list[Layer] = []
    for hollow, line, dot in ((False, "interval", "dot"), (True, "thin-interval", "hollow-dot")):
        chosen = [row for row in rows if row.hollow is hollow]
        intervals = [
            {"x": max(scale.low, low), "x2": min(scale.high, high), "y": row.y}
            for row in chosen
            if (low := row.reading.low) is not None and (high := row.reading.high) is not None
        ]
        dots = [
            {"x": value, "y": row.y} for row in chosen if (value := row.reading.value) is not None
        ]
        layers += [marks("rule", line, intervals), marks("point", dot, dots)]
    left = [{"x": scale.low, "y": row.y} for row in rows if row.reading.low == -math.inf]
    right = [{"x": scale.high, "y": row.y} for row in rows if row.reading.high == math.inf]
    return [*layers, marks("point", "open-left", left), marks("point", "open-right", right)]


def _columns(sections: Sequence[_Section], claim: Claim) -> list[Layer]:
    """Names before the plot, the binding ones bold; figures, sizes and notes after it."""
    rows = [row for section in sections for row in section.rows]
    names = {False: list[tuple[float, str]](), True: list[tuple[float, str]]()}
    levels = told_apart([_level(row.reading) for row in rows])
    for row, level in zip(rows, levels, strict=True):
        bold = (row.reading.rate, row.reading.group) in claim.pair
        names[bold].append((row.y, level))
    figures = [(row.y, _figure(row.reading)) for row in rows]
    sizes = [(row.y, units(row.reading.n)) for row in rows]
    notes = [(row.y, begun(row.reading.note, NOTE_MAX)) for row in rows if row.reading.note]
    first = WIDTH + GAP
    second = first + width_of([FIGURES, *(text for _, text in figures)]) + GAP
    second += width_of(text for _, text in sizes)
    heads = ((FIGURES, first, "left"), ("n", second, "right"))
    return [
        *(column([(-8.0, text)], at=at, align=align, style="note") for text, at, align in heads),
        column(
            [(section.y, section.heading) for section in sections if section.heading],
            at=6,
            align="left",
            style="note",
        ),
        column(names[False], at=-GAP, align="right", style="label"),
        column(names[True], at=-GAP, align="right", style="strong"),
        column(figures, at=first, align="left", style="label"),
        column(sizes, at=second, align="right", style="label"),
        column(notes, at=second + GAP, align="left", style="note"),
    ]


def _level(reading: GroupReading) -> str:
    """A group's name without the columns that its section's heading has."""
    return reading.group.partition(": ")[2] or reading.group


def _figure(reading: GroupReading) -> str:
    if reading.value is None:
        return "no figure"
    if reading.low is None or reading.high is None:
        return f"{figure(reading.value)} [no interval]"
    return f"{figure(reading.value)} [{figure(reading.low)}, {figure(reading.high)}]"


def _described(readings: Sequence[GroupReading], sections: Sequence[_Section], claim: Claim) -> str:
    sentences = [visible(claim.said), *map(_spread, sections)]
    left_out = [item for item in readings if item.note]
    if left_out:
        named = ", ".join(
            f"{visible(item.group)} ({units(item.n)})" for item in left_out[:NAMED_MAX]
        )
        rest = len(left_out) - NAMED_MAX
        more = f" and {count(rest, 'more', 'more')}" if rest > 0 else ""
        sentences.append(f"Too few people, or no figure: {named}{more}.")
    return " ".join(sentence for sentence in sentences if sentence)


def _spread(section: _Section) -> str:
    """A section's lowest and highest figure."""
    known = [row.reading for row in section.rows if row.reading.value is not None]
    heading = section.heading
    where = f"{heading[0].upper()}{heading[1:]}: " if heading else ""
    if not known:
        return f"{where}no group has a figure."
    ends = [min(known, key=_value), max(known, key=_value)]
    low, high = (f"{visible(_level(end))} {_figure(end)}, n {units(end.n)}" for end in ends)
    return f"{where}from {low}, to {high}." if len(known) > 1 else f"{where}{low}."
