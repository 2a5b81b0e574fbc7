"""The building blocks of the charts: rows laid out by hand, so that nothing collides or drops.

Rows are placed in pixels from the top, since a list of names needs room by the line. What is
measured runs across, on a scale of values.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from assay.documents.visible import visible
from assay.stats.tallies.slices import INTERSECTION

Spec = dict[str, Any]
Layer = dict[str, Any]
Value = Mapping[str, float]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"

ROW: Final = 24
"""Height of a row, in pixels."""

GAP: Final = 12
"""Room between the plot and the columns of text beside it, in pixels."""

NAME_MAX: Final = 40
"""Characters of a name; a longer one loses its middle, for names often differ at the ends."""

LINE_MAX: Final = 118
"""Characters of a line of a subtitle or footnote."""

_CHARACTER: Final = 6.4
_BOLD_CHARACTER: Final = 7.6
"""Mean width of a character at 12 pixels, in pixels: that of the wider fonts, as DejaVu Sans."""


def layered(
    *,
    title: str,
    subtitle: Sequence[str],
    description: str,
    size: tuple[int, int],
    domain: tuple[float, float],
    axis: Mapping[str, Any] | None,
    layers: Sequence[Layer],
) -> Spec:
    """A specification of layers that share one scale across and one downward.

    Args:
        title: what is asked.
        subtitle: what is claimed and how to read it, a paragraph each.
        description: the same in words, for those who cannot see it.
        size: width and height of the plot, in pixels.
        domain: what the scale across reaches from and to.
        axis: its axis; None where values stand beside their marks.
        layers: the layers, the lowest first.
    """
    width, height = size
    across = {
        "scale": {"domain": [_rounded(end) for end in domain], "zero": False, "nice": False},
        "axis": axis,
    }
    down = {"scale": {"domain": [height, 0], "zero": False, "nice": False}, "axis": None}
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "subtitle": [line for part in subtitle for line in wrapped(part)]},
        "description": description,
        "width": width,
        "height": height,
        "encoding": {
            "y": {"type": "quantitative", **down},
            "x": {"type": "quantitative", **across},
        },
        "layer": [layer for layer in layers if layer["data"]["values"]],
    }


def marks(kind: str, style: str, values: Iterable[Value]) -> Layer:
    """Marks at (x, y), or reaching to x2 or y2 where the values have them."""
    listed = [{name: _rounded(number) for name, number in value.items()} for value in values]
    channels = [name for name in ("x", "x2", "y", "y2") if listed and name in listed[0]]
    return {
        "data": {"values": listed},
        "mark": {"type": kind, "style": style},
        "encoding": {name: {"field": name} for name in channels},
    }


def column(entries: Iterable[tuple[float, Any]], *, at: float, align: str, style: str) -> Layer:
    """A column of text beside the plot or in it: (y, text) at so many pixels from its left."""
    return {
        "data": {"values": [{"y": y, "text": text} for y, text in entries]},
        "mark": {"type": "text", "style": style, "align": align},
        "encoding": {
            "text": {"field": "text", "type": "nominal"},
            "x": {"value": at},
            "y": {"field": "y"},
        },
    }


def hatching(start: float, end: float, *, y: float, step: float) -> list[Value]:
    """Where the strokes of a hatched bar stand: about every `step`, within its ends."""
    count = max(1, round((end - start) / step))
    return [{"x": start + (end - start) * (i + 0.5) / count, "y": y} for i in range(count)]


def told_apart(names: Sequence[str]) -> list[str]:
    """The names, shortened as far as leaves them different; of "a × b" each part on its own."""
    distinct = len(set(names))
    for longest in (NAME_MAX, 2 * NAME_MAX):
        shortened = [_by_parts(name, longest) for name in names]
        if len(set(shortened)) == distinct:
            return shortened
    return [visible(name) for name in names]


def short(name: str, longest: int = NAME_MAX) -> str:
    """A name on one line, its middle left out where it is too long.

    >>> short("approval-gap-between-all-intersections", 21)
    'approval-g…ersections'
    """
    text = visible(name)
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head]}…{text[len(text) - (longest - head - 1) :]}"


def begun(text: str, longest: int) -> str:
    """A sentence on one line, its end left out where it is too long."""
    line = visible(text)
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def width_of(texts: Iterable[str], *, bold: bool = False) -> int:
    """About how wide the widest of these texts is, in pixels; its font is not known here."""
    longest = max(map(len, texts), default=0)
    return round(longest * (_BOLD_CHARACTER if bold else _CHARACTER)) + 4


def wrapped(text: str, longest: int = LINE_MAX) -> list[str]:
    """The lines of a longer text; none of an empty one."""
    return textwrap.wrap(text, longest, break_on_hyphens=False)


def _by_parts(name: str, longest: int) -> str:
    parts = name.split(INTERSECTION)
    room = longest - len(INTERSECTION) * (len(parts) - 1)
    return INTERSECTION.join(short(part, max(6, room // len(parts))) for part in parts)


def _rounded(number: float) -> float:
    """More digits than a picture shows, and fewer than platforms disagree in."""
    return float(f"{number:.7g}")
