"""The documentation builds without a warning and without the network, and loads nothing else's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from tests.docs.blocks import ROOT

# A theme and a parser that lag behind Sphinx are not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"
)

DOCS = ROOT / "docs"
LOADED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']([^"']+)["']""")
IMPORTED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
ELSEWHERE = re.compile(r"(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    app = Sphinx(
        srcdir=DOCS,
        confdir=DOCS,
        outdir=folder / "html",
        doctreedir=folder / "doctrees",
        buildername="html",
        warningiserror=True,
        status=None,
    )
    app.build()
    assert app.statuscode == 0
    return folder / "html"


def test_every_page_is_built(site: Path):
    """Each page of docs is on the site."""
    pages = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    built = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert len(pages) > 10
    assert {page for page in pages if "_build" not in page.parts} <= built


def test_pages_load_nothing_from_elsewhere(site: Path):
    """No script, style, picture or font comes from another site; links may lead there."""
    pages = list(site.rglob("*.html"))
    loaded = {
        (path.name, address)
        for path in pages
        for address in LOADED.findall(path.read_text(encoding="utf-8"))
    }
    styled = {
        (path.name, one or other)
        for path in site.rglob("*.css")
        for one, other in IMPORTED.findall(path.read_text(encoding="utf-8"))
    }
    assert loaded
    assert {found for found in loaded | styled if ELSEWHERE.match(found[1])} == set()
