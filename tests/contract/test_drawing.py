"""What every drawer promises, the one that keeps its pictures and the one that does not."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.golden.situations import HOSTILE
from tests.golden.test_charts import CHARTS

from assay.adapters.drawing import ChartsMissing, Undrawable, VegaDrawer
from assay.app.ports import Drawer
from assay.documents.charts.groups import Claim, group_chart
from assay.documents.charts.theme import Theme
from assay.stats.estimate import GroupReading

SVG = "{http://www.w3.org/2000/svg}"
GROUPS = [GroupReading(group="sex: F", n=50, value=0.4, low=0.3, high=0.5)]
SPEC = group_chart(GROUPS, Claim(title="a <title> & more", said="Fail."))


@pytest.fixture(params=["kept", "not kept"])
def drawer(request: pytest.FixtureRequest, tmp_path: Path) -> Drawer:
    return VegaDrawer(tmp_path / "drawings" if request.param == "kept" else None)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_can_be_drawn(name: str, capfd: pytest.CaptureFixture[str]):
    """Without a word on the console; the SVG shows every text of its specification."""
    spec = CHARTS[name]()
    root = ET.fromstring(VegaDrawer().draw(spec, theme=Theme.LIGHT, image="svg"))
    shown = "".join("".join(item.itertext()) for item in root.iter(f"{SVG}text"))
    assert spec["title"]["text"] in shown
    for layer in spec.get("layer", []):
        if layer["mark"]["type"] == "text":
            for value in layer["data"]["values"]:
                lines = value["text"] if isinstance(value["text"], list) else [value["text"]]
                assert all(line in shown for line in lines)
    assert capfd.readouterr() == ("", "")


def test_the_text_alternative_is_in_the_picture(drawer: Drawer):
    """The SVG is one picture with a title and a description, those of the specification."""
    root = ET.fromstring(drawer.draw(SPEC, theme=Theme.LIGHT, image="svg"))
    assert (root.get("role"), root.get("aria-label")) == ("img", SPEC["title"]["text"])
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert [root[0].text, root[1].text] == [SPEC["title"]["text"], SPEC["description"]]


def test_a_png_is_sharp(drawer: Drawer):
    """Two pixels for each unit of the drawing, each way."""
    svg = ET.fromstring(drawer.draw(SPEC, theme=Theme.LIGHT, image="svg"))
    png = drawer.draw(SPEC, theme=Theme.LIGHT, image="png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    size = [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)]
    assert size == [2 * int(svg.attrib["width"]), 2 * int(svg.attrib["height"])]


def test_the_same_is_drawn_the_same(drawer: Drawer):
    """One specification and theme, one picture, to the byte; another theme, another."""
    pictures = [drawer.draw(SPEC, theme=Theme.LIGHT, image="svg") for _ in range(2)]
    assert pictures[0] == pictures[1] == VegaDrawer().draw(SPEC, theme=Theme.LIGHT, image="svg")
    assert drawer.draw(SPEC, theme=Theme.DARK, image="svg") != pictures[0]


def test_a_picture_loads_nothing(drawer: Drawer):
    """No address, style sheet, script or font file: only names of fonts of the system."""
    svg = drawer.draw(SPEC, theme=Theme.DARK, image="svg").decode()
    addresses = set(re.findall(r"https?://[^\"\s<]+", svg))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert re.search(r"href|<style|<script|<image|@import|url\(\s*[\"']?[^#)]", svg) is None


@pytest.mark.parametrize(
    "spec",
    [
        {"data": {"url": "https://example.org/a.csv"}, "mark": "point"},
        {"data": {"url": "file:///etc/hostname", "format": {"type": "csv"}}, "mark": "point"},
        {
            "data": {"values": [{"address": "https://example.org/a.png"}]},
            "mark": {"type": "image"},
            "encoding": {"url": {"field": "address"}},
        },
        {"data": {"values": []}, "mark": "no mark"},
        {"data": {"values": [{"x": float("nan")}]}, "mark": "point"},
        {"data": {"values": [{"x": object()}]}, "mark": "point"},
    ],
)
def test_what_is_no_picture_of_its_own_data_is_refused(drawer: Drawer, spec: dict[str, object]):
    """An address, a file, an image or nonsense is an error, not an empty picture."""
    with pytest.raises(Undrawable):
        drawer.draw({**SPEC, "layer": [spec]}, theme=Theme.LIGHT, image="svg")


def test_names_cannot_become_markup(drawer: Drawer):
    """A hostile name is text in the drawing, in its title and in its description."""
    group = GroupReading(group=HOSTILE, n=50, value=0.4, low=0.3, high=0.5, note=HOSTILE)
    spec = group_chart([group], Claim(title="t", said=HOSTILE))
    root = ET.fromstring(drawer.draw(spec, theme=Theme.LIGHT, image="svg"))
    assert {item.tag.removeprefix(SVG) for item in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "line", "rect", "text", "tspan"),
        *("defs", "clipPath"),
    }


def test_without_the_extra_there_is_a_remedy(drawer: Drawer, monkeypatch: pytest.MonkeyPatch):
    """A missing extra is an error that says how to install it."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ChartsMissing) as caught:
        drawer.draw(SPEC, theme=Theme.LIGHT, image="svg")
    assert "assay[charts]" in caught.value.remedy


def test_a_picture_drawn_before_is_read(tmp_path: Path):
    """The folder has one file for each specification, theme and form."""
    drawer = VegaDrawer(tmp_path)
    drawer.draw(SPEC, theme=Theme.LIGHT, image="svg")
    [file] = tmp_path.iterdir()
    file.write_bytes(b"<svg>another</svg>")
    assert drawer.draw(SPEC, theme=Theme.LIGHT, image="svg") == b"<svg>another</svg>"
    for theme, image in ((Theme.DARK, "svg"), (Theme.LIGHT, "png")):
        drawer.draw(SPEC, theme=theme, image=image)  # type: ignore[arg-type]  # literals
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("rest", [b"", b"<svg>half"])
def test_half_a_picture_is_drawn_again(tmp_path: Path, rest: bytes):
    """A file that was cut short is not shown."""
    drawer = VegaDrawer(tmp_path)
    whole = drawer.draw(SPEC, theme=Theme.LIGHT, image="svg")
    [file] = tmp_path.iterdir()
    file.write_bytes(rest)
    assert drawer.draw(SPEC, theme=Theme.LIGHT, image="svg") == whole == file.read_bytes()


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path):
    """Then a picture is drawn each time."""
    occupied = tmp_path / "drawings"
    occupied.write_text("a file where the folder should be")
    assert VegaDrawer(occupied).draw(SPEC, theme=Theme.LIGHT, image="svg").endswith(b"</svg>")
