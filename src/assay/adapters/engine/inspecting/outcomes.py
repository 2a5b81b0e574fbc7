"""Outcomes by group of every row with a label, whether or not a version has a score for it."""

from __future__ import annotations

from assay.adapters.engine.columns import band_codes, label_codes, level_codes, level_text
from assay.adapters.engine.inspecting.columns import Rows
from assay.adapters.engine.session import select
from assay.adapters.engine.source import Source
from assay.adapters.engine.survey import Survey
from assay.evidence.evaluation_set import Outcomes, group_columns
from assay.evidence.roles import ColumnRoles
from assay.stats.tallies import Levels
from assay.stats.tallies.filling.batch import NEGATIVE, POSITIVE


def all_outcomes(rows: Rows, source: Source, roles: ColumnRoles, known: Survey) -> Outcomes:
    """Rows by bucket, group and label.

    Args:
        rows: the rows, with their units.
        source: their file.
        roles: what its columns are for.
        known: the values of its columns, all of them met.
    """
    by = group_columns(roles)
    protected = {item.column: item for item in roles.protected}
    codes = [
        band_codes(source.column(name), protected[name].cuts)
        if protected[name].cuts
        else level_codes(source.column(name), known.levels[name])
        for name in by
    ]
    label = label_codes(
        source.column(roles.label.column),
        negative=known.label.negative,
        positive=known.label.positive,
    )
    groups = [f"{code} AS g{i}" for i, code in enumerate(codes)]
    # A row without a unit is in nobody's bucket.
    known_unit = f"WHERE {level_text(source.column(roles.unit))} IS NOT NULL" if roles.unit else ""
    inner = select(
        f"{rows.bucket} AS bucket",
        f"{label} AS label",
        *groups,
        source=rows.table,
        rest=known_unit,
    )
    found = rows.session.rows(
        select(
            "*",
            "count(*)",
            source=f"({inner})",
            rest=f"WHERE label IN ({NEGATIVE}, {POSITIVE}) GROUP BY ALL",
        )
    )
    levels = [(*known.levels[name], None) for name in by]
    outcomes: dict[int, dict[Levels, tuple[int, int]]] = {}
    for bucket, positive, *group, count in found:
        names = tuple(those[int(code)] for those, code in zip(levels, group, strict=True))
        into = outcomes.setdefault(int(bucket), {})
        negatives, positives = into.get(names, (0, 0))
        into[names] = (
            (negatives, positives + count)
            if positive == POSITIVE
            else (negatives + count, positives)
        )
    return outcomes
