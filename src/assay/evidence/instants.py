"""Instants in their one spelling, RFC 3339 in UTC with six decimals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from assay.errors import InvalidArgument

_json: Final = msgspec.json.Encoder().encode
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def instant_text(instant: datetime) -> str:
    """A UTC instant in its one spelling, "2026-11-24T08:46:50.123456Z"."""
    if instant.tzinfo is None:
        raise InvalidArgument("An instant needs a time zone.")
    at = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    # Its JSON has no fraction where that is zero; `isoformat` would take twenty times as long.
    seconds = _json(at)[1:20].decode()
    return f"{seconds}.{at.microsecond:06}Z"


def parse_instant(text: str) -> datetime:
    """The instant that `instant_text` spells; any other spelling raises ValueError."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"{text!r} is not a UTC instant with six decimals")
    return datetime.fromisoformat(text)
