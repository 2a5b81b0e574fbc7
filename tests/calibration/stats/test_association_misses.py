"""The bounds of what a column tells miss at most their error, each side alone, in drawn worlds."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import brentq

from assay.stats.association import entropy, entropy_share, mutual_information
from assay.stats.estimate import Errors, Estimate

Floats = npt.NDArray[np.float64]
HASTE = 150
PATIENCE = 4000

WORLDS: dict[str, tuple[int, float, float]] = {
    f"{cells} cells, {prevalence:g} positive, strength {strength:g}": (cells, prevalence, strength)
    for cells, prevalence in ((2, 0.5), (5, 0.3), (10, 0.1), (20, 0.3))
    for strength in (0.0, 0.3, 1.0, 3.0, 8.0)
}


def world(cells: int, prevalence: float, strength: float) -> Floats:
    """Cells of equal mass, whose log odds of a positive rise evenly by twice the strength."""
    slopes = np.linspace(-strength, strength, cells)

    def mean(intercept: float) -> float:
        return float(np.mean(1.0 / (1.0 + np.exp(-(slopes + intercept))))) - prevalence

    positive = 1.0 / (1.0 + np.exp(-(slopes + brentq(mean, -60.0, 60.0))))
    return np.stack([1.0 - positive, positive], axis=1) / cells


def misses(name: str, error: float, draws: int) -> tuple[float, float]:
    """Shares of samples whose truth lies below, and above, its bounds."""
    cells, prevalence, strength = WORLDS[name]
    shares = world(cells, prevalence, strength)
    truth = mutual_information(shares) / entropy(shares.sum(axis=0))
    # The least that a check looks at: 100 rows of the rarer label, and 20 for each cell.
    rows = int(max(100, 20 * cells) / min(prevalence, 1.0 - prevalence))
    generator = np.random.default_rng([cells, int(100 * strength), int(1 / error)])
    below = above = 0
    for _ in range(draws):
        table = generator.multinomial(rows, shares.ravel()).reshape(shares.shape)
        found = entropy_share(table, errors=Errors(low=error, high=error))
        assert isinstance(found, Estimate)
        below += found.low > truth + 1e-9
        above += found.high < truth - 1e-9
    return below / draws, above / draws


@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_about_as_declared(name: str, error: float):
    """A short look at every world."""
    most = error + 3.0 * math.sqrt(error * (1.0 - error) / HASTE)
    assert max(misses(name, error, HASTE)) <= most


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.05, 0.001])
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_no_more_than_declared(name: str, error: float):
    """A long one, at three standard errors."""
    most = error + 3.0 * math.sqrt(error * (1.0 - error) / PATIENCE)
    assert max(misses(name, error, PATIENCE)) <= most
