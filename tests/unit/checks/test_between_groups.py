"""Inequality between groups, and other figures of AIF360 that compare more than one rate."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.checks.rows import Row, evidence_of

from assay.checks import fairness
from assay.checks.fairness import between_groups
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Confusion

ERRORS = Errors(low=0.04, high=0.05)


def groups(**cells: tuple[int, int, int, int]) -> Evidence:
    """Groups by name, each (TP, FP, FN, TN)."""
    rows = [
        Row(label=label, score=score, groups={"sex": name}, count=count)
        for name, counts in cells.items()
        for (label, score), count in zip(
            ((1, 0.9), (0, 0.9), (1, 0.1), (0, 0.1)), counts, strict=True
        )
    ]
    return evidence_of(rows, protected=("sex",), specs=[Confusion(by=("sex",))])


FAIR = {"f": (40, 20, 20, 120), "m": (40, 20, 20, 120)}
UNFAIR = {"f": (20, 5, 60, 115), "m": (90, 60, 10, 240)}


def test_indices_by_hand():
    """Two groups, with benefits (TP + TN + 2 FP) / n."""
    evidence = groups(**UNFAIR)
    f, m = (20 + 115 + 2 * 5) / 200, (90 + 240 + 2 * 60) / 400
    mean = (200 * f + 400 * m) / 600
    entropy = sum(w * ((b / mean) ** 2 - 1) / 2 for w, b in ((1 / 3, f), (2 / 3, m)))
    theil = sum(w * b / mean * math.log(b / mean) for w, b in ((1 / 3, f), (2 / 3, m)))
    expected = {
        "between_group_generalized_entropy_index": entropy,
        "between_group_theil_index": theil,
        "between_group_coefficient_of_variation": math.sqrt(2 * entropy),
    }
    for name, value in expected.items():
        found = getattr(fairness, name)(evidence, errors=ERRORS)
        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(value, abs=1e-12)
        assert 0.0 < found.low < found.value < found.high


def test_groups_that_share_alike_have_no_inequality_between_them():
    """However unequal people within them are."""
    found = fairness.between_group_theil_index(groups(**FAIR), errors=ERRORS)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.low == 0.0
    assert found.high > 0.0


def test_predictive_values_and_amplification_by_hand():
    """The mean of two differences, and the log ratio of decisions less that of labels."""
    evidence = groups(**UNFAIR)
    ppv, omitted = (90 / 150 - 20 / 25, 10 / 250 - 60 / 175)
    found = fairness.average_predictive_value_difference(evidence, errors=ERRORS, min_group_size=20)
    assert found.value == pytest.approx(abs(ppv + omitted) / 2, abs=1e-12)
    decided = max(math.log((150 / 400) / (25 / 200)), math.log((175 / 200) / (250 / 400)))
    labelled = max(math.log((80 / 200) / (100 / 400)), math.log((300 / 400) / (120 / 200)))
    amplified = fairness.differential_fairness_bias_amplification(evidence, errors=ERRORS)
    assert amplified.value == pytest.approx(decided - labelled, abs=1e-12)
    assert amplified.low < amplified.value < amplified.high


def test_a_small_group_and_a_lone_one_are_undefined():
    """Fewer rows than asked, or nobody to compare with."""
    small = fairness.between_group_theil_index(groups(f=(5, 5, 5, 5), m=FAIR["m"]), errors=ERRORS)
    assert isinstance(small, Undefined)
    assert small.units_lacking == (("f", 10),)
    alone = fairness.between_group_theil_index(groups(f=FAIR["f"]), errors=ERRORS)
    assert isinstance(alone, Undefined)
    nobody = groups(f=(0, 0, 50, 0), m=(0, 0, 50, 0))
    assert isinstance(fairness.between_group_theil_index(nobody, errors=ERRORS), Undefined)


SHARES = st.lists(st.floats(0.05, 1.0), min_size=2, max_size=5)


@settings(max_examples=60)
@given(weights=SHARES, seed=st.integers(0, 2**32))
@pytest.mark.parametrize("of", [between_groups.ENTROPY, between_groups.THEIL])
def test_extremes_over_limits_hold_every_point_within(
    of: between_groups.Inequality, weights: list[float], seed: int
):
    """No corner lies above the largest, and no point within below the smallest."""
    chance = np.random.default_rng(seed)
    shares = np.array(weights) / sum(weights)
    low = chance.random(len(shares)) * 1.5
    high = np.minimum(low + chance.random(len(shares)), 2.0)
    most = between_groups.largest(shares, low, high, of)
    least = between_groups.smallest(shares, low, high, of)
    corners = [np.array(corner) for corner in itertools.product(*zip(low, high, strict=True))]
    within = [low + chance.random(len(shares)) * (high - low) for _ in range(50)]
    values = [between_groups.index_at(shares, point, of) for point in [*corners, *within]]
    assert max(values) <= most + 1e-12
    assert min(values) >= least - 1e-12
