"""Rows that occur more than once: within a file, and in the training data too."""

from __future__ import annotations

from collections.abc import Sequence

from assay.adapters.engine.inspecting.columns import Rows
from assay.adapters.engine.inspecting.forms import same
from assay.adapters.engine.session import select
from assay.adapters.engine.source import Column, Source
from assay.evidence.roles import ColumnRoles
from assay.stats.tallies.inspections import DuplicateCounts, Duplicates, Overlap, OverlapCounts


def duplicates(rows: Rows, source: Source, spec: Duplicates) -> dict[int, DuplicateCounts]:
    """Rows that equal an earlier one, by bucket.

    Of equal rows one counts as the first, in the lowest bucket that has one.

    Raises:
        UnknownColumn: a column that is named is not there.
    """
    columns = [source.column(name) for name in spec.on] or list(source.columns)
    names = [column.sql for column in columns]
    firsts = select(
        f"min({rows.bucket}) AS bucket", source=rows.table, rest=f"GROUP BY {', '.join(names)}"
    )
    read = dict(_counted(rows, select(f"{rows.bucket} AS bucket", source=rows.table)))
    first = dict(_counted(rows, firsts))
    return {
        bucket: DuplicateCounts(on=spec.on, rows=n, repeated=n - first.get(bucket, 0))
        for bucket, n in read.items()
    }


def overlap(
    rows: Rows, source: Source, training: Sequence[Source], roles: ColumnRoles, spec: Overlap
) -> dict[int, OverlapCounts]:
    """Rows that occur in the training data, by bucket.

    Raises:
        UnknownColumn: a column that is named is not in both.
    """
    columns = _compared(source, training, roles, spec)
    known = " AND ".join(f"{same(column)} IS NOT NULL" for column in columns)
    only = f"WHERE {known}" if spec.units else ""
    keys = [f"{same(column)} AS k{i}" for i, column in enumerate(columns)]
    asked = select(f"{rows.bucket} AS bucket", *keys, source=rows.table, rest=only)
    read = dict(_counted(rows, asked))
    shared = dict(_counted(rows, _found(asked, training, columns))) if columns else {}
    names = tuple(column.name for column in columns)
    return {
        bucket: OverlapCounts(spec=spec, compared=names, rows=n, shared=shared.get(bucket, 0))
        for bucket, n in read.items()
    }


def _compared(
    source: Source, training: Sequence[Source], roles: ColumnRoles, spec: Overlap
) -> list[Column]:
    named = (roles.unit,) if spec.units and roles.unit is not None else spec.on
    if named:
        for part in training:
            for name in named:
                part.column(name)
        return [source.column(name) for name in named]
    apart = {roles.score, *roles.others.values()}
    if roles.weight is not None:
        apart.add(roles.weight.column)
    return [
        column
        for column in source.columns
        if column.name not in apart
        and all(column.name in {other.name for other in part.columns} for part in training)
    ]


def _found(asked: str, training: Sequence[Source], columns: Sequence[Column]) -> str:
    """The rows asked for that occur in the training data."""
    trained = " UNION ALL ".join(
        select(
            *(f"{same(part.column(column.name))} AS k{i}" for i, column in enumerate(columns)),
            source=part.table,
        )
        for part in training
    )
    equal = " AND ".join(
        f"asked.k{i} IS NOT DISTINCT FROM trained.k{i}" for i in range(len(columns))
    )
    return select("bucket", source=f"({asked}) asked SEMI JOIN ({trained}) trained ON {equal}")


def _counted(rows: Rows, query: str) -> list[tuple[int, int]]:
    found = rows.session.rows(
        select("bucket", "count(*)", source=f"({query})", rest="GROUP BY bucket")
    )
    return [(int(bucket), int(n)) for bucket, n in found]
