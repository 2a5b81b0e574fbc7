"""Signed text has one spelling: base64 and decimals that survive being written again."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")

COUNT_MAX: Final = 2**63 - 1


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    r"""The bytes of standard base64; raises ValueError for any but the canonical spelling.

    >>> decode_base64("AA==")
    b'\x00'
    >>> decode_base64("AB==")
    Traceback (most recent call last):
    ValueError: 'AB==' is not base64 in its canonical spelling.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError(f"{text[:80]!r} is not base64.") from error
    if encode_base64(data) != text:
        raise ValueError(f"{text[:80]!r} is not base64 in its canonical spelling.")
    return data


def parse_count(text: str) -> int:
    """A plain decimal in [0, 2^63 - 1] without sign, space or leading zero, else ValueError."""
    if not _DECIMAL.fullmatch(text) or int(text) > COUNT_MAX:
        raise ValueError(f"{text[:80]!r} is not a plain decimal below 2^63.")
    return int(text)
