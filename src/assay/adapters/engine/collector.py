"""The DuckDB collector: from a file to the tallies of a recipe, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from assay.adapters.digests import FileChanged, FileState, file_digest
from assay.adapters.engine.labels import positive_absent
from assay.adapters.engine.limits import check_cells, check_layout
from assay.adapters.engine.scan import Scan, StrayValue, check_columns, score_column
from assay.adapters.engine.session import Session, open_session
from assay.adapters.engine.source import EmptyData, open_source
from assay.adapters.engine.survey import refuse_strays, survey
from assay.app.ports import Collected
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet
from assay.stats.tallies import Spec, Tally
from assay.stats.tallies.filling import Filling, Layout
from assay.stats.tallies.filling.batch import POSITIVE

Filled = dict[int, dict[Spec, Tally]]
Progress = Callable[[float], None]


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
        progress: Progress | None = None,
    ) -> Collected:
        """Count; see `assay.app.ports.Collector`."""
        files = [path] if predictions is None else [path, predictions]
        states = [FileState.of(file) for file in files]
        # The digest is computed beside the pass: the states, before and after both, tell that
        # both have read the same bytes.
        with ThreadPoolExecutor(max_workers=1) as beside:
            dataset = beside.submit(file_digest, path)
            with (
                _unchanged(states),
                open_session(
                    files, memory_limit=self._memory_limit, threads=self._threads
                ) as session,
            ):
                filled = _count(session, files, recipe, progress or _ignore)
                digest = dataset.result()
        return Collected(tallies=_tally_set(recipe, filled), dataset=digest)


@contextmanager
def _unchanged(states: Sequence[FileState]) -> Generator[None]:
    """Raise FileChanged, before any other error, unless files are the same afterwards."""
    try:
        yield
    finally:
        for state in states:
            state.verify_unchanged()


def _count(session: Session, files: Sequence[Path], recipe: Recipe, progress: Progress) -> Filled:
    roles = recipe.roles
    source = open_source(session, files[0])
    scores = open_source(session, files[1]) if len(files) > 1 else source
    score = score_column(roles, source, scores)
    check_columns(roles, source)

    def scan(*, whole: bool) -> Scan:
        known = survey(session, source, roles, whole=whole)
        return Scan(
            session=session, source=source, scores=scores, score=score, roles=roles, known=known
        )

    try:
        return _fill(scan(whole=False), recipe, progress)
    except StrayValue:
        refuse_strays(session, source, roles, scores=scores, score=score)
    try:
        return _fill(scan(whole=True), recipe, progress)
    except StrayValue as error:
        raise FileChanged(
            "A value appeared that was not there when all values were asked for.",
            where=source.where,
            remedy="Let whatever writes the file finish, then run the command again.",
        ) from error


def _fill(scan: Scan, recipe: Recipe, progress: Progress) -> Filled:
    roles, source = scan.roles, scan.source
    layout = Layout(
        label=roles.label.column,
        score=roles.score,
        unit=roles.unit,
        levels=scan.known.levels,
        specs=recipe.specs,
    )
    check_layout(layout, source.where)
    filling = Filling(layout)
    rows = positives = 0
    for batch in scan.batches():
        filling.add(batch)
        rows += len(batch)
        positives += int(np.count_nonzero(batch.labels == POSITIVE))
        if source.expected_rows:
            progress(min(1.0, rows / source.expected_rows))
    if rows == 0:
        raise EmptyData("The file has no rows.", where=source.where)
    if positives == 0 and roles.label.positive is not None:
        raise positive_absent(source, roles.label)
    filled = filling.tallies()
    check_cells(filled, source.where)
    progress(1.0)
    return filled


def _tally_set(recipe: Recipe, filled: Filled) -> TallySet:
    if recipe.roles.unit is None:
        return TallySet(recipe=recipe.digest, tallies=filled[0], buckets={})
    return TallySet.of_buckets(recipe.digest, filled)


def _ignore(_: float) -> None:
    """Nobody asked how far it is."""
