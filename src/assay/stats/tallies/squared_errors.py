"""Sums of two scores' squared errors on the same rows, and of their products, as integers.

The Brier score of any mix of the two, such as their difference, is a mean of these; its
bounds need the mix's second and third moments, which follow from the products.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.state import Json, MalformedTally, sequence

Floats = npt.NDArray[np.float64]

BITS: Final = 40
"""Each row's product is rounded, half to even, to so many binary places before it is added."""

POWERS: Final = (
    *((1, 0), (0, 1)),
    *((2, 0), (1, 1), (0, 2)),
    *((3, 0), (2, 1), (1, 2), (0, 3)),
)
"""Exponents of this version's squared error and of the other's, in the order of the sums."""

_SUM: Final = re.compile(r"0|[1-9][0-9]{0,38}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SquaredErrors:
    """Sums over rows of `a^i b^j`, with `a` this version's and `b` the other's squared error.

    Attributes:
        sums: (9,) by POWERS, each times 2^BITS.
    """

    sums: tuple[int, ...] = (0,) * len(POWERS)

    def merge(self, other: SquaredErrors) -> SquaredErrors:
        """Add two sets of rows; associative and commutative to the byte."""
        return SquaredErrors(
            sums=tuple(one + two for one, two in zip(self.sums, other.sums, strict=True))
        )

    def means(self, rows: int) -> tuple[float, ...]:
        """The mean over so many rows of each product, (9,) by POWERS."""
        return tuple(total / (rows << BITS) for total in self.sums)

    def state(self) -> Json:
        """The canonical form: decimals as text, since they outgrow 2^53."""
        return [str(total) for total in self.sums]

    @classmethod
    def from_state(cls, state: object, *, rows: int) -> SquaredErrors:
        """The sums over so many rows that `state` spells; raises MalformedTally."""
        items = sequence(state, longest=len(POWERS))
        if len(items) != len(POWERS) or not all(
            isinstance(item, str) and _SUM.fullmatch(item) for item in items
        ):
            raise MalformedTally("Squared errors are nine sums, each a plain decimal as text.")
        sums = tuple(map(int, items))
        if max(sums) > rows << BITS:
            raise MalformedTally("Squared errors add up to more than one a row.")
        return cls(sums=sums)


def fixed_point(version: Floats, other: Floats) -> npt.NDArray[np.int64]:
    """Each row's products of squared errors in [0, 1], (9, n) int64.

    The products are formed in one order, each rounded once, so every machine agrees.
    """
    powers = [np.ones_like(version), version, version * version]
    powers.append(powers[2] * version)
    others = [np.ones_like(other), other, other * other]
    others.append(others[2] * other)
    scaled = np.stack([powers[i] * others[j] for i, j in POWERS]) * 2.0**BITS
    return np.rint(scaled).astype(np.int64)
