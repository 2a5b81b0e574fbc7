"""What a bar allows a figure to be: an interval, so that bars of any kind can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assay.policy.policy import Bar, Direction, Limit, Range
from assay.policy.tiers import Tier, at_tier

_INFINITE: Final = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Interval:
    """The figures from `low` to `high`, both included; infinite where there is no limit."""

    low: Decimal
    high: Decimal

    @property
    def empty(self) -> bool:
        """Whether no figure lies in it."""
        return self.low > self.high

    def within(self, other: Interval) -> bool:
        """Whether every figure here lies in the other too."""
        return other.low <= self.low and self.high <= other.high

    def shared(self, other: Interval) -> Interval:
        """The figures that lie in both; maybe an empty interval."""
        return Interval(max(self.low, other.low), min(self.high, other.high))


EVERYTHING: Final = Interval(-_INFINITE, _INFINITE)


def allowed(bar: Bar, tier: Tier) -> Interval | None:
    """What a bar allows at a tier; None where it asks for nothing there."""
    limit = at_tier(bar.by_tier, tier)
    return None if limit is None else interval_of(bar.direction, limit)


def interval_of(direction: Direction, limit: Limit) -> Interval:
    """What a limit in a direction allows.

    >>> interval_of(Direction.AT_MOST, Decimal("0.1")).high
    Decimal('0.1')
    """
    if isinstance(limit, Range):
        return Interval(limit.low, limit.high)
    low = limit if direction is not Direction.AT_MOST else -_INFINITE
    high = limit if direction is not Direction.AT_LEAST else _INFINITE
    return Interval(low, high)


def limit_text(limit: Limit) -> str:
    """A limit as a policy writes it."""
    return f"[{limit.low}, {limit.high}]" if isinstance(limit, Range) else str(limit)
