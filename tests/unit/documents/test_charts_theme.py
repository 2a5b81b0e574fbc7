"""Themes: every style that a chart names is there, legible, and told apart without colour."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from tests.golden.test_charts import CHARTS
from tests.unit.documents.charting import layers

from assay.documents.charts.theme import Theme, config

HUES = {
    Theme.LIGHT: {"#0072b2", "#d55e00"},
    Theme.DARK: {"#56b4e9", "#e69f00"},
}
"""Of Okabe & Ito: blue and vermillion, sky blue and orange."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style(theme: Theme, name: str) -> dict[str, Any]:
    found: dict[str, Any] = config(theme)["style"][name]
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_charts_name_styles_and_no_colours(name: str):
    """A specification is the same in every theme: its marks have styles that each theme has."""
    spec = CHARTS[name]()
    named = {layer["mark"]["style"] for layer in layers(spec)}
    for theme in Theme:
        assert named <= set(config(theme)["style"])
    assert re.search(r"#[0-9a-f]{6}", str(spec)) is None


@pytest.mark.parametrize("theme", Theme)
def test_text_and_marks_have_contrast(theme: Theme):
    """Text has 4.5 to the ground and to the grey side, what carries meaning has 3."""
    ground, grey = config(theme)["background"], style(theme, "breaks")["color"]
    for name in ("label", "strong", "note", "footnote"):
        assert min(contrast(style(theme, name)["color"], c) for c in (ground, grey)) >= 4.5, name
    for name in ("limit", "reference", "interval", "dot", "hatch"):
        assert contrast(style(theme, name)["color"], ground) >= 3, name
    for name in ("pass-bar", "fail-bar", "unsure-bar", "hollow-dot"):
        assert min(contrast(style(theme, name)["stroke"], c) for c in (ground, grey)) >= 3, name


@pytest.mark.parametrize("theme", Theme)
def test_verdicts_differ_without_colour(theme: Theme):
    """Marks have shapes of their own; of the bars one is light, one dark, one not filled."""
    shapes = [style(theme, f"{verdict}-dot")["shape"] for verdict in ("pass", "fail", "unsure")]
    assert len(set(shapes)) == 3
    light, dark = (style(theme, f"{verdict}-bar")["fillOpacity"] for verdict in ("pass", "fail"))
    assert dark - light >= 0.4
    assert style(theme, "unsure-bar")["color"] == config(theme)["background"]
    lines = [style(theme, name).get("strokeDash") for name in ("limit", "reference")]
    assert lines[0] != lines[1]
    for one, other in combinations(("interval", "thin-interval"), 2):
        assert style(theme, one).get("strokeDash") != style(theme, other).get("strokeDash")


@pytest.mark.parametrize("theme", Theme)
def test_hues_are_those_that_everyone_tells_apart(theme: Theme):
    """Beside greys there are the two hues of the palette, and no red against green."""
    colours = set(re.findall(r"#[0-9a-f]{6}", str(config(theme))))
    hues = {c for c in colours if max(_channels(c)) - min(_channels(c)) > 24}
    assert hues == HUES[theme]


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
