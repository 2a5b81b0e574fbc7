"""Evidence of counted rows: what one pass over them would give, without a file or an engine.

Tests of policies describe data by a few counts, and lint asks what perfect data would show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence
from assay.evidence.recipe import (
    ColumnRoles,
    DecisionRule,
    Label,
    Protected,
    Recipe,
    recipe_for,
    steps_of,
)
from assay.evidence.tallies import TallySet
from assay.stats.tallies import (
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    Levels,
    RowCounts,
    Rows,
    ScoreCounts,
    Scores,
    ScoreSlice,
    Spec,
    Tally,
)

THRESHOLD: Final = Decimal("0.5")
"""Where the decision turns, for rows that tell their decision and not their score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRows:
    """Rows that share everything.

    Attributes:
        positive: whether their label is the positive one.
        score: from 0 to 1; the prediction is positive from THRESHOLD.
        groups: their level in each protected column; None where it is missing.
        count: how many there are.
    """

    positive: bool
    score: float
    groups: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    count: int = 1


def counted_evidence(
    rows: Sequence[CountedRows],
    *,
    protected: Sequence[str] = (),
    favourable_is_positive: bool = False,
    needs: Iterable[Spec] = (),
) -> Evidence:
    """The evidence of these rows, independent of one another.

    Args:
        rows: the data; a row tells its level in every protected column.
        protected: the protected columns.
        favourable_is_positive: whether the favourable decision predicts the positive label.
        needs: what to count beside the base recipe.

    Raises:
        UnknownSliceColumn: a need groups by a column that is not protected.
        InvalidArgument: a need is of a kind that counted rows do not have.
    """
    roles = ColumnRoles(
        label=Label(column="label"),
        score="score",
        decision=DecisionRule(
            favourable_when=">=" if favourable_is_positive else "<", threshold=THRESHOLD
        ),
        protected=tuple(Protected(column=column) for column in protected),
    )
    recipe = recipe_for(roles, needs)
    held = [row for row in rows if row.count]
    tallies = {spec: _tally(spec, held, recipe) for spec in recipe.specs}
    return Evidence(
        roles=roles, tallies=TallySet(recipe=recipe.digest, tallies=tallies, buckets={})
    )


def _tally(spec: Spec, rows: Sequence[CountedRows], recipe: Recipe) -> Tally:
    if isinstance(spec, Rows):
        return _rows(rows, recipe.roles)
    if isinstance(spec, Confusion):
        return _confusion(spec, rows)
    if isinstance(spec, Scores):
        return _scores(spec, rows, recipe.roles)
    raise InvalidArgument(f"Counted rows have nothing for a tally of kind {spec.kind!r}.")


def _rows(rows: Sequence[CountedRows], roles: ColumnRoles) -> RowCounts:
    missing = {
        item.column: sum(row.count for row in rows if row.groups[item.column] is None)
        for item in roles.protected
    }
    return RowCounts(
        read=sum(row.count for row in rows),
        excluded={},
        missing={column: count for column, count in missing.items() if count},
    )


def _confusion(spec: Confusion, rows: Sequence[CountedRows]) -> ConfusionCounts:
    cells: dict[Levels, BinaryCounts] = {}
    for row in rows:
        levels = _levels(row, spec.by)
        cells[levels] = cells.get(levels, BinaryCounts()) + _cell(row)
    return ConfusionCounts(by=spec.by, cells=cells)


def _cell(row: CountedRows) -> BinaryCounts:
    predicted = Decimal(row.score) >= THRESHOLD
    if row.positive:
        return (
            BinaryCounts(true_positives=row.count)
            if predicted
            else BinaryCounts(false_negatives=row.count)
        )
    return (
        BinaryCounts(false_positives=row.count)
        if predicted
        else BinaryCounts(true_negatives=row.count)
    )


def _scores(spec: Scores, rows: Sequence[CountedRows], roles: ColumnRoles) -> ScoreCounts:
    found: dict[Levels, dict[float, tuple[int, int]]] = {}
    for row in rows:
        counts = found.setdefault(_levels(row, spec.by), {})
        negatives, positives = counts.get(row.score, (0, 0))
        counts[row.score] = (
            negatives + (not row.positive) * row.count,
            positives + row.positive * row.count,
        )
    steps = steps_of(spec, roles)
    return ScoreCounts(
        by=spec.by,
        slices={
            levels: ScoreSlice(steps=steps, exact=dict(sorted(counts.items())), bins={})
            for levels, counts in found.items()
        },
    )


def _levels(row: CountedRows, by: Sequence[str]) -> Levels:
    return tuple(row.groups[column] for column in by)
