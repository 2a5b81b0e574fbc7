"""Instants in their one spelling, RFC 3339 in UTC with six decimals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from assay.errors import InvalidArgument

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def instant_text(instant: datetime) -> str:
    """A UTC instant in its one spelling, "2026-11-24T08:46:50.123456Z"."""
    if instant.tzinfo is None:
        raise InvalidArgument("An instant needs a time zone.")
    return _spelled(instant if instant.tzinfo is UTC else instant.astimezone(UTC))


@lru_cache(1024)
def _spelled(at: datetime) -> str:
    # Kept, since an event's records spell its time again. Only UTC comes here: in other zones
    # two instants may be equal that are not the same.
    date = f"{at.year:04}-{at.month:02}-{at.day:02}"
    return f"{date}T{at.hour:02}:{at.minute:02}:{at.second:02}.{at.microsecond:06}Z"


def parse_instant(text: str) -> datetime:
    """The instant that `instant_text` spells; any other spelling raises ValueError."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"{text!r} is not a UTC instant with six decimals")
    return datetime.fromisoformat(text)
