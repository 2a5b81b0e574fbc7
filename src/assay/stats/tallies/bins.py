"""The bin rule for scores: exact in binary floating point, so every engine agrees.

The distance of a score to the nearer of 0 and 1 is halved HALVINGS times on each side, the
innermost interval reaching the end; each interval has the same number of equal steps. So
rare events near 0 keep their resolution. As a comparison ladder, for a score in [0, 1]::

    low edges   0, 2^-16, 2^-15, ..., 1/4, 1/2, 1 - 1/4, 1 - 1/8, ..., 1 - 2^-16
    bin number  steps · i + min(steps - 1, floor((score - edge_i) · steps / width_i))

where `i` (from 0) is the last edge not above the score. A bin holds its lower edge and not
its upper one; the last holds 1 too. Edges, widths and steps are powers of two or sums of
few, so the subtraction and the product are exact: no rounding, no doubt.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

HALVINGS: Final = 16
"""Halvings of the distance to the nearer end, on each side."""

STEPS_OVERALL: Final = 2048
STEPS_BY_GROUP: Final = 128
"""Steps within each halving; coarser within groups, since finer is the data again."""

_LARGEST_BELOW_ONE: Final = 1.0 - 2.0**-53
_MANTISSA_BITS: Final = 52
_EXPONENT_BIAS: Final = 1023


def bin_count(steps: int) -> int:
    """How many bins there are with so many steps within each halving."""
    if not 0 < steps <= STEPS_OVERALL or steps & (steps - 1):
        raise InvalidArgument(f"{steps} steps: not a power of two up to {STEPS_OVERALL}.")
    return 2 * HALVINGS * steps


def bin_numbers(scores: Floats, steps: int) -> Integers:
    """The bin of each score, by the bits of the double rather than by the ladder.

    Within a halving, exponent and leading mantissa bits number the steps; the innermost
    interval has the step of its neighbour. The upper half mirrors the lower: counting from
    the largest double below 1 makes a mirrored bin hold its lower edge.

    Args:
        scores: (n,) float64 in [0, 1].
        steps: steps within each halving, a power of two.

    Returns:
        (n,) int64 in [0, bin_count(steps)), ascending with the score.
    """
    last = bin_count(steps) - 1
    shift = _MANTISSA_BITS - (steps.bit_length() - 1)
    distance: Floats = np.subtract(_LARGEST_BELOW_ONE, scores)
    np.minimum(scores, distance, out=distance)
    numbers: Integers = distance.view(np.int64) >> shift
    numbers -= (_EXPONENT_BIAS - HALVINGS - 1) * steps
    # Within the innermost interval exponents go on halving, but the steps must not. There is
    # also 1, whose distance is the smallest step below 0: truncated, it counts as 0.
    innermost = np.flatnonzero(distance < 2.0**-HALVINGS)
    if len(innermost):
        steps_away = distance[innermost] * (steps * 2.0**HALVINGS)
        numbers[innermost] = steps_away.astype(np.int64)
    numbers ^= (scores >= 0.5) * np.int64(last)
    return numbers


@cache
def bin_edges(steps: int) -> Floats:
    """The edges of all bins, (bin_count + 1,) float64, strictly ascending from 0 to 1; fixed."""
    bin_count(steps)
    lower = np.concatenate(([0.0], 2.0 ** np.arange(-HALVINGS, 0.0)))
    knots = np.concatenate((lower, 1.0 - lower[-2::-1]))
    within = np.arange(steps) / steps
    starts = knots[:-1, None] + np.diff(knots)[:, None] * within
    edges = np.append(starts.ravel(), 1.0)
    edges.flags.writeable = False
    return edges


def coarser(numbers: Integers, *, steps: int, to: int) -> Integers:
    """The bins with fewer steps that hold these bins: bins of different steps nest."""
    return numbers >> (steps.bit_length() - to.bit_length())
