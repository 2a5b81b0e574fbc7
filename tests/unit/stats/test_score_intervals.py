"""Two-sided score intervals: the papers' examples, and that no verdict can read them."""

from __future__ import annotations

import math

import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    Estimate,
    ScoreInterval,
    miettinen_nurminen_difference,
    miettinen_nurminen_ratio,
    newcombe_interval,
    wilson_interval,
)


def limits(interval: ScoreInterval) -> tuple[float, float]:
    """Both limits, to four decimals."""
    return round(interval.low, 4), round(interval.high, 4)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((81, 263), (0.2553, 0.3662)), ((15, 148), (0.0624, 0.1605)), ((0, 20), (0.0, 0.1611))],
)
def test_wilson_gives_newcombes_examples(
    counts: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Newcombe (1998), Statistics in Medicine 17(8), 857-872, table I, method 3."""
    assert limits(wilson_interval(events=counts[0], trials=counts[1])) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
    ],
)
def test_newcombe_gives_his_examples(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Newcombe (1998), Statistics in Medicine 17(8), 873-890, table II, method 10."""
    assert limits(newcombe_interval(first, second)) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0528, 0.3382)),
        ((9, 10), (3, 10), (0.1700, 0.8406)),
        ((10, 10), (0, 20), (0.7156, 1.0)),
    ],
)
def test_miettinen_and_nurminen_give_newcombes_examples(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    """The same table, method 6."""
    assert limits(miettinen_nurminen_difference(first, second)) == expected


def test_a_ratio_inverts_with_its_sides() -> None:
    """The interval of a ratio turned over is that of the inverse."""
    one = miettinen_nurminen_ratio((56, 70), (48, 80))
    other = miettinen_nurminen_ratio((48, 80), (56, 70))
    assert one.low == pytest.approx(1 / other.high, rel=1e-9)
    assert one.high == pytest.approx(1 / other.low, rel=1e-9)
    assert miettinen_nurminen_ratio((0, 30), (9, 30)).low == 0.0
    with pytest.raises(InvalidArgument):
        miettinen_nurminen_ratio((5, 30), (0, 30))


def test_an_interval_is_no_estimate() -> None:
    """Its type keeps it out of a verdict, and its method names the score."""
    interval = wilson_interval(events=1, trials=9, confidence=0.9)
    assert not issubclass(type(interval), Estimate)
    assert interval.method == "score: Wilson"
    assert interval.confidence == 0.9


@pytest.mark.parametrize("counts", [(1, 0), (5, 4), (-1, 4), (math.nan, 4)])
def test_impossible_counts_are_refused(counts: tuple[float, float]) -> None:
    """Counts and confidences out of range are defects."""
    with pytest.raises(InvalidArgument):
        wilson_interval(events=counts[0], trials=counts[1])
    with pytest.raises(InvalidArgument):
        wilson_interval(events=1, trials=4, confidence=1.0)
