"""The groups that a claim compares: which are large enough, and each one's own reading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import LEFT_OUT, READING_ERROR, GroupReading, Undefined, outward
from assay.stats.jackknife import MIN_BUCKETS
from assay.stats.mover import Arc
from assay.stats.proportions import Proportion, clopper_pearson, remarks

Floats = npt.NDArray[np.float64]

SmallGroups = Literal["insufficient", "report"]
"""What a group below the minimum does: it makes the claim undefined, or is left out by name."""

NAMED_AT_MOST: Final = 10
"""Small groups that a reason spells out before it only counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One rate in every group; the pairs of its groups are compared.

    Attributes:
        rate: which rate it is, such as "true positive rate"; "" where a claim has only one.
        names: (k,) the groups, in name order.
        proportions: (k,) their rates, each with trials.
    """

    rate: str
    names: tuple[str, ...]
    proportions: tuple[Proportion, ...]

    @property
    def values(self) -> Floats:
        """(k,) point values."""
        return np.array([p.value for p in self.proportions], dtype=np.float64)

    @property
    def pairs(self) -> int:
        """Ordered pairs of different groups, k(k-1)."""
        return len(self.names) * (len(self.names) - 1)

    def arc(self, error: float) -> Arc:
        """The groups' rates with their limits along the arc of a one-sided error."""
        return _arc(self.proportions, error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """What is compared, and the reading of every group, those left out included."""

    families: tuple[Family, ...]
    readings: tuple[GroupReading, ...]

    @property
    def n(self) -> float:
        """Independent units behind the claim.

        Families over the same groups (true and false positive rates) count different rows,
        so they add up; families over other groups (by sex, by age) count the same rows again.
        """
        by_names: dict[tuple[str, ...], float] = {}
        for family in self.families:
            units = sum(p.units for p in family.proportions)
            by_names[family.names] = by_names.get(family.names, 0.0) + units
        return max(by_names.values())

    @property
    def pairs(self) -> int:
        """Ordered pairs of all families together."""
        return sum(family.pairs for family in self.families)

    @property
    def remark(self) -> str:
        """What a method's name adds for rows that share units, or are not of equal weight."""
        return remarks(p for family in self.families for p in family.proportions)


def admit(
    families: Sequence[Mapping[str, Proportion]],
    *,
    min_group_size: int,
    small_groups: SmallGroups,
    rates: Sequence[str] = (),
) -> Groups | Undefined:
    """The groups that a claim may compare, or why it cannot.

    Args:
        families: each a rate by group; a group's trials are the rows in its denominator.
        min_group_size: independent units that a group needs in each rate's denominator.
        small_groups: "insufficient" makes the claim undefined if any group is smaller;
            "report" leaves such a group out and says so in its reading.
        rates: the families' names, where there are several.

    Raises:
        InvalidArgument: no family, a negative size, or another number of names.
    """
    if small_groups not in {"insufficient", "report"}:
        raise InvalidArgument(f"small_groups is 'insufficient' or 'report', not {small_groups!r}.")
    if not families or min_group_size < 0 or len(rates) not in {0, len(families)}:
        raise InvalidArgument(
            "A gap needs at least one family of groups, a minimum size of 0 or more, and a "
            "name for each family or for none."
        )
    return _admit(
        tuple(tuple(sorted(family.items())) for family in families),
        tuple(rates) or ("",) * len(families),
        max(1, min_group_size),
        small_groups == "insufficient",
    )


@dataclass(frozen=True, slots=True)
class _Small:
    group: str
    rate: str
    units: float
    lacking: int

    def __str__(self) -> str:
        where = f" in its {self.rate}" if self.rate else ""
        return f"{self.group!r} has {self.units:g}{where} ({self.lacking} more needed)"


# A gate asks for the same groups at several errors; what is compared does not depend on them.
@lru_cache(maxsize=1024)
def _admit(
    families: tuple[tuple[tuple[str, Proportion], ...], ...],
    rates: tuple[str, ...],
    minimum: int,
    all_needed: bool,
) -> Groups | Undefined:
    admitted: list[Family] = []
    readings: list[GroupReading] = []
    small: list[_Small] = []
    for family, rate in zip(families, rates, strict=True):
        lacking = [_lacking(p, minimum) for _, p in family]
        readings += [
            _reading(name, p, rate=rate, minimum=minimum if short else None)
            for (name, p), short in zip(family, lacking, strict=True)
        ]
        small += [
            _Small(name, rate, p.units, short)
            for (name, p), short in zip(family, lacking, strict=True)
            if short
        ]
        kept = [item for item, short in zip(family, lacking, strict=True) if not short]
        names, proportions = tuple(name for name, _ in kept), tuple(p for _, p in kept)
        admitted.append(Family(rate=rate, names=names, proportions=proportions))
    if small and all_needed:
        return _too_small(small, minimum, readings)
    if any(len(family.names) < 2 for family in admitted):
        return _no_pair(admitted, small, minimum, readings)
    return Groups(families=tuple(admitted), readings=tuple(readings))


def _lacking(p: Proportion, minimum: int) -> int:
    units = p.units if p.trials > 0 else 0.0
    short = max(0, math.ceil(minimum - units))
    return max(short, MIN_BUCKETS - p.filled) if p.buckets else short


def _reading(name: str, p: Proportion, *, rate: str, minimum: int | None) -> GroupReading:
    note = "" if minimum is None else f"{LEFT_OUT}below the minimum of {minimum}"
    limits = clopper_pearson(p, READING_ERROR) if p.trials > 0 else None
    low, high = (
        (None, None) if limits is None or isinstance(limits, Undefined) else outward(*limits)
    )
    return GroupReading(
        group=name,
        n=p.units if p.trials > 0 else 0.0,
        value=p.value if p.trials > 0 else None,
        low=low,
        high=high,
        note=note,
        rate=rate,
    )


def _too_small(small: list[_Small], minimum: int, readings: list[GroupReading]) -> Undefined:
    named = "; ".join(str(item) for item in small[:NAMED_AT_MOST])
    rest = f"; and {len(small) - NAMED_AT_MOST} more" if len(small) > NAMED_AT_MOST else ""
    lacking: dict[str, int] = {}
    for item in small:
        lacking[item.group] = max(item.lacking, lacking.get(item.group, 0))
    return Undefined(
        reason=f"Groups below the minimum of {minimum} units: {named}{rest}.",
        units_lacking=tuple(lacking.items()),
        groups=tuple(readings),
    )


def _no_pair(
    admitted: list[Family], small: list[_Small], minimum: int, readings: list[GroupReading]
) -> Undefined:
    family = next(family for family in admitted if len(family.names) < 2)
    only = f"only {family.names[0]!r} is there" if family.names else "none is there"
    left_out = f" with at least {minimum} units" if small else ""
    of = f" of the {family.rate}" if family.rate else ""
    return Undefined(
        reason=f"A gap{of} compares two groups{left_out}, and {only}.",
        units_lacking=tuple({item.group: item.lacking for item in small}.items()),
        groups=tuple(readings),
    )


@lru_cache(maxsize=2048)
def _arc(proportions: tuple[Proportion, ...], error: float) -> Arc:
    effective = [_effective(p, error) for p in proportions]
    return Arc.of(
        np.array([p.events for p in effective], dtype=np.float64),
        np.array([p.trials for p in effective], dtype=np.float64),
        error,
    )


def _effective(p: Proportion, error: float) -> Proportion:
    effective = p.effective(error)
    if isinstance(effective, Undefined):
        raise InvalidArgument(f"Groups are admitted before they are bounded: {effective.reason}")
    return effective
