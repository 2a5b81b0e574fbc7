"""Pictures of charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from assay.documents.charts.theme import Theme

Image = Literal["svg", "png"]
"""The forms of a picture."""


class Drawer(Protocol):
    """Draws charts; the same specification always gives the same picture in one installation."""

    def draw(self, spec: Mapping[str, Any], *, theme: Theme, image: Image) -> bytes:
        """The picture of a Vega-Lite specification.

        Args:
            spec: from `assay.documents.charts`, with a title, a description and all its data.
            theme: for which background.
            image: SVG, whose `title` and `desc` are those of the specification, or PNG.

        Raises:
            EnvironmentUnavailable: what draws is not installed.
        """
        ...
