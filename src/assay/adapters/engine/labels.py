"""Which of a label's two values is the positive one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.adapters.engine.columns import level_text
from assay.adapters.engine.session import Session, quoted
from assay.adapters.engine.source import Column, Source
from assay.adapters.engine.values import Values, head, values
from assay.errors import NotEvaluated
from assay.evidence.recipe import Label

PAIRS: Final = (("0", "1"), ("false", "true"), ("False", "True"), ("FALSE", "TRUE"), ("0.0", "1.0"))
"""Labels that say themselves which is positive, the second; the last as pandas writes them."""


class LabelHasOtherValues(NotEvaluated):
    """A label has a third value, or two of which none is known to be positive."""

    code = "data.label-values"


class PositiveAbsent(NotEvaluated):
    """The value that is declared to be positive never occurs."""

    code = "data.positive-absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelValues:
    """A label's two values as text; `negative` is None while it has not been met."""

    negative: str | None
    positive: str


def label_values(session: Session, source: Source, label: Label, *, whole: bool) -> LabelValues:
    """The two values of a label.

    Args:
        session: on the file.
        source: the file.
        label: its column, and the positive value where one is declared.
        whole: ask of all rows, rather than of the first ones.

    Raises:
        LabelHasOtherValues: there are others.
        PositiveAbsent: the declared positive value is not among two or more.
    """
    column = source.column(label.column)
    declared = _declared(session, source, column, label.positive)
    found = values(session, source, level_text(column), rest=head(whole))
    pair = _pair(found.names) if declared is None else _with(declared, found.names)
    if pair is not None:
        return pair
    if not whole:  # the counts that a message shows are those of the whole file
        return label_values(session, source, label, whole=True)
    if declared is not None and declared not in found.names:
        raise positive_absent(source, label, found)
    raise _other_values(source, label, found)


def positive_absent(source: Source, label: Label, found: Values | None = None) -> PositiveAbsent:
    """The error for a positive value that no row has."""
    instead = f": it holds {found}" if found else ""
    return PositiveAbsent(
        f"The positive value {label.positive!r} never occurs in column {label.column!r}{instead}.",
        where=f"{source.where}, column {label.column}",
        remedy="Declare the value that the score predicts as `positive`, spelt as in the data.",
    )


def _declared(session: Session, source: Source, column: Column, positive: str | None) -> str | None:
    """The declared value as the column would hold it: "1.0" is "1" in a column of integers."""
    if positive is None or column.type == "VARCHAR":
        return positive
    cast = f"TRY_CAST({quoted(positive)} AS {column.type})"
    [[text]] = session.rows(f"SELECT {level_text(column, cast)}")
    if text is None:
        raise positive_absent(source, Label(column=column.name, positive=positive))
    return str(text)


def _pair(found: Sequence[str]) -> LabelValues | None:
    for negative, positive in PAIRS:
        if set(found) <= {negative, positive}:
            return LabelValues(negative=negative, positive=positive)
    return None


def _with(positive: str, found: Sequence[str]) -> LabelValues | None:
    others = [value for value in found if value != positive]
    if len(others) > 1:
        return None
    return LabelValues(negative=others[0] if others else None, positive=positive)


def _other_values(source: Source, label: Label, found: Values) -> LabelHasOtherValues:
    one = f"{{column: {label.column}, positive: {found.names[-1][:40]!r}}}"
    return LabelHasOtherValues(
        f"Label {label.column!r} holds {found}; a label holds two values, and it must be known "
        "which of them is positive.",
        where=f"{source.where}, column {label.column}",
        remedy=f"Say which is positive, as in `label: {one}`."
        if found.distinct <= 2
        else "Leave the label empty in rows that have no outcome yet, or correct them.",
    )
