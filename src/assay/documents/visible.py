"""Text that people or models wrote, made safe to look at: nothing in it is invisible."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BLANK: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""Controls that only move the cursor on; a space stands for them."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Controls, format characters (bidirectional overrides, zero-width joiners), private use,
lone surrogates and unassigned code points: what no reader sees, or sees otherwise elsewhere."""

_COMMAND: Final = re.compile(r"#(?=#\[)|(?<!\S):(?=:)")


def visible(text: str) -> str:
    r"""The text on one line, with every unseen character spelled out.

    What is returned can be encoded as UTF-8 and stands in XML 1.0 (section 2.2) once its
    markup is escaped.

    >>> visible("age\u202e: <=25\nor so")
    'age⟨U+202E⟩: <=25 or so'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_spelled, text))


def printed(text: str) -> str:
    r"""Visible text that a CI system's log does not take for a command.

    GitHub obeys a line that begins with `::`, blanks aside, and `##[` anywhere. A text may be
    wrapped before any of its words, so each such beginning is spelled out.

    >>> printed("##[group]a ::error::b")
    '⟨U+0023⟩#[group]a ⟨U+003A⟩:error::b'
    """
    return _COMMAND.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", visible(text))


def _spelled(character: str) -> str:
    if character in _BLANK:
        return " "
    if unicodedata.category(character) in _UNSEEN:
        return f"⟨U+{ord(character):04X}⟩"
    return character
