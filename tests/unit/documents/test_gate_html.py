"""The gate's page: complete, self-contained, readable by everyone, deaf to what names say."""

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from tests.golden.situations import HOSTILE, SITUATIONS, report

from assay.documents.gate_html import render_html
from assay.documents.visible import visible
from assay.policy.policy import RequirementId

STYLE = Path(__file__).parents[3] / "src/assay/documents/templates/gate.css"
VOID = {"meta", "link", "br"}
SHAPES = {"path", "rect", "circle"}

every_situation = pytest.mark.parametrize("situation", SITUATIONS)


class Page(HTMLParser):
    """A page as its elements, each with its attributes and the text within it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[int] = []
        self.feed(text)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for index in self._open:
            self.texts[index] += data

    def texts_of(self, tag: str) -> list[str]:
        """The texts of all elements of a name."""
        return [
            " ".join(text.split())
            for (name, _), text in zip(self.elements, self.texts, strict=True)
            if name == tag
        ]


@every_situation
def test_the_decision_comes_first(situation: str):
    """The page's only first heading is the decision, and its title begins with it."""
    shown = report(situation)
    page = Page(render_html(shown))
    word = {"allow": "Allowed", "hold": "On hold", "deny": "Denied"}[shown.decision.outcome.value]
    (heading,) = page.texts_of("h1")
    assert heading.partition(" ")[2].startswith(word)
    assert page.texts_of("title")[0].startswith(word)


@every_situation
def test_every_requirement_has_a_row_and_a_section(situation: str):
    """Each is in the table and explained below, where the table's link leads."""
    shown = report(situation)
    page = Page(render_html(shown))
    names = {visible(item.requirement.id) for item in shown.decision.judgements}
    assert set(page.texts_of("h3")) == names
    sections = {attributes["id"] for tag, attributes in page.elements if tag == "article"}
    links = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert len(sections) == len(names)
    assert links == {f"#{section}" for section in sections}


@every_situation
def test_nothing_is_loaded_and_nothing_runs(situation: str):
    """No script, no handler, no address but the page's own anchors and an empty icon."""
    page = Page(render_html(report(situation)))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "use"}
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name in {"src", "style"} for name in attributes)
        assert re.match(r"#|data:,$", attributes.get("href") or "#"), (tag, attributes)
    policy = next(
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = page.texts_of("style")
    digest = hashlib.sha256(STYLE.read_bytes()).digest()
    assert style == " ".join(STYLE.read_text().split())
    assert policy is not None
    assert policy.startswith(
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(digest).decode()}';"
    )


@every_situation
def test_it_is_built_for_those_who_do_not_see_it(situation: str):
    """Language, landmarks, headings without gaps, names for pictures, headers for cells."""
    page = Page(render_html(report(situation)))
    assert page.elements[0] == ("html", {"lang": "en"})
    assert [tag for tag, _ in page.elements].count("main") == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby") in {None, *ids}
    for index, (tag, attributes) in enumerate(page.elements):
        if tag == "svg" and attributes.get("aria-hidden") != "true":
            assert attributes["role"] == "img"
            assert page.elements[index + 1][0] == "title"
            assert page.texts[index + 1]
        if tag == "th":
            assert attributes["scope"] in {"col", "row"}
    assert len(page.texts_of("caption")) == len(page.texts_of("table"))


def test_pictures_have_their_numbers_beside_them():
    """What a drawing shows stands as text in the same row: figure, bounds, limit, n."""
    page = Page(render_html(report("denied")))
    row = next(text for text in page.texts_of("tr") if "approval-gap" in text)
    for said in ("0.407", "(at least 0.298, at most 0.487)", "at most 0.15", "500", "Fail"):
        assert said in row


def test_small_groups_are_hollow_and_never_dropped():
    """A group that is left out of the claim keeps its row, its size and the reason."""
    text = render_html(report("held-for-one-approver"))
    rows = [row for row in Page(text).texts_of("tr") if "left out: below the minimum" in row]
    assert [row.partition(" 0.")[0] for row in rows] == ["age: >60", "age: >60"]
    assert text.count('class="dot hollow"') == 2


def test_hostile_names_stay_text():
    """Markup, commands and invisible characters of others appear as they are written."""
    text = render_html(report("under-attack"))
    page = Page(text)
    assert visible(HOSTILE) in page.texts_of("h3")
    assert "<script" not in text
    assert {"\x1b", "\x00", "\u202e"} & set(text) == set()


@every_situation
def test_it_is_small(situation: str):
    """A report fits its budget of 60 KB as it is."""
    assert len(render_html(report(situation)).encode()) < 60_000


def test_a_hundred_requirements_stay_within_the_budget_compressed():
    """Even a policy of a hundred requirements with groups takes under 60 KB on the wire."""
    shown = report("denied")
    gap = next(item for item in shown.decision.judgements if item.measurement is not None)
    many = tuple(
        replace(gap, requirement=replace(gap.requirement, id=RequirementId(f"rule-{n}")))
        for n in range(100)
    )
    text = render_html(replace(shown, decision=replace(shown.decision, judgements=many)))
    assert len(gzip.compress(text.encode())) < 60_000


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read(scheme: int):
    """Text has a contrast of 4.5 to whatever it stands on, marks of 3 to what is beside them."""
    block = re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    assert len(colours) > 12
    for name in ("text", "soft", "link"):
        assert min(_contrast(colours[name], colours[on]) for on in ("page", "panel")) >= 4.5
    for name in ("good", "bad", "unsure", "faint"):
        for text, on in ((name, f"{name}-panel"), (name, "page"), ("soft", f"{name}-panel")):
            assert _contrast(colours[text], colours[on]) >= 4.5, (text, on)
        assert _contrast(colours[name], colours["zone"]) >= 3
    assert min(_contrast(colours["limit"], colours[on]) for on in ("page", "zone")) >= 3
