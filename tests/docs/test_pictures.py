"""The pictures of the guide show what the charts show now."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from tests.docs.pictures import SHOWN, file
from tests.golden.test_charts import CHARTS


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_is_that_of_the_chart(name: str):
    """Title, description and every text are those of the specification; else draw it anew."""
    spec, root = CHARTS[SHOWN[name]](), ET.parse(file(name)).getroot()
    assert [root[0].text, root[1].text] == [spec["title"]["text"], spec["description"]]
    shown = "".join(root.itertext())
    for layer in spec.get("layer", []):
        for value in layer["data"]["values"]:
            lines = value.get("text", [])
            assert all(line in shown for line in ([lines] if isinstance(lines, str) else lines))
