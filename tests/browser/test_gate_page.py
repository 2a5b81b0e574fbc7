"""The gate's page in a real browser: what it asks for, what it says, how it fits a screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.chromium import PROGRAM, Browser, browser
from tests.golden.situations import SITUATIONS, report

from assay.documents.gate_html import render_html
from assay.documents.visible import visible

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="Chromium is not installed (`apt-get install chromium`)"
)

ROWS = "[...document.querySelectorAll('table.requirements tbody tr')]"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {name: folder / f"{name}.html" for name in SITUATIONS}
    for name, path in written.items():
        path.write_text(render_html(report(name)), encoding="utf-8")
    return written


def test_a_page_that_misbehaves_is_noticed(chromium: Browser, tmp_path: Path):
    """What the other tests ask can fail: a request, a message, a page too wide."""
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><title>x</title><img src='http://elsewhere.test/x.png'>"
        "<script>console.error('no')</script><div style='width: 900px'>wide</div>"
    )
    chromium.open(path, width=320)
    assert any("elsewhere.test" in address for address in chromium.requests)
    assert any("no" in message for message in chromium.messages)
    assert chromium.evaluate("document.scrollingElement.scrollWidth") > 320


@pytest.mark.parametrize("situation", SITUATIONS)
def test_it_is_quiet_and_complete(situation: str, chromium: Browser, pages: dict[str, Path]):
    """Nothing is requested, nothing is complained of, and each requirement is to be seen."""
    chromium.open(pages[situation])
    assert chromium.requests == [pages[situation].as_uri()]
    assert chromium.messages == []
    shown = chromium.evaluate(
        f"{ROWS}.map(row => [row.querySelector('th').innerText, row.offsetHeight > 20])"
    )
    asked = [visible(item.requirement.id) for item in report(situation).decision.judgements]
    assert sorted(name for name, seen in shown if seen) == sorted(asked)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_it_reflows_at_320_pixels(situation: str, chromium: Browser, pages: dict[str, Path]):
    """No sideways scrolling (WCAG 1.4.10), and a table is still a table to those who listen."""
    chromium.open(pages[situation], width=320, height=256)
    assert chromium.evaluate("document.scrollingElement.scrollWidth") == 320
    nodes = chromium.call("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    judgements = report(situation).decision.judgements
    assert roles.count("row") > len(judgements)
    assert roles.count("rowheader") >= len(judgements)


def test_pictures_have_names(chromium: Browser, pages: dict[str, Path]):
    """Each drawn requirement is announced with its verdict, figure, bounds and limit."""
    chromium.open(pages["denied"])
    nodes = chromium.call("Accessibility.getFullAXTree")["nodes"]
    names = [
        node["name"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] == "image"
    ]
    assert "Fail: 0.407 (at least 0.298, at most 0.487), limit at most 0.15" in names


def test_it_follows_the_systems_scheme(chromium: Browser, pages: dict[str, Path]):
    """Dark where dark is preferred, light on paper even then."""
    colour = "getComputedStyle(document.body).backgroundColor"
    chromium.open(pages["allowed"], prefers_color_scheme="light")
    assert chromium.evaluate(colour) == "rgb(255, 255, 255)"
    chromium.open(pages["allowed"], prefers_color_scheme="dark")
    assert chromium.evaluate(colour) == "rgb(19, 23, 27)"
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    chromium.call("Emulation.setEmulatedMedia", media="print", features=dark)
    assert chromium.evaluate(colour) == "rgb(255, 255, 255)"


def test_the_keyboard_reaches_every_link_and_shows_where_it_is(
    chromium: Browser, pages: dict[str, Path]
):
    """Tab goes through the links in reading order, each with an outline (WCAG 2.4.7)."""
    chromium.open(pages["denied"])
    links = chromium.evaluate("document.links.length")
    reached = []
    for _ in range(links):
        for kind in ("keyDown", "keyUp"):
            chromium.call("Input.dispatchKeyEvent", type=kind, key="Tab", windowsVirtualKeyCode=9)
        reached.append(
            chromium.evaluate(
                "[[...document.links].indexOf(document.activeElement),"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
        )
    assert reached == [[index, "solid"] for index in range(links)]
