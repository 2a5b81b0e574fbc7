"""Which rows a version was judged on, told apart from whatever scores lie beside them.

A file whose score column changes with the version is another file each time; its people and
their outcomes are the same. The identity is made of counts that are there anyway, so it costs
nothing, and parts of the rows add up to it in any order. Two sets of the same size with the
same outcomes in every group cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assay.evidence.canonical import Json, canonical, canonical_digest
from assay.evidence.recipe import FULL_INTERSECTION_COLUMNS_MAX
from assay.evidence.roles import ColumnRoles, roles_form
from assay.evidence.tallies import TallySet
from assay.stats.tallies import (
    Confusion,
    ConfusionCounts,
    Levels,
    RowCounts,
    Rows,
    WeightedConfusion,
    WeightedConfusionCounts,
)
from assay.stats.tallies.confusion import BinaryCounts
from assay.stats.tallies.rows import MISSING_SCORE, SCORE_OUT_OF_RANGE
from assay.stats.tallies.slices import level_order

KIND: Final = "assay.evaluation-set/1"

Outcomes = Mapping[int, Mapping[Levels, tuple[int, int]]]
"""Rows with the negative and with the positive label, by bucket of units and group."""


def group_columns(roles: ColumnRoles) -> tuple[str, ...]:
    """The protected columns whose groups tell evaluation sets apart: all, or the first pair."""
    names = tuple(item.column for item in roles.protected)
    return names if len(names) <= FULL_INTERSECTION_COLUMNS_MAX else names[:2]


def rows_without_score(tallies: TallySet) -> int:
    """Rows that are in no outcome's count because this version has no usable score for them."""
    rows = tallies.tallies[Rows()]
    assert isinstance(rows, RowCounts)  # noqa: S101 - what a spec of rows is filled with
    return sum(rows.excluded.get(reason, 0) for reason in (MISSING_SCORE, SCORE_OUT_OF_RANGE))


def outcomes(roles: ColumnRoles, tallies: TallySet) -> Outcomes:
    """The outcomes of every row that a recipe's tallies count."""
    by = group_columns(roles)
    found: dict[int, dict[Levels, tuple[int, int]]] = {}
    for bucket, part in (tallies.buckets or {0: tallies.tallies}).items():
        tally = part.get(Confusion(by=by)) or part[WeightedConfusion(by=by)]
        if isinstance(tally, ConfusionCounts):
            found[bucket] = {levels: _labels(counts) for levels, counts in tally.cells.items()}
        elif isinstance(tally, WeightedConfusionCounts):
            found[bucket] = {levels: _labels(c.rows) for levels, c in tally.cells.items()}
    return found


def evaluation_set(roles: ColumnRoles, *, read: int, outcomes: Outcomes) -> bytes:
    """The identity of an evaluation set, as canonical JSON.

    Args:
        roles: what the columns are for; only the score's are not looked at.
        read: every row of the dataset.
        outcomes: as `outcomes` gives them, or the same of rows without a score too.
    """
    form = roles_form(roles)
    assert isinstance(form, Mapping)  # noqa: S101 - the canonical form of roles
    people: list[Json] = [
        {
            "bucket": bucket,
            "groups": [
                {"levels": list(levels), "labels": list(found[levels])}
                for levels in sorted(found, key=level_order)
                if any(found[levels])
            ],
        }
        for bucket, found in sorted(outcomes.items())
        if any(map(any, found.values()))
    ]
    return canonical(
        {
            "kind": KIND,
            "label": form["label"],
            "protected": form["protected"],
            "unit": form["unit"],
            "rows": read,
            # The counts themselves stand in the tallies; a cell of one can point at a person.
            "people": canonical_digest({"people": people}),
        }
    )


def _labels(counts: BinaryCounts) -> tuple[int, int]:
    return counts.negatives, counts.positives
