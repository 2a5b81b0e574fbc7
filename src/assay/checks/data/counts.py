"""Facts about the evaluation data: how many rows, what is missing, who is barely there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal
from typing import Final

from assay.checks.check import Columns, check
from assay.checks.groups import group_counts, group_needs
from assay.evidence.inputs import Absent, Evidence, Need
from assay.evidence.measurement import Fact
from assay.evidence.recipe import ColumnRoles
from assay.stats.estimate import Undefined
from assay.stats.tallies import Rows
from assay.stats.tallies.inspections import Profiles

_SHARE: Final = Context(prec=12, rounding=ROUND_CEILING)
"""A share keeps 12 digits and never looks smaller than it is; no thread's context changes it."""

_NAMED: Final = 8
"""Columns that a sentence names; of more it says how many."""

NO_ROWS: Final = Undefined(reason="The evaluation data hold no row.", units_lacking=(("", 1),))


@check("data.rows", better="higher", needs=(Rows(),), unit="rows")
def rows(evidence: Evidence) -> Fact:
    """Rows that the measurements rest on: read, less those excluded.

    Formula: rows read - rows excluded (missing label, missing score, score out of range).
    Source: a count.
    Undefined: never.
    Tallies: rows.
    """
    counts = evidence[Rows()]
    excluded = counts.read - counts.used
    detail = f"{counts.read:,} rows were read"
    return Fact(
        value=counts.used,
        detail=f"{detail}, {excluded:,} of them excluded." if excluded else f"{detail}, all used.",
        remedy="Evaluate on more rows.",
    )


def _missing_needs(*, every: bool = False, **_: object) -> Sequence[Need]:
    return [Rows(), Profiles()] if every else [Rows()]


@check("data.missing_values", better="lower", needs=_missing_needs, unit="fraction")
def missing_values(
    evidence: Evidence, *, columns: Columns = (), every: bool = False
) -> Fact | Undefined:
    """The largest share of missing values in any column that has a role, or in any at all.

    Formula: max over columns of (missing values / rows read), rounded up to 12 digits. NaN is
        missing.
    Source: a count.
    Undefined: no row was read.
    Tallies: rows; profiles of all columns, with `every`.

    Args:
        evidence: the evidence.
        columns: the columns looked at; empty means all that have a role (label, score,
            protected columns, unit).
        every: look at every column of the file, with a role or without.
    """
    counts = evidence[Rows()]
    if counts.read == 0:
        return NO_ROWS
    roles = role_columns(evidence.roles)
    unknown = sorted(set(columns) - set(roles))
    if unknown:
        raise Absent(f"Missing values were not counted in {', '.join(unknown)}: no role.")
    missing = {column: counts.missing.get(column, 0) for column in columns or roles}
    if every:
        profiles = evidence[Profiles()].columns
        missing |= {name: item.missing for name, item in profiles.items()}
    incomplete = sorted(((n, column) for column, n in missing.items() if n), reverse=True)
    return Fact(
        value=share(max(missing.values(), default=0), counts.read),
        detail="; ".join(f"{name}: {n:,} of {counts.read:,}" for n, name in incomplete)
        or f"No value is missing in {_named(list(missing))}.",
        remedy="Fill the gaps at their source, or explain why they are there.",
    )


@check("data.excluded_rows", better="lower", needs=(Rows(),), unit="fraction")
def excluded_rows(evidence: Evidence) -> Fact | Undefined:
    """The share of rows that no measurement can use.

    Formula: rows excluded / rows read, rounded up to 12 digits. A row is excluded once, for
        its first reason: missing label, missing score, score out of range.
    Source: a count.
    Undefined: no row was read.
    Tallies: rows.
    """
    counts = evidence[Rows()]
    if counts.read == 0:
        return NO_ROWS
    reasons = {reason: n for reason, n in sorted(counts.excluded.items()) if n}
    return Fact(
        value=share(sum(reasons.values()), counts.read),
        detail="; ".join(f"{reason}: {n:,} of {counts.read:,}" for reason, n in reasons.items())
        or f"All {counts.read:,} rows are used.",
        remedy="Find out why these rows lack a label or a usable score.",
    )


@check("data.smallest_group", better="higher", needs=group_needs, unit="rows")
def smallest_group(
    evidence: Evidence, *, by: Columns = (), intersections: bool = False
) -> Fact | Undefined:
    """Rows in the smallest group of people that occurs in the data.

    Formula: min over groups of the rows in it; groups of each column and, with
        `intersections`, of all columns together. A combination without rows is no group.
    Source: a count.
    Undefined: no protected column is declared, or no row has a value in one.
    Tallies: confusion by each slice.

    Args:
        evidence: the evidence.
        by: the protected columns; empty means all that are declared.
        intersections: whether the groups of all columns together count too.
    """
    sizes = [
        (counts.n, name)
        for groups in group_counts(evidence, by, intersections=intersections)
        for name, counts in groups.items()
    ]
    if not sizes:
        return Undefined(reason="No group is known: no protected column holds a value.")
    size, name = min(sizes)
    return Fact(
        value=size,
        detail=f"{name} is the smallest of {len(sizes)} groups.",
        remedy=f"Add rows of {name} to the evaluation data.",
    )


def role_columns(roles: ColumnRoles | None) -> Columns:
    """The columns that have a role, in the order label, score, protected, unit."""
    if roles is None:
        return ()
    protected = (item.column for item in roles.protected)
    unit = (roles.unit,) if roles.unit else ()
    return tuple(dict.fromkeys((roles.label.column, roles.score, *protected, *unit)))


def _named(columns: list[str]) -> str:
    return ", ".join(columns) if len(columns) <= _NAMED else f"any of {len(columns)} columns"


def share(part: int, whole: int) -> Decimal:
    """A part of a whole, rounded up to 12 digits."""
    return _SHARE.divide(Decimal(part), Decimal(whole))
