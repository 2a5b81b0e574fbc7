"""Two readings of the same rows: paired rates and paired areas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.stats.tables import Floats, Integers, buckets_of, draw_scores, table_of

from assay.errors import InvalidArgument
from assay.stats import (
    READING,
    Errors,
    Estimate,
    PairedProportions,
    PairedScores,
    Proportion,
    Undefined,
    area_under_roc,
    difference_of_areas,
    paired_difference,
)
from assay.stats.paired import ARC, TANGO, paired_lows
from assay.stats.quantiles import normal_quantile, student_quantile

BOTH = Errors(low=0.05, high=0.05)


def defined(pairs: PairedProportions, errors: Errors = BOTH) -> Estimate:
    """The paired difference, which must exist."""
    answer = paired_difference(pairs, errors=errors)
    assert isinstance(answer, Estimate)
    return answer


def likeliest_share_lost(one: float, other: float, n: float, difference: float) -> float:
    """The second's share at a true difference, at the greatest likelihood, by grid."""
    rest = np.linspace(max(0.0, -difference) + 1e-9, (1 - difference) / 2 - 1e-9, 2_000_001)
    likelihood = one * np.log(rest + difference) + other * np.log(rest)
    likelihood += (n - one - other) * np.log(1 - 2 * rest - difference)
    return float(rest[likelihood.argmax()])


@pytest.mark.parametrize("error", [0.05, 0.001, 1e-6])
@pytest.mark.parametrize("counts", [(40, 25, 300), (150, 20, 300), (20, 60, 100), (900, 5000, 1e5)])
def test_the_score_bound_solves_its_equation(counts: tuple[float, ...], error: float) -> None:
    """At the bound, Tango's score less a quarter of a row is the quantile moved by skewness."""
    one, other, n = counts
    pairs = PairedProportions(first_only=one, second_only=other, trials=n)
    bound = float(paired_lows([pairs], np.array([[error]]))[0, 0])
    lost = likeliest_share_lost(one, other, n, bound)
    chances, values = np.array([lost + bound, lost, 1 - 2 * lost - bound]), np.array([1, -1, 0])
    variance = chances @ (values - bound) ** 2
    skewness = chances @ (values - bound) ** 3 / variance**1.5 / math.sqrt(n)
    z = normal_quantile(error)
    score = (one - other - n * bound - 0.25) / math.sqrt(n * variance)
    assert score == pytest.approx(z + skewness * (z**2 - 1) / 6, abs=2e-4)


def test_many_rows_of_each_kind_get_the_score() -> None:
    """The method says which of the two it was, and turning the versions round mirrors it."""
    pairs = PairedProportions(first_only=86, second_only=150, trials=1600)
    answer, mirrored = defined(pairs), defined(pairs.swapped())
    assert answer.method == TANGO
    assert answer.value == -0.04
    assert (answer.low, answer.high) == (-mirrored.high, -mirrored.low)
    # Tango's own 90 % interval is from -0.055895 to -0.024360.
    assert -0.0561 < answer.low < -0.055895
    assert -0.024360 < answer.high < -0.0241


@pytest.mark.parametrize("counts", [(1, 0, 44), (30, 19, 400), (30, 50, 95)])
def test_rare_kinds_of_rows_are_bounded_exactly(counts: tuple[float, float, float]) -> None:
    """Won, lost or alike: under 20 of a kind, shares and their split are limited."""
    one, other, trials = counts
    answer = defined(PairedProportions(first_only=one, second_only=other, trials=trials))
    assert answer.method == ARC
    assert answer.low < answer.value < answer.high


def test_versions_that_always_agree_may_still_differ() -> None:
    """No discordant row bounds the difference by the rule of three."""
    answer = defined(PairedProportions(first_only=0, second_only=0, trials=300))
    assert answer.value == 0.0
    assert -answer.low == answer.high >= 1 - 0.05 ** (1 / 300)
    assert answer.high < 0.02


@pytest.mark.parametrize("counts", [(5, 0, 4), (3, 3, 5), (-1, 2, 9), (math.nan, 0, 5)])
def test_counts_that_cannot_be_are_refused(counts: tuple[float, float, float]) -> None:
    """Discordant rows are at most all rows."""
    one, other, trials = counts
    with pytest.raises(InvalidArgument):
        PairedProportions(first_only=one, second_only=other, trials=trials)


def test_no_common_rows_are_undefined() -> None:
    """Nothing is compared on no rows."""
    answer = paired_difference(
        PairedProportions(first_only=0, second_only=0, trials=0), errors=READING
    )
    assert isinstance(answer, Undefined)


def test_clustered_pairs_count_what_they_are_worth() -> None:
    """Ten copies of each pair, bucketed by unit, are bounded about as one."""
    generator = np.random.default_rng(3)
    kind = generator.choice(3, 1280, p=[0.15, 0.1, 0.75])
    members = np.arange(1280) % 64
    cells = 10.0 * np.stack([np.bincount(members, kind == k) for k in (0, 1)], axis=1)
    parts = np.column_stack([cells, 10.0 * np.bincount(members)]).tolist()
    one, other = float((kind == 0).sum()), float((kind == 1).sum())
    clustered = PairedProportions(
        first_only=10 * one,
        second_only=10 * other,
        trials=12800,
        buckets=tuple((one, other, trials) for one, other, trials in parts),
    )
    alone = defined(PairedProportions(first_only=one, second_only=other, trials=1280))
    answer = defined(clustered)
    assert answer.high - answer.low == pytest.approx(alone.high - alone.low, rel=0.3)
    few = PairedProportions(first_only=5, second_only=5, trials=90, buckets=((1.0, 1.0, 10.0),) * 9)
    assert isinstance(paired_difference(few, errors=READING), Undefined)


def pair_of(first: Floats, second: Floats, labels: Integers, *, ranks: int = 256) -> PairedScores:
    """Two scores of the same rows, with their joint counts in ranks of equal mass."""
    grid = [
        np.searchsorted(np.quantile(scores, np.arange(1, ranks) / ranks), scores)
        for scores in (first, second)
    ]
    cells = np.zeros((2, ranks, ranks), dtype=np.int64)
    np.add.at(cells, (labels, grid[0], grid[1]), 1)
    return PairedScores(
        first=table_of(first, labels),
        second=table_of(second, labels),
        negatives=cells[0],
        positives=cells[1],
    )


def noisy(seed: int, n: int, noise: float) -> tuple[Floats, Floats, Integers]:
    """Honest scores, the same blurred, and labels."""
    scores, labels = draw_scores(seed, n)
    generator = np.random.default_rng(seed + 1)
    logit = np.log(scores / (1 - scores)) + generator.normal(0, noise, n)
    return scores, 1 / (1 + np.exp(-logit)), labels


def test_paired_delong_is_the_variance_of_placement_differences() -> None:
    """With a grid as fine as the scores, the bound is DeLong's from all pairs of rows."""
    first, second, labels = noisy(11, 400, 1.0)
    pair = pair_of(first, second, labels, ranks=400)
    parts = []
    for scores in (first, second):
        wins = scores[labels == 1][:, None] > scores[labels == 0]
        parts.append((wins.mean(axis=1), wins.mean(axis=0), wins.mean()))
    (v1, w1, a1), (v2, w2, a2) = parts
    variance = np.var(v1 - v2, ddof=1) / len(v1) + np.var(w1 - w2, ddof=1) / len(w1)
    answer = difference_of_areas(pair, errors=BOTH)
    assert isinstance(answer, Estimate)
    reach = student_quantile(0.05, min(len(v1), len(w1)) - 1) * math.sqrt(variance)
    assert answer.value == pytest.approx(a1 - a2, abs=1e-12)
    assert answer.value - answer.low >= reach - 1e-11
    assert answer.value - answer.low == pytest.approx(reach, rel=0.1)


def test_pairing_narrows_the_difference() -> None:
    """Scores of the same rows are compared more sharply than two independent areas."""
    first, second, labels = noisy(12, 2000, 0.5)
    answer = difference_of_areas(pair_of(first, second, labels), errors=BOTH)
    alone = area_under_roc(table_of(first, labels), errors=BOTH)
    assert isinstance(answer, Estimate)
    assert isinstance(alone, Estimate)
    assert answer.high - answer.low < 0.6 * (alone.high - alone.low)
    assert answer.low > 0.0


def test_identical_scores_fall_back_to_both_areas() -> None:
    """Without a row that is ranked differently the paired variance says nothing."""
    scores, labels = draw_scores(13, 1000)
    answer = difference_of_areas(pair_of(scores, scores, labels), errors=BOTH)
    assert isinstance(answer, Estimate)
    assert answer.value == 0.0
    assert answer.method == "MOVER's arc of both areas' bounds"
    assert answer.low < -0.005


def test_a_single_positive_is_compared_by_exact_limits() -> None:
    """One row of a class is enough to compare, and says next to nothing."""
    labels = np.zeros(50, dtype=np.int64)
    labels[40] = 1
    scores = np.linspace(0.01, 0.99, 50)
    answer = difference_of_areas(pair_of(scores, scores[::-1].copy(), labels), errors=BOTH)
    assert isinstance(answer, Estimate)
    assert answer.high - answer.low > 0.9


def test_one_class_cannot_be_compared() -> None:
    """Without negatives there is nothing to rank above."""
    scores = np.linspace(0.1, 0.9, 40)
    pair = pair_of(scores, scores, np.ones(40, dtype=np.int64))
    assert isinstance(difference_of_areas(pair, errors=READING), Undefined)


def test_clustered_scores_use_the_jackknife() -> None:
    """Buckets of units replace DeLong's variance; a few positives' buckets are too few."""
    first, second, labels = noisy(14, 1280, 0.8)
    copies, members = np.tile(np.arange(1280), 6), np.tile(np.arange(1280) % 64, 6)
    tables = [buckets_of(s[copies], labels[copies], members) for s in (first, second)]
    pair = pair_of(first[copies], second[copies], labels[copies])
    clustered = PairedScores(
        first=pair.first,
        second=pair.second,
        negatives=pair.negatives,
        positives=pair.positives,
        buckets=list(zip(*tables, strict=True)),
    )
    alone = difference_of_areas(pair_of(first, second, labels), errors=BOTH)
    answer = difference_of_areas(clustered, errors=BOTH)
    assert isinstance(alone, Estimate)
    assert isinstance(answer, Estimate)
    assert "jackknife" in answer.method
    assert answer.high - answer.low == pytest.approx(alone.high - alone.low, rel=0.35)


def test_paired_rates_need_no_proportion() -> None:
    """Rows on which both agree only add to the trials."""
    pairs = PairedProportions(first_only=30, second_only=20, trials=500)
    assert pairs.difference == pytest.approx(
        Proportion(events=130, trials=500).value - Proportion(events=120, trials=500).value
    )
