"""The pictures of the guide, drawn from the golden situations.

`python -m tests.docs.pictures` draws them anew. Fonts differ between machines, so what is
tested is not their pixels but that each shows what its chart shows now.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.docs.blocks import ROOT
from tests.golden.test_charts import CHARTS

from assay.adapters.drawing import VegaDrawer
from assay.documents.charts.theme import Theme

FOLDER: Final = ROOT / "docs" / "guides" / "pictures"

SHOWN: Final = {
    "bounds": "bounds-hard-cases",
    "change": "change-passed",
    "groups": "groups-two-rates",
    "reliability": "reliability",
    "reliability-groups": "reliability-groups",
}
"""The chart behind each picture."""


def file(name: str) -> Path:
    """The picture of that name."""
    return FOLDER / f"{name}.svg"


if __name__ == "__main__":
    for name, chart in SHOWN.items():
        file(name).write_bytes(VegaDrawer().draw(CHARTS[chart](), theme=Theme.LIGHT, image="svg"))
