"""Random draws that come out the same everywhere and for ever.

Samplers of libraries change between versions. The raw bits of Philox are fixed by their
publication; what follows from them here is our own inverse transform.

Source: Salmon, Moraes, Dror & Shaw (2011), SC'11, for Philox-4x64-10.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument

Floats = npt.NDArray[np.float64]

REACH: Final = 12.0
"""Standard deviations from the mean beyond which no uniform of 53 bits falls."""

KNOTS: Final = 4096
"""Points between which a quantile function is straight."""

BLOCK: Final = 8192
"""Draws that are made at once."""

SLOTS: Final = 1 << 14
"""Equal parts of [0, 1) by which the steps of a distribution function are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawKey:
    """What a stream of draws belongs to: equal keys give equal draws.

    Attributes:
        digest: the digest of the data that are resampled.
        check: the check's id, such as "performance.mcc".
        revision: the method's version; a new one makes new draws.
    """

    digest: str
    check: str
    revision: int

    def philox(self) -> bytes:
        """The 128-bit Philox key: the first half of SHA-256 of the parts, one to a line."""
        for part in (self.digest, self.check):
            if "\n" in part:
                raise InvalidArgument(f"A draw key's parts are single lines, not {part!r}.")
        text = f"{self.digest}\n{self.check}\n{self.revision}\n"
        return hashlib.sha256(text.encode()).digest()[:16]


def uniforms(key: DrawKey, *, draws: int, columns: int) -> Floats:
    """(draws, columns) float64 in (0, 1): the middles of 2^53 equal steps, row by row.

    More draws of one key begin with the fewer.
    """
    return np.concatenate(list(_uniform_blocks(key, draws=draws, columns=columns)))


def resampled(counts: Sequence[float], *, key: DrawKey, draws: int) -> Iterator[Floats]:
    """Poisson resamples of a table of counts, by blocks: each (n, k) float64 whole numbers.

    Each cell is drawn on its own, with its count as mean. Given its total such a table is a
    multinomial resample, and a function of shares does not depend on the total.

    Args:
        counts: k counts of 0 or more.
        key: what the draws belong to.
        draws: how many resamples there are in all blocks.

    Source: Hanley & MacGibbon (2006), Computer Methods and Programs in Biomedicine 83(1),
    57-62.
    """
    cells = [PoissonQuantiles(mean) for mean in counts]
    for block in _uniform_blocks(key, draws=draws, columns=len(counts)):
        yield np.array([cell(block[:, i]) for i, cell in enumerate(cells)]).T


def fiducial(counts: Sequence[float], *, quantiles: Floats) -> Floats:
    """Means that a table of Poisson counts may have had: (draws, k) float64.

    A count's lower limit is a quantile of the gamma distribution with that count as shape,
    and its upper limit one of the next count's, so a cell is drawn low as `count` and high
    as `count + 1`.

    Args:
        counts: k shapes of 0 or more.
        quantiles: (draws, k) float64 in (0, 1), as from `uniforms`.

    Source: Garwood (1936), Biometrika 28(3/4), 437-442, for the limits; Hannig (2009),
    Statistica Sinica 19(2), 491-544, for joining them by draws.
    """
    columns = [gamma_quantile(quantiles[:, i], shape=shape) for i, shape in enumerate(counts)]
    return np.array(columns).T


class PoissonQuantiles:
    """The least k whose Poisson distribution function reaches a quantile.

    Args:
        mean: of the distribution, 0 or more.
    """

    def __init__(self, mean: float) -> None:
        reach = REACH * math.sqrt(mean) + REACH**2
        first, last = max(0, math.floor(mean - reach)), math.ceil(mean + reach)
        self._values = np.arange(first, last + 1 if mean > 0.0 else 1, dtype=np.float64)
        # Ratios of neighbouring probabilities add up from one end; no factorial is needed.
        logs = np.concatenate([[0.0], np.cumsum(np.log(mean / self._values[1:]))])
        chances = np.exp(logs - logs.max())
        self._function = np.cumsum(chances) / chances.sum()
        self._steps = _Steps(self._function)

    def __call__(self, quantiles: Floats) -> Floats:
        """(m,) float64 whole numbers for (m,) quantiles in (0, 1)."""
        below = self._steps.below(quantiles)
        found: Floats = self._values[np.minimum(below, len(self._values) - 1)]
        return found


def gamma_quantile(quantiles: Floats, *, shape: float) -> Floats:
    """Quantiles of the unit-scale gamma distribution, to a hundredth of its deviation; float64.

    Args:
        quantiles: (m,) in (0, 1).
        shape: 0 or more; of 0, all mass is at 0.
    """
    from scipy.special import gammainc

    if shape <= 0.0:
        return np.zeros_like(quantiles)
    reach = REACH * math.sqrt(shape) + REACH**2 / 3.0
    values = np.linspace(max(0.0, shape - reach), shape + reach, KNOTS)
    function = np.asarray(gammainc(shape, values), dtype=np.float64)
    # All quantiles lie between the first knot and the last, where the function is 0 and 1.
    after = _Steps(function).below(quantiles)
    last = after - 1
    slopes = (values[after] - values[last]) / (function[after] - function[last])
    found: Floats = slopes * (quantiles - function[last]) + values[last]
    return found


class _Steps:
    """Where quantiles lie among the ascending values of a distribution function.

    The function is searched only where it has a step in the quantile's slot of [0, 1);
    elsewhere as many steps lie below as at the slot's start (Chen & Asau 1974, Management
    Science 20(7), 1145-1151). A power of two of slots makes both products exact, so this finds
    what a search alone would.
    """

    def __init__(self, function: Floats) -> None:
        self._function = function
        steps = np.bincount((function * SLOTS).astype(np.intp), minlength=SLOTS + 1)
        self._shared = steps > 0
        self._starts = np.cumsum(steps) - steps

    def below(self, quantiles: Floats) -> npt.NDArray[np.intp]:
        """(m,) how many of the values are less than each of (m,) quantiles in (0, 1)."""
        slots = (quantiles * SLOTS).astype(np.intp)
        below: npt.NDArray[np.intp] = self._starts[slots]
        shared = np.flatnonzero(self._shared[slots])
        below[shared] = np.searchsorted(self._function, quantiles[shared])
        return below


def _uniform_blocks(key: DrawKey, *, draws: int, columns: int) -> Iterator[Floats]:
    """The rows of `uniforms` by blocks, which stay near the processor while they are used."""
    generator = np.random.Philox(key=np.frombuffer(key.philox(), dtype="<u8"))
    for start in range(0, draws, BLOCK):
        rows = min(BLOCK, draws - start)
        bits = generator.random_raw(rows * columns)
        bits >>= np.uint64(11)
        # A column's values lie together, since whatever follows reads one column at a time.
        values = np.empty((columns, rows))
        values[:] = bits.view(np.int64).reshape(rows, columns).T
        values += 0.5
        values *= 2.0**-53
        yield values.T
