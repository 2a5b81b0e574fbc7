"""What a command wrote as its scores: trusted only as far as it was looked at."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from assay.adapters.engine.columns import check_number, is_no_number
from assay.adapters.engine.session import Session, open_session, quoted, select
from assay.adapters.engine.source import Column, Source, open_source
from assay.adapters.predictor.rows import MEMORY_LIMIT
from assay.errors import NotEvaluated

COLUMN: Final = "score"

_BYTES_PER_ROW_MAX: Final = 64
_BYTES_MORE_MAX: Final = 1 << 20  # what a format adds, whatever the rows
_PARQUET_MAGIC: Final = b"PAR1"
_SHOWN: Final = 5


class NoScores(NotEvaluated):
    """The command ended well, and there is no file of scores."""

    code = "predict.no-scores"


class MalformedScores(NotEvaluated):
    """The file of scores is not a column of numbers called `score`."""

    code = "predict.malformed-scores"


class WrongRowCount(NotEvaluated):
    """There are more or fewer scores than rows."""

    code = "predict.row-count"


def keep_scores(written: Path, kept: Path, *, rows: int, where: str) -> None:
    """Look at the file that a command wrote, and keep its scores as Parquet.

    Args:
        written: what the command wrote, called `.csv`; moved if it is Parquet.
        kept: a Parquet file to write, with one column of doubles, NULL where one is missing.
        rows: how many scores there must be.
        where: the command, for messages.

    Raises:
        NotEvaluated: the scores cannot be used.
    """
    _check_file(written, rows=rows, where=where)
    named = _named_by_content(written, where)
    try:
        with open_session(
            [named], writable=kept.parent, memory_limit=MEMORY_LIMIT, threads=None
        ) as session:
            source = open_source(session, named)
            column = _score_column(source, where)
            _check_values(session, source, column, rows=rows, where=where)
            query = select(f"CAST({column.sql} AS DOUBLE) AS {COLUMN}", source=source.table)
            target = quoted(str(kept.absolute()))
            session.run(f"COPY ({query}) TO {target} (FORMAT parquet)")
    except (MalformedScores, WrongRowCount):
        raise
    except NotEvaluated as error:  # the engine's, about a path that its reader never sees
        raise _malformed(error.what.replace(f"{named.parent}/", ""), where) from error


def _check_file(written: Path, *, rows: int, where: str) -> None:
    try:
        status = written.lstat()
    except OSError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise _malformed("They are not in a regular file.", where)
    if status is None or status.st_size == 0:
        raise NoScores(
            "The command ended well, but wrote no scores.",
            where=where,
            remedy="Let it write them to the path in the variable ASSAY_SCORES, "
            "or write {scores} among its arguments.",
        )
    if status.st_size > rows * _BYTES_PER_ROW_MAX + _BYTES_MORE_MAX:
        raise _malformed(f"They take {status.st_size:,} bytes for {rows:,} rows.", where)


def _named_by_content(written: Path, where: str) -> Path:
    try:
        with written.open("rb") as file:
            parquet = file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
        return written.rename(written.with_suffix(".parquet")) if parquet else written
    except OSError as error:
        raise _malformed(f"Their file cannot be read: {error.strerror}.", where) from error


def _score_column(source: Source, where: str) -> Column:
    names = [column.name for column in source.columns]
    if names != [COLUMN]:
        shown = ", ".join(map(repr, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
        raise _malformed(f"Their columns are {shown}.", where)
    check_number(source, source.columns[0])
    return source.columns[0]


def _check_values(
    session: Session, source: Source, column: Column, *, rows: int, where: str
) -> None:
    # Counting alone reads a Parquet file's footer, and no pages that may be a bomb.
    [[count]] = session.rows(select("count(*)", source=source.table))
    if count != rows:
        raise WrongRowCount(
            f"The command wrote {count:,} scores for {rows:,} rows.",
            where=where,
            remedy="Let it write one score for each row, in the order of the rows; "
            "one that is missing is left empty.",
        )
    if source.delimited:
        strays = select(column.sql, source=source.table, rest=f"WHERE {is_no_number(column)}")
        for (text,) in session.rows(f"{strays} LIMIT 1"):
            raise _malformed(f"{text[:40]!r} is not a number.", where)


def _malformed(problem: str, where: str) -> MalformedScores:
    return MalformedScores(
        f"The scores that the command wrote cannot be used. {problem}",
        where=where,
        remedy=f"Let it write CSV or Parquet with one column of numbers called {COLUMN!r}; "
        "a missing score is left empty.",
    )
