"""The roles that columns of a dataset play, in their canonical form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

from assay.errors import InvalidArgument
from assay.stats.tallies.pairs import AGAINST, BASELINE, CHAMPION, Against
from assay.stats.tallies.state import Json, count, mapping, sequence, text
from assay.stats.tallies.weights import Weight

PROTECTED_MAX: Final = 100
CUTS_MAX: Final = 200

Cut = Decimal | date
"""Where one band ends: a number, or a day that still belongs to it."""

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The column of outcomes. `positive` is the value that the score predicts, as text.

    None means that the column holds booleans or 0 and 1.
    """

    column: str
    positive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """When a score leads to the favourable decision: `score <favourable_when> threshold`."""

    favourable_when: Literal["<", "<=", ">", ">="]
    threshold: Decimal

    @property
    def favourable_is_positive(self) -> bool:
        """Whether the favourable decision is the one that predicts the positive label."""
        return self.favourable_when in {">", ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A protected column; with cut points its numbers or dates fall into right-closed bands.

    Cut points ascend, and are all numbers or all dates.
    """

    column: str
    cuts: tuple[Cut, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether its cut points are dates."""
        return any(isinstance(cut, date) for cut in self.cuts)

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the bands, ascending: one more than there are cuts, or none.

        >>> Protected(column="age", cuts=(Decimal(25), Decimal(40))).bands
        ('<=25', '(25,40]', '>40')
        >>> Protected(column="joined", cuts=(date(2020, 12, 31),)).bands
        ('<=2020-12-31', '>2020-12-31')
        """
        if not self.cuts:
            return ()
        cuts = [cut_text(cut) for cut in self.cuts]
        between = [f"({low},{high}]" for low, high in pairwise(cuts)]
        return (f"<={cuts[0]}", *between, f">{cuts[-1]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRoles:
    """What the columns of a dataset of binary decisions are for.

    `unit` names the column whose equal values are one person: such rows are not independent.
    `champion` and `baseline` name the scores of the same rows by the version in production and
    by a rule that is to be beaten; the same rule of decision turns them into decisions.
    """

    label: Label
    score: str
    decision: DecisionRule
    protected: tuple[Protected, ...] = ()
    unit: str | None = None
    weight: Weight | None = None
    champion: str | None = None
    baseline: str | None = None

    @property
    def others(self) -> dict[Against, str]:
        """The column of each other score that is declared."""
        named: dict[Against, str | None] = {CHAMPION: self.champion, BASELINE: self.baseline}
        return {against: column for against, column in named.items() if column is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that has a role."""
        single = [self.unit, None if self.weight is None else self.weight.column]
        return (
            self.label.column,
            self.score,
            *(item.column for item in self.protected),
            *(column for column in single if column is not None),
            *self.others.values(),
        )


def roles_form(roles: ColumnRoles) -> Json:
    """The canonical form of column roles; decimals are text."""
    return {
        "label": {"column": roles.label.column, "positive": roles.label.positive},
        "score": roles.score,
        "decision": {
            "favourable_when": roles.decision.favourable_when,
            "threshold": decimal_text(roles.decision.threshold),
        },
        "protected": [
            {"column": item.column, "cuts": [cut_text(cut) for cut in item.cuts]}
            for item in roles.protected
        ],
        "unit": roles.unit,
        # Left out where there is none, so that recipes from before weights keep their bytes.
        **({} if roles.weight is None else {"weight": _weight_form(roles.weight)}),
        **{str(against): column for against, column in roles.others.items()},
    }


def parse_roles(raw: object) -> ColumnRoles:
    """The roles that `roles_form` spells; raises ValueError or MalformedTally."""
    optional = [key for key in ("weight", *AGAINST) if isinstance(raw, Mapping) and key in raw]
    keys = ("label", "score", "decision", "protected", "unit", *optional)
    roles = mapping(raw, keys=keys)
    label = mapping(roles["label"], keys=("column", "positive"))
    return ColumnRoles(
        label=Label(column=text(label["column"]), positive=_optional(label["positive"])),
        score=text(roles["score"]),
        decision=_parse_decision(roles["decision"]),
        protected=tuple(
            _parse_protected(item) for item in sequence(roles["protected"], longest=PROTECTED_MAX)
        ),
        unit=_optional(roles["unit"]),
        weight=_parse_weight(roles["weight"]) if "weight" in roles else None,
        champion=text(roles[CHAMPION]) if CHAMPION in roles else None,
        baseline=text(roles[BASELINE]) if BASELINE in roles else None,
    )


def cut_text(cut: Cut) -> str:
    """A cut point in its one spelling: a plain decimal, or a day as YYYY-MM-DD."""
    return cut.isoformat() if isinstance(cut, date) else decimal_text(cut)


def decimal_text(value: Decimal) -> str:
    """A decimal in its one spelling: no exponent, no trailing zero, no "-0".

    >>> decimal_text(Decimal("2.50E+1"))
    '25'
    """
    if not value.is_finite() or abs(value.adjusted()) > 400:
        raise InvalidArgument(f"{value} is not a decimal of reasonable size.")
    if not value:
        return "0"
    # Not `normalize`, which rounds to the precision of the thread's decimal context.
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _parse_decision(raw: object) -> DecisionRule:
    decision = mapping(raw, keys=("favourable_when", "threshold"))
    favourable_when = decision["favourable_when"]
    if favourable_when not in ("<", "<=", ">", ">="):
        raise ValueError("a decision compares in an unknown way.")
    return DecisionRule(
        favourable_when=favourable_when, threshold=_parse_decimal(decision["threshold"])
    )


def _parse_protected(raw: object) -> Protected:
    item = mapping(raw, keys=("column", "cuts"))
    cuts = sequence(item["cuts"], longest=CUTS_MAX)
    return Protected(column=text(item["column"]), cuts=tuple(map(_parse_cut, cuts)))


def _weight_form(weight: Weight) -> Json:
    scale = {"scale": weight.scale} if weight.sampled else {}
    return {"column": weight.column, "kind": weight.kind, **scale}


def _parse_weight(raw: object) -> Weight:
    sampled = isinstance(raw, Mapping) and "scale" in raw
    item = mapping(raw, keys=("column", "kind", "scale") if sampled else ("column", "kind"))
    if item["kind"] != ("sampling" if sampled else "frequency"):
        raise ValueError("a weight is of an unknown kind.")
    if sampled:
        return Weight(column=text(item["column"]), kind="sampling", scale=count(item["scale"]))
    return Weight(column=text(item["column"]), kind="frequency")


def _parse_cut(raw: object) -> Cut:
    spelling = text(raw)
    return date.fromisoformat(spelling) if DAY.fullmatch(spelling) else _parse_decimal(raw)


def _parse_decimal(raw: object) -> Decimal:
    spelling = text(raw)
    if not _DECIMAL.fullmatch(spelling):
        raise ValueError(f"{spelling!r} is not a plain decimal.")
    return Decimal(spelling)


def _optional(raw: object) -> str | None:
    return None if raw is None else text(raw)
