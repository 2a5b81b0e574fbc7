"""Results in a notebook: small, inert, whole without SVG, and right on any background."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.golden.situations import SITUATIONS, report
from tests.unit.documents.charting import estimate, judged
from tests.unit.documents.test_charts_choice import explained
from tests.unit.documents.test_charts_theme import contrast

from assay.documents.explanation import render_explanation
from assay.documents.gate import GateReport
from assay.documents.gate_text import render_text
from assay.documents.notebook import BLUE, BYTES_MAX, ORANGE, report_html
from assay.documents.visible import visible
from assay.stats.estimate import Estimate, Undefined


class Page(HTMLParser):
    """What a reader sees of a fragment, with or without its pictures; fails if it is ill-formed."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(fragment)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.text[tag] = self.text.get(tag, "") + data


def crowded(count: int, name: str = "requirement") -> GateReport:
    """A report with so many requirements of every kind."""
    shown = report("denied")
    figures = [
        judged(f"{name}-{i}", estimate(0.5, 0.4 - i / 1000, 0.6), "0.55") for i in range(count)
    ]
    unknown = [
        judged(f"{name}-unknown-{i}", Undefined(reason="x" * 300), "0.5") for i in range(count)
    ]
    return replace(shown, decision=replace(shown.decision, judgements=(*figures, *unknown)))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_text_is_that_of_the_terminal(situation: str):
    """The block is the report's text, and each figure has a row with a picture."""
    shown = report(situation)
    page = Page(shown._repr_html_())
    assert page.text["pre"] == "\n".join(map(visible, render_text(shown).rstrip().split("\n")))
    figures = sum(
        isinstance(item.measurement, Estimate | Undefined) and item.threshold is not None
        for item in shown.decision.judgements
    )
    assert page.tags.count("svg") == page.tags.count("tr") == figures


def test_an_explanation_is_text_and_one_row():
    """The same for one requirement."""
    explanation = explained("denied", "approval-gap")
    page = Page(explanation._repr_html_())
    assert page.text["pre"] == render_explanation(explanation).rstrip()
    assert page.tags.count("svg") == 1
    assert "approval-gap" in page.text["th"]


def test_a_fact_is_text_alone():
    """No figure, no table."""
    page = Page(explained("denied", "model-card")._repr_html_())
    assert "table" not in page.tags
    assert "The manifest names no model card." in page.text["pre"]


@pytest.mark.parametrize("count", [1, 10, 200])
@pytest.mark.parametrize(
    "name",
    ["requirement", "&<>" * 30, "漢字" * 30, "\u202e" * 30],
    ids=["plain", "markup", "wide", "unseen"],
)
def test_it_is_small_whatever_it_shows(count: int, name: str):
    """Under 20 KB; what does not fit is counted."""
    fragment = report_html(crowded(count, name))
    assert len(fragment.encode("utf-8")) < BYTES_MAX
    page = Page(fragment)
    unseen = 2 * count - page.tags.count("svg")
    assert ("more figure" in page.text["caption"]) is bool(unseen)
    if count == 200:
        assert f"{unseen} more figures not drawn." in page.text["caption"]
        assert re.search(r"… [\d,]+ more lines: print it to see all\.$", page.text["pre"])


def test_nothing_runs_and_nothing_loads():
    """No script, no handler, no address, no names that another output could share."""
    for situation in SITUATIONS:
        page = Page(report(situation)._repr_html_())
        assert set(page.tags) <= {
            *("div", "style", "pre", "table", "caption", "tbody", "tr", "th", "td"),
            *("svg", "title", "path", "circle"),
        }
        names = {name for name, _ in page.attributes}
        assert not {
            name for name in names if name.startswith("on") or name in {"href", "src", "id"}
        }


def test_styles_stay_in_the_fragment():
    """Every rule is below the fragment's own class."""
    page = Page(report("denied")._repr_html_())
    selectors = [
        selector
        for rule in page.text["style"].split("}")
        if rule
        for selector in rule.split("{")[0].split(",")
    ]
    assert selectors
    assert all(selector.startswith(".assay-result ") for selector in selectors)


def test_colours_hold_on_light_and_dark():
    """The page's own colour for text and lines; beside it two hues that both grounds carry."""
    fragment = report_html(crowded(2)) + report("denied")._repr_html_()
    assert set(re.findall(r"#[0-9a-f]{6}", fragment)) <= {BLUE, ORANGE}
    assert 'fill="currentColor"' in fragment
    assert min(contrast(hue, page) for hue in (BLUE, ORANGE) for page in ("#ffffff", "#111111")) > 3


def test_without_pictures_the_table_says_it_all():
    """A viewer that strips SVG and style leaves names, verdicts, figures and limits."""
    fragment = report("held-for-data")._repr_html_()
    bare = Page(re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", fragment))
    assert "ranks-well" in bare.text["th"]
    for said in ("Not enough data", "0.700 (at least 0.559, at most 0.835)", "at least 0.70"):
        assert said in bare.text["td"]


def test_verdicts_differ_by_shape():
    """A disc, a square, a diamond; a hatching where the data cannot tell."""
    rows = {
        name: report_html(
            replace(
                report("denied"),
                decision=replace(
                    report("denied").decision,
                    judgements=(judged(name, estimate(0.5, 0.4, 0.6), limit),),
                ),
            )
        )
        for name, limit in (("pass", "0.7"), ("fail", "0.3"), ("unsure", "0.5"))
    }
    assert ["<circle" in rows[name] for name in rows] == [True, False, False]
    assert ["h6v6h-6z" in rows[name] for name in rows] == [False, True, False]
    assert ["l5-5 5 5-5 5z" in rows[name] for name in rows] == [False, False, True]
    assert ["l5-10M" in rows[name] for name in rows] == [False, False, True]


def test_a_bound_that_does_not_exist_has_an_arrow():
    """At the side where the bar has no end."""
    shown = report("denied")
    made = judged("ratio", estimate(1.2, 0.9, float("inf")), "0.8", at_most=False)
    fragment = report_html(replace(shown, decision=replace(shown.decision, judgements=(made,))))
    assert "M240,9l-6-4v8z" in fragment


def test_a_terminal_shows_the_text():
    """`repr` is what the command prints, not a page of fields."""
    shown = report("denied")
    assert repr(shown) == render_text(shown).rstrip()
    explanation = explained("denied", "ranks-well")
    assert repr(explanation) == render_explanation(explanation).rstrip()
