"""Risk tiers, in order."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

Value = TypeVar("Value")


class Tier(IntEnum):
    """How much harm a wrong decision can do. `PROHIBITED` never ships."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4
    PROHIBITED = 5

    def __str__(self) -> str:
        return self.name.lower()


def at_tier(values: Mapping[Tier, Value], tier: Tier) -> Value | None:
    """The value for a tier: its own, or that of the nearest lower tier named, or None.

    >>> at_tier({Tier.MEDIUM: "bar"}, Tier.CRITICAL)
    'bar'
    >>> at_tier({Tier.MEDIUM: "bar"}, Tier.LOW) is None
    True
    """
    named = [candidate for candidate in values if candidate <= tier]
    return values[max(named)] if named else None
