"""A sample of the planned size passes about as often as planned: in 8 of 10 worlds."""

from __future__ import annotations

import numpy as np
import pytest

from assay.stats.estimate import Errors, Estimate
from assay.stats.gaps import largest_difference
from assay.stats.planning import units_to_pass
from assay.stats.proportions import Proportion

ERRORS = Errors(low=0.05, high=0.05)
LIMIT = 0.1
WORLDS = 1000


def gap(generator: np.random.Generator, rates: tuple[float, float], size: int) -> Estimate:
    """The gap between two groups of so many people, in one world."""
    groups = {
        name: Proportion(events=int((generator.random(size) < rate).sum()), trials=size)
        for name, rate in zip(("first", "second"), rates, strict=True)
    }
    found = largest_difference(
        (groups,), errors=ERRORS, min_group_size=30, small_groups="insufficient"
    )
    assert isinstance(found, Estimate)
    return found


@pytest.mark.parametrize("rates", [(0.32, 0.28), (0.12, 0.08), (0.51, 0.49)])
def test_a_gap_of_the_stated_truth_passes_as_often_as_planned(rates: tuple[float, float]):
    """Planned from samples of 300 a group, whose own gaps are off by chance."""
    generator = np.random.Generator(np.random.Philox(20261124))
    plans = [
        units_to_pass(
            gap(generator, rates, 300),
            threshold=LIMIT,
            direction="at_most",
            false_allow=0.05,
            truth=rates[0] - rates[1],
        )
        for _ in range(50)
    ]
    units = sorted(plan for plan in plans if plan is not None)[len(plans) // 2]
    passed = sum(gap(generator, rates, units // 2).high <= LIMIT for _ in range(WORLDS))
    assert 0.75 < passed / WORLDS < 0.87
