"""Chart 6: is the new version better? A paired change, its bounds, and the margin allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.documents.charts.layout import (
    GAP,
    ROW,
    Layer,
    Spec,
    Value,
    begun,
    column,
    hatching,
    layered,
    marks,
    told_apart,
    width_of,
)
from assay.documents.drawing import Scale, scale_over
from assay.documents.visible import visible
from assay.documents.wording import bound_figure, figure, units
from assay.policy.judging import Verdict
from assay.stats.estimate import Estimate, GroupReading

WIDTH: Final = 340
"""Width of the plot, in pixels."""

HEAD: Final = 34
"""Room above the first row for what the lines mean, in pixels."""

THICKNESS: Final = 13
"""Of the bar, in pixels."""

STRIDE: Final = 6.0
"""Between two strokes of a hatching, in pixels."""

NOTE_MAX: Final = 44
"""Characters of a note on a group."""

_STYLES: Final = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A change against another version, and how it stands.

    Attributes:
        title: of the picture.
        said: the claim's figure, bounds and limit in words.
        other: the version that it is compared with, such as "4.1.3 in production".
        estimate: the change, with the bounds that decided.
        verdict: of the claim.
        limit: the margin: the change that is still allowed.
        at_most: whether more than the limit breaks it, or less.
    """

    title: str
    said: str
    other: str
    estimate: Estimate
    verdict: Verdict
    limit: float
    at_most: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the picture: a group's change, or that of all rows."""

    name: str
    figure: str
    n: str
    note: str
    y: float


def change_chart(claim: Compared) -> Spec:
    """The change of all rows against no change and the margin; below, each group's own.

    The bar lies between the bounds that decided. Groups have 95 % intervals, each alone, and
    no say; those without a figure say why, and none is dropped.

    Args:
        claim: what is compared.
    """
    estimate, readings = claim.estimate, claim.estimate.groups
    rows = _rows(claim)
    height = rows[-1].y + ROW / 2
    numbers = [estimate.low, estimate.value, estimate.high, claim.limit, 0.0]
    for reading in readings:
        numbers += [x for x in (reading.low, reading.value, reading.high) if x is not None]
    scale = scale_over([number for number in numbers if math.isfinite(number)])
    return layered(
        title=claim.title,
        subtitle=[visible(claim.said), _legend(claim)],
        description=_described(claim),
        size=(WIDTH, round(height)),
        domain=(scale.low, scale.high),
        axis={"title": f"change against {visible(claim.other)}", "grid": False, "tickCount": 5},
        layers=[
            *_ground(claim, scale, height),
            *_bar(claim, scale, rows[0].y),
            *_groups(readings, rows[1:], scale),
            *_columns(rows),
        ],
    )


def _rows(claim: Compared) -> list[_Row]:
    y = HEAD + ROW / 2
    rows = [_Row("all rows", _claimed(claim.estimate), units(claim.estimate.n), "", y)]
    for place, reading in enumerate(claim.estimate.groups):
        rows.append(
            _Row(
                reading.group,
                _figure(reading),
                units(reading.n),
                reading.note,
                y + ROW * 1.5 + place * ROW,
            )
        )
    return rows


def _legend(claim: Compared) -> str:
    parts = [
        "Solid line: the change still allowed; the grey side breaks it. Dashed line: no change.",
        "Bar: between the bounds that decided; hatched: the data cannot tell.",
    ]
    if claim.estimate.groups:
        parts.append("Below: 95 % intervals of each group alone, which have no say.")
    return " ".join(parts)


def _ground(claim: Compared, scale: Scale, height: float) -> list[Layer]:
    """The grey side, the margin, no change, and what both lines are called."""
    start, stop = (claim.limit, scale.high) if claim.at_most else (scale.low, claim.limit)
    span = scale.high - scale.low
    limit, none = ((at - scale.low) / span * WIDTH for at in (claim.limit, 0.0))
    # One label stands above the other, so that neither hides the other where lines are near.
    return [
        marks("rect", "breaks", [{"x": start, "x2": stop, "y": HEAD, "y2": height}]),
        marks("rule", "reference", [{"x": 0.0, "y": HEAD - 4, "y2": height}]),
        marks("rule", "limit", [{"x": claim.limit, "y": HEAD - 18, "y2": height}]),
        column(
            [(HEAD - 26, f"margin {figure(claim.limit)}")], at=limit, align="center", style="note"
        ),
        column(
            [(HEAD - 11, "no change")],
            at=none + (6 if none >= limit else -6),
            align="left" if none >= limit else "right",
            style="note",
        ),
    ]


def _bar(claim: Compared, scale: Scale, y: float) -> list[Layer]:
    estimate, style = claim.estimate, _STYLES.get(claim.verdict, "unsure")
    low, high = max(scale.low, estimate.low), min(scale.high, estimate.high)
    bar: Value = {"x": low, "x2": high, "y": y - THICKNESS / 2, "y2": y + THICKNESS / 2}
    strokes: list[Value] = []
    if style == "unsure":
        step = STRIDE / WIDTH * (scale.high - scale.low)
        strokes = hatching(low, high, y=y, step=step)
    left = [{"x": scale.low, "y": y}] if math.isinf(estimate.low) else []
    right = [{"x": scale.high, "y": y}] if math.isinf(estimate.high) else []
    return [
        marks("rect", f"{style}-bar", [bar]),
        marks("point", "hatch", strokes),
        marks("point", f"{style}-dot", [{"x": estimate.value, "y": y}]),
        marks("point", "open-left", left),
        marks("point", "open-right", right),
    ]


def _groups(readings: Sequence[GroupReading], rows: Sequence[_Row], scale: Scale) -> list[Layer]:
    intervals = [
        {"x": max(scale.low, reading.low), "x2": min(scale.high, reading.high), "y": row.y}
        for reading, row in zip(readings, rows, strict=True)
        if reading.low is not None and reading.high is not None
    ]
    dots = [
        {"x": reading.value, "y": row.y}
        for reading, row in zip(readings, rows, strict=True)
        if reading.value is not None
    ]
    return [marks("rule", "interval", intervals), marks("point", "dot", dots)]


def _columns(rows: Sequence[_Row]) -> list[Layer]:
    """Names before the plot; figures, sizes and notes after it."""
    names = told_apart([row.name for row in rows])
    first = WIDTH + GAP
    second = first + width_of([row.figure for row in rows]) + GAP
    second += width_of([row.n for row in rows] + ["n"])
    placed = list(zip(rows, names, strict=True))
    return [
        column([(HEAD - 11, "n")], at=second, align="right", style="note"),
        column([(row.y, name) for row, name in placed[:1]], at=-GAP, align="right", style="strong"),
        column([(row.y, name) for row, name in placed[1:]], at=-GAP, align="right", style="label"),
        column([(row.y, row.figure) for row in rows], at=first, align="left", style="label"),
        column([(row.y, row.n) for row in rows], at=second, align="right", style="label"),
        column(
            [(row.y, begun(row.note, NOTE_MAX)) for row in rows if row.note],
            at=second + GAP,
            align="left",
            style="note",
        ),
    ]


def _claimed(estimate: Estimate) -> str:
    low, high = bound_figure(estimate.low, up=False), bound_figure(estimate.high, up=True)
    return f"{signed(estimate.value)} (at least {low}, at most {high})"


def signed(value: float) -> str:
    """A change with its sign."""
    return f"+{figure(value)}" if value > 0 else figure(value)


def _figure(reading: GroupReading) -> str:
    if reading.value is None or reading.low is None or reading.high is None:
        return "no figure"
    return f"{signed(reading.value)} [{figure(reading.low)}, {figure(reading.high)}]"


def _described(claim: Compared) -> str:
    parts = [visible(claim.said), f"The change is against {visible(claim.other)}."]
    known = [reading for reading in claim.estimate.groups if reading.value is not None]
    if known:
        ends = (min(known, key=_value), max(known, key=_value))
        low, high = (f"{visible(item.group)} {_figure(item)}" for item in ends)
        parts.append(f"By group it goes from {low}, to {high}.")
    return " ".join(parts)


def _value(reading: GroupReading) -> float:
    return 0.0 if reading.value is None else reading.value
