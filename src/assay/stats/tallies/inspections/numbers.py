"""Numbers of any size in few points: exact while few are distinct, else in bins.

A bin holds the doubles whose leading bits agree: sign, exponent and some of the fraction, so
its width is in proportion to its values. Cutting bits off is exact in every engine, and which
bits are kept follows from the set of numbers alone, not from how the rows were split.

Source: Masson, Rim & Lee (2019), DDSketch, PVLDB 12(12), for bins of relative width; the
halving of resolution is that of its collapsing store, made uniform.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.state import MalformedTally

EXACT: Final = 64
"""All bits of a double: each number is a point of its own."""

LADDER: Final = (EXACT, 24, 22, 20, 18, 16, 14, 12, 8)
"""Bits that may be kept: 24 divide each doubling into 4,096 bins, 12 into one."""

POINTS_MAX: Final = 512
"""Points of one column; at 8 bits no more than 256 can occur."""

_NUMBER: Final = re.compile(r"-?[0-9inf][0-9.einf+-]{0,24}")


def fitting(points: Iterable[int], *, bits: int) -> int:
    """The most bits, no more than `bits`, at which few enough points are distinct."""
    distinct = set(points)
    for to in LADDER:
        if to > bits:
            continue
        distinct, bits = {point >> (bits - to) for point in distinct}, to
        if len(distinct) <= POINTS_MAX:
            break
    return bits


def point_of(number: float) -> int:
    """All bits of a double as a whole number; 0 and -0 are one number."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]
    return bits


def rank(point: int, *, bits: int) -> int:
    """Where a point stands among those of as many bits: in the order of its numbers."""
    sign = 1 << (bits - 1)
    # A bin of tiny negative numbers reads as -0, and stands before the bin of 0.
    return -1 - (point ^ sign) if point & sign else point


def number_of(point: int, *, bits: int) -> float:
    """The number of a point: the exact one, or the end of its bin that is nearer to 0."""
    number: float = struct.unpack(">d", struct.pack(">Q", point << (EXACT - bits)))[0]
    return number


def bounds_of(points: Collection[int], *, bits: int) -> npt.NDArray[np.float64]:
    """The ends of points' bins: (k, 2) float64, each row ascending; equal where exact."""
    nearer = np.array(list(points), dtype=np.uint64) << np.uint64(EXACT - bits)
    within = np.uint64((1 << (EXACT - bits)) - 1)
    ends = np.stack([nearer.view(np.float64), (nearer | within).view(np.float64)], axis=1)
    # The bin of infinity has NaNs at its other end.
    ends[:, 1] = np.where(np.isnan(ends[:, 1]), ends[:, 0], ends[:, 1])
    return np.sort(ends, axis=1)


def spelled(point: int) -> str:
    """An exact point as the shortest decimal that reads back as the same double."""
    return repr(number_of(point, bits=EXACT))


def parse_spelled(text: str) -> int:
    """The point that `spelled` spells; raises MalformedTally."""
    try:
        number = float(text) if _NUMBER.fullmatch(text) else None
    except ValueError:
        number = None
    if number is None or repr(number) != text or text == "-0.0":
        raise MalformedTally("A column has something other than numbers where numbers stand.")
    return point_of(number)
