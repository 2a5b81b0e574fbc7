"""Inequality of benefit between groups: what is left of it once each group shares alike.

Every person is given the mean benefit of their group (see assay.checks.fairness.inequality for
a person's benefit), and the inequality of that is measured. Groups keep their shares of the
rows; their mean benefits `b` are what is uncertain.

Both indices are quasi-convex in the means, so over limits of these they are smallest where every
group is as near as it can be to one common benefit. They are at most what they would be if a
group's summand rose in a straight line from its lower limit to its upper: then, of all with one
mean benefit overall, the largest has the groups whose line is steepest at their upper limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.checks.check import Columns, check
from assay.checks.fairness.gaps import NO_COLUMN
from assay.checks.fairness.rates import favourable
from assay.checks.groups import (
    MIN_GROUP_SIZE,
    SmallGroups,
    columns_of,
    group_needs,
    slices,
)
from assay.checks.worst import Part, overlapping, worst_of
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.means import Moments, mean
from assay.stats.tallies import INTERSECTION, BinaryCounts, Confusion

Floats = npt.NDArray[np.float64]
BENEFITS: Final = np.array([0.0, 1.0, 2.0])
STEPS: Final = 400
"""Common benefits that are tried for the smallest index; it moves little between two of them."""

UNITS: Final = 2
"""The revision from which people are counted, and not their rows."""

EDGE_STEPS: Final = 64
"""Points along each straight line that are tried for the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inequality:
    """An index of inequality, by what it adds up over people.

    Attributes:
        summand: of a benefit; convex.
        joined: the index, given the mean of the summands, in which it rises, and the mean benefit.
    """

    summand: Callable[[Floats], Floats]
    joined: Callable[[Floats, Floats], Floats]


_DOCUMENTATION: Final = """{summary}

Formula: {formula}, with w_g a group's share of the rows, b_g its mean benefit and m the mean of
    all; benefit is 0 for FN, 1 for TP and TN, 2 for FP, the favourable outcome and decision being
    the positive ones. Of several columns, the largest.
Source: Speicher et al. (2018), KDD, section 3.2; AIF360's `{peer}`. Bounds: the extremes over
    limits of every group's mean benefit, each at its share of the error (Bonferroni).
Undefined: fewer than two groups, a group below `min_group_size`, nobody with any benefit, or
    units that fill fewer than 10 buckets.
Tallies: confusion by each slice.

Args:
    evidence: the evidence.
    errors: one-sided errors of the bounds.
    by: the protected columns; empty means all that are declared.
    intersections: whether the groups of all columns together count too.
    min_group_size: units that a group needs.
    small_groups: whether a smaller group makes the claim undefined, or is left out by name.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A group's benefits, of all its rows and by bucket of units; and how many units those are."""

    name: str
    rows: int
    units: float
    benefit: Moments
    buckets: tuple[Moments, ...]


def _squared(benefits: Floats) -> Floats:
    squares: Floats = benefits * benefits
    return squares


def _by_its_logarithm(benefits: Floats) -> Floats:
    products: Floats = benefits * np.log(np.where(benefits > 0.0, benefits, 1.0))
    return products


ENTROPY: Final = Inequality(
    summand=_squared, joined=lambda squares, mean: (squares / mean**2 - 1.0) / 2.0
)
THEIL: Final = Inequality(
    summand=_by_its_logarithm, joined=lambda sums, mean: sums / mean - np.log(mean)
)


def between_groups_check(
    name: str, of: Inequality, *, summary: str, formula: str, peer: str
) -> Callable[..., Estimate | Undefined]:
    """A check of one index of inequality between groups."""

    def between(
        evidence: Evidence,
        *,
        errors: Errors,
        by: Columns = (),
        intersections: bool = False,
        min_group_size: int = MIN_GROUP_SIZE,
        small_groups: SmallGroups = "insufficient",
    ) -> Estimate | Undefined:
        parts: dict[str, Part] = {}
        left_out: dict[str, int] = {}
        for columns in slices(columns_of(evidence, by), intersections=intersections):
            groups = _groups(evidence, columns)
            small = [group for group in groups if group.units < min_group_size]
            if small and small_groups == "insufficient":
                return _too_small(small, min_group_size)
            cut = INTERSECTION.join(columns)
            left_out |= {f"{cut}: {group.name}, too few": group.rows for group in small}
            held = [group for group in groups if group.units >= min_group_size]
            parts[cut] = Part(at=partial(_index, held, of), units=sum(g.units for g in held))
        if not parts:
            return NO_COLUMN
        return _bare(worst_of(overlapping(parts), better="lower", errors=errors), left_out)

    between.__name__ = between.__qualname__ = name.partition(".")[2]
    between.__doc__ = _DOCUMENTATION.format(summary=summary, formula=formula, peer=peer)
    declared: Callable[..., Estimate | Undefined] = check(
        name, better="lower", needs=group_needs, unit="index", revision=UNITS
    )(between)
    return declared


between_group_generalized_entropy_index = between_groups_check(
    "fairness.between_group_generalized_entropy_index",
    ENTROPY,
    summary="Half the squared coefficient of variation of groups' mean benefits.",
    formula="Σ over groups of w_g ((b_g / m)² - 1) / 2",
    peer="between_all_groups_generalized_entropy_index",
)
between_group_theil_index = between_groups_check(
    "fairness.between_group_theil_index",
    THEIL,
    summary="Theil's index of groups' mean benefits, in nats.",
    formula="Σ over groups of w_g (b_g / m) ln(b_g / m)",
    peer="between_all_groups_theil_index",
)


@check(
    "fairness.between_group_coefficient_of_variation",
    better="lower",
    needs=group_needs,
    unit="ratio",
    revision=UNITS,
)
def between_group_coefficient_of_variation(
    evidence: Evidence,
    *,
    errors: Errors,
    by: Columns = (),
    intersections: bool = False,
    min_group_size: int = MIN_GROUP_SIZE,
    small_groups: SmallGroups = "insufficient",
) -> Estimate | Undefined:
    """The standard deviation of groups' mean benefits over the mean of all.

    Formula: √(2 GE), of `fairness.between_group_generalized_entropy_index`.
    Source: Speicher et al. (2018), KDD, section 3.2; AIF360's
        `between_all_groups_coefficient_of_variation`. Bounds: as those of the index.
    Undefined: as the index.
    Tallies: confusion by each slice.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        by: the protected columns; empty means all that are declared.
        intersections: whether the groups of all columns together count too.
        min_group_size: units that a group needs.
        small_groups: whether a smaller group makes the claim undefined, or is left out by name.
    """
    index = between_group_generalized_entropy_index(
        evidence,
        errors=errors,
        by=by,
        intersections=intersections,
        min_group_size=min_group_size,
        small_groups=small_groups,
    )
    if isinstance(index, Undefined):
        return index
    return increasing(
        index, lambda entropy: math.sqrt(2.0 * max(0.0, entropy)), method="root of twice the"
    )


def _groups(evidence: Evidence, columns: Columns) -> list[_Group]:
    spec = Confusion(by=columns)
    parts: list[Mapping[str, BinaryCounts]] = [part.groups() for part in evidence.buckets(spec)]
    right = evidence.proportions(spec, events=lambda c: c.correct, trials=lambda c: c.n)
    return [
        _Group(
            name=name,
            rows=counts.n,
            units=right[name].units,
            benefit=_benefit(favourable(evidence, counts)),
            buckets=tuple(
                _benefit(favourable(evidence, part[name])) for part in parts if name in part
            ),
        )
        for name, counts in evidence[spec].groups().items()
    ]


def _benefit(counts: BinaryCounts) -> Moments:
    held = np.array([counts.false_negatives, counts.correct, counts.false_positives], dtype=float)
    return Moments.of(BENEFITS, held)


def _index(groups: Sequence[_Group], of: Inequality, errors: Errors) -> Estimate | Undefined:
    if len(groups) < 2:
        return Undefined(
            reason="Fewer than two groups have rows, so there is nothing between them."
        )
    shares = np.array([group.rows for group in groups], dtype=float)
    shares /= shares.sum()
    means = np.array([group.benefit.mean for group in groups])
    if float(shares @ means) <= 0.0:
        return Undefined(reason="Nobody has any benefit, so its spread has no measure.")
    sides: list[tuple[Floats, Floats]] = []
    for error in (errors.low, errors.high):
        limits = _limits(groups, error / (2.0 * len(groups)))
        if isinstance(limits, Undefined):
            return limits
        sides.append(limits)
    low, high = outward(smallest(shares, *sides[0], of), largest(shares, *sides[1], of))
    return Estimate(
        value=max(0.0, index_at(shares, means, of)),
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=sum(group.units for group in groups),
        method="extremes over limits of every group's mean benefit",
    )


def _limits(groups: Sequence[_Group], error: float) -> tuple[Floats, Floats] | Undefined:
    """Limits of every group's mean benefit, on either side at the error."""
    lows: list[float] = []
    highs: list[float] = []
    for group in groups:
        found = mean(
            group.benefit,
            errors=Errors(low=error, high=error),
            limits=(0.0, 2.0),
            buckets=group.buckets,
        )
        if isinstance(found, Undefined):
            return replace(found, reason=f"{group.name}: {found.reason}")
        lows.append(max(0.0, found.low))
        highs.append(min(2.0, found.high))
    return np.array(lows), np.array(highs)


def largest(shares: Floats, low: Floats, high: Floats, of: Inequality) -> float:
    """At least the largest index over limits of the groups' means, as the module tells."""
    rise, width = of.summand(high) - of.summand(low), high - low
    order = np.argsort(-rise / np.maximum(width, 1e-300))
    along = np.linspace(0.0, 1.0, EDGE_STEPS + 1)
    sums, means = float(shares @ of.summand(low)), float(shares @ low)
    if means <= 0.0:
        return math.inf
    found = float(of.joined(np.array(sums), np.array(means)))
    for group in order:
        added, moved = float(shares[group] * rise[group]), float(shares[group] * width[group])
        found = max(found, float(of.joined(sums + along * added, means + along * moved).max()))
        sums, means = sums + added, means + moved
    return found


def smallest(shares: Floats, low: Floats, high: Floats, of: Inequality) -> float:
    """The smallest index over limits: 0 where one benefit lies within all of them."""
    if low.max() <= high.min():
        return 0.0
    found = [
        index_at(shares, np.clip(common, low, high), of)
        for common in np.linspace(high.min(), low.max(), STEPS)
    ]
    # Between two steps the index may lie lower by at most about the square of a step.
    step = (low.max() - high.min()) / (STEPS - 1)
    least = max(float(shares @ low), step)
    return max(0.0, float(min(found) - (step / least) ** 2))


def index_at(shares: Floats, means: Floats, of: Inequality) -> float:
    """The index of groups with these shares and mean benefits."""
    overall = float(shares @ means)
    if overall <= 0.0:
        return math.inf
    return float(of.joined(np.array(shares @ of.summand(means)), np.array(overall)))


def _too_small(groups: Sequence[_Group], least: int) -> Undefined:
    named = "; ".join(f"{group.name!r} has {group.units:,.6g}" for group in groups)
    return Undefined(
        reason=f"Groups below the minimum of {least} units: {named}.",
        units_lacking=tuple((group.name, math.ceil(least - group.units)) for group in groups),
    )


def _bare(estimate: Estimate | Undefined, left_out: Mapping[str, int]) -> Estimate | Undefined:
    """Without readings of each slice, which are not groups; those left out stay named."""
    if isinstance(estimate, Undefined):
        return replace(estimate, groups=())
    return replace(
        estimate,
        groups=(),
        low_binding=None,
        high_binding=None,
        unused=tuple(left_out.items()),
    )
