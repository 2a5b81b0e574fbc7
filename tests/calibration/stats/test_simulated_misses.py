"""Every other bound misses at most its declared error, each side alone, in drawn worlds.

Few worlds of each kind are drawn here, with a fixed seed; three standard errors are allowed
for. Many are drawn for the tables of the reference (tests/calibration/tables.py), and again
by the slow tests, which hold them against their bars.
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
"""Worlds drawn for the tables."""

LENGTHY = ("balanced accuracy of 600, rare", "skill of 60, 1.0")
"""Worlds of which one sample takes 10 ms; the tables leave them out, like those resampled."""


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


def left_out(world: World) -> bool:
    """Whether the tables leave it out, since it takes too long to draw."""
    return world.resampled or world.name in LENGTHY


def draws_of(world: World, error: float, most: int) -> int:
    """Worlds to draw; fewer where each of them is itself drawn up to a hundred thousand times."""
    if world.resampled and error < 0.01:
        return most // 20
    return most // 4 if world.resampled or world.name in LENGTHY else most


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_about_as_declared(name: str, error: float) -> None:
    """A short look at every kind of world."""
    draws = draws_of(WORLDS[name], error, HASTE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if left_out(world)])
def test_lengthy_bounds_miss_at_most_as_declared(name: str, error: float) -> None:
    """A long look at those that the tables leave out."""
    draws = draws_of(WORLDS[name], error, PATIENCE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)
