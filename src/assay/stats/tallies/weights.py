"""Weights of rows: how many rows one stands for, or how many people of a population.

Frequency weights are whole counts: a row of weight 3 is three rows, in every tally. Sampling
weights say how many people a sampled row speaks for; their sums are kept on a grid of
integers, so that any split of the rows adds up to the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from assay.errors import InvalidArgument

GRID_BITS: Final = 40
"""Sampling weights are rounded to whole steps of their scale times 2^-40."""

DEFAULT_SCALE: Final = 1024
SCALE_MAX: Final = 1 << 40

Kind = Literal["frequency", "sampling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The column of weights.

    Attributes:
        column: its name.
        kind: whether a row stands for so many alike ones, or was sampled with a probability
            of which the weight is the inverse.
        scale: a power of two that no sampling weight exceeds. Steps of the grid are this times
            2^-40, so a close one keeps more digits. Frequency weights do not use it.
    """

    column: str
    kind: Kind
    scale: int = DEFAULT_SCALE

    def __post_init__(self) -> None:
        if not 1 <= self.scale <= SCALE_MAX or self.scale & (self.scale - 1):
            raise InvalidArgument(f"A scale of {self.scale} is not a power of two up to 2^40.")

    @property
    def sampled(self) -> bool:
        """Whether the weights are sampling weights."""
        return self.kind == "sampling"

    @property
    def words(self) -> str:
        """The weight as reports say it.

        >>> Weight(column="w", kind="frequency").words
        "column 'w' (frequency weights)"
        """
        return f"column {self.column!r} ({self.kind} weights)"
