"""Turning weights into integers: counts of rows, or steps of the grid of sampling weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assay.errors import NotEvaluated
from assay.stats.tallies.filling.batch import Integers
from assay.stats.tallies.state import LARGEST_COUNT
from assay.stats.tallies.weights import GRID_BITS, Weight

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class WeightsTooLarge(NotEvaluated):
    """Weights exceed their declared scale, or add up to more rows than can be counted."""

    code = "data.weights-too-large"


def grid_steps(weights: Floats, scale: int) -> Floats:
    """Sampling weights in whole steps of their grid, half to even: (n,) float64, at most 2^40.

    The scale and the grid are powers of two, so only the rounding is inexact.
    """
    with np.errstate(over="ignore"):  # a weight beyond its scale by that much is an error anyway
        return np.rint(weights * (2.0**GRID_BITS / scale))


class Weighing:
    """What the weights of one pass mean, and whether they can be added up."""

    def __init__(self, weight: Weight) -> None:
        self._weight = weight
        self._total = 0
        self._beyond = 0
        self._largest = 0.0

    def unusable(self, weights: Floats) -> tuple[Mask, ...]:
        """Where a weight cannot be used: missing, negative, infinite, fractional, zero.

        Those are the last of REASONS, in their order. A sampling weight of less than half a
        step of its grid is zero.
        """
        none = np.zeros(len(weights), dtype=np.bool_)
        sampled = self._weight.sampled
        return (
            np.isnan(weights),
            weights < 0.0,
            np.isposinf(weights),
            none if sampled else weights != np.trunc(weights),
            (grid_steps(weights, self._weight.scale) if sampled else weights) == 0.0,
        )

    def counts(self, weights: Floats, bad: Mask) -> Integers | None:
        """How many rows each row is: its frequency, or 1 where that cannot be used.

        None where weights are sampling weights: then every row is one.

        Raises:
            WeightsTooLarge: all so far add up to more than 2^53 - 1 rows.
        """
        if self._weight.sampled:
            self._note(weights[~bad])
            return None
        counts = np.where(bad, 1.0, weights)
        # Sums of whole numbers are exact below 2^53, and beyond it are not below it.
        self._total += int(min(float(counts.sum()), 2.0**60))
        if self._total > LARGEST_COUNT:
            raise WeightsTooLarge(
                f"The frequency weights in column {self._weight.column!r} add up to more than "
                f"2^53 - 1 rows.",
                remedy="Frequency weights say how many rows one stands for; declare weights that "
                "undo a sampling design as `kind: sampling`.",
            )
        return counts.astype(np.int64)

    def verify_within_scale(self) -> None:
        """Refuse sampling weights beyond their declared scale, once all have been read.

        Raises:
            WeightsTooLarge: there were some.
        """
        if self._beyond:
            power = 1 << (int(np.ceil(self._largest)) - 1).bit_length()
            raise WeightsTooLarge(
                f"{self._beyond:,} sampling weights in column {self._weight.column!r} exceed the "
                f"scale of {self._weight.scale:,}; the largest is {self._largest:.6g}.",
                remedy=f"Declare `scale: {power}` beside `kind: sampling`, a power of two that no "
                "weight exceeds.",
            )

    def _note(self, weights: Floats) -> None:
        beyond = weights[weights > self._weight.scale]
        if len(beyond):
            self._beyond += len(beyond)
            self._largest = max(self._largest, float(beyond.max()))
