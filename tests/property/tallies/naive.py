"""Counting one row at a time, in plain Python: slow, obvious, and sharing nothing with filling.

The bin rule is written as its comparison ladder, as another engine would write it.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from tests.property.tallies.naive_pairs import pair_counts, score_pair_counts, unpaired
from tests.property.tallies.naive_weights import steps, unusable, weighted_counts

from assay.evidence.recipe import ColumnRoles, DecisionRule, Recipe
from assay.evidence.tallies import TallySet
from assay.stats.tallies import (
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    Inspection,
    Levels,
    PairCounts,
    Pairs,
    RowCounts,
    Rows,
    ScoreCounts,
    ScorePairCounts,
    ScorePairs,
    ScoreSlice,
    Spec,
    Tally,
    WeightedConfusion,
    WeightedConfusionCounts,
    WeightedCounts,
)

Point = TypeVar("Point", float, int)

EDGES: Final = (
    0.0,
    *(2.0**-k for k in range(16, 0, -1)),
    *(1.0 - 2.0**-k for k in range(2, 17)),
)
"""The lower edges of the 32 intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the label (True is what the score predicts), the score, the groups, the unit."""

    label: bool | None
    score: float | None
    groups: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    unit: str | None = None
    weight: float | None = None
    others: Mapping[str, float | None] = field(default_factory=dict[str, float | None])


def ladder_bin(score: float, steps: int) -> int:
    """The bin of a score, by comparisons, one subtraction and one product."""
    i = bisect_right(EDGES, score) - 1
    width = (*EDGES[1:], 1.0)[i] - EDGES[i]
    return steps * i + min(steps - 1, math.floor((score - EDGES[i]) * (steps / width)))


def bucket_of(unit: str) -> int:
    """SHA-256 of the text, as one large number, mod 64."""
    return int.from_bytes(hashlib.sha256(unit.encode()).digest(), "big") % 64


def count_rows(rows: Sequence[Row], recipe: Recipe) -> TallySet:
    """The tallies of a recipe."""
    rows = _repeated(rows, recipe)
    totals = _tallies(rows, recipe)
    if recipe.roles.unit is None:
        return TallySet(recipe=recipe.digest, tallies=totals, buckets={})
    buckets: dict[int, list[Row]] = {}
    for row in rows:
        buckets.setdefault(bucket_of(row.unit or ""), []).append(row)
    return TallySet(
        recipe=recipe.digest,
        tallies=totals,
        buckets={number: _tallies(buckets[number], recipe) for number in sorted(buckets)},
    )


def _repeated(rows: Sequence[Row], recipe: Recipe) -> list[Row]:
    """With frequency weights, each row as many times as it counts; a bad weight counts once."""
    kind = recipe.roles.weight
    if kind is None or kind.sampled:
        return list(rows)
    times = [1 if unusable(row.weight, kind) else int(row.weight or 0) for row in rows]
    return [row for row, count in zip(rows, times, strict=True) for _ in range(count)]


def _tallies(rows: Sequence[Row], recipe: Recipe) -> dict[Spec, Tally]:
    used = [row for row in rows if _reason(row, recipe.roles) is None]
    return {spec: _tally(spec, rows, used, recipe) for spec in recipe.specs}


def _tally(spec: Spec, rows: Sequence[Row], used: Sequence[Row], recipe: Recipe) -> Tally:
    if isinstance(spec, Rows):
        return _row_counts(rows, recipe)
    if isinstance(spec, Pairs | ScorePairs):
        return count_pairs(spec, rows, recipe.roles)
    assert not isinstance(spec, Inspection), "Inspections have a reference of their own."
    groups: dict[Levels, list[Row]] = {}
    for row in used:
        groups.setdefault(tuple(row.groups[column] for column in spec.by), []).append(row)
    if isinstance(spec, Confusion):
        cells = {levels: _cell(part, recipe.roles.decision) for levels, part in groups.items()}
        return ConfusionCounts(by=spec.by, cells=cells)
    if isinstance(spec, WeightedConfusion):
        sums = {levels: _weighted(part, recipe) for levels, part in groups.items()}
        return WeightedConfusionCounts(by=spec.by, cells=sums)
    steps = 128 if spec.by or recipe.roles.unit is not None else 2048
    return ScoreCounts(
        by=spec.by, slices={levels: _slice(part, steps) for levels, part in groups.items()}
    )


def count_pairs(
    spec: Pairs | ScorePairs, rows: Sequence[Any], roles: ColumnRoles
) -> PairCounts | ScorePairCounts:
    """A tally of rows that this version and another scored."""
    unit = roles.unit is not None
    used = [row for row in rows if _reason(row, roles) is None]
    left_out = unpaired(rows, used, spec.against, unit=unit)
    if isinstance(spec, Pairs):
        return pair_counts(spec, used, left_out, lambda score: _predicted(score, roles.decision))
    steps = 128 if unit else 2048

    def slice_of(labelled: Sequence[tuple[bool, float]]) -> ScoreSlice:
        return _slice([Row(label=label, score=score) for label, score in labelled], steps)

    return score_pair_counts(spec, used, left_out, slice_of, ladder_bin)


def _weighted(rows: Sequence[Row], recipe: Recipe) -> WeightedCounts:
    kind = recipe.roles.weight
    assert kind is not None
    cells: list[list[int]] = [[], [], [], []]
    for row in rows:
        cell = _cell([row], recipe.roles.decision).cells.index(1)
        cells[cell].append(steps(row.weight or 0.0, kind))
    return weighted_counts(cells)


def _cell(rows: Sequence[Row], rule: DecisionRule) -> BinaryCounts:
    pairs = [(row.label, _predicted(row.score or 0.0, rule)) for row in rows]
    return BinaryCounts(
        true_negatives=pairs.count((False, False)),
        false_positives=pairs.count((False, True)),
        false_negatives=pairs.count((True, False)),
        true_positives=pairs.count((True, True)),
    )


def _predicted(score: float, rule: DecisionRule) -> bool:
    limit = float(rule.threshold)
    favourable = {
        "<": score < limit,
        "<=": score <= limit,
        ">": score > limit,
        ">=": score >= limit,
    }[rule.favourable_when]
    return favourable if rule.favourable_when in (">", ">=") else not favourable


def _slice(rows: Sequence[Row], steps: int) -> ScoreSlice:
    scores = {row.score or 0.0 for row in rows}
    if len(scores) <= 4096:
        return ScoreSlice(steps=steps, exact=_count(rows, lambda score: score), bins={})
    bins = _count(rows, lambda score: ladder_bin(score, steps))
    return ScoreSlice(steps=steps, exact=None, bins=bins)


def _count(rows: Iterable[Row], point: Callable[[float], Point]) -> dict[Point, tuple[int, int]]:
    counts: dict[Point, tuple[int, int]] = {}
    for row in rows:
        at = point(row.score or 0.0)
        negatives, positives = counts.get(at, (0, 0))
        counts[at] = (negatives + (not row.label), positives + bool(row.label))
    return counts


def _row_counts(rows: Sequence[Row], recipe: Recipe) -> RowCounts:
    roles = recipe.roles
    missing: Counter[str] = Counter()
    for row in rows:
        missing[roles.label.column] += row.label is None
        missing[roles.score] += row.score is None or math.isnan(row.score)
        missing.update(column for column, level in row.groups.items() if level is None)
        for against, column in roles.others.items():
            other = row.others[against]
            missing[column] += other is None or math.isnan(other)
        if roles.unit is not None:
            missing[roles.unit] += row.unit is None
        if roles.weight is not None:
            missing[roles.weight.column] += row.weight is None or math.isnan(row.weight)
    reasons = Counter(reason for row in rows if (reason := _reason(row, roles)) is not None)
    return RowCounts(
        read=len(rows),
        excluded=dict(sorted(reasons.items())),
        missing={column: n for column, n in sorted(missing.items()) if n},
    )


def _reason(row: Row, roles: ColumnRoles) -> str | None:
    """Why a row is excluded: the first reason in this order."""
    if row.label is None:
        return "missing label"
    if row.score is None or math.isnan(row.score):
        return "missing score"
    if not 0 <= row.score <= 1:
        return "score out of range"
    if roles.unit is not None and row.unit is None:
        return "missing unit"
    kind = roles.weight
    return None if kind is None else unusable(row.weight, kind)
