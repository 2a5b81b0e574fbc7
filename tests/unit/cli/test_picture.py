"""Pictures by the command line: their form by the suffix, and what to do when they fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.documents.test_charts_choice import explained

from assay.adapters.drawing import VegaDrawer
from assay.cli.output import ReportUnwritable
from assay.cli.picture import UnknownPicture, draw_explanation, image_of

DRAWER = VegaDrawer()


@pytest.mark.parametrize(("name", "image"), [("a.svg", "svg"), ("b.c.PNG", "png")])
def test_the_suffix_says_the_form(name: str, image: str):
    """Whatever its case."""
    assert image_of(Path(name)) == image


@pytest.mark.parametrize("name", ["a.pdf", "svg", "a.svg.txt", ".svg"])
def test_any_other_suffix_is_refused(name: str):
    """Before anything is judged or drawn."""
    with pytest.raises(UnknownPicture):
        image_of(Path(name))


def test_light_and_dark_are_drawn(tmp_path: Path):
    """The flag chooses the background."""
    pictures = []
    for dark in (False, True):
        file = tmp_path / f"{dark}.svg"
        draw_explanation(explained("denied", "approval-gap"), file, "svg", drawer=DRAWER, dark=dark)
        pictures.append(file.read_text(encoding="utf-8"))
    assert 'fill="#ffffff"' in pictures[0]
    assert 'fill="#15171c"' in pictures[1]


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path):
    """It names the file."""
    file = tmp_path / "nowhere" / "a.svg"
    with pytest.raises(ReportUnwritable) as caught:
        draw_explanation(
            explained("denied", "approval-gap"), file, "svg", drawer=DRAWER, dark=False
        )
    assert caught.value.where == str(file)
