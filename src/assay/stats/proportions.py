"""One proportion: exact bounds, and effective counts where rows are not independent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """Events among trials, and the same by bucket of units where rows share units.

    Attributes:
        events, trials: counts; 0 <= events <= trials.
        buckets: (events, trials) of each bucket of units; empty where rows are independent.
    """

    events: float
    trials: float
    buckets: tuple[tuple[float, float], ...] = ()
