"""Whether a bar suits its check: its direction, its range, and that some data could show it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from assay.checks.check import Check
from assay.checks.ranges import FROM_ZERO, RANGES
from assay.errors import ConfigurationError, Span
from assay.policy.policy import Bar, Direction
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
            remedy=f"Delete `{direction}`: the check must hold.",
        )
    if wanted is None:
        return
    if set(bars) != {wanted}:
        yield _wrong_direction(rule, check, wanted, bars, where)
        return
    beyond = list(_out_of_range(rule, check, bars[wanted], where))
    yield from beyond or _impossible(rule, check, bars[wanted], where)


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


def at_least_as_strict(direction: Direction) -> Callable[[Decimal, Decimal], bool]:
    """How two bars of a direction compare."""
    if direction is Direction.AT_LEAST:
        return lambda first, second: first >= second
    return lambda first, second: first <= second


def _wrong_direction(
    rule: str, check: Check, wanted: Direction, bars: Mapping[Direction, Bar], where: Span
) -> ConfigurationError:
    wrong = next((direction for direction in bars if direction is not wanted), None)
    if wrong is None:
        return UnusableBar(
            f"Requirement {rule!r} gives {check.name!r} no bar.",
            where=where,
            remedy=f"Add `{wanted}`: a number, or numbers by tier.",
        )
    return UnusableBar(
        f"Requirement {rule!r} gives `{wrong}`, and of {check.name!r} {check.better} is better.",
        where=_first(bars[wrong], where),
        remedy=f"Write `{wanted}`.",
    )


def _out_of_range(rule: str, check: Check, bar: Bar, where: Span) -> Iterator[ConfigurationError]:
    low, high = RANGES.get(check.unit, (None, None))
    for tier, threshold in bar.by_tier.items():
        if (low is not None and threshold < low) or (high is not None and threshold > high):
            yield UnusableBar(
                f"The bar of {rule!r} at tier {tier} is {threshold}; {check.name!r} is a "
                f"{check.unit} from {low} to {high}.",
                where=bar.spans.get(tier, where),
                remedy="Write a fraction: 0.15, not 15.",
            )


def _impossible(rule: str, check: Check, bar: Bar, where: Span) -> Iterator[ConfigurationError]:
    end = unreachable_end(check, bar.direction)
    if end is None:
        return
    at_least = bar.direction is Direction.AT_LEAST
    for tier, threshold in bar.by_tier.items():
        if threshold >= end if at_least else threshold <= end:
            yield ImpossibleBar(
                f"The bar of {rule!r} at tier {tier} is {bar.direction} {threshold}: no data "
                f"can show that a {check.unit} is {end}.",
                where=bar.spans.get(tier, where),
                remedy="Allow a margin, such as at_least 0.99."
                if at_least
                else "Allow a margin, such as at_most 0.01: a rate without events shows it from "
                "about 300 rows.",
            )


def _first(bar: Bar, where: Span) -> Span:
    return next(iter(bar.spans.values()), where)
