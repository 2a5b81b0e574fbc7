"""The gate's report as one HTML file: no script, nothing loaded, the decision first.

Text that people or models wrote reaches the page through one door, `_shown`, and is then
escaped; a content security policy forbids all that the page does not bring itself.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from assay.documents.drawing import WIDTH
from assay.documents.gate import GateReport
from assay.documents.gate_page import gate_page
from assay.documents.visible import visible


def render_html(report: GateReport) -> str:
    """The report's page."""
    environment = _environment()
    return environment.get_template("gate.html.jinja").render(
        page=gate_page(report), style_digest=_digest(environment, "gate.css"), width=f"{WIDTH:g}"
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("assay.documents", "templates"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _digest(environment: Environment, name: str) -> str:
    """A style sheet's SHA-256 in Base64, by which the page's policy knows it."""
    assert environment.loader is not None  # noqa: S101 - it has one, above
    source, _, _ = environment.loader.get_source(environment, name)
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _shown(value: object) -> object:
    """What an expression of the template shows: plain text with nothing invisible in it."""
    return visible(value) if type(value) is str else value
