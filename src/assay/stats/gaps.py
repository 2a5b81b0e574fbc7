"""The largest gap between groups: a difference or a ratio of rates, over all pairs.

To pass takes no correction, however many groups: the truly extreme pair is among those
bounded, and the hardest world has just two groups at the ends. To fail by the worst of many
pairs does, so each pair's bound on that side takes its share of the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from assay.stats.estimate import Binding, Errors, Estimate, Undefined, outward
from assay.stats.groups import Family, Floats, Groups, SmallGroups, admit
from assay.stats.mover import METHOD, Arc, difference_low, ratio_low
from assay.stats.proportions import Proportion

BLOCK: Final = 2**15
"""Pairs compared at once, each at every split of the arc, so that they stay in the cache."""

Side = Literal["low", "high"]


def largest_difference(
    families: Sequence[Mapping[str, Proportion]],
    *,
    errors: Errors,
    min_group_size: int,
    small_groups: SmallGroups,
    rates: Sequence[str] = (),
) -> Estimate | Undefined:
    """The largest `p_i - p_j` between two groups of a family, over all families.

    `high` is the largest pairwise upper bound, each at errors.high undivided; `low` the
    largest pairwise lower bound, each at errors.low over the number of ordered pairs,
    floored at 0. The point value is a maximum, so it overstates a gap between small groups.

    Args:
        families: a rate by group: one family for selection rates, two (true and false
            positive rates) for equalised odds.
        errors: one-sided errors of the claim as a whole.
        min_group_size: independent units that a group needs in each rate's denominator.
        small_groups: whether a smaller group makes the claim undefined or is left out.
        rates: the families' names, for the report, where there are several.

    Source: Zou & Donner (2008) for a pair (see assay.stats.mover); Berger (1982),
    Technometrics 24(4), 295-300, for the pass side.
    """
    groups = admit(families, min_group_size=min_group_size, small_groups=small_groups, rates=rates)
    if isinstance(groups, Undefined):
        return groups
    low = _binding(groups, "low", error=errors.low / groups.pairs, of=_Differences)
    high = _binding(groups, "high", error=errors.high, of=_Differences)
    return Estimate(
        value=max(float(np.ptp(family.values)) for family in groups.families),
        low=max(0.0, low.bound),
        high=min(1.0, high.bound),
        low_error=errors.low,
        high_error=errors.high,
        n=groups.n,
        method=_method("largest difference", groups),
        low_binding=low,
        high_binding=high,
        groups=groups.readings,
    )


def smallest_ratio(
    groups: Mapping[str, Proportion],
    *,
    errors: Errors,
    min_group_size: int,
    small_groups: SmallGroups,
) -> Estimate | Undefined:
    """The smallest `p_i / p_j` between two groups, as the four-fifths rule asks.

    One family of smallest_ratio_of_families; its arguments and sources are the same.
    """
    return smallest_ratio_of_families(
        (groups,), errors=errors, min_group_size=min_group_size, small_groups=small_groups
    )


def smallest_ratio_of_families(
    families: Sequence[Mapping[str, Proportion]],
    *,
    errors: Errors,
    min_group_size: int,
    small_groups: SmallGroups,
    rates: Sequence[str] = (),
) -> Estimate | Undefined:
    """The smallest `p_i / p_j` between two groups of a family, over all families.

    `low` is the smallest pairwise lower bound, each at errors.low undivided, so that it
    reaches `t` only where every ordered pair shows `p_i - t·p_j >= 0`; `high` the smallest
    pairwise upper bound, each at errors.high over the number of ordered pairs, capped at 1.
    The point value is a minimum, so it overstates the disparity between small groups.

    Args:
        families: a rate by group: one family by sex, another by age, or one for each rate.
        errors: one-sided errors of the claim as a whole.
        min_group_size: independent units that a group needs in its denominator.
        small_groups: whether a smaller group makes the claim undefined or is left out.
        rates: the families' names, for the report, where there are several.

    Source: Zou & Donner (2008) for a pair (see assay.stats.mover); 29 CFR 1607.4 D for the
    four-fifths rule.
    """
    admitted = admit(
        families, min_group_size=min_group_size, small_groups=small_groups, rates=rates
    )
    if isinstance(admitted, Undefined):
        return admitted
    if any(family.values.max() == 0.0 for family in admitted.families):
        return Undefined(
            reason="No group has a single event, so a ratio of their rates has no value.",
            groups=admitted.readings,
        )
    low = _binding(admitted, "low", error=errors.low, of=_Ratios)
    high = _binding(admitted, "high", error=errors.high / admitted.pairs, of=_Ratios)
    return Estimate(
        value=min(float(family.values.min() / family.values.max()) for family in admitted.families),
        low=low.bound,
        high=min(1.0, high.bound),
        low_error=errors.low,
        high_error=errors.high,
        n=admitted.n,
        method=_method("smallest ratio", admitted),
        low_binding=low,
        high_binding=high,
        groups=admitted.readings,
    )


def _method(what: str, groups: Groups) -> str:
    return f"{what} of pairs, {METHOD}{groups.remark}"


class _Differences:
    """`p_i - p_j`, of which the largest is claimed."""

    worst: Final = 1.0

    @staticmethod
    def points(first: Arc, second: Arc) -> Floats:
        return first.values - second.values

    @staticmethod
    def low(first: Arc, second: Arc) -> Floats:
        return difference_low(first, second)

    @staticmethod
    def high(first: Arc, second: Arc) -> Floats:
        return -difference_low(second, first)


class _Ratios:
    """`p_i / p_j`, of which the smallest is claimed."""

    worst: Final = -1.0

    @staticmethod
    def points(first: Arc, second: Arc) -> Floats:
        positive = second.values > 0.0
        return np.where(positive, first.values / np.where(positive, second.values, 1.0), np.inf)

    @staticmethod
    def low(first: Arc, second: Arc) -> Floats:
        return ratio_low(first, second)

    @staticmethod
    def high(first: Arc, second: Arc) -> Floats:
        inverse = ratio_low(second, first)
        positive = inverse > 0.0
        return np.where(positive, 1.0 / np.where(positive, inverse, 1.0), np.inf)


Pairs = type[_Differences] | type[_Ratios]


def _binding(groups: Groups, side: Side, *, error: float, of: Pairs) -> Binding:
    """The pair with the most extreme bound on a side, over all families."""
    found = [_extreme_pair(family, side, error=error, of=of) for family in groups.families]
    return max(found, key=lambda item: (of.worst * item.bound, of.worst * item.value))


def _extreme_pair(family: Family, side: Side, *, error: float, of: Pairs) -> Binding:
    arc = family.arc(error)
    count = len(family.names)
    step = max(1, BLOCK // count)
    blocks = (slice(start, min(start + step, count)) for start in range(0, count, step))
    found = [_extreme_cell(arc, rows, side, of=of) for rows in blocks]
    point, bound, row, column = max(
        found, key=lambda cell: (of.worst * cell[1], of.worst * cell[0])
    )
    low, high = outward(bound, bound)
    return Binding(
        groups=(family.names[row], family.names[column]),
        value=point,
        bound=low if side == "low" else high,
        n=family.proportions[row].units + family.proportions[column].units,
        rate=family.rate,
    )


def _extreme_cell(arc: Arc, rows: slice, side: Side, *, of: Pairs) -> tuple[float, float, int, int]:
    """(point value, bound, row, column) of the extreme pair with its first group in some rows."""
    first, second = arc.first(rows), arc.second()
    points = of.points(first, second)
    bounds = of.low(first, second) if side == "low" else of.high(first, second)
    itself = np.arange(rows.start, rows.stop)[:, None] == np.arange(points.shape[1])
    # No pair is a group with itself; an infinite bound still ranks before that.
    keys = np.where(itself, -np.inf, np.nan_to_num(of.worst * bounds))
    # Equal bounds are common (zeros, ones); then the widest pair is the one to name.
    widths = np.where(keys == keys.max(), np.nan_to_num(of.worst * points), -np.inf)
    row, column = divmod(int(widths.argmax()), points.shape[1])
    return float(points[row, column]), float(bounds[row, column]), rows.start + row, column
