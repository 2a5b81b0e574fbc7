"""Where figures of a unit can lie, so that a bar can be told from one that nothing meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "fraction": (0, 1),
    "probability": (0, 1),
    "difference": (-1, 1),
    "coefficient": (-1, 1),
    "ratio of groups": (0, 1),
    "fraction of entropy": (0, 1),
}
"""Where figures of a unit lie, for the units that have two ends."""

FROM_ZERO: Final = frozenset(
    {
        "difference",
        "difference of ratios",
        "distance",
        "fraction",
        "fraction of entropy",
        "index",
        "log ratio",
        "nats",
        "probability",
        "ratio",
        "squared fraction",
    }
)
"""Units whose figures, where lower is better, reach zero only in data without end."""
