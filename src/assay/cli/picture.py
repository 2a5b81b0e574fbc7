"""Pictures of explanations, written to files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from assay.app.ports import Drawer, Image
from assay.cli.output import ReportUnwritable
from assay.documents.charts.choice import explanation_chart
from assay.documents.charts.theme import Theme
from assay.documents.explanation import Explanation
from assay.errors import ConfigurationError

_IMAGES: Final[dict[str, Image]] = {".svg": "svg", ".png": "png"}


class UnknownPicture(ConfigurationError):
    """A picture was asked for in a form that it cannot have."""

    code = "usage.unknown-picture"


def image_of(file: Path) -> Image:
    """The form of a picture, by its file's suffix.

    Raises:
        UnknownPicture: it is neither SVG nor PNG.
    """
    image = _IMAGES.get(file.suffix.lower())
    if image is None:
        raise UnknownPicture(
            f"A picture is an SVG or a PNG, not {file.suffix or 'a file without a suffix'!r}.",
            where=str(file),
            remedy="Name the file .svg or .png.",
        )
    return image


def draw_explanation(
    explanation: Explanation, file: Path, image: Image, *, drawer: Drawer, dark: bool
) -> None:
    """Draw an explanation to a file.

    Raises:
        NothingToDraw: it has no figure with bounds.
        ReportUnwritable: the file cannot be written.
    """
    theme = Theme.DARK if dark else Theme.LIGHT
    picture = drawer.draw(explanation_chart(explanation), theme=theme, image=image)
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise ReportUnwritable(
            f"The picture cannot be written: {error.strerror}.",
            where=str(file),
            remedy="Name a file in a folder that exists.",
        ) from error
