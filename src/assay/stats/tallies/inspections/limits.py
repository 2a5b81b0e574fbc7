"""How many values of one column lie outside declared limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from assay.errors import InvalidArgument
from assay.stats.tallies.inspections.profiles import DECIMAL, text_of
from assay.stats.tallies.state import Json, MalformedTally, count, mapping, text


@dataclass(frozen=True, slots=True)
class Limits:
    """Ask how many numbers of a column lie below the least or above the greatest allowed.

    The limits are inside: a number at one is fine. At least one is given.
    """

    kind: ClassVar[str] = "limits/1"
    column: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What orders inspections of one kind."""
        return (self.column, _spelled(self.at_least) or "", _spelled(self.at_most) or "")

    def form(self) -> dict[str, Json]:
        """The canonical form in a recipe and in a tally."""
        return {
            "kind": self.kind,
            "column": self.column,
            "at_least": _spelled(self.at_least),
            "at_most": _spelled(self.at_most),
        }

    @classmethod
    def from_form(cls, raw: Mapping[str, Any]) -> Limits:
        """The inspection that `form` spells."""
        mapping(raw, keys=("kind", "column", "at_least", "at_most"))
        return cls(text(raw["column"]), _parse(raw["at_least"]), _parse(raw["at_most"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCounts:
    """Values of one column within and outside limits.

    Attributes:
        spec: which column and limits.
        rows: rows read.
        missing: rows without a value.
        below, above: numbers outside.
        texts: values that are no number.
    """

    spec: Limits
    rows: int
    missing: int
    below: int
    above: int
    texts: int

    @classmethod
    def empty(cls, spec: Limits) -> LimitCounts:
        """No rows."""
        return cls(spec=spec, rows=0, missing=0, below=0, above=0, texts=0)

    @property
    def outside(self) -> int:
        """Values outside, those that are no number included."""
        return self.below + self.above + self.texts

    def merge(self, other: LimitCounts) -> LimitCounts:
        """Add two sets of rows.

        Raises:
            InvalidArgument: the two are of different limits.
        """
        if self.spec != other.spec:
            raise InvalidArgument("Counts outside different limits do not add up.")
        return LimitCounts(
            spec=self.spec,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            below=self.below + other.below,
            above=self.above + other.above,
            texts=self.texts + other.texts,
        )

    def state(self) -> Json:
        """The canonical form."""
        return {
            **self.spec.form(),
            "rows": self.rows,
            "missing": self.missing,
            "below": self.below,
            "above": self.above,
            "texts": self.texts,
        }

    @classmethod
    def from_state(cls, state: object) -> LimitCounts:
        """The counts that `state` spells; raises MalformedTally."""
        counted = ("rows", "missing", "below", "above", "texts")
        raw = mapping(state, keys=("kind", "column", "at_least", "at_most", *counted))
        form = {key: value for key, value in raw.items() if key not in counted}
        found = cls(spec=Limits.from_form(form), **{name: count(raw[name]) for name in counted})
        if found.missing + found.outside > found.rows:
            raise MalformedTally("A column has more values outside its limits than rows.")
        return found


def _spelled(limit: Decimal | None) -> str | None:
    """A decimal in its one spelling: no exponent, no trailing zero, no "-0"."""
    if limit is None:
        return None
    if not limit.is_finite() or abs(limit.adjusted()) > 400:
        raise InvalidArgument(f"{limit} is not a limit of reasonable size.")
    plain = format(limit, "f") if limit else "0"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _parse(value: object) -> Decimal | None:
    return None if value is None else Decimal(text_of(value, DECIMAL))
