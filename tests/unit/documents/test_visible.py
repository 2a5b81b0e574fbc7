"""Text that others wrote: nothing invisible, nothing that a log obeys."""

import re
import textwrap
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.documents.visible import printed, visible

UNSEEN = ["\x00", "\x1b", "\x7f", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800", "\ufffe"]


@pytest.mark.parametrize("character", UNSEEN)
def test_what_no_reader_sees_is_spelled_out(character: str):
    """A control, an override, a zero width, a lone surrogate: each by its code point."""
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


@pytest.mark.parametrize(
    "text", ["<=25 \u20ac", "Ni\u00f1o \u2014 \u65e5\u672c", "\u2713 \U0001f600"]
)
def test_what_readers_see_stays(text: str):
    """Letters, signs and pictures of any script are as they were."""
    assert visible(text) == text


@given(st.text(st.characters(), max_size=60))
def test_it_can_always_be_written(text: str):
    """Whatever the text, it becomes one line of UTF-8 that XML carries unchanged."""
    shown = visible(text)
    assert shown.splitlines() in ([], [shown])
    assert visible(shown) == shown
    element = ET.Element("x", said=shown)
    again = ET.fromstring(ET.tostring(element, encoding="utf-8"))
    assert again.attrib["said"] == shown


@given(
    st.lists(
        st.sampled_from(["::error::", "##[error]", "word", "a::b", ":", "#", "\n", " "]),
        max_size=40,
    ),
    st.integers(10, 80),
)
def test_no_line_of_a_log_becomes_a_command(words: list[str], width: int):
    """However a printed text is wrapped and indented, no line is one that GitHub obeys."""
    text = textwrap.fill(
        printed("".join(words)), width, initial_indent="  ", break_long_words=False
    )
    for line in text.splitlines():
        assert not re.match(r"\s*::", line)
        assert "##[" not in line
