"""Every other bound misses at most its declared error, each side alone, in drawn worlds.

Few samples of each world are drawn here, with a fixed seed; three standard errors are allowed
for. Many are drawn for the tables of the reference (tests/calibration/tables.py), and again
by the slow tests, which hold them against their bars.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.calibration.stats.worlds import LENGTHY, MANY, PATIENCE, RESAMPLED, WORLDS, World

from assay.stats import Errors, Estimate

ERRORS = (0.05, 0.001)
HASTE = 200


def misses(world: World, error: float, draws: int) -> tuple[float, float]:
    """The shares of samples in which the truth lies below, and above, its bounds.

    A sample whose estimate is undefined claims nothing, so it misses nothing.
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


def detected(error: float, draws: int) -> float:
    """By what factor a bound may exceed its error and still be found good once in ten looks."""
    factor = 1.0
    while True:
        true = factor * error
        if true - 1.28 * math.sqrt(true * (1 - true) / draws) > allowed(error, draws):
            return factor
        factor += 0.01


def left_out(world: World) -> bool:
    """Whether the tables leave it out, since each sample is itself resampled."""
    return world.samples == RESAMPLED


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_about_as_declared(name: str, error: float) -> None:
    """A short look at every kind of world, in proportion to the long one."""
    draws = HASTE * WORLDS[name].samples[ERRORS.index(error)] // max(PATIENCE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if left_out(world)])
def test_resampled_bounds_miss_at_most_as_declared(name: str, error: float) -> None:
    """A long look at those that the tables leave out."""
    draws = WORLDS[name].samples[ERRORS.index(error)]
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)


def test_the_looks_see_what_they_say_they_see() -> None:
    """By how much a bound may exceed 0.05, and 0.001, and pass as good in one look of ten."""
    sizes = {size for samples in (PATIENCE, MANY, LENGTHY, RESAMPLED) for size in samples}
    seen = {
        size: tuple(round(detected(error, size), 1) for error in ERRORS) for size in sorted(sizes)
    }
    assert seen == {
        300: (2.2, 15.6),
        1_500: (1.5, 6.0),
        6_000: (1.3, 3.2),
        20_000: (1.1, 2.1),
    }
