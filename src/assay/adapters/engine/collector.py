"""The DuckDB collector: from a file to the tallies of a recipe, in one pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from assay.adapters.digests import FileChanged, FileState, file_digest
from assay.adapters.engine.inspecting import Inspector, training_files
from assay.adapters.engine.labels import positive_absent
from assay.adapters.engine.limits import check_cells, check_layout
from assay.adapters.engine.memory import memory_source
from assay.adapters.engine.scan import Scan, StrayValue, check_columns, score_column
from assay.adapters.engine.session import Session, open_session
from assay.adapters.engine.source import EmptyData, Source, open_source
from assay.adapters.engine.survey import refuse_strays, survey
from assay.app.ports import Collected
from assay.evidence.evaluation_set import evaluation_set, outcomes, rows_without_score
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet
from assay.stats.tallies import Inspection, RowCounts, Rows, Spec, Tally
from assay.stats.tallies.filling import Filling, Layout
from assay.stats.tallies.filling.batch import POSITIVE
from assay.stats.tallies.inspections import Overlap

Filled = dict[int, dict[Spec, Tally]]
Progress = Callable[[float], None]

_COUNTING: Final = 0.5
"""The share of the work that counting is said to be, where columns are inspected too."""


class DuckDbCollector:
    """Reads a file in parallel, within a limit of memory, able to reach nothing else.

    Levels are learnt from the first rows. Should a later row hold another one, all rows are
    asked for theirs, and the pass begins again; so a file sorted by group costs more.
    """

    def __init__(self, *, memory_limit: str = "512MB", threads: int | None = None) -> None:
        """Configure the engine.

        Args:
            memory_limit: what DuckDB may use, as it spells it; counts come on top, a few
                megabytes where rows are independent.
            threads: how many read; by default, one for each processor.
        """
        self._memory_limit = memory_limit
        self._threads = threads

    def collect(
        self,
        path: Path,
        recipe: Recipe,
        *,
        predictions: Path | None = None,
        training: Path | None = None,
        progress: Progress | None = None,
    ) -> Collected:
        """Count; see `assay.app.ports.Collector`."""
        files = [path] if predictions is None else [path, predictions]
        compared = any(isinstance(spec, Overlap) for spec in recipe.specs)
        trained = training_files(training) if compared and training is not None else []
        states = [FileState.of(file) for file in dict.fromkeys([*files, *trained])]
        with (
            _unchanged(states),
            open_session(
                [state.path for state in states],
                memory_limit=self._memory_limit,
                threads=self._threads,
            ) as session,
        ):
            sources = [open_source(session, file) for file in files]
            reading = _Reading(session, sources, recipe, progress or _ignore)
            scan = reading.scan(whole=False)
            # The digest is computed beside the pass: the states, before and after both, tell
            # that both have read the same bytes.
            digest = _beside(lambda: file_digest(path))
            filled = reading.inspect(reading.count(scan), trained)
            tallies = _tally_set(recipe, filled)
            return Collected(
                tallies=tallies,
                dataset=digest.result(),
                evaluation_set=reading.evaluation_set(tallies),
            )

    def collect_rows(
        self, data: object, recipe: Recipe, *, progress: Progress | None = None
    ) -> TallySet:
        """Count rows that the program holds; see `assay.app.ports.RowCollector`."""
        whole = any(isinstance(spec, Inspection) for spec in recipe.specs)
        with open_session([], memory_limit=self._memory_limit, threads=self._threads) as session:
            source = memory_source(session, data, None if whole else recipe.roles.columns)
            reading = _Reading(session, [source], recipe, progress or _ignore)
            filled = reading.inspect(reading.count(reading.scan(whole=False)), [])
            return _tally_set(recipe, filled)


@contextmanager
def _unchanged(states: Sequence[FileState]) -> Generator[None]:
    """Raise FileChanged, before any other error, unless files are the same afterwards."""
    try:
        yield
    finally:
        for state in states:
            state.verify_unchanged()


def _beside(work: Callable[[], str]) -> Future[str]:
    """Run work in a thread of its own, which keeps neither an error nor the user waiting."""
    future: Future[str] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


class _Reading:
    """Rows, with the file beside them that holds their scores, if one does, being counted."""

    def __init__(
        self, session: Session, sources: Sequence[Source], recipe: Recipe, progress: Progress
    ) -> None:
        self._session = session
        self._recipe = recipe
        self._inspections = [spec for spec in recipe.specs if isinstance(spec, Inspection)]
        self._progress = progress
        self._counting = _COUNTING if self._inspections else 1.0
        self._done = 0.0
        self._source, self._scores = sources[0], sources[-1]
        self._score = score_column(recipe.roles, self._source, self._scores)
        check_columns(recipe.roles, self._source)

    def scan(self, *, whole: bool) -> Scan:
        """A scan that knows the values of the first rows, or of all."""
        scan = Scan(
            session=self._session,
            source=self._source,
            scores=self._scores,
            score=self._score,
            roles=self._recipe.roles,
            known=survey(self._session, self._source, self._recipe.roles, whole=whole),
        )
        check_layout(self._layout(scan), self._source.where)
        return scan

    def count(self, scan: Scan) -> Filled:
        """The tallies of all rows, from a first scan, and from a second if there are strays."""
        try:
            return self._fill(scan)
        except StrayValue:
            refuse_strays(
                self._session,
                self._source,
                self._recipe.roles,
                scores=self._scores,
                score=self._score,
            )
        try:
            return self._fill(self.scan(whole=True))
        except StrayValue as error:
            raise FileChanged(
                "A value appeared that was not there when all values were asked for.",
                where=self._source.where,
                remedy="Let whatever writes the file finish, then run the command again.",
            ) from error

    def inspect(self, filled: Filled, training: Sequence[Path]) -> Filled:
        """The tallies of all rows, with those of the recipe's inspections."""
        if not self._inspections:
            return filled
        inspector = Inspector(self._session, self._source, self._recipe.roles, training)

        def tell(fraction: float) -> None:
            self._progress(self._counting + (1.0 - self._counting) * fraction)

        inspected = inspector.inspect(self._inspections, tell)
        return {bucket: {**tallies, **inspected[bucket]} for bucket, tallies in filled.items()}

    def evaluation_set(self, tallies: TallySet) -> bytes:
        """What tells the rows from others; asked of them again only where scores are missing."""
        roles = self._recipe.roles
        read = tallies.tallies[Rows()]
        assert isinstance(read, RowCounts)  # noqa: S101 - what a spec of rows is filled with
        found = outcomes(roles, tallies)
        if rows_without_score(tallies) and roles.weight is None:
            inspector = Inspector(self._session, self._source, roles, [])
            known = survey(self._session, self._source, roles, whole=True)
            found = inspector.outcomes(known)
        return evaluation_set(roles, read=read.read, outcomes=found)

    def _fill(self, scan: Scan) -> Filled:
        filling = Filling(self._layout(scan))
        rows = positives = 0
        for batch in scan.batches():
            filling.add(batch)
            rows += len(batch)
            positives += int(np.count_nonzero(batch.labels == POSITIVE))
            self._tell(rows)
        if rows == 0:
            raise EmptyData("The file has no rows.", where=self._source.where)
        label = self._recipe.roles.label
        if positives == 0 and label.positive is not None:
            raise positive_absent(self._source, label)
        filled = filling.tallies()
        check_cells(filled, self._source.where)
        self._progress(self._counting)
        return filled

    def _tell(self, rows: int) -> None:
        # A second scan says nothing until it is as far as the first was.
        fraction = min(1.0, rows / self._source.expected_rows) if self._source.expected_rows else 0
        if fraction > self._done:
            self._done = fraction
            self._progress(fraction * self._counting)

    def _layout(self, scan: Scan) -> Layout:
        roles = self._recipe.roles
        return Layout(
            label=roles.label.column,
            score=roles.score,
            unit=roles.unit,
            levels=scan.known.levels,
            specs=self._recipe.specs,
            weight=roles.weight,
            others=roles.others,
        )


def _tally_set(recipe: Recipe, filled: Filled) -> TallySet:
    if recipe.roles.unit is None:
        return TallySet(recipe=recipe.digest, tallies=filled[0], buckets={})
    return TallySet.of_buckets(recipe.digest, filled)


def _ignore(_: float) -> None:
    """Nobody asked how far it is."""
