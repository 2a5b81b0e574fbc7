"""What the columns of the file hold: against a schema, by type, within limits, constant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal

from assay.checks.check import NO_COLUMNS, FileColumns, check
from assay.checks.data.counts import NO_ROWS, share
from assay.checks.data.schema import departures, parse_schema, unfit
from assay.errors import InvalidArgument, suggest
from assay.evidence.inputs import Absent, Evidence, Need
from assay.evidence.measurement import Document, Fact
from assay.stats.estimate import Undefined
from assay.stats.tallies.inspections import ColumnProfile, Limits, Profiles

_SHOWN: Final = 5

Type = Literal["integer", "number", "boolean", "date", "timestamp", "text"]


def _schema_needs(*, document: str = "schema", **_: object) -> Sequence[Need]:
    return [Profiles(), Document(document)]


@check("data.schema", better="true", needs=_schema_needs, unit="fact")
def schema(evidence: Evidence, *, document: str = "schema", more: bool = True) -> Fact:
    """Whether the file has the columns that a schema declares, of their types, within limits.

    Formula: true if every declared column is there; all its values are of its type; none is
        missing where it is required; its numbers lie within its limits; and its values are
        among its levels, where it names them.
    Source: counts; the values of a text file are of the first type that fits, so a column of
        whole numbers is one of numbers too.
    Undefined: never; without the document it is missing.
    Tallies: profiles of all columns; it reads the document of that name.

    Args:
        evidence: the evidence.
        document: the name of the document in the manifest, under `documents`; its `columns`
            map each name to a type, or to type, required, at_least, at_most and levels.
        more: whether the file may have columns that the schema does not declare.
    """
    declared = evidence[Document(document)]
    if declared is None:
        raise Absent(
            f"There is no document {document!r}, which would declare the columns.",
            remedy=f"Write one, and name it in the manifest under documents.{document}: "
            "`columns: {age: {type: integer, at_least: 18}, purpose: text}`.",
        )
    columns = parse_schema(declared)
    found = evidence[Profiles()].columns
    wrong = [
        clause
        for name, item in columns.items()
        for clause in departures(name, item, found.get(name))
    ]
    extra = [] if more else sorted(set(found) - set(columns))
    wrong += [f"{name} is not declared" for name in extra]
    return Fact(
        value=not wrong,
        detail=_listed(wrong) or f"All {len(columns)} declared columns are as they should be.",
        remedy=f"Mend the data, or declare in {declared.path} what they should hold."
        if wrong
        else "",
    )


def _types_needs(*, columns: FileColumns, **_: object) -> Sequence[Need]:
    return [Profiles(of=columns)]


@check("data.types", better="lower", needs=_types_needs, unit="fraction")
def types(evidence: Evidence, *, columns: FileColumns, type: Type) -> Fact | Undefined:  # noqa: A002 - what a policy writes
    """The largest share of a column's values that are not of its type.

    Formula: max over columns of (values of another type / values), rounded up to 12 digits.
        Whole numbers are numbers, dates are timestamps, 0 and 1 are booleans, all is text.
    Source: a count.
    Undefined: no column has a value.
    Tallies: profiles of the columns.

    Args:
        evidence: the evidence.
        columns: the columns of the file that should be of the type.
        type: what their values should be.
    """
    profiles = evidence[Profiles(of=columns)].columns
    wrong = {name: unfit(item.types, type, item) for name, item in profiles.items()}
    held = {name: item for name, item in profiles.items() if item.values}
    if not held:
        return Undefined(reason=f"No row has a value in {', '.join(columns)}.")
    return Fact(
        value=max(share(wrong[name], item.values) for name, item in held.items()),
        detail=_listed([f"{name}: {_found(profiles[name])}" for name, n in wrong.items() if n])
        or f"Every value in {', '.join(columns)} is of type {type}.",
        remedy="Correct these values at their source, or declare the type that they have.",
    )


def _ranges_needs(
    *, column: str, at_least: Decimal | None = None, at_most: Decimal | None = None
) -> Sequence[Need]:
    return [Limits(column, at_least, at_most)]


@check("data.ranges", better="lower", needs=_ranges_needs, unit="fraction")
def ranges(
    evidence: Evidence,
    *,
    column: str,
    at_least: Decimal | None = None,
    at_most: Decimal | None = None,
) -> Fact | Undefined:
    """The share of a column's values that lie outside its limits.

    Formula: (numbers below the least + above the greatest + texts) / values, rounded up to 12
        digits. A value at a limit is inside; a text that is no number is outside.
    Source: a count.
    Undefined: the column has no value.
    Tallies: limits of the column.

    Args:
        evidence: the evidence.
        column: a column of the file.
        at_least: the least value allowed; none where it is left out.
        at_most: the greatest value allowed; none where it is left out.
    """
    if at_least is None and at_most is None:
        raise InvalidArgument("Give at_least, at_most or both under `with`.")
    counts = evidence[Limits(column, at_least, at_most)]
    values = counts.rows - counts.missing
    if values == 0:
        return Undefined(reason=f"No row has a value in {column!r}.")
    outside = {
        f"below {at_least}": counts.below,
        f"above {at_most}": counts.above,
        "no number": counts.texts,
    }
    return Fact(
        value=share(counts.outside, values),
        detail="; ".join(f"{name}: {n:,} of {values:,}" for name, n in outside.items() if n)
        or f"All {values:,} values lie inside.",
        remedy=f"Find out where these values of {column} come from; correct or leave them empty.",
    )


def _constants_needs(**_: object) -> Sequence[Need]:
    return [Profiles()]


@check("data.constant_columns", better="lower", needs=_constants_needs, unit="columns")
def constant_columns(evidence: Evidence, *, ignore: FileColumns = NO_COLUMNS) -> Fact | Undefined:
    """How many columns have the same value in every row, or none at all.

    Formula: columns with at most one value, a missing one counting as a value.
    Source: a count.
    Undefined: no row was read.
    Tallies: profiles of all columns.

    Args:
        evidence: the evidence.
        ignore: columns that may be constant.
    """
    profiles = evidence[Profiles()].columns
    refuse_unknown("ignore", ignore, profiles)
    if not any(item.values or item.missing for item in profiles.values()):
        return NO_ROWS
    constant = [
        f"{name} ({_only(item)})"
        for name, item in profiles.items()
        if name not in ignore and item.cells.distinct + (item.missing > 0) <= 1
    ]
    return Fact(
        value=len(constant),
        detail=_listed(constant) or f"None of {len(profiles)} columns is constant.",
        remedy="Leave them out, or find out why the data hold only one kind of row; name columns "
        "that may be constant under `ignore`.",
    )


def refuse_unknown(parameter: str, names: FileColumns, known: Iterable[str]) -> None:
    """Refuse to ignore a column that is not there: a slip would go unnoticed.

    Raises:
        Absent: a name is not that of a column.
    """
    columns = sorted(known)
    for name in names:
        if name not in columns:
            raise Absent(
                f"`{parameter}` names {name!r}, which is no column that was looked at.",
                remedy=suggest(name, columns, otherwise=f"Looked at: {', '.join(columns)}."),
            )


def _listed(clauses: Sequence[str]) -> str:
    shown = "; ".join(clauses[:_SHOWN])
    more = len(clauses) - _SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown


def _found(profile: ColumnProfile) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in profile.types.items())


def _only(profile: ColumnProfile) -> str:
    values = [*(profile.dates or ())[:1], *(profile.cells.texts or {}), *profile.numbers_spelled]
    return f"always {values[0]!r}" if values else "always missing"
