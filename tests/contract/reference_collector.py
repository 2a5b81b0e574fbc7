"""A collector in plain Python: every row in memory, every rule in its plainest form."""

from __future__ import annotations

import csv
import datetime
import gzip
import hashlib
import uuid
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.property.tallies.naive import Row, bucket_of, count_rows

from assay.app.ports import Collected
from assay.evidence.evaluation_set import evaluation_set, group_columns
from assay.evidence.recipe import ColumnRoles, Recipe
from assay.evidence.roles import Cut
from assay.stats.tallies import Levels


class ReferenceCollector:
    """Keeps the port's promises on sound data; what it does with bad data is not defined."""

    def collect(
        self,
        path: Path,
        recipe: Recipe,
        *,
        predictions: Path | None = None,
        training: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Collected:
        """Read, translate and count."""
        records = read(path)
        if predictions is not None:
            scores = [next(iter(record.values())) for record in read(predictions)]
            records = [
                {**record, recipe.roles.score: score}
                for record, score in zip(records, scores, strict=True)
            ]
        rows = [as_row(record, recipe.roles) for record in records]
        if progress is not None:
            progress(1.0)
        dataset = hashlib.sha256(path.read_bytes()).hexdigest()
        return Collected(
            tallies=count_rows(rows, recipe),
            dataset=dataset,
            evaluation_set=identity(rows, recipe.roles),
        )


def identity(rows: Sequence[Row], roles: ColumnRoles) -> bytes:
    """The evaluation set of rows that each count once, whatever their scores are."""
    by = group_columns(roles)
    outcomes: dict[int, dict[Levels, tuple[int, int]]] = {}
    for row in rows:
        if row.label is None or (roles.unit is not None and row.unit is None):
            continue
        into = outcomes.setdefault(bucket_of(row.unit) if row.unit else 0, {})
        group = tuple(row.groups[column] for column in by)
        negatives, positives = into.get(group, (0, 0))
        into[group] = (negatives + (not row.label), positives + row.label)
    return evaluation_set(roles, read=len(rows), outcomes=outcomes)


def read(path: Path) -> list[dict[str, Any]]:
    """A file's records; in text, an empty field is None."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        names, *records = csv.reader(file, delimiter="\t" if ".tsv" in path.name else ",")
        # Of a single column, an empty line is a row whose value is missing.
        return [
            {name: value or None for name, value in zip(names, record or [""], strict=True)}
            for record in records
        ]


def as_row(record: Mapping[str, Any], roles: ColumnRoles) -> Row:
    """A record in the terms of its roles."""
    label = level(record[roles.label.column])
    positive = {"1", "true", "1.0"} if roles.label.positive is None else {roles.label.positive}
    score = record[roles.score]
    return Row(
        label=None if label is None else label.lower() in positive or label in positive,
        score=None if score is None else float(score),
        groups={
            item.column: band(record[item.column], item.cuts, item.bands)
            if item.cuts
            else level(record[item.column])
            for item in roles.protected
        },
        unit=None if roles.unit is None else level(record[roles.unit]),
        weight=_weight(record, roles),
        others={
            against: None if record[column] is None else float(record[column])
            for against, column in roles.others.items()
        },
    )


def _day(value: Any) -> str:
    return value if isinstance(value, str) else value.strftime("%Y-%m-%d")


def _weight(record: Mapping[str, Any], roles: ColumnRoles) -> float | None:
    held = None if roles.weight is None else record[roles.weight.column]
    return None if held is None else float(held)


def level(value: Any) -> str | None:
    """A value as the name of a group."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal):
        assert value == int(value)
        return str(int(value))
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    assert isinstance(value, str | int | uuid.UUID)
    return str(value)


def band(value: Any, cuts: tuple[Cut, ...], names: tuple[str, ...]) -> str | None:
    """The right-closed band of a number or date."""
    if isinstance(cuts[0], datetime.date):
        return None if value is None else names[bisect_left(list(map(str, cuts)), _day(value))]
    if value is None or float(value) != float(value):
        return None
    return names[bisect_left([float(str(cut)) for cut in cuts], float(value))]
