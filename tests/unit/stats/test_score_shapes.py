"""Average precision, F1, the Kolmogorov-Smirnov distance and the calibration line."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from tests.unit.stats.tables import (
    Floats,
    Integers,
    binned_table,
    buckets_of,
    draw_scores,
    table_of,
)

from assay.stats import (
    READING,
    Errors,
    Estimate,
    Proportion,
    Undefined,
    average_precision,
    calibration_intercept,
    calibration_slope,
    exact_lower_bound,
    f1_score,
    kolmogorov_smirnov,
)
from assay.stats.quantiles import normal_quantile

BOTH = Errors(low=0.05, high=0.05)
Measure = Callable[..., Estimate | Undefined]


def defined(answer: Estimate | Undefined) -> Estimate:
    """The estimate, which must exist."""
    assert isinstance(answer, Estimate)
    return answer


def repeated(seed: int, units: int, copies: int) -> tuple[Floats, Integers, Integers]:
    """Rows of which each unit has several alike, and their buckets."""
    scores, labels = draw_scores(seed, units, base=0.0)
    return (
        np.tile(scores, copies),
        np.tile(labels, copies),
        np.tile(np.arange(units) % 64, copies),
    )


def test_average_precision_is_bounded_on_the_logit_at_half_the_error() -> None:
    """`logit A ± z_{a/2} / √(n₊ A(1-A))`."""
    scores, labels = draw_scores(31, 2000)
    answer = defined(average_precision(table_of(scores, labels), errors=BOTH))
    area = answer.value
    reach = normal_quantile(0.025) / math.sqrt(labels.sum() * area * (1 - area))
    logit = math.log(area / (1 - area))
    assert answer.low == pytest.approx(1 / (1 + math.exp(reach - logit)), abs=1e-11)
    assert answer.high == pytest.approx(1 / (1 + math.exp(-reach - logit)), abs=1e-11)


def test_order_within_bins_moves_average_precision_no_further_than_its_doubt() -> None:
    """Binned bounds contain what any order of the rows would give."""
    scores, labels = draw_scores(32, 3000)
    binned = defined(average_precision(binned_table(scores, labels, bins=25), errors=BOTH))
    exact = defined(average_precision(table_of(scores, labels), errors=BOTH))
    assert binned.low < exact.low
    assert binned.high > exact.high


def test_perfect_precision_is_not_certainty() -> None:
    """All positives on top gives 1, with a lower bound under it."""
    labels = np.repeat([0, 1], [400, 120])
    answer = defined(average_precision(table_of(np.linspace(0, 1, 520), labels), errors=BOTH))
    assert answer.value == 1.0
    assert answer.low < 0.99
    assert answer.high > 0.999


def test_average_precision_needs_a_hundred_positives() -> None:
    """Fewer are named with what they lack."""
    labels = np.repeat([0, 1], [400, 80])
    answer = average_precision(table_of(np.linspace(0, 1, 480), labels), errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("", 20),)


def test_f1_follows_jaccard() -> None:
    """`2J/(1+J)` of the Clopper-Pearson bounds of `TP / (TP + FP + FN)`."""
    answer = defined(f1_score(Proportion(events=60, trials=100), errors=BOTH))
    low = exact_lower_bound(events=60, trials=100, error=0.05)
    assert answer.value == pytest.approx(2 * 60 / (2 * 60 + 40))
    assert answer.low == pytest.approx(2 * low / (1 + low))
    assert isinstance(f1_score(Proportion(events=0, trials=0), errors=BOTH), Undefined)


def test_the_distance_of_distributions_has_its_stated_bounds() -> None:
    """`D + ½z√(1/n+1/m)` above, `D - √(½ ln(2/a)(1/n+1/m))` below."""
    scores, labels = draw_scores(33, 1500)
    answer = defined(kolmogorov_smirnov(table_of(scores, labels), errors=BOTH))
    positives = float(labels.sum())
    noise = math.sqrt(1 / positives + 1 / (1500 - positives))
    assert answer.high == pytest.approx(answer.value + normal_quantile(0.05) / 2 * noise)
    assert answer.low == pytest.approx(answer.value - math.sqrt(0.5 * math.log(40)) * noise)


def test_bins_may_hide_distance_above_only() -> None:
    """A binned distance is at most the exact one, and its upper bound covers what it hides."""
    scores, labels = draw_scores(34, 1500)
    exact = defined(kolmogorov_smirnov(table_of(scores, labels), errors=BOTH))
    binned = defined(kolmogorov_smirnov(binned_table(scores, labels, bins=12), errors=BOTH))
    assert binned.value <= exact.value
    assert binned.high >= exact.high


def test_honest_scores_have_intercept_0_and_slope_1() -> None:
    """Both bounds lie around them; shrunken scores have another slope, shifted ones intercept."""
    scores, labels = draw_scores(35, 4000)
    table = table_of(scores, labels)
    intercept = defined(calibration_intercept(table, errors=BOTH))
    slope = defined(calibration_slope(table, errors=BOTH))
    assert intercept.low < 0.0 < intercept.high
    assert slope.low < 1.0 < slope.high
    logit = np.log(scores / (1 - scores))
    extreme = table_of(1 / (1 + np.exp(-2 * logit)), labels)
    assert defined(calibration_slope(extreme, errors=BOTH)).value == pytest.approx(slope.value / 2)
    low = table_of(1 / (1 + np.exp(0.7 - logit)), labels)
    moved = defined(calibration_intercept(low, errors=BOTH))
    assert moved.value == pytest.approx(intercept.value + 0.7)


@pytest.mark.parametrize(
    ("scores", "labels", "words"),
    [
        (np.linspace(0.1, 0.9, 60), np.repeat([0, 1], [45, 15]), "15 are positive"),
        (np.linspace(0.0, 0.9, 60), np.arange(60) % 2, "1 rows have a score of exactly 0 or 1"),
        (np.full(60, 0.4), np.arange(60) % 2, "All scores are equal"),
        (np.linspace(0.1, 0.9, 60), np.repeat([0, 1], 30), "separate the labels completely"),
    ],
)
def test_a_line_that_cannot_be_fitted_says_why(
    scores: Floats, labels: Integers, words: str
) -> None:
    """Too few of a label, certain scores, one score and separation have no slope."""
    answer = calibration_slope(table_of(scores, labels), errors=READING)
    assert isinstance(answer, Undefined)
    assert words in answer.reason


@pytest.mark.parametrize(
    "measure",
    [average_precision, kolmogorov_smirnov, calibration_intercept, calibration_slope],
)
def test_units_that_repeat_widen_the_bounds(measure: Measure) -> None:
    """Six copies of each row are bounded about as one, or a little wider; nine buckets not."""
    scores, labels, members = repeated(36, 1280, 6)
    table, parts = table_of(scores, labels), buckets_of(scores, labels, members)
    alone = defined(measure(table_of(scores[:1280], labels[:1280]), errors=BOTH))
    clustered = defined(measure(table, errors=BOTH, buckets=parts))
    ratio = (clustered.high - clustered.low) / (alone.high - alone.low)
    assert 0.65 < ratio < 1.4
    assert clustered.n < 4000
    few = measure(table, errors=BOTH, buckets=parts[:9])
    assert isinstance(few, Undefined)
