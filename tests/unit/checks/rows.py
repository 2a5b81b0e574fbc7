"""Evidence counted from plain rows, one by one: the slow, obvious way."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.property.tallies.naive import count_pairs
from tests.property.tallies.naive_inspections import inspect

from assay.evidence.inputs import Evidence
from assay.evidence.measurement import DocumentContent
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label, Protected
from assay.evidence.tallies import TallySet
from assay.stats.tallies import (
    Against,
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    Inspection,
    Levels,
    Pairs,
    RowCounts,
    Rows,
    ScoreCounts,
    ScorePairs,
    Scores,
    ScoreSlice,
    Spec,
    Tally,
)

BUCKETS = 64
"""A unit's bucket is SHA-256(unit id) mod 64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """People who share label (1 is what the score predicts), score, groups and unit."""

    label: int | None
    score: float | None
    groups: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    unit: str | None = None
    count: int = 1
    others: Mapping[Against, float | None] = field(default_factory=dict[Against, float | None])
    features: Mapping[str, Any] = field(default_factory=dict[str, Any])


def evidence_of(
    rows: Sequence[Row],
    *,
    protected: Sequence[str] = (),
    specs: Iterable[Spec] = (),
    threshold: str = "0.5",
    favourable_when: str = ">=",
    unit: bool = False,
    without: Container[Spec] = (),
    training: Sequence[Row] = (),
    documents: Mapping[str, Mapping[str, Any]] | None = None,
) -> Evidence:
    """What one pass over these rows gives.

    Args:
        rows: the data.
        protected: the protected columns.
        specs: what to count beside the rows and, overall, decisions and scores.
        threshold: of the decision.
        favourable_when: how a score compares with it where the decision is favourable.
        unit: whether rows of one unit are dependent.
        without: what not to count, though it is counted by default.
        training: the rows that the model learnt from.
        documents: the content of documents, by name.
    """
    roles = ColumnRoles(
        label=Label(column="label"),
        score="score",
        decision=DecisionRule(
            favourable_when=favourable_when,  # type: ignore[arg-type]
            threshold=Decimal(threshold),
        ),
        protected=tuple(Protected(column=column) for column in protected),
        unit="unit" if unit else None,
    )
    wanted = [
        spec
        for spec in dict.fromkeys([Rows(), Confusion(), Scores(), *specs])
        if spec not in without
    ]
    for spec in wanted:
        if isinstance(spec, Pairs | ScorePairs):
            named: dict[str, Any] = {spec.against: spec.against}
            roles = replace(roles, **named)
    buckets: dict[int, list[Row]] = {}
    for row in rows if unit else ():
        digest = hashlib.sha256(str(row.unit).encode()).digest()
        buckets.setdefault(int.from_bytes(digest, "big") % BUCKETS, []).append(row)
    tallies = TallySet(
        recipe="0" * 64,
        tallies={spec: _tally(spec, rows, roles, training) for spec in wanted},
        buckets={
            number: {spec: _tally(spec, part, roles, training) for spec in wanted}
            for number, part in buckets.items()
        },
    )
    return Evidence(
        roles=roles,
        tallies=tallies,
        documents={
            name: DocumentContent(path=f"{name}.yaml", digest="0" * 64, content=content)
            for name, content in (documents or {}).items()
        },
    )


def _tally(
    spec: Spec, rows: Sequence[Row], roles: ColumnRoles, training: Sequence[Row] = ()
) -> Tally:
    if isinstance(spec, Inspection):
        return inspect(spec, _records(rows), roles, _records(training))
    if isinstance(spec, Rows):
        return _row_counts(rows, roles)
    if isinstance(spec, Pairs | ScorePairs):
        single = [row for row in rows for _ in range(row.count)]
        return count_pairs(spec, single, roles)
    used = [row for row in rows if row.label is not None and row.score is not None]
    if isinstance(spec, Confusion):
        cells: dict[Levels, BinaryCounts] = {}
        for row in used:
            levels = tuple(row.groups[column] for column in spec.by)
            cells[levels] = cells.get(levels, BinaryCounts()) + _cell(row, roles)
        return ConfusionCounts(by=spec.by, cells=cells)
    assert isinstance(spec, Scores)
    scores: dict[Levels, dict[float, tuple[int, int]]] = {}
    for row in used:
        assert row.score is not None
        assert row.label is not None
        part = scores.setdefault(tuple(row.groups[column] for column in spec.by), {})
        negatives, positives = part.get(row.score, (0, 0))
        part[row.score] = (
            negatives + (1 - row.label) * row.count,
            positives + row.label * row.count,
        )
    return ScoreCounts(
        by=spec.by,
        slices={
            levels: ScoreSlice(steps=spec.steps, exact=part, bins={})
            for levels, part in scores.items()
        },
    )


def _records(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as a file would have them."""
    return [
        {
            "label": row.label,
            "score": row.score,
            **row.groups,
            "unit": row.unit,
            **row.features,
        }
        for row in rows
        for _ in range(row.count)
    ]


def _cell(row: Row, roles: ColumnRoles) -> BinaryCounts:
    positive = _positive(row, roles.decision)
    name = ("true" if positive == bool(row.label) else "false") + (
        "_positives" if positive else "_negatives"
    )
    return BinaryCounts(**{name: row.count})


def _positive(row: Row, rule: DecisionRule) -> bool:
    assert row.score is not None
    score, threshold = Decimal(row.score), rule.threshold
    favourable = {
        "<": score < threshold,
        "<=": score <= threshold,
        ">": score > threshold,
        ">=": score >= threshold,
    }[rule.favourable_when]
    return favourable == rule.favourable_is_positive


def _row_counts(rows: Sequence[Row], roles: ColumnRoles) -> RowCounts:
    excluded: dict[str, int] = {}
    missing: dict[str, int] = {}
    for row in rows:
        reason = "missing label" if row.label is None else "missing score"
        if row.label is None or row.score is None:
            excluded[reason] = excluded.get(reason, 0) + row.count
        held = {"label": row.label, "score": row.score, **row.groups}
        for column, value in held.items():
            missing[column] = missing.get(column, 0) + (value is None) * row.count
    return RowCounts(read=sum(row.count for row in rows), excluded=excluded, missing=missing)
