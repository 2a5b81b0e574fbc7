"""Worlds whose rows have sampling weights, unequal ones that may depend on the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from tests.calibration.stats.worlds import MANY, Answer, World

from assay.stats import Proportion, difference_of_proportions, proportion
from assay.stats.tallies import BinaryCounts, WeightedCounts
from assay.stats.weighting import weighted_proportion

Generator = np.random.Generator
Floats = npt.NDArray[np.float64]

STRATA = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Sixteen strata, equally frequent in a sample.

    Attributes:
        rate: about how frequent events are.
        spread: the deviation of the logarithm of weights.
        lean: how much the logarithm of an event's chance changes with that of the weight.
    """

    rate: float
    spread: float
    lean: float

    @property
    def weights(self) -> Floats:
        """By stratum, in steps of a grid."""
        return np.round(1e6 * np.exp(self.spread * self._places))

    @property
    def chances(self) -> Floats:
        """Of an event, by stratum."""
        return np.clip(self.rate * np.exp(self.lean * self._places), 0.0, 1.0)

    @property
    def truth(self) -> float:
        """The weighted rate."""
        return float(self.weights @ self.chances / self.weights.sum())

    def sample(self, rows: int, generator: Generator) -> Proportion:
        """What is seen in so many rows."""
        shares, powers = _tables(self)
        numbers = generator.multinomial(rows, shares).reshape(2, STRATA)
        held, sums, squares = (numbers @ powers).T.tolist()
        counts = WeightedCounts(
            rows=BinaryCounts(true_negatives=held[0], true_positives=held[1]),
            sums=BinaryCounts(true_negatives=sums[0], true_positives=sums[1]),
            squares=BinaryCounts(true_negatives=squares[0], true_positives=squares[1]),
        )
        return weighted_proportion(
            counts, (), events=lambda c: c.true_positives, trials=lambda c: c.n
        )

    @property
    def _places(self) -> Floats:
        return np.asarray(ndtri((np.arange(STRATA) + 0.5) / STRATA))


@cache
def _tables(population: Population) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Shares of non-events and events by stratum, and powers of its weight from 0 to 2."""
    shares = np.concatenate([1.0 - population.chances, population.chances]) / STRATA
    weights = population.weights.astype(np.int64)
    return shares, np.stack([weights**0, weights, weights**2], axis=1)


def weighted_worlds() -> list[World]:
    """Rates near and far from their ends; weights alike or not, and leaning either way."""
    leaning = ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 0.3), (1.0, -0.3))
    many = [
        (Population(rate=rate, spread=spread, lean=lean), rows)
        for rate in (0.01, 0.1, 0.5)
        for spread, lean in leaning
        for rows in (100, 1000)
    ]
    # Heavy rows are few, and may be missing, and are where the rarer kind is.
    few = [
        (Population(rate=rate, spread=spread, lean=lean), 30)
        for rate, lean in ((0.1, 1.0), (0.9, -1.0), (0.9, 0.3), (0.98, -0.6))
        for spread in (0.5, 1.0)
    ]
    found = [
        World(
            name=f"weighted rate {p.rate} of {rows}, spread {p.spread}, lean {p.lean}",
            draw=partial(_rate, p, rows),
            truth=p.truth,
            samples=MANY,
        )
        for p, rows in (*many, *few)
    ]
    first = Population(rate=0.3, spread=1.0, lean=0.2)
    second = Population(rate=0.2, spread=0.5, lean=0.0)
    gap = World(
        name="gap of weighted rates",
        draw=partial(_gap, first, second),
        truth=first.truth - second.truth,
        samples=MANY,
    )
    return [*found, gap]


def _rate(population: Population, rows: int, generator: Generator) -> Answer:
    p = population.sample(rows, generator)
    return lambda errors: proportion(p, errors=errors)


def _gap(first: Population, second: Population, generator: Generator) -> Answer:
    one, other = first.sample(300, generator), second.sample(300, generator)
    return lambda errors: difference_of_proportions(one, other, errors=errors)
