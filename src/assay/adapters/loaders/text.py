"""Bytes as text: UTF-8, of bounded size, without invisible characters."""

from __future__ import annotations

import re
from typing import Final

from assay.errors import ConfigurationError, Span

BYTES_MAX: Final = 1024 * 1024

# YAML 1.1 ends lines at NEL, LS and PS and YAML 1.2 does not: a text that holds one would
# mean two things. So they go the way of control characters.
UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


class UnusableText(ConfigurationError):
    """The bytes are not UTF-8, or hold a control character."""

    code = "text.encoding"


class OversizedText(ConfigurationError):
    """The file is larger than any that a person writes."""

    code = "text.too-large"


def decode(data: bytes, *, file: str) -> str:
    """The text that bytes spell; a byte-order mark is no part of it.

    Args:
        data: UTF-8, at most BYTES_MAX bytes.
        file: the name of the file as shown to people.

    Raises:
        OversizedText: there are more bytes.
        UnusableText: they are not UTF-8, or hold an invisible character.
    """
    if len(data) > BYTES_MAX:
        raise OversizedText(
            f"The file has more than {BYTES_MAX:,} bytes.",
            where=Span(file, 1, 1),
            remedy="Text that people write is smaller: is this the right file?",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise UnusableText(
            f"Byte 0x{data[error.start]:02x} is not UTF-8.",
            where=Span(file, line, column),
            remedy="Save the file as UTF-8.",
        ) from error
    odd = UNPRINTABLE.search(text)
    if odd:
        raise UnusableText(
            f"The file holds the invisible character U+{ord(odd.group()):04X}.",
            where=place(text, odd.start(), file=file),
            remedy="Delete it.",
        )
    return text


def place(text: str, index: int, *, file: str) -> Span:
    """The line and column of a character."""
    line = text.count("\n", 0, index) + 1
    return Span(file, line, index - text.rfind("\n", 0, index))
