"""Whether a bar suits its check: its direction, its range, and that some data could show it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from assay.checks.check import Check
from assay.checks.ranges import FROM_ZERO, RANGES
from assay.errors import ConfigurationError, Span
from assay.policy.policy import Bar, Direction, Limit, Range
from assay.policy.tiers import Tier

Value = TypeVar("Value")


class UnusableBar(ConfigurationError):
    """A check has no bar where it needs one, or one of the wrong kind."""

    code = "policy.unusable-bar"


class ImpossibleBar(ConfigurationError):
    """A bar that no data can show to be met, however good the model."""

    code = "policy.impossible-bar"


class LaxerTier(ConfigurationError):
    """A higher tier asks for less than a lower one."""

    code = "policy.laxer-tier"


WANTED: Final = {"higher": Direction.AT_LEAST, "lower": Direction.AT_MOST}


def bar_problems(
    rule: str, check: Check, bars: Mapping[Direction, Bar], where: Span
) -> Iterator[ConfigurationError]:
    """What is wrong with a requirement's bars, given what its check measures.

    Args:
        rule: the requirement's id.
        check: its check.
        bars: the bars written, by direction.
        where: the requirement's place.
    """
    wanted = WANTED.get(check.better)
    if wanted is None and bars:
        direction = next(iter(bars))
        yield UnusableBar(
            f"Requirement {rule!r} gives `{direction}`, and {check.name!r} is true or false.",
            where=_first(bars[direction], where),
            remedy=f"Delete `{direction}`: it must hold; `requires` says from which tier up.",
        )
    if wanted is None:
        return
    if len(bars) != 1 or not set(bars) <= usable_directions(check):
        yield _wrong_direction(rule, check, wanted, bars, where)
        return
    (bar,) = bars.values()
    beyond = list(_out_of_range(rule, check, bar, where))
    yield from beyond or _impossible(rule, check, bar, where)


def usable_directions(check: Check) -> frozenset[Direction]:
    """The kinds of bar that a check's figure can have; none for what is true or false."""
    wanted = WANTED.get(check.better)
    if wanted is None:
        return frozenset()
    exact = frozenset() if check.statistical else frozenset({Direction.EQUALS})
    return frozenset({wanted, Direction.BETWEEN}) | exact


def unreachable_end(check: Check, direction: Direction) -> int | None:
    """The end of the range that bounds of finite data never reach; facts reach every end."""
    if not check.statistical:
        return None
    if direction is Direction.AT_MOST:
        return 0 if check.unit in FROM_ZERO else None
    return RANGES[check.unit][1] if check.unit in RANGES else None


def laxer_tiers(
    what: str,
    by_tier: Mapping[Tier, Value],
    stricter_or_equal: Callable[[Value, Value], bool],
    places: Mapping[Tier, Span],
) -> Iterator[ConfigurationError]:
    """Each tier that asks for less than the next lower one that is named.

    Args:
        what: what is compared, such as "The bar of 'gap'".
        by_tier: the values written.
        stricter_or_equal: whether the first value asks for at least as much as the second.
        places: where each tier's value stands.
    """
    tiers = sorted(by_tier)
    for lower, higher in itertools.pairwise(tiers):
        if not stricter_or_equal(by_tier[higher], by_tier[lower]):
            yield LaxerTier(
                f"{what} asks for less at tier {higher} than at tier {lower}.",
                where=places.get(higher),
                remedy=f"Make {higher} at least as strict as {lower}.",
            )


def at_least_as_strict(direction: Direction) -> Callable[[Limit, Limit], bool]:
    """How two limits of a direction compare: whether what meets the first meets the second."""
    return lambda first, second: _within(ends(first, direction), ends(second, direction))


def ends(limit: Limit, direction: Direction) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that a limit lets a figure be; None where it says nothing."""
    if isinstance(limit, Range):
        return limit.low, limit.high
    return (
        None if direction is Direction.AT_MOST else limit,
        None if direction is Direction.AT_LEAST else limit,
    )


def _within(
    inner: tuple[Decimal | None, Decimal | None], outer: tuple[Decimal | None, Decimal | None]
) -> bool:
    above = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    below = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return above and below


def _wrong_direction(
    rule: str, check: Check, wanted: Direction, bars: Mapping[Direction, Bar], where: Span
) -> ConfigurationError:
    usable = usable_directions(check)
    wrong = next((direction for direction in bars if direction not in usable), None)
    if wrong is None and bars:
        said = " and ".join(f"`{direction}`" for direction in bars)
        return UnusableBar(
            f"Requirement {rule!r} gives {said}; it can have one bar.",
            where=max((_first(bar, where) for bar in bars.values()), key=_position),
            remedy="Keep one of them; `between` says both ends of a range.",
        )
    if wrong is None:
        return UnusableBar(
            f"Requirement {rule!r} gives {check.name!r} no bar.",
            where=where,
            remedy=f"Add `{wanted}`: a number, or numbers by tier.",
        )
    if wrong is Direction.EQUALS:
        return UnusableBar(
            f"Requirement {rule!r} gives `equals`, and {check.name!r} estimates its figure: no "
            "sample shows that a figure is exactly something.",
            where=_first(bars[wrong], where),
            remedy="Write `between`, with the least and the most that it may be.",
        )
    return UnusableBar(
        f"Requirement {rule!r} gives `{wrong}`, and of {check.name!r} {check.better} is better.",
        where=_first(bars[wrong], where),
        remedy=f"Write `{wanted}`.",
    )


def _out_of_range(rule: str, check: Check, bar: Bar, where: Span) -> Iterator[ConfigurationError]:
    low, high = RANGES.get(check.unit, (None, None))
    for tier, limit in bar.by_tier.items():
        written = [end for end in ends(limit, bar.direction) if end is not None]
        outside = [
            end
            for end in dict.fromkeys(written)
            if (low is not None and end < low) or (high is not None and end > high)
        ]
        for end in outside:
            yield UnusableBar(
                f"The bar of {rule!r} at tier {tier} is {end}; {check.name!r} is a "
                f"{check.unit} from {low} to {high}.",
                where=bar.spans.get(tier, where),
                remedy="Write a fraction: 0.15, not 15.",
            )


def _impossible(rule: str, check: Check, bar: Bar, where: Span) -> Iterator[ConfigurationError]:
    for tier, limit in bar.by_tier.items():
        least, most = ends(limit, bar.direction)
        place = bar.spans.get(tier, where)
        top, bottom = (
            unreachable_end(check, side) for side in (Direction.AT_LEAST, Direction.AT_MOST)
        )
        if least is not None and top is not None and least >= top:
            yield ImpossibleBar(
                f"The bar of {rule!r} at tier {tier} is {Direction.AT_LEAST} {least}: no data "
                f"can show that a {check.unit} is {top}.",
                where=place,
                remedy="Allow a margin, such as at_least 0.99.",
            )
        elif most is not None and bottom is not None and most <= bottom:
            yield ImpossibleBar(
                f"The bar of {rule!r} at tier {tier} is {Direction.AT_MOST} {most}: no data "
                f"can show that a {check.unit} is {bottom}.",
                where=place,
                remedy="Allow a margin, such as at_most 0.01: a rate without events shows it from "
                "about 300 rows.",
            )
        elif check.statistical and isinstance(limit, Range) and limit.low == limit.high:
            yield ImpossibleBar(
                f"The bar of {rule!r} at tier {tier} leaves no room between {limit.low} and "
                f"{limit.high}: no data can show that a figure is exactly something.",
                where=place,
                remedy="Widen the range.",
            )


def _position(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _first(bar: Bar, where: Span) -> Span:
    return next(iter(bar.spans.values()), where)
