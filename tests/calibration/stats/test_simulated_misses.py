"""Every other bound misses at most its declared error, each side alone, in drawn worlds.

The fast tests draw few worlds of each kind, the slow ones many; seeds are fixed. Three
standard errors are allowed for.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.calibration.stats.worlds import WORLDS, World

from assay.stats import Errors, Estimate

ERRORS = (0.05, 0.001)
HASTE = 200
PATIENCE = 6000


def misses(world: World, error: float, draws: int) -> tuple[float, float]:
    """The shares of worlds in which the truth lies below, and above, its bounds.

    A world whose estimate is undefined claims nothing, so it misses nothing.
    """
    generator = np.random.default_rng([draws, int(1 / error)])
    below = above = 0
    for _ in range(draws):
        answer = world.draw(generator)(Errors(low=error, high=error))
        if isinstance(answer, Estimate):
            below += answer.low > world.truth + 1e-9
            above += answer.high < world.truth - 1e-9
    return below / draws, above / draws


def allowed(error: float, draws: int) -> float:
    """The declared error and three standard errors."""
    return error + 3 * math.sqrt(error * (1 - error) / draws)


def draws_of(world: World, error: float, most: int) -> int:
    """Worlds to draw; fewer where each of them is itself drawn a hundred thousand times."""
    return most // 20 if world.resampled and error < 0.01 else most


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_about_as_declared(name: str, error: float) -> None:
    """A short look at every kind of world."""
    draws = draws_of(WORLDS[name], error, HASTE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_at_most_as_declared(name: str, error: float) -> None:
    """A long look at every kind of world."""
    draws = draws_of(WORLDS[name], error, PATIENCE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)
