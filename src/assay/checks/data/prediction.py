"""What single columns tell: of the label, which may be a leak, and of protected attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from assay.checks.check import NO_COLUMNS, Columns, FileColumns, check
from assay.checks.data.columns import refuse_unknown
from assay.checks.groups import columns_of
from assay.checks.worst import Part, advised, worst_of
from assay.evidence.inputs import Evidence, Need
from assay.stats.association import entropy_share
from assay.stats.contingency import MIN_LEVEL_ROWS, Grouping, level_rows, ordered_table
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.ranking import area_under_roc
from assay.stats.tallies import ScoreTable
from assay.stats.tallies.inspections import AssociationCounts, Associations, ColumnCells

NO_FEATURES: Final = Undefined(
    reason="The file has no column to look at besides those that are left out: keep the columns "
    "that the model reads in the evaluation data."
)


def _label_needs(*, features: FileColumns = NO_COLUMNS, **_: object) -> Sequence[Need]:
    return [Associations(of=features)]


LEAK: Final = (
    "Find out when this column is filled in. If only after the outcome, take it from the model's "
    "inputs and train anew; if it may tell so much, name it under `ignore`."
)
PROXY: Final = (
    "Find out whether the model needs this column, and what leaving it out changes for the groups; "
    "if it may tell so much, name it under `ignore` and say why in `rationale`."
)


@check("data.leakage", better="lower", needs=_label_needs, unit="fraction of entropy")
def leakage(
    evidence: Evidence,
    *,
    errors: Errors,
    features: FileColumns = NO_COLUMNS,
    ignore: FileColumns = NO_COLUMNS,
) -> Estimate | Undefined:
    """How much one column alone tells of the label: 0 nothing, 1 all; the largest.

    A column that tells nearly all was probably filled in after the outcome was known.

    Formula: max over columns of I(column; label) / H(label). A missing value is a value; of
        numbers, up to 20 cells of equal mass count; texts of which there are more than 200 are
        one cell. The plug-in figure of a column that tells nothing is a little above 0.
    Source: Theil (1970), American Journal of Sociology 76(1), 103-154, for the coefficient;
        Kullback (1959), section 6.4, for the bounds; Berger (1982) and Bonferroni for the
        largest.
    Undefined: under 100 rows of a label, no column besides those with a role, or units that
        fill fewer than 10 buckets.
    Tallies: associations of columns with the label.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        features: columns of the file; empty means all but label, scores, weights and unit.
        ignore: columns that are known and may tell what they tell.
    """
    spec = Associations(of=features)
    found = _largest({"": spec}, evidence, _features(evidence[spec], ignore), errors)
    return advised(found, LEAK)


@check("data.leakage_auc", better="lower", needs=_label_needs, unit="probability")
def leakage_auc(
    evidence: Evidence,
    *,
    errors: Errors,
    features: FileColumns = NO_COLUMNS,
    ignore: FileColumns = NO_COLUMNS,
) -> Estimate | Undefined:
    """How well one column of numbers or dates alone ranks the label; the largest AUC.

    Formula: max over columns of max(A, 1 - A), where A is the chance that a positive has the
        larger number, ties counting half; rows where the column is missing are left out.
    Source: Hanley & McNeil (1982); DeLong et al. (1988) and Birnbaum & Klose (1957) for the
        bounds; Berger (1982) and Bonferroni for the largest.
    Undefined: no column of numbers has 100 rows of each label, or units that fill fewer than
        10 buckets. Columns with texts, and those with fewer rows, are left out.
    Tallies: associations of columns with the label.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        features: columns of the file; empty means all but label, scores, weights and unit.
        ignore: columns that are known and may rank as they rank.
    """
    spec = Associations(of=features)
    counts, buckets = evidence[spec], evidence.buckets(spec)
    levels = [level for level in counts.levels if level is not None]
    if len(levels) != 2:
        return Undefined(reason="The label has one value only, so nothing can rank it.")
    parts: dict[str, Part] = {}
    for name, cells in _features(counts, ignore).items():
        among = [part.columns[name] for part in buckets if name in part.columns]
        for positive, word in zip(reversed(levels), ("more", "less"), strict=True):
            negative = levels[0] if positive == levels[1] else levels[1]
            part = _ranking(cells, among, negative=negative, positive=positive)
            if part is not None:
                parts[f"{name} ({word})"] = part
    if not parts:
        return Undefined(
            reason=f"No column of numbers has {MIN_LEVEL_ROWS} rows of each label to rank."
        )
    return advised(_of_the_same_rows(worst_of([parts], better="lower", errors=errors)), LEAK)


def _proxy_needs(*, by: Columns, features: FileColumns = NO_COLUMNS, **_: object) -> Sequence[Need]:
    return [Associations(target=column, of=features) for column in by]


@check("data.proxies", better="lower", needs=_proxy_needs, unit="fraction of entropy")
def proxies(
    evidence: Evidence,
    *,
    errors: Errors,
    by: Columns = (),
    features: FileColumns = NO_COLUMNS,
    ignore: FileColumns = NO_COLUMNS,
) -> Estimate | Undefined:
    """How much one column alone tells of a protected attribute: 0 nothing, 1 all; the largest.

    A column that tells much can stand in for the attribute, even where the model never reads it.

    Formula: max over columns and attributes of I(column; attribute) / H(attribute), counted as
        for `data.leakage`; groups of fewer than 100 rows are left out.
    Source: Theil (1970), American Journal of Sociology 76(1), 103-154, for the coefficient;
        Kullback (1959), section 6.4, for the bounds; Berger (1982) and Bonferroni for the
        largest. Feldman et al. (2015), KDD, section 4, for the idea.
    Undefined: fewer than two groups of 100 rows, no column besides those with a role, or units
        that fill fewer than 10 buckets.
    Tallies: associations of columns with each attribute.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        by: the protected columns; empty means all that are declared.
        features: columns of the file; empty means all without a role.
        ignore: columns that are known and may tell what they tell.
    """
    attributes = columns_of(evidence, by)
    if not attributes:
        return Undefined(reason="No protected column is declared.")
    specs = {column: Associations(target=column, of=features) for column in attributes}
    apart = set() if features else _with_roles(evidence)
    first = evidence[specs[attributes[0]]]
    kept = {n: c for n, c in _features(first, ignore).items() if n not in apart}
    return advised(_largest(specs, evidence, kept, errors), PROXY)


def _largest(
    specs: Mapping[str, Associations],
    evidence: Evidence,
    kept: Mapping[str, ColumnCells],
    errors: Errors,
) -> Estimate | Undefined:
    """The largest share of entropy that a column tells of any target."""
    slices: list[dict[str, Part]] = []
    for target, spec in specs.items():
        counts, buckets = evidence[spec], evidence.buckets(spec)
        names = [name for name in counts.columns if name in kept]
        if not names:
            return NO_FEATURES
        rows = level_rows(counts.columns[names[0]])
        levels = [level for level, n in rows.items() if level and n >= MIN_LEVEL_ROWS]
        if len(levels) < 2:
            return _too_thin(target or "the label", rows)
        parts = {
            f"{name} (tells {target})" if target else name: _telling(
                counts.columns[name],
                [part.columns[name] for part in buckets if name in part.columns],
                levels,
            )
            for name in names
        }
        slices.append(parts)
    return _of_the_same_rows(worst_of(slices, better="lower", errors=errors))


def _of_the_same_rows(found: Estimate | Undefined) -> Estimate | Undefined:
    """Columns are parts that share their rows: what a figure rests on is no sum over them."""
    if isinstance(found, Undefined):
        return found
    return replace(found, n=max(reading.n for reading in found.groups))


def _telling(cells: ColumnCells, among: Sequence[ColumnCells], levels: Sequence[str]) -> Part:
    grouping = Grouping.of(cells, levels)
    table = grouping.table(cells, levels)
    tables = [grouping.table(part, levels) for part in among]

    def at(errors: Errors) -> Estimate | Undefined:
        return entropy_share(table, errors=errors, buckets=tables)

    return Part(at=at, units=int(table.sum()))


def _ranking(
    cells: ColumnCells, among: Sequence[ColumnCells], *, negative: str, positive: str
) -> Part | None:
    if cells.texts is None or cells.texts:
        return None
    table = ordered_table(cells, negative=negative, positive=positive)
    if min(table.negatives.sum(), table.positives.sum()) < MIN_LEVEL_ROWS:
        return None
    tables: list[ScoreTable] = [
        ordered_table(part.cut(cells.bits), negative=negative, positive=positive) for part in among
    ]
    return Part(
        at=partial(_area, table, tables), units=int(table.negatives.sum() + table.positives.sum())
    )


def _area(table: ScoreTable, tables: Sequence[ScoreTable], errors: Errors) -> Estimate | Undefined:
    return area_under_roc(table, errors=errors, buckets=tables)


def _features(counts: AssociationCounts, ignore: FileColumns) -> dict[str, ColumnCells]:
    refuse_unknown("ignore", ignore, counts.columns)
    return {name: cells for name, cells in counts.columns.items() if name not in ignore}


def _with_roles(evidence: Evidence) -> set[str]:
    """Label and protected columns; the other roles are never among what was collected."""
    label = {evidence.roles.label.column} if evidence.roles else set[str]()
    return label | set(evidence.protected)


def _too_thin(target: str, rows: Mapping[str | None, int]) -> Undefined:
    held = {level: n for level, n in rows.items() if level is not None}
    listed = ", ".join(f"{level}: {n:,}" for level, n in held.items())
    second = sorted(held.values(), reverse=True)[1:2]
    return Undefined(
        reason=f"Two groups by {target} need {MIN_LEVEL_ROWS} rows each; there are {listed}.",
        units_lacking=(("", MIN_LEVEL_ROWS - second[0]),) if second else (),
    )
