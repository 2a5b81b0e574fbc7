"""Two-sided score intervals, to compare with other libraries and to display.

No verdict reads them, and their type keeps them out of one: they centre their error, and for
rare events a side declared at 0.001 misses up to 80 times as often.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from assay.errors import InvalidArgument
from assay.stats.quantiles import normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInterval:
    """A point value between two-sided limits.

    Attributes:
        value: the point value.
        low: the lower limit.
        high: the upper limit; may be infinite, of a ratio.
        confidence: the nominal share of worlds in which the truth lies between, as 0.95.
        method: "score: Wilson", "score: Newcombe" or "score: Miettinen-Nurminen".
    """

    value: float
    low: float
    high: float
    confidence: float
    method: str


def wilson_interval(*, events: float, trials: float, confidence: float = 0.95) -> ScoreInterval:
    """Wilson's interval of one proportion.

    Source: Wilson (1927), JASA 22(158), 209-212.

    >>> interval = wilson_interval(events=8, trials=10)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.4902, 0.9433)
    """
    rate = _rate(events, trials)
    low, high = _wilson(rate, trials, _quantile(confidence))
    return ScoreInterval(
        value=rate, low=low, high=high, confidence=confidence, method="score: Wilson"
    )


def newcombe_interval(
    first: tuple[float, float], second: tuple[float, float], *, confidence: float = 0.95
) -> ScoreInterval:
    """Newcombe's hybrid interval of `first - second`, from both Wilson intervals.

    Args:
        first: events and trials.
        second: events and trials.
        confidence: a fraction in (0, 1).

    Source: Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    """
    one, other, z = _rate(*first), _rate(*second), _quantile(confidence)
    one_low, one_high = _wilson(one, first[1], z)
    other_low, other_high = _wilson(other, second[1], z)
    gap = one - other
    return ScoreInterval(
        value=gap,
        low=gap - math.hypot(one - one_low, other_high - other),
        high=gap + math.hypot(one_high - one, other - other_low),
        confidence=confidence,
        method="score: Newcombe",
    )


def miettinen_nurminen_difference(
    first: tuple[float, float], second: tuple[float, float], *, confidence: float = 0.95
) -> ScoreInterval:
    """Miettinen and Nurminen's interval of `first - second`.

    Args:
        first: events and trials.
        second: events and trials.
        confidence: a fraction in (0, 1).

    Source: Miettinen & Nurminen (1985), Statistics in Medicine 4(2), 213-226, section 2.
    """
    gap, z = _rate(*first) - _rate(*second), _quantile(confidence)

    def distance(hypothesis: float) -> float:
        rate = _rate_given_difference(first, second, hypothesis)
        variance = _variance(first[1], rate + hypothesis) + _variance(second[1], rate)
        return _standardised(gap - hypothesis, variance, first[1] + second[1])

    return ScoreInterval(
        value=gap,
        low=_root(lambda at: distance(at) - z, low=-1.0, high=gap),
        high=_root(lambda at: distance(at) + z, low=gap, high=1.0),
        confidence=confidence,
        method="score: Miettinen-Nurminen",
    )


def miettinen_nurminen_ratio(
    first: tuple[float, float], second: tuple[float, float], *, confidence: float = 0.95
) -> ScoreInterval:
    """Miettinen and Nurminen's interval of `first / second`.

    Args:
        first: events and trials.
        second: events and trials; at least one event.
        confidence: a fraction in (0, 1).

    Source: Miettinen & Nurminen (1985), Statistics in Medicine 4(2), 213-226, section 3.
    """
    one, other, z = _rate(*first), _rate(*second), _quantile(confidence)
    if other == 0.0:
        raise InvalidArgument("A ratio to a rate of zero has no value; compare the difference.")

    def distance(hypothesis: float) -> float:
        rate = _rate_given_ratio(first, second, hypothesis)
        variance = _variance(first[1], hypothesis * rate)
        variance += hypothesis**2 * _variance(second[1], rate)
        return _standardised(one - hypothesis * other, variance, first[1] + second[1])

    ratio = one / other
    furthest = max(1.0, ratio)
    while distance(furthest) > -z:
        furthest *= 2.0
        if furthest > LARGEST:
            break
    return ScoreInterval(
        value=ratio,
        low=_root(lambda at: distance(at) - z, low=0.0, high=ratio),
        high=_root(lambda at: distance(at) + z, low=ratio, high=furthest),
        confidence=confidence,
        method="score: Miettinen-Nurminen",
    )


LARGEST = 1e12
"""A ratio beyond which there is no upper limit."""


def _rate(events: float, trials: float) -> float:
    if not 0.0 <= events <= trials or trials <= 0.0:
        raise InvalidArgument(f"A rate needs 0 <= events <= trials, not {events!r} of {trials!r}.")
    return events / trials


def _quantile(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise InvalidArgument(f"A confidence is a fraction in (0, 1), not {confidence!r}.")
    return normal_quantile((1.0 - confidence) / 2.0)


def _wilson(rate: float, trials: float, z: float) -> tuple[float, float]:
    square = z * z
    centre = (rate + square / (2.0 * trials)) / (1.0 + square / trials)
    spread = rate * (1.0 - rate) / trials + square / (4.0 * trials * trials)
    reach = z * math.sqrt(spread) / (1.0 + square / trials)
    low = 0.0 if rate == 0.0 else centre - reach
    return low, 1.0 if rate == 1.0 else centre + reach


def _variance(trials: float, rate: float) -> float:
    return max(0.0, rate * (1.0 - rate)) / trials


def _standardised(excess: float, variance: float, total: float) -> float:
    if variance <= 0.0:
        return math.copysign(math.inf, excess) if excess else 0.0
    return excess / math.sqrt(variance * total / (total - 1.0))


def _rate_given_difference(
    first: tuple[float, float], second: tuple[float, float], difference: float
) -> float:
    """The second rate of greatest likelihood if the first is higher by a difference."""
    (x1, n1), (x2, n2) = first, second
    total, events = n1 + n2, x1 + x2
    square = ((n1 + 2.0 * n2) * difference - total - events) / (3.0 * total)
    linear = ((n2 * difference - total - 2.0 * x2) * difference + events) / (3.0 * total)
    constant = x2 * difference * (1.0 - difference) / (2.0 * total)
    # The middle root of the cubic `r³ + 3·square·r² + 3·linear·r + 2·constant`, by cosines.
    q = square**3 - 1.5 * linear * square + constant
    p = math.copysign(math.sqrt(max(0.0, square * square - linear)), q)
    cosine = min(1.0, max(-1.0, q / p**3)) if p else 0.0
    rate = 2.0 * p * math.cos((math.pi + math.acos(cosine)) / 3.0) - square
    return min(max(rate, 0.0, -difference), 1.0, 1.0 - difference)


def _rate_given_ratio(
    first: tuple[float, float], second: tuple[float, float], ratio: float
) -> float:
    """The second rate of greatest likelihood if the first is a multiple of it."""
    (x1, n1), (x2, n2) = first, second
    linear = n1 * ratio + x1 + n2 + x2 * ratio
    root = math.sqrt(max(0.0, linear * linear - 4.0 * (n1 + n2) * ratio * (x1 + x2)))
    return 2.0 * (x1 + x2) / (linear + root)


def _root(falling: Callable[[float], float], *, low: float, high: float) -> float:
    """Where a falling function crosses 0 between two points; an end where it does not."""
    while True:
        middle = (low + high) / 2.0
        if middle in {low, high}:
            return middle
        if falling(middle) > 0.0:
            low = middle
        else:
            high = middle
