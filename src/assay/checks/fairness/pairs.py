"""The largest figure over pairs of groups, where a pair is compared by more than one rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

from assay.checks.fairness.gaps import NO_COLUMN, Claim, Measured, told
from assay.checks.fairness.rates import Rate, families_of
from assay.evidence.inputs import Evidence
from assay.stats.combinations import linear_combination
from assay.stats.estimate import Binding, Errors, Estimate, Undefined
from assay.stats.groups import Groups, admit
from assay.stats.proportions import Proportion

Rates = tuple[Proportion, ...]
"""One group's rates, in the order that a check names them."""

Compare = Callable[[Rates, Rates, Errors], Estimate | Undefined]
"""How a pair of groups (first, second) is compared, at given errors."""


def average_difference(first: Rates, second: Rates, errors: Errors) -> Estimate | Undefined:
    """The mean of the differences of two rates, for two groups."""
    terms = [(0.5, first[0]), (-0.5, second[0]), (0.5, first[1]), (-0.5, second[1])]
    return linear_combination(terms, errors=errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    names: tuple[str, str]
    first: Rates
    second: Rates


def largest_of_pairs(
    rates: Sequence[Rate], compare: Compare, *, symmetric: bool = False
) -> Measured:
    """The largest figure of any two groups of one slice, over all slices.

    `high` is the largest upper bound, each pair at errors.high undivided; `low` the largest
    lower bound, each at errors.low over the number of pairs, floored at 0.

    Args:
        rates: the rates that a comparison needs of each group.
        compare: the figure of a pair.
        symmetric: whether exchanging the two groups changes nothing; else both orders count.

    Source: Berger (1982), Technometrics 24(4), 295-300; Bonferroni for the lower bound.
    """

    def measured(evidence: Evidence, claim: Claim, errors: Errors) -> Estimate | Undefined:
        families, names = families_of(evidence, rates, claim.by, intersections=claim.intersections)
        if not families:
            return NO_COLUMN
        groups = admit(
            families,
            min_group_size=claim.min_group_size,
            small_groups=claim.small_groups,
            rates=names,
        )
        if isinstance(groups, Undefined):
            return groups
        kept = [dict(zip(f.names, f.proportions, strict=True)) for f in groups.families]
        slices = len(families) // len(rates)
        pairs = [list(_pairs(kept[at::slices], symmetric=symmetric)) for at in range(slices)]
        if not all(pairs):
            return Undefined(
                reason="No two groups have enough rows for every rate that is compared.",
                groups=groups.readings,
            )
        found = _largest([pair for part in pairs for pair in part], compare, errors, groups)
        if isinstance(found, Undefined):
            return found
        return told(replace(found, n=_units(rates, kept)), rates)

    return measured


def _units(rates: Sequence[Rate], kept: Sequence[Mapping[str, Proportion]]) -> float:
    """Units of the claim: rates over all rows count the same ones, others may count others."""
    slices = len(kept) // len(rates)
    whole = [at for at, rate in enumerate(rates) if not rate.counted][:1]

    def units(part: Mapping[str, Proportion]) -> float:
        return sum(p.units for p in part.values())

    counting = whole or range(len(rates))
    return max(sum(units(kept[rate * slices + at]) for rate in counting) for at in range(slices))


def _pairs(rates: Sequence[dict[str, Proportion]], *, symmetric: bool) -> Iterator[_Pair]:
    """Pairs of the groups that have every rate, in one slice."""
    common = [name for name in rates[0] if all(name in by_name for by_name in rates)]
    for one, other in (combinations if symmetric else permutations)(common, 2):
        yield _Pair(
            names=(one, other),
            first=tuple(by_name[one] for by_name in rates),
            second=tuple(by_name[other] for by_name in rates),
        )


def _largest(
    pairs: Sequence[_Pair], compare: Compare, errors: Errors, groups: Groups
) -> Estimate | Undefined:
    each = Errors(low=errors.low / len(pairs), high=errors.high)
    found: list[tuple[_Pair, Estimate]] = []
    for pair in pairs:
        estimate = compare(pair.first, pair.second, each)
        if isinstance(estimate, Undefined):
            return Undefined(
                reason=f"{' and '.join(pair.names)}: {estimate.reason}", groups=groups.readings
            )
        found.append((pair, estimate))
    low = max(found, key=lambda item: (item[1].low, item[1].value))
    high = max(found, key=lambda item: (item[1].high, item[1].value))
    return Estimate(
        value=max(estimate.value for _, estimate in found),
        low=max(0.0, low[1].low),
        high=high[1].high,
        low_error=errors.low,
        high_error=errors.high,
        n=groups.n,
        method=f"largest of pairs, {found[0][1].method}",
        low_binding=_binding(*low, bound=low[1].low),
        high_binding=_binding(*high, bound=high[1].high),
        groups=groups.readings,
    )


def _binding(pair: _Pair, estimate: Estimate, *, bound: float) -> Binding:
    return Binding(groups=pair.names, value=estimate.value, bound=bound, n=estimate.n)
