"""Means and losses: Hall's correction, the bounded fallback, bins, clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.stats.tables import binned_table, buckets_of, draw_scores, table_of

from assay.errors import InvalidArgument
from assay.stats import READING, Errors, Estimate, Moments, Undefined, brier_score, log_loss, mean
from assay.stats.means import bounded_limit, relative_entropy
from assay.stats.quantiles import student_quantile

BOTH = Errors(low=0.05, high=0.05)


def moments(values: np.ndarray) -> Moments:
    """The moments of rows."""
    return Moments.of(np.asarray(values, dtype=np.float64), np.ones(len(values)))


def defined(answer: Estimate | Undefined) -> Estimate:
    """The estimate, which must exist."""
    assert isinstance(answer, Estimate)
    return answer


def test_symmetric_values_get_students_t() -> None:
    """Without skewness the bounds are the textbook's."""
    values = np.concatenate([np.arange(100.0), 99.0 - np.arange(100.0)])
    answer = defined(mean(moments(values), errors=BOTH))
    reach = student_quantile(0.05, 199) * values.std(ddof=1) / math.sqrt(200)
    assert answer.value == 49.5
    assert answer.low == pytest.approx(49.5 - reach)
    assert answer.high == pytest.approx(49.5 + reach)


def test_halls_cubic_is_inverted() -> None:
    """At the bound, Hall's transform of the t statistic is the quantile."""
    values = np.random.default_rng(4).exponential(size=400)
    held = moments(values)
    answer = defined(mean(held, errors=BOTH))
    deviation, skew = math.sqrt(held.variance / 400), held.skewness / 20
    for bound, quantile in ((answer.low, 1.0), (answer.high, -1.0)):
        t = (held.mean - bound) / deviation
        cubic = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
        assert cubic == pytest.approx(quantile * student_quantile(0.05, 399), abs=1e-8)
    # Losses with a long upper tail may be underestimated, so the upper bound reaches further.
    assert answer.high - answer.value > answer.value - answer.low


def test_moments_are_those_of_the_rows() -> None:
    """Counted values give the moments of rows written out."""
    from scipy.stats import skew

    values, counts = np.array([0.0, 1.0, 5.0]), np.array([4.0, 3.0, 2.0])
    rows = np.repeat(values, counts.astype(int))
    held = Moments.of(values, counts)
    assert held.n == 9
    assert held.mean == pytest.approx(rows.mean())
    assert held.variance == pytest.approx(rows.var(ddof=1))
    assert held.skewness == pytest.approx(skew(rows))


@pytest.mark.parametrize("values", [np.linspace(0, 1, 50), np.full(500, 0.25), np.eye(200)[0]])
def test_thin_means_fall_back_to_their_limits(values: np.ndarray) -> None:
    """Few rows, equal rows and one row in two hundred: `n·kl(mean, μ) = ln(1/a)`."""
    held = moments(values)
    answer = defined(mean(held, errors=BOTH, limits=(0.0, 1.0)))
    assert "Hoeffding" in answer.method
    n = len(values)
    for bound in (answer.low, answer.high):
        assert n * relative_entropy(held.mean, bound) == pytest.approx(math.log(20), rel=1e-6)


def test_limits_may_lie_anywhere() -> None:
    """Costs from -2 to 8 are bounded on their own scale."""
    share = bounded_limit(0.3, limits=(0.0, 1.0), n=80, error=0.01, upper=True)
    cost = bounded_limit(1.0, limits=(-2.0, 8.0), n=80, error=0.01, upper=True)
    assert cost == pytest.approx(-2 + 10 * share)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_mean_at_its_limit_stays_within(value: float) -> None:
    """Of no cost at all the lower bound is the limit, and the upper `1 - a^(1/n)`."""
    answer = defined(mean(moments(np.full(40, value)), errors=BOTH, limits=(0.0, 1.0)))
    edge = 1 - 0.05 ** (1 / 40)
    low, high = (0.0, edge) if value == 0.0 else (1 - edge, 1.0)
    assert answer.low == pytest.approx(low)
    assert answer.high == pytest.approx(high)


@pytest.mark.parametrize(
    ("values", "lacking"),
    [(np.linspace(0, 1, 60), 40), (np.concatenate([np.zeros(499), [9.0]]), 4467)],
)
def test_thin_means_without_limits_are_undefined(values: np.ndarray, lacking: int) -> None:
    """Unbounded values need 100 rows, or ten times their squared skewness."""
    answer = mean(moments(values), errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking[0][1] == pytest.approx(lacking, abs=20)


def test_equal_unbounded_values_are_undefined() -> None:
    """A constant says nothing about the rows that are not like it."""
    answer = mean(moments(np.full(500, 3.0)), errors=READING)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == ()


def test_no_rows_and_impossible_limits() -> None:
    """Nothing has no mean, and a mean outside its limits is a defect."""
    empty = Moments.of(np.empty(0), np.empty(0))
    assert isinstance(mean(empty, errors=READING), Undefined)
    with pytest.raises(InvalidArgument):
        mean(moments(np.full(3, 2.0)), errors=READING, limits=(0.0, 1.0))


def test_units_that_repeat_widen_the_bounds() -> None:
    """Ten copies of each row, bucketed by unit, are bounded about as one."""
    values = np.random.default_rng(6).exponential(size=1280)
    members = np.arange(1280) % 64
    parts = [Moments.of(values[members == b], np.full(20, 10.0)) for b in range(64)]
    whole = Moments.of(values, np.full(1280, 10.0))
    alone = defined(mean(moments(values), errors=BOTH))
    clustered = defined(mean(whole, errors=BOTH, buckets=parts))
    assert clustered.high - clustered.low == pytest.approx(alone.high - alone.low, rel=0.3)
    assert clustered.n < 3000
    assert isinstance(mean(whole, errors=BOTH, buckets=parts[:9]), Undefined)
    rare = [Moments.of(np.array([0.0]), np.array([10.0]))] * 40
    same = Moments.of(np.array([0.0]), np.array([400.0]))
    counted = defined(mean(same, errors=BOTH, limits=(0.0, 1.0), buckets=rare))
    assert counted.high == pytest.approx(1 - 0.05 ** (1 / 40))


def test_losses_are_means_over_rows() -> None:
    """Brier score and log loss equal their definitions, row by row."""
    scores, labels = draw_scores(21, 800)
    table = table_of(scores, labels)
    brier = defined(brier_score(table, errors=BOTH))
    surprise = defined(log_loss(table, errors=BOTH))
    given = np.where(labels == 1, scores, 1 - scores)
    assert brier.value == pytest.approx(float(((1 - given) ** 2).mean()), abs=1e-12)
    assert surprise.value == pytest.approx(float(-np.log(given).mean()), abs=1e-12)
    assert brier.low < brier.value < brier.high
    assert surprise.low < surprise.value < surprise.high


def test_bins_widen_losses_by_where_scores_may_lie() -> None:
    """The binned bounds contain the exact ones' values."""
    scores, labels = draw_scores(22, 800)
    for loss in (brier_score, log_loss):
        exact = defined(loss(table_of(scores, labels), errors=BOTH))
        binned = defined(loss(binned_table(scores, labels, bins=20), errors=BOTH))
        assert binned.low < exact.low
        assert binned.high > exact.high


def test_an_impossible_label_makes_log_loss_infinite() -> None:
    """A label that a score of 0 ruled out is named, not clipped in silence."""
    scores, labels = np.array([0.0, 0.0, 0.4, 1.0]), np.array([1, 0, 1, 1])
    answer = log_loss(table_of(scores, labels), errors=READING)
    assert isinstance(answer, Undefined)
    assert "1 rows" in answer.reason
    possible = log_loss(table_of(scores, np.array([0, 0, 1, 1])), errors=READING)
    assert isinstance(possible, Undefined), "four rows without limits are too few"
    assert isinstance(brier_score(table_of(scores, labels), errors=READING), Estimate)


def test_losses_of_clustered_rows_and_of_none() -> None:
    """Buckets are passed on, and no rows are undefined."""
    scores, labels = draw_scores(23, 640)
    parts = buckets_of(scores, labels, np.arange(640) % 64)
    clustered = defined(brier_score(table_of(scores, labels), errors=BOTH, buckets=parts))
    assert "jackknife" in clustered.method
    empty = table_of(np.empty(0), np.empty(0, dtype=np.int64))
    assert isinstance(brier_score(empty, errors=READING), Undefined)
