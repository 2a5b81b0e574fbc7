"""Inspecting a dataset after it was counted: which queries, over which files, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from assay.adapters.engine.columns import band_codes, bucket_codes, level_text
from assay.adapters.engine.inspecting.columns import (
    Described,
    Rows,
    cells,
    describe,
    limits,
)
from assay.adapters.engine.inspecting.matching import duplicates, overlap
from assay.adapters.engine.inspecting.outcomes import all_outcomes
from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import DELIMITED, PARQUET, Column, Source, open_source
from assay.adapters.engine.survey import Survey
from assay.errors import NotEvaluated
from assay.evidence.evaluation_set import Outcomes
from assay.evidence.roles import ColumnRoles
from assay.stats.tallies import Spec, Tally
from assay.stats.tallies.filling.batch import NO_UNIT, NO_UNIT_BUCKET
from assay.stats.tallies.inspections import (
    AssociationCounts,
    Associations,
    ColumnCells,
    ColumnProfile,
    Duplicates,
    Inspected,
    Inspection,
    Limits,
    ProfileCounts,
    Profiles,
)
from assay.stats.tallies.inspections.profiles import COLUMNS_INSPECTED_MAX

Progress = Callable[[float], None]
ByBucket = dict[int, dict[Spec, Tally]]

_COPY: Final = "assay_inspected"
"""The rows in the engine's own storage, which spills to its folder."""

_BUCKET: Final = "assay_inspected_bucket"


class TooManyColumns(NotEvaluated):
    """A file has more columns than can be inspected."""

    code = "data.too-many-columns"


class NoTrainingFiles(NotEvaluated):
    """The training data hold no file that the engine reads."""

    code = "data.no-training-files"


def training_files(training: Path) -> list[Path]:
    """The files of the training data: the one file, or all data files of a folder, by name.

    Raises:
        NoTrainingFiles: a folder holds none.
    """
    if not training.is_dir():
        return [training]
    endings = PARQUET + DELIMITED
    files = sorted(file for file in training.rglob("*") if file.name.lower().endswith(endings))
    if not files:
        raise NoTrainingFiles(
            "The folder of training data holds no file that can be compared with.",
            where=str(training),
            remedy=f"Keep the rows there in files named with one of {', '.join(endings)}.",
        )
    return files


class Inspector:
    """Inspects the rows of one file.

    Args:
        session: on the file, and on those of the training data.
        source: the file.
        roles: what its columns are for.
        training: the files of the training data; empty where none is declared.
    """

    def __init__(
        self, session: Session, source: Source, roles: ColumnRoles, training: Sequence[Path]
    ) -> None:
        if len(source.columns) > COLUMNS_INSPECTED_MAX:
            raise TooManyColumns(
                f"The file has {len(source.columns):,} columns, more than the "
                f"{COLUMNS_INSPECTED_MAX:,} that can be inspected.",
                where=source.where,
                remedy="Leave columns out of the evaluation data that the model does not read.",
            )
        self._session = session
        self._source = source
        self._roles = roles
        self._training = training
        self._described: dict[str, Described] = {}

    def inspect(self, specs: Sequence[Inspection], progress: Progress) -> ByBucket:
        """The tallies of inspections, by bucket of units.

        Args:
            specs: what to look at.
            progress: told the fraction done, from 0 to 1.

        Raises:
            NotEvaluated: a column that a check names is not there, or a file is unreadable.
        """
        rows = self._rows(specs)
        found: ByBucket = {}
        for done, spec in enumerate(specs):

            def within(fraction: float, done: int = done) -> None:
                progress((done + fraction) / len(specs))

            for bucket, tally in self._inspected(rows, spec, within).items():
                found.setdefault(bucket, {})[spec] = tally
        self._session.run(f"DROP TABLE IF EXISTS {_COPY}")
        progress(1.0)
        return found

    def outcomes(self, known: Survey) -> Outcomes:
        """Outcomes by group of every row with a label, with a score or without."""
        return all_outcomes(self._rows([]), self._source, self._roles, known)

    def _inspected(
        self, rows: Rows, spec: Inspection, progress: Progress
    ) -> Mapping[int, Inspected]:
        if isinstance(spec, Profiles):
            return self._profiles(rows, spec, progress)
        if isinstance(spec, Associations):
            return self._associations(rows, spec, progress)
        if isinstance(spec, Limits):
            return limits(rows, self._source.column(spec.column), spec)
        if isinstance(spec, Duplicates):
            return duplicates(rows, self._source, spec)
        training = [open_source(self._session, file) for file in self._training]
        return overlap(rows, self._source, training, self._roles, spec)

    def _rows(self, specs: Sequence[Inspection]) -> Rows:
        table, unit, bucket = self._source.table, self._roles.unit, "0"
        if unit is not None:
            codes = bucket_codes(self._source.column(unit))
            bucket = f"(CASE {codes} WHEN {NO_UNIT} THEN {NO_UNIT_BUCKET} ELSE {codes} END)"
        # Text is parsed, and units are hashed, once for all the queries that follow.
        if specs and (self._source.delimited or unit is not None):
            copy = select("*", f"{bucket} AS {_BUCKET}", source=table)
            self._session.run(f"CREATE TEMP TABLE {_COPY} AS {copy}")
            table, bucket = _COPY, _BUCKET
        return Rows(session=self._session, table=table, bucket=bucket)

    def _profiles(self, rows: Rows, spec: Profiles, progress: Progress) -> dict[int, Inspected]:
        columns: dict[int, dict[str, ColumnProfile]] = {}
        asked = [self._source.column(name) for name in spec.of] or self._source.columns
        for column in self._each(asked, progress):
            described = self._describe(rows, column)
            counted = cells(rows, column, described.spread)
            for bucket, profile in described.profiles.items():
                whole = replace(profile, cells=counted[bucket])
                columns.setdefault(bucket, {})[column.name] = whole
        return {
            bucket: ProfileCounts(spec=spec, columns=dict(sorted(found.items())))
            for bucket, found in columns.items()
        }

    def _associations(
        self, rows: Rows, spec: Associations, progress: Progress
    ) -> dict[int, Inspected]:
        target, level = self._target(spec.target)
        apart = {self._roles.score, self._roles.unit, *self._roles.others.values()}
        apart |= {spec.target or self._roles.label.column}
        if self._roles.weight is not None:
            apart.add(self._roles.weight.column)
        features = [self._source.column(name) for name in spec.of] or [
            column for column in self._source.columns if column.name not in apart
        ]
        every = rows.session.rows(select(f"DISTINCT {rows.bucket}", source=rows.table))
        columns: dict[int, dict[str, ColumnCells]] = {int(bucket): {} for (bucket,) in every}
        for column in self._each(features, progress):
            spread = self._describe(rows, column).spread
            counted = cells(rows, column, spread, target=target, level=level)
            for bucket, part in counted.items():
                columns[bucket][column.name] = part
        return {
            bucket: AssociationCounts(spec=spec, columns=dict(sorted(found.items())))
            for bucket, found in columns.items()
        }

    def _target(self, target: str | None) -> tuple[str, Callable[[Any], str | None]]:
        """SQL for a target's level, and what its values mean."""
        protected = {item.column: item for item in self._roles.protected}
        if target is None or not protected[target].cuts:
            column = self._source.column(target or self._roles.label.column)
            return level_text(column), lambda value: None if value is None else str(value)
        item = protected[target]
        bands = (*item.bands, None)

        def band(code: int) -> str | None:
            return bands[code]

        return band_codes(self._source.column(target), item.cuts), band

    def _describe(self, rows: Rows, column: Column) -> Described:
        if column.name not in self._described:
            self._described[column.name] = describe(rows, column)
        return self._described[column.name]

    def _each(self, columns: Sequence[Column], progress: Progress) -> Iterator[Column]:
        for done, column in enumerate(columns):
            yield column
            progress((done + 1) / len(columns))
