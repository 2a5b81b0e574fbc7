"""Bounds on weighted rates miss at most their declared error, each side alone.

Source of the method: Korn & Graubard (1998); that it holds under unequal weights, which may
depend on the outcome, is shown here with few worlds of each kind, and with many in the tables of
the reference (tests/calibration/tables.py).
"""

from __future__ import annotations

import pytest
from tests.calibration.stats.test_simulated_misses import (
    ERRORS,
    HASTE,
    allowed,
    misses,
)
from tests.calibration.stats.weighted_worlds import weighted_worlds
from tests.calibration.stats.worlds import PATIENCE

WORLDS = {world.name: world for world in weighted_worlds()}


@pytest.mark.parametrize("error", ERRORS)
def test_weighted_bounds_miss_about_as_declared(error: float) -> None:
    """A short look at every kind of world, in proportion to the long one."""
    for name, world in WORLDS.items():
        draws = HASTE * world.samples[ERRORS.index(error)] // max(PATIENCE)
        assert max(misses(world, error, draws)) <= allowed(error, draws), name
