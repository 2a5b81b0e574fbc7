"""Rows that occur more than once: in the evaluation data, or in the training data too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assay.checks.check import NO_COLUMNS, FileColumns, check
from assay.checks.data.counts import NO_ROWS, share
from assay.evidence.inputs import Absent, Evidence, Need
from assay.evidence.measurement import Fact, NotApplicable
from assay.stats.estimate import Undefined
from assay.stats.tallies.inspections import Duplicates, Overlap, OverlapCounts

_SHOWN: Final = 8


def _duplicate_needs(*, on: FileColumns = NO_COLUMNS) -> Sequence[Need]:
    return [Duplicates(on=on)]


@check("data.duplicate_rows", better="lower", needs=_duplicate_needs, unit="fraction")
def duplicate_rows(evidence: Evidence, *, on: FileColumns = NO_COLUMNS) -> Fact | Undefined:
    """The share of rows that equal another row before them, in every column.

    Formula: (rows - different rows) / rows, rounded up to 12 digits. Missing values are equal.
    Source: a count.
    Undefined: no row was read.
    Tallies: duplicates.

    Args:
        evidence: the evidence.
        on: the columns that must be equal, such as the key of a row; empty means all columns
            of the file.
    """
    counts = evidence[Duplicates(on=on)]
    if counts.rows == 0:
        return NO_ROWS
    where = f"in {', '.join(on)}" if on else "in every column"
    return Fact(
        value=share(counts.repeated, counts.rows),
        detail=f"{counts.repeated:,} of {counts.rows:,} rows equal another {where}.",
        remedy="Remove the copies, or declare `unit` if a person may well have several rows: a "
        "row that counts twice makes every figure look surer than it is.",
    )


def _overlap_needs(*, on: FileColumns = NO_COLUMNS) -> Sequence[Need]:
    return [Overlap(on=on)]


@check("data.training_overlap", better="lower", needs=_overlap_needs, unit="fraction")
def training_overlap(evidence: Evidence, *, on: FileColumns = NO_COLUMNS) -> Fact | Undefined:
    """The share of evaluation rows that occur in the training data, value for value.

    Formula: rows whose compared columns all equal those of a training row / rows, rounded up
        to 12 digits. 1, 1.0 and "1" are equal, and so are missing values.
    Source: a count over all rows of both.
    Undefined: the two have no column in common.
    Tallies: overlap with the file or folder that the manifest names under data.training.

    Args:
        evidence: the evidence.
        on: the columns compared, in both; empty means all that both have, scores and weights
            apart. With few columns, different people look equal.
    """
    counts = _collected(evidence, Overlap(on=on))
    if not counts.compared:
        return Undefined(reason="The training data have no column that the evaluation data have.")
    compared = ", ".join(counts.compared[:_SHOWN])
    if len(counts.compared) > _SHOWN:
        compared += f" and {len(counts.compared) - _SHOWN} more"
    return Fact(
        value=share(counts.shared, counts.rows),
        detail=f"{counts.shared:,} of {counts.rows:,} rows occur in the training data, compared "
        f"in {len(counts.compared)} column{'s' if len(counts.compared) > 1 else ''}: {compared}.",
        remedy="Evaluate on rows that the model has not learnt from, or name under `on` the "
        "columns that tell people apart.",
    )


def _unit_needs() -> Sequence[Need]:
    return [Overlap(units=True)]


@check("data.training_units", better="lower", needs=_unit_needs, unit="fraction")
def training_units(evidence: Evidence) -> Fact | NotApplicable | Undefined:
    """The share of evaluation rows whose person occurs in the training data.

    Formula: rows whose unit is that of a training row / rows with a unit, rounded up to 12
        digits.
    Source: a count over all rows of both.
    Undefined: no row has a unit; it does not apply where no unit is declared.
    Tallies: overlap of units with the training data, which must have the unit's column.
    """
    unit = evidence.roles.unit if evidence.roles else None
    if unit is None:
        return NotApplicable(reason="The manifest declares no data.evaluation.unit.")
    counts = _collected(evidence, Overlap(units=True))
    if counts.rows == 0:
        return Undefined(reason=f"No row has a value in {unit!r}.")
    return Fact(
        value=share(counts.shared, counts.rows),
        detail=f"{counts.shared:,} of {counts.rows:,} rows have a {unit} that occurs in the "
        "training data.",
        remedy="Split training and evaluation data by unit, so that nobody is in both.",
    )


def _collected(evidence: Evidence, need: Overlap) -> OverlapCounts:
    if evidence.tallies is not None and need not in evidence.tallies.tallies:
        raise Absent(
            "No training data were compared with.",
            remedy="Name their file or folder in the manifest under data.training, then "
            "evaluate again.",
        )
    return evidence[need]
