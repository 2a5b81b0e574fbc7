"""The evaluation rows as a model may see them: without what it must predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay.adapters.engine.session import Session, open_session, quoted, select
from assay.adapters.engine.source import Column, EmptyData, Source, open_source
from assay.errors import NotEvaluated

MEMORY_LIMIT: Final = "512MB"

_ROW_GROUP_VALUES: Final = 4_000_000
_ROW_GROUP_ROWS_MIN: Final = 2048  # DuckDB's vector
_ROW_GROUP_ROWS_MAX: Final = 122_880  # DuckDB's default


class NothingToShow(NotEvaluated):
    """The data have no column but those that a model must not see."""

    code = "predict.no-columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRows:
    """The file that a command is given, and how many rows it has."""

    path: Path
    count: int


def write_rows(rows: Path, folder: Path, *, withhold: Sequence[str]) -> GivenRows:
    """Copy a file of rows in their order, without some columns, in bounded memory.

    Args:
        rows: Parquet or delimited text.
        folder: where `rows.parquet` or `rows.csv` is written.
        withhold: names of columns, as the file spells them.

    Raises:
        NotEvaluated: the rows cannot be read, or a column does not exist.
    """
    with open_session([rows], writable=folder, memory_limit=MEMORY_LIMIT, threads=None) as session:
        source = open_source(session, rows)
        shown = _shown(source, withhold)
        write = _write_text if source.delimited else _write_parquet
        given = write(session, source, shown, folder)
    if given.count == 0:
        raise EmptyData("The file has no rows.", where=source.where)
    return given


def _shown(source: Source, withhold: Sequence[str]) -> list[Column]:
    hidden = {source.column(name).sql for name in withhold}
    shown = [column for column in source.columns if column.sql not in hidden]
    if not shown:
        raise NothingToShow(
            "The data have no column that the model may see.",
            where=source.where,
            remedy="Add the columns that the model predicts from.",
        )
    return shown


def _write_parquet(
    session: Session, source: Source, shown: Sequence[Column], folder: Path
) -> GivenRows:
    path = folder / "rows.parquet"
    # A row group is held in memory before it is written, so a wide one must be short.
    size = max(_ROW_GROUP_ROWS_MIN, min(_ROW_GROUP_ROWS_MAX, _ROW_GROUP_VALUES // len(shown)))
    query = select(*(column.sql for column in shown), source=source.table)
    count = _copy(session, query, path, f"FORMAT parquet, ROW_GROUP_SIZE {size}")
    return GivenRows(path=path, count=count)


def _write_text(
    session: Session, source: Source, shown: Sequence[Column], folder: Path
) -> GivenRows:
    path = folder / "rows.csv"
    # The names go ahead as a row: as SQL's own they could be neither empty nor alike.
    names = "SELECT " + ", ".join(quoted(column.name) for column in shown)
    columns = [column.sql for column in shown]
    if len(columns) == 1:  # A missing value alone in its row must not look like no row.
        columns = [f"coalesce({columns[0]}, '')"]
    query = select(*columns, source=source.table)
    count = _copy(session, f"{names} UNION ALL {query}", path, "FORMAT csv, HEADER false")
    return GivenRows(path=path, count=count - 1)


def _copy(session: Session, query: str, path: Path, options: str) -> int:
    [[count]] = session.rows(f"COPY ({query}) TO {quoted(str(path.absolute()))} ({options})")
    return int(count)
