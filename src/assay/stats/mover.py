"""Two independent proportions joined: the worst split of an error between them, MOVER's arc.

The limit of `p1 - p2` is where both sides are off at once, `z1` and `z2` standard errors with
`z1² + z2² = z²`. MOVER finds the worst of those splits in closed form, by taking each side's
distance to its limit to grow in proportion to its `z`. Near 0 and 1 it does not: the distance
to a lower limit is never more than the rate itself, so the sum of two rare rates, each seen
once, would be bounded away from 0 at any error. So the limits are taken at splits along the
whole arc, and the worst counts.

Misses by exact enumeration over rates 0.001 to 0.999 and sizes 5 to 5,000, as multiples of the
declared error: at most 0.99, 0.98 and 0.97 at errors 0.05, 0.001 and 0.05/182, where MOVER's
closed form has up to 1.5, 51 and 186.

Source: Zou & Donner (2008), Statistics in Medicine 27(10), 1693-1702, for the split of `z`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assay.stats.proportions import exact_limits

Floats = npt.NDArray[np.float64]

METHOD: Final = "MOVER's arc of Clopper-Pearson limits"

STEPS: Final = 16
"""Steps along the arc; between two of them a bound moves by at most 0.3 % of its distance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """Rates with Clopper-Pearson limits along the arc of one error.

    Attributes:
        values: (...) float64 rates.
        low: (STEPS + 1, ...) float64 lower limits; row j is at `z cos(jπ/2 / STEPS)`, so the
            first is at the error itself, the last at one half.
        high: (STEPS + 1, ...) float64 upper limits.
    """

    values: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, events: Floats, trials: Floats, error: float) -> Arc:
        """The arc of (k,) proportions at a one-sided error; no trials are 0."""
        low, high = exact_limits(events, trials, arc_errors(error))
        return cls(values=events / trials, low=low, high=high)

    def first(self, rows: slice = slice(None)) -> Arc:
        """Some of k rates as a column, to be paired with `second`."""
        return self._at((..., rows, None))

    def second(self, columns: slice = slice(None)) -> Arc:
        """Some of k rates as a row."""
        return self._at((..., None, columns))

    def _at(self, index: tuple[Any, ...]) -> Arc:
        return Arc(values=self.values[index], low=self.low[index], high=self.high[index])


def difference_low(first: Arc, second: Arc) -> Floats:
    """Lower bounds of `first - second`; the upper ones are `-difference_low(second, first)`."""
    bounds: Floats = (first.low - second.high[::-1]).min(axis=0)
    return bounds


def ratio_low(first: Arc, second: Arc) -> Floats:
    """The largest `t` at which the bound of `first - t·second` shows it is at least 0.

    Upper bounds are one over `ratio_low(second, first)`, and infinite where that is 0.
    """
    bounds: Floats = (first.low / second.high[::-1]).min(axis=0)
    return bounds


@lru_cache(maxsize=4096)
def arc_errors(error: float, *, correlation: float = 0.0) -> Floats:
    """(STEPS + 1, 1) one-sided errors along the arc; read backwards, those of the other side.

    Row j is at `z cos(jα / STEPS)`, the other side at `z cos(α - jα / STEPS)`, where `cos α` is
    the correlation of the two sides' errors: a quarter of a circle where they are independent,
    and a point where both are off together.

    Args:
        error: one-sided error, a fraction in (0, 0.5].
        correlation: a fraction in [0, 1].
    """
    from scipy.special import ndtr, ndtri

    angles = np.linspace(0.0, math.acos(correlation), STEPS + 1)
    errors: Floats = ndtr(float(ndtri(error)) * np.cos(angles))
    errors[0] = error  # to the last bit, so that a limit is the same here and alone
    errors.flags.writeable = False
    return errors[:, None]
