"""Pictures drawn by Vega-Lite, without a network, and kept by the digest of what they show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from assay.adapters.files import make_folder, write_whole
from assay.app.ports import Image
from assay.documents.charts.theme import Theme, config
from assay.errors import EnvironmentUnavailable, InvalidArgument
from assay.evidence.canonical import digest as sha256

PIXELS: Final = 2.0
"""Pixels of a PNG for each unit of the drawing, so that it is sharp on paper and on screens."""

REVISION: Final = 1
"""Raised when the same specification, theme and library would give another picture."""

_ENDS: Final[Mapping[Image, bytes]] = {"svg": b"</svg>", "png": b"IEND\xaeB`\x82"}
"""How a whole file ends; for PNG, with its last chunk and that chunk's checksum."""


class ChartsMissing(EnvironmentUnavailable):
    """Pictures need the extra `charts`, which is not installed."""

    code = "charts.missing"


class Undrawable(InvalidArgument):
    """A specification is none, or asks for something outside itself."""

    code = "charts.undrawable"


class VegaDrawer:
    """Draws through vl-convert: the JavaScript of Vega-Lite in this process, with no way out.

    The first picture of a process takes about a second, each further one a tenth of that.
    One that was drawn before is read from the folder.

    Args:
        folder: where pictures are kept; None keeps none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def draw(self, spec: Mapping[str, Any], *, theme: Theme, image: Image) -> bytes:
        """The picture; see the port for what it promises.

        Raises:
            ChartsMissing: vl-convert is not installed.
            Undrawable: the specification cannot be drawn from itself alone.
        """
        library = _library()
        text = _text(spec)
        if self._folder is None:
            return _drawn(library, spec, text, theme, image)
        path = self._folder / f"{_key(library, text, theme)}.{image}"
        kept = _kept(path, image)
        if kept is not None:
            return kept
        picture = _drawn(library, spec, text, theme, image)
        _keep(path, picture)
        return picture


def _library() -> ModuleType:
    try:
        import vl_convert
    except ImportError as error:
        raise ChartsMissing(
            "Pictures are drawn by vl-convert-python, which is not installed.",
            remedy="Install it with Assay: pip install 'assay[charts]'.",
        ) from error
    return vl_convert


def _text(spec: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(spec, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Undrawable(f"The chart's specification is no JSON: {error}.") from error
    # Data and images from elsewhere are named by this key; in a value its quotes are escaped.
    if '"url":' in text:
        raise Undrawable("The chart asks for data or an image from elsewhere.")
    return text


def _key(library: ModuleType, text: str, theme: Theme) -> str:
    """What a picture is a function of, as a digest."""
    made_by = [REVISION, PIXELS, library.__version__, config(theme)]
    return sha256(f"{json.dumps(made_by, sort_keys=True)}\n{text}".encode())


def _drawn(
    library: ModuleType, spec: Mapping[str, Any], text: str, theme: Theme, image: Image
) -> bytes:
    try:
        svg: str = library.vegalite_to_svg(text, config=config(theme), allowed_base_urls=[])
    except ValueError as error:
        reason = " ".join(str(error).splitlines()[:2])
        raise Undrawable(f"The chart cannot be drawn. {reason}") from error
    if image == "svg":
        return _titled(svg, spec).encode("utf-8")
    png: bytes = library.svg_to_png(svg, scale=PIXELS)
    return png


def _titled(svg: str, spec: Mapping[str, Any]) -> str:
    """The SVG with a title and a description, read out as one picture (SVG 2, section 5.9)."""
    title, description = spec["title"]["text"], spec["description"]
    head = f'<svg role="img" aria-label={quoteattr(title)} '
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    start, end = svg.split(">", 1)
    return f"{start.replace('<svg ', head, 1)}>{words}{end}"


def _kept(path: Path, image: Image) -> bytes | None:
    """A picture that was drawn before; None if there is none, or not all of it."""
    try:
        picture = path.read_bytes()
    except OSError:
        return None
    return picture if picture.endswith(_ENDS[image]) else None


def _keep(path: Path, picture: bytes) -> None:
    """Keep a picture; one that cannot be kept is drawn again."""
    try:
        make_folder(path.parent)
        write_whole(path, picture, replace=True)
    except OSError:
        return
