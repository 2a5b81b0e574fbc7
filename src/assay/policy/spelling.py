"""Places and values of a policy as its text spells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from assay.evidence.roles import decimal_text
from assay.policy.cells import (
    ALWAYS,
    APPROVALS,
    BAR,
    FOREVER,
    NO_WAIVER,
    REQUIREMENTS,
    Path,
)
from assay.policy.periods import end_words, period_text, start_words


def dotted(path: Path) -> str:
    """A path as a text's reader names it: the second approver of a role is of the same list."""
    if path[0] == APPROVALS:
        return ".".join(path[:2])
    if path[0] == REQUIREMENTS and path[2:] == (BAR,):
        return ".".join(path[:2])
    if path[2:] == ("required_from",):
        path = (*path[:2], "requires")
    return ".".join(path)


def said_at(path: Path, value: Any) -> str:
    """The value at a path, as a text says it: an end by its last day, and what is left out."""
    if value in {ALWAYS, FOREVER}:
        return "none"
    return end_words(value) if path[-1] == "until" else value_text(value)


def value_text(value: Any) -> str:
    """A value in the spelling of a policy's text.

    >>> value_text(Decimal("0.70")), value_text(timedelta(days=90)), value_text(("sex", "age"))
    ('0.7', '90d', '[sex, age]')
    """
    if value is None or value in {ALWAYS, FOREVER}:
        return "not given"
    if value == NO_WAIVER:
        return "none"
    for kind, spelled in _SPELLINGS.items():
        if isinstance(value, kind):
            return spelled(value)
    return str(value)


_SPELLINGS: Final[Mapping[type, Callable[[Any], str]]] = {
    bool: lambda value: str(value).lower(),
    Decimal: decimal_text,
    timedelta: period_text,
    datetime: start_words,
    tuple: lambda value: f"[{', '.join(map(str, value))}]",
}
