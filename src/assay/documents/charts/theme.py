"""What the charts look like: styles by role, for paper and for dark screens.

The hues are those of Okabe & Ito (2008), which people with any colour vision tell apart. None
carries a meaning alone: shape, filling and line style say the same in black and white.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

FONT: Final = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
"""Fonts of the system that draws; a viewer that has none of them takes its own."""


class Theme(StrEnum):
    """For which background a picture is drawn."""

    LIGHT = "light"
    DARK = "dark"


_STROKE: Final = "M-1,1L1,-1"
"""One stroke of a hatching, as an SVG path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Palette:
    """Colours by role; text has a contrast of at least 4.5 to the background, marks of 3."""

    background: str
    ink: str
    faint: str
    band: str
    blue: str
    orange: str


_PALETTES: Final = {
    Theme.LIGHT: _Palette(
        background="#ffffff",
        ink="#1a1a1a",
        faint="#5a5a5a",
        band="#eeeeee",
        blue="#0072b2",
        orange="#d55e00",
    ),
    Theme.DARK: _Palette(
        background="#15171c",
        ink="#f2f2f2",
        faint="#b0b0b0",
        band="#2b2e36",
        blue="#56b4e9",
        orange="#e69f00",
    ),
}


def config(theme: Theme) -> dict[str, Any]:
    """The Vega-Lite configuration of a theme: every style that a specification may name."""
    palette = _PALETTES[theme]
    return {
        # One description of the whole is read out, not one for each of hundreds of marks.
        "aria": False,
        "background": palette.background,
        "font": FONT,
        "padding": 12,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "color": palette.ink,
            "fontSize": 14,
            "subtitleColor": palette.faint,
            "subtitleFontSize": 11.5,
            "subtitleLineHeight": 15,
            "subtitlePadding": 5,
            "offset": 14,
        },
        "axis": {
            "domainColor": palette.faint,
            "tickColor": palette.faint,
            "gridColor": palette.band,
            "labelColor": palette.ink,
            "titleColor": palette.ink,
            "labelFontSize": 11,
            "titleFontSize": 11.5,
            "titleFontWeight": "normal",
        },
        "style": {**_texts(palette), **_lines(palette), **_marks(palette)},
    }


def _texts(palette: _Palette) -> dict[str, Any]:
    text = {"fontSize": 12, "baseline": "middle", "color": palette.ink}
    return {
        "label": text,
        "strong": {**text, "fontWeight": "bold"},
        "note": {**text, "fontSize": 11, "color": palette.faint},
        "footnote": {**text, "fontSize": 11, "lineHeight": 15, "baseline": "top"},
    }


def _lines(palette: _Palette) -> dict[str, Any]:
    return {
        "limit": {"color": palette.ink, "strokeWidth": 1.75},
        "reference": {"color": palette.ink, "strokeWidth": 1.25, "strokeDash": [5, 3]},
        "track": {"color": palette.band, "strokeWidth": 1},
        "breaks": {"color": palette.band},
        "hatch": {"color": palette.faint, "strokeWidth": 1.1, "size": 30, "shape": _STROKE},
    }


def _marks(palette: _Palette) -> dict[str, Any]:
    bar = {"strokeWidth": 1.2}
    dot = {"filled": True, "size": 56, "strokeWidth": 1.4, "opacity": 1}
    figure = {"color": palette.blue, "opacity": 1}
    return {
        "pass-bar": {**bar, "color": palette.blue, "stroke": palette.blue, "fillOpacity": 0.3},
        "fail-bar": {**bar, "color": palette.orange, "stroke": palette.orange, "fillOpacity": 0.75},
        "unsure-bar": {**bar, "color": palette.background, "stroke": palette.faint},
        "pass-dot": {**dot, "shape": "circle", "color": palette.blue, "stroke": palette.background},
        "fail-dot": {**dot, "shape": "square", "color": palette.ink, "stroke": palette.background},
        "unsure-dot": {
            **dot,
            "shape": "diamond",
            "size": 70,
            "color": palette.background,
            "stroke": palette.ink,
        },
        "open-left": {**dot, "shape": "triangle-left", "color": palette.ink, "strokeWidth": 0},
        "open-right": {**dot, "shape": "triangle-right", "color": palette.ink, "strokeWidth": 0},
        "interval": {**figure, "strokeWidth": 2},
        "thin-interval": {**figure, "strokeWidth": 1.5, "strokeDash": [3, 2]},
        "dot": {**dot, "size": 70, "color": palette.blue, "strokeWidth": 0},
        "hollow-dot": {
            **dot,
            "size": 60,
            "color": palette.background,
            "stroke": palette.blue,
        },
        "count": {"color": palette.blue, "opacity": 0.6},
    }
