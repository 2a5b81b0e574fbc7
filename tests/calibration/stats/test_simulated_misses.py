"""Every other bound misses at most its declared error, each side alone, in drawn worlds.

Few samples of each world are drawn here, with a fixed seed; three standard errors are allowed
for. Many are drawn for the tables of the reference (tests/calibration/tables.py), and again
by the slow tests, which compare.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.calibration.stats.worlds import MANY, PATIENCE, WORLDS, Answer, World

from assay.stats import Errors, Estimate

ERRORS = (0.05, 0.001)
HASTE = 120

GLANCE = 10.0
"""An error so many times as large takes so many times fewer draws; its bounds are nearer."""


def misses(world: World, error: float, draws: int) -> tuple[float, float]:
    """The shares of samples in which the truth lies below, and above, its bounds.

    A sample whose estimate is undefined claims nothing, so it misses nothing.
    """
    generator = np.random.default_rng([draws, int(1 / error)])
    below = above = 0
    for _ in range(draws):
        answer = world.draw(generator)
        glance = world.resampled and GLANCE * error < 0.5
        if glance and not any(missed(answer, world.truth, GLANCE * error)):
            continue  # where nearer bounds hold the truth, so do those at the error
        low, high = missed(answer, world.truth, error)
        below, above = below + low, above + high
    return below / draws, above / draws


def missed(answer: Answer, truth: float, error: float) -> tuple[bool, bool]:
    """Whether the truth lies below a sample's bounds, and above them."""
    found = answer(Errors(low=error, high=error))
    if not isinstance(found, Estimate):
        return False, False
    return found.low > truth + 1e-9, found.high < truth - 1e-9


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


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", WORLDS)
def test_bounds_miss_about_as_declared(name: str, error: float) -> None:
    """A short look at every kind of world, in proportion to the long one."""
    draws = HASTE * WORLDS[name].samples[ERRORS.index(error)] // max(PATIENCE)
    assert max(misses(WORLDS[name], error, draws)) <= allowed(error, draws)


@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if world.resampled])
def test_resampled_bounds_at_a_smaller_error_lie_further_out(name: str) -> None:
    """So that a glance at the nearer ones finds every sample that the further ones miss."""
    generator = np.random.default_rng(1)
    for _ in range(5):
        answer = WORLDS[name].draw(generator)
        near, far = (answer(Errors(low=e, high=e)) for e in (GLANCE * 0.001, 0.001))
        if isinstance(near, Estimate) and isinstance(far, Estimate):
            assert far.low < near.low < near.high < far.high


def test_the_looks_see_what_they_say_they_see() -> None:
    """By how much a bound may exceed 0.05, and 0.001, and pass as good in one look of ten."""
    sizes = {size for samples in (PATIENCE, MANY) for size in samples}
    seen = {
        size: tuple(round(detected(error, size), 1) for error in ERRORS) for size in sorted(sizes)
    }
    assert seen == {
        6_000: (1.3, 3.2),
        20_000: (1.1, 2.1),
    }
