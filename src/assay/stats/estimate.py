"""What a statistic says: an estimate with one-sided bounds, or why there is none."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from assay.errors import InvalidArgument

READING_ERROR: Final = 0.025
"""One-sided error of the intervals that people read: 2.5 % a side, 95 % together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The one-sided errors at which bounds are wanted, each a fraction in (0, 0.5).

    Attributes:
        low: the truth lies below the lower bound in at most this share of worlds.
        high: the truth lies above the upper bound in at most this share of worlds.
    """

    low: float = READING_ERROR
    high: float = READING_ERROR

    def __post_init__(self) -> None:
        for name, error in (("low", self.low), ("high", self.high)):
            if not 0.0 < error < 0.5:
                raise InvalidArgument(f"The {name} error is {error!r}; it must lie in (0, 0.5).")


READING: Final = Errors()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The pair of groups behind one bound of a gap, or the part behind a family's bound.

    Attributes:
        groups: the groups compared, in the order of the claim: (higher, lower).
        value: the pair's own point value.
        bound: the pair's own bound, at the error that the family allots to it.
        n: independent units in the pair.
        rate: which rate it is, where a claim joins several (equalised odds).
        counted: which rows `n` counts, such as "with a positive label"; "" for all of the pair.
    """

    groups: tuple[str, ...]
    value: float
    bound: float
    n: float
    rate: str = ""
    counted: str = ""


LEFT_OUT: Final = "left out: "
"""How the note of a group begins that the claim does not cover; the reason follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReading:
    """One group's own figure, for tables and pictures; verdicts read only the claim's bounds.

    `rate` says which figure it is, where a claim joins several (equalised odds).
    """

    group: str
    n: float
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A point value with a lower and an upper bound, each at a one-sided error.

    Attributes:
        value: the point value; a biased one (a maximum, a distance) may lie outside
            the bounds, and `method` says so.
        low, high: bounds, rounded outward to 12 digits; infinite where none exists.
        low_error, high_error: the one-sided errors, fractions in (0, 0.5).
        n: independent units (people, conversations), not rows.
        method: the method by name, as documentation and evidence cite it.
        events: for a single proportion the events counted, else None; planning uses it.
        low_binding, high_binding: the pair behind each bound, where the claim is a family.
        groups: per-group readings at READING errors, for the report.
        remedy: what a failure should lead to, where a better model is not the answer; it is
            for reports, and no part of the figure.
        counted: which rows `n` counts, such as "with a positive label"; "" for all. Reports say
            so where they tell how many more are needed.
        unused: rows by the reason why this figure alone could not use them, such as a group
            that is not known; for reports.
    """

    value: float
    low: float
    high: float
    low_error: float
    high_error: float
    n: float
    method: str
    events: float | None = None
    low_binding: Binding | None = None
    high_binding: Binding | None = None
    groups: tuple[GroupReading, ...] = field(default=())
    remedy: str = ""
    counted: str = ""
    unused: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or math.isnan(self.low) or math.isnan(self.high):
            raise InvalidArgument(
                f"An estimate needs a finite value and bounds: {self.value!r}, "
                f"{self.low!r}, {self.high!r} ({self.method}). Use Undefined where there is none."
            )

    def _repr_html_(self) -> str:
        """The estimate in a notebook: one line, its bounds rounded outward to three decimals."""
        low, high = _three_decimals(self.low, up=False), _three_decimals(self.high, up=True)
        words = f" (at least {low}, at most {high}), n = {self.n:,.6g}"
        return (
            f"<span><strong>{self.value:,.3f}</strong>{words} "
            f"<small>{html.escape(self.method)}</small></span>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """There is no estimate, and why. Never 0.0, NaN or None; a gate reads `insufficient`.

    Attributes:
        reason: a sentence that a data scientist understands.
        units_lacking: by group (or "" for all rows), how many more units would make it
            defined; empty if more data would not help or the number is not known.
        groups: whatever per-group readings exist all the same.
        counted: which rows those units are, such as "with a positive label"; "" for any.
        remedy: what to do about it, where that is not to gather more; for reports.
    """

    reason: str
    units_lacking: tuple[tuple[str, int], ...] = ()
    groups: tuple[GroupReading, ...] = field(default=())
    counted: str = ""
    remedy: str = ""


def outward(low: float, high: float) -> tuple[float, float]:
    """Round a lower bound down and an upper bound up, to 12 significant digits.

    Platforms differ in the last bits of a quantile; after this they agree, and the
    rounding never makes a bound more favourable than it is.
    """
    return _round(low, up=False), _round(high, up=True)


def _round(bound: float, *, up: bool) -> float:
    if not math.isfinite(bound) or bound == 0.0:
        return bound
    nearest = float(f"{bound:.11e}")
    # A bound within the noise of its own 12-digit neighbour is that neighbour: otherwise
    # 0.5 computed as 0.5000000000000001 on one platform would round up to 0.500000000001.
    if math.isclose(nearest, bound, rel_tol=1e-14, abs_tol=0.0):
        return nearest
    digit = 10.0 ** (math.floor(math.log10(abs(bound))) - 11)
    if up and nearest < bound:
        nearest = float(f"{nearest + digit:.11e}")
    if not up and nearest > bound:
        nearest = float(f"{nearest - digit:.11e}")
    return nearest


def _three_decimals(bound: float, *, up: bool) -> str:
    if math.isinf(bound):
        return "∞" if bound > 0 else "-∞"
    exact = Decimal(repr(bound))
    rounded = exact.quantize(Decimal("0.001"), ROUND_CEILING if up else ROUND_FLOOR)
    return f"{rounded + 0:,}"  # the sum has no negative zero
