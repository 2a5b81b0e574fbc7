"""One proportion: Clopper-Pearson bounds, and effective counts of clustered rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    READING,
    Errors,
    Estimate,
    Proportion,
    Undefined,
    exact_lower_bound,
    exact_upper_bound,
    proportion,
)


def even_buckets(events: int, trials: int, *, buckets: int) -> tuple[tuple[float, float], ...]:
    """Buckets of units with the same counts in each."""
    return ((float(events), float(trials)),) * buckets


def test_bounds_are_the_textbook_ones() -> None:
    """Ten of a hundred has the two-sided 95 % interval 0.0490 to 0.1762."""
    assert exact_lower_bound(events=10, trials=100, error=0.025) == pytest.approx(0.0490, abs=5e-5)
    assert exact_upper_bound(events=10, trials=100, error=0.025) == pytest.approx(0.1762, abs=5e-5)


@pytest.mark.parametrize("error", [0.05, 0.001])
def test_no_event_follows_the_rule_of_three(error: float) -> None:
    """Of n trials without an event the upper bound is `1 - a^(1/n)`, and the lower is 0."""
    assert exact_lower_bound(events=0, trials=60, error=error) == 0.0
    assert exact_upper_bound(events=0, trials=60, error=error) == pytest.approx(
        1.0 - error ** (1 / 60), abs=1e-12
    )


def test_only_events_mirror_no_event() -> None:
    """Of n events in n trials the bounds are those of no event, counted from 1."""
    assert exact_upper_bound(events=7, trials=7, error=0.05) == 1.0
    assert exact_lower_bound(events=7, trials=7, error=0.05) == pytest.approx(0.05 ** (1 / 7))


def test_a_single_trial_says_little() -> None:
    """One event of one trial bounds the rate below by the error itself."""
    assert exact_lower_bound(events=1, trials=1, error=0.05) == pytest.approx(0.05, abs=1e-12)


@pytest.mark.parametrize(
    ("events", "trials", "error"),
    [(1, 0, 0.05), (0, 0, 0.05), (-1, 5, 0.05), (6, 5, 0.05), (1, 5, 0.0), (1, 5, 0.5)],
)
def test_arguments_out_of_range_are_refused(events: float, trials: float, error: float) -> None:
    """No bound is given for counts or errors that mean nothing."""
    with pytest.raises(InvalidArgument):
        exact_lower_bound(events=events, trials=trials, error=error)


@pytest.mark.parametrize(("events", "trials"), [(math.nan, 4.0), (1.0, math.inf), (3.0, 2.0)])
def test_a_proportion_refuses_impossible_counts(events: float, trials: float) -> None:
    """NaN, infinity and more events than trials are defects of the caller."""
    with pytest.raises(InvalidArgument):
        Proportion(events=events, trials=trials)


def test_no_trials_are_undefined_not_zero() -> None:
    """A rate of no rows has no value, and says that one row would give it one."""
    answer = proportion(Proportion(events=0, trials=0), errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("", 1),)


def test_each_side_has_its_own_error() -> None:
    """The lower bound follows the low error alone, the upper bound the high one."""
    answer = proportion(Proportion(events=3, trials=50), errors=Errors(low=0.001, high=0.05))
    assert isinstance(answer, Estimate)
    assert answer.low == exact_lower_bound(events=3, trials=50, error=0.001)
    assert answer.high == exact_upper_bound(events=3, trials=50, error=0.05)
    assert (answer.value, answer.n, answer.events) == (0.06, 50, 3)


def test_units_that_repeat_themselves_count_once() -> None:
    """Rows of which each unit has ten alike are worth about a tenth."""
    generator = np.random.default_rng(5)
    outcomes = generator.random(640) < 0.4
    members = np.arange(640) % 64
    events = np.bincount(members, outcomes * 10.0)
    trials = np.bincount(members) * 10.0
    clustered = Proportion(
        events=float(events.sum()),
        trials=float(trials.sum()),
        buckets=tuple(zip(events.tolist(), trials.tolist(), strict=True)),
    )
    effective = clustered.effective(0.05)
    assert isinstance(effective, Proportion)
    assert effective.trials == pytest.approx(640, rel=0.3)
    assert effective.value == pytest.approx(clustered.value)


def test_buckets_without_variance_never_count_for_more_than_rows() -> None:
    """Buckets that agree by luck leave the rows as they are."""
    alike = Proportion(events=320, trials=640, buckets=even_buckets(5, 10, buckets=64))
    effective = alike.effective(0.05)
    assert isinstance(effective, Proportion)
    assert effective.trials == 640


@pytest.mark.parametrize("events", [0, 10])
def test_a_rate_at_its_end_counts_clusters(events: int) -> None:
    """Buckets without an event, or without a non-event, are worth one trial each."""
    clustered = Proportion(
        events=events * 40, trials=400, buckets=even_buckets(events, 10, buckets=40)
    )
    effective = clustered.effective(0.05)
    assert isinstance(effective, Proportion)
    assert effective.trials == 40


def test_clusters_that_are_counted_replace_filled_buckets() -> None:
    """Where distinct units are known, a rare event counts those."""
    clustered = Proportion(
        events=0, trials=4000, buckets=even_buckets(0, 100, buckets=40), clusters=1500
    )
    effective = clustered.effective(0.05)
    assert isinstance(effective, Proportion)
    assert effective.trials == 1500
    assert clustered.units == 1500


def test_nine_filled_buckets_are_too_few() -> None:
    """Under ten filled buckets there is no bound, and the reason says how many are lacking."""
    clustered = Proportion(events=9, trials=90, buckets=(*even_buckets(1, 10, buckets=9), (0, 0)))
    answer = proportion(clustered, errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("", 1),)
    assert "9 of 64 buckets" in answer.reason
