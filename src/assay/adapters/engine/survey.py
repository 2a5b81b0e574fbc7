"""Which values columns hold: asked of a file's first rows, of all rows only where need be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assay.adapters.engine.columns import (
    WrongType,
    is_floating,
    is_fraction,
    is_no_date,
    is_no_number,
    level_text,
)
from assay.adapters.engine.labels import LabelValues, label_values
from assay.adapters.engine.session import Session
from assay.adapters.engine.source import Column, Source
from assay.adapters.engine.values import Values, head, values
from assay.errors import NotEvaluated
from assay.evidence.recipe import ColumnRoles
from assay.stats.tallies import INTERSECTION
from assay.stats.tallies.filling.batch import LEVELS_MAX
from assay.stats.tallies.state import TEXT_MAX

_INTEGER: Final = re.compile(r"-?\d+")


class TooManyLevels(NotEvaluated):
    """A protected column has more values than groups can have."""

    code = "data.too-many-levels"


class FractionalLevels(NotEvaluated):
    """A column of numbers with fractions names no groups or units."""

    code = "data.fractional-levels"


class UnusableLevel(NotEvaluated):
    """A value cannot be the name of a group."""

    code = "data.unusable-level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The values met.

    Attributes:
        label: the label's two values.
        levels: the levels of each protected column, by code.
        whole: whether all rows were asked, and not only the first.
    """

    label: LabelValues
    levels: Mapping[str, tuple[str, ...]]
    whole: bool


def survey(session: Session, source: Source, roles: ColumnRoles, *, whole: bool) -> Survey:
    """Ask which values there are.

    Args:
        session: on the file.
        source: the file.
        roles: what its columns are for.
        whole: ask of all rows, rather than of the first ones.

    Raises:
        NotEvaluated: a value is of no use in its column's role.
    """
    return Survey(
        label=label_values(session, source, roles.label, whole=whole),
        levels={
            item.column: item.bands
            or _levels(session, source, source.column(item.column), whole=whole)
            for item in roles.protected
        },
        whole=whole,
    )


def refuse_strays(
    session: Session, source: Source, roles: ColumnRoles, *, scores: Source, score: Column
) -> None:
    """Refuse values that no survey makes usable: text for numbers, and units with fractions.

    Raises:
        NotEvaluated: there are some.
    """
    cut = [item for item in roles.protected if item.cuts]
    numbers = [(source, source.column(item.column)) for item in cut if not item.dated]
    others = [(source, source.column(column)) for column in roles.others.values()]
    if roles.weight is not None:
        others.append((source, source.column(roles.weight.column)))
    for file, column in [*numbers, *others, (scores, score)]:
        if file.delimited:
            _refuse_text(session, file, column)
    for item in cut:
        if item.dated and source.column(item.column).type == "VARCHAR":
            _refuse_undated(session, source, source.column(item.column))
    if roles.unit is not None and is_floating(source.column(roles.unit)):
        unit = source.column(roles.unit)
        rest = f"WHERE {is_fraction(unit)}"
        _refuse_fractions(source, unit, values(session, source, level_text(unit), rest=rest))


def _levels(session: Session, source: Source, column: Column, *, whole: bool) -> tuple[str, ...]:
    found = values(session, source, level_text(column), rest=head(whole))
    where = f"{source.where}, column {column.name}"
    if is_floating(column):
        _refuse_fractions(source, column, found)
    if found.distinct > LEVELS_MAX:
        raise TooManyLevels(
            f"Column {column.name!r} has {'' if whole else 'at least '}{found.distinct:,} "
            f"different values, more than the {LEVELS_MAX} that groups of people can have.",
            where=where,
            remedy="Declare cut points if it holds numbers; otherwise group its values, "
            "or take it from the protected columns.",
        )
    for name in found.names:
        if len(name) > TEXT_MAX or INTERSECTION in name:
            raise UnusableLevel(
                f"Column {column.name!r} holds {name[:60]!r}, which cannot name a group.",
                where=where,
                remedy=f"Use names of at most {TEXT_MAX} characters without {INTERSECTION!r}.",
            )
    return tuple(found.names)


def _refuse_fractions(source: Source, column: Column, found: Values) -> None:
    fractional = [name for name in found.names if not _INTEGER.fullmatch(name)]
    if fractional:
        raise FractionalLevels(
            f"Column {column.name!r} holds numbers with fractions, such as {fractional[0]}.",
            where=f"{source.where}, column {column.name}",
            remedy=f"Declare cut points that make groups of them, as in {{{column.name}: "
            "[25, 40]}; a unit needs whole numbers or text.",
        )


def _refuse_text(session: Session, source: Source, column: Column) -> None:
    found = values(session, source, column.sql, rest=f"WHERE {is_no_number(column)}")
    if found.distinct:
        raise WrongType(
            f"Column {column.name!r} must hold numbers, and holds {found}.",
            where=f"{source.where}, column {column.name}",
            remedy="Leave a missing value empty, and write numbers with a decimal point.",
        )


def _refuse_undated(session: Session, source: Source, column: Column) -> None:
    found = values(session, source, column.sql, rest=f"WHERE {is_no_date(column)}")
    if found.distinct:
        raise WrongType(
            f"Column {column.name!r} must hold dates, as its cut points do, and holds {found}.",
            where=f"{source.where}, column {column.name}",
            remedy="Leave a missing value empty, and write dates as YYYY-MM-DD.",
        )
