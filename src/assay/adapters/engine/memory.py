"""Rows that a Python program holds: frames, tables, readers and relations, as one table.

Whatever hands out batches of Arrow data is read by that alone, so no library of frames is
imported here; pandas, which needs pyarrow for it, is read by the engine itself. Rows are
copied once into a table of the engine, which goes to disk beyond the memory limit: a reader
gives its rows only once, and a scan may have to begin again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import UNTYPED, Column, EmptyData, Source, UnknownColumn
from assay.errors import NotEvaluated, suggest

WHERE: Final = "the data in memory"

_GIVEN: Final = "assay_given"
_ROWS: Final = "assay_rows"


class UnknownData(NotEvaluated):
    """An object is none from which rows can be read."""

    code = "data.unknown-object"


class _Stream:
    """The Arrow stream of an object, given once; its schema as often as the engine asks.

    Raises:
        UnknownColumn: two columns have one name; the engine would rename them in silence.
    """

    def __init__(self, data: object) -> None:
        from nanoarrow.c_array_stream import c_array_stream

        self._stream = c_array_stream(data)
        self._schema = self._stream.get_schema()
        _refuse_twins([child.name for child in self._schema.children])

    def __arrow_c_schema__(self) -> object:
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._stream.__arrow_c_stream__(requested_schema)


def memory_source(session: Session, data: object, columns: Iterable[str] | None) -> Source:
    """The rows of an object, in a table of the session.

    Args:
        session: on no files.
        data: a pandas or Polars frame (lazy ones are computed by and by), an Arrow table,
            batch or reader, a DuckDB relation, or anything else with `__arrow_c_stream__`.
        columns: those that will be read; None for all.

    Raises:
        NotEvaluated: it is nothing of that kind, lacks a column, or has no rows.
    """
    wanted = None if columns is None else list(dict.fromkeys(columns))
    known: tuple[Column, ...] = ()
    listed = ""
    for part in _parts(data):
        session.register(_GIVEN, part)
        if not known:
            known = _columns(session, wanted)
            listed = ", ".join(map(_read, known))
            session.run(f"CREATE TABLE {_ROWS} AS {select(listed, source=_GIVEN)}")
        else:
            session.run(f"INSERT INTO {_ROWS} {select(listed, source=_GIVEN)}")
        session.unregister(_GIVEN)
    rows = session.rows(select("count(*)", source=_ROWS))[0][0] if known else 0
    if rows == 0:
        raise EmptyData("The data have no rows.", where=WHERE, remedy="Give the rows to evaluate.")
    typed = tuple(replace(column, type=_typed(column)) for column in known)
    return Source(where=WHERE, table=_ROWS, columns=typed, expected_rows=rows)


def _parts(data: Any) -> Iterator[object]:
    """What the engine reads, one after another; all have the columns of the first."""
    library = type(data).__module__.partition(".")[0]
    if library == "pandas" and hasattr(data, "columns"):
        _refuse_twins([str(name) for name in data.columns])
        yield data
    elif library == "polars" and hasattr(data, "collect_batches"):
        yield from map(_Stream, data.collect_batches())
    elif hasattr(data, "__arrow_c_stream__"):
        yield _Stream(data)
    else:
        raise UnknownData(
            f"Rows cannot be read from an object of type {type(data).__qualname__}.",
            where=WHERE,
            remedy="Give a pandas or Polars frame, an Arrow table or reader, a DuckDB relation, "
            "or the path of a Parquet or CSV file.",
        )


def _refuse_twins(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UnknownColumn(
            f"Column {twice!r} is there more than once.",
            where=WHERE,
            remedy="Give each column a name of its own.",
        )


def _read(column: Column) -> str:
    """A column as it is; one without a type holds only missing values, of a type that can be."""
    if column.type != UNTYPED:
        return column.sql
    return f"CAST(NULL AS {_typed(column)}) AS {column.sql}"


def _typed(column: Column) -> str:
    return "DOUBLE" if column.type == UNTYPED else column.type


def _columns(session: Session, wanted: list[str] | None) -> tuple[Column, ...]:
    described = session.rows("DESCRIBE " + select("*", source=_GIVEN))
    columns = [
        Column(name=name, sql='"' + name.replace('"', '""') + '"', type=kind)
        for name, kind, *_ in described
    ]
    if wanted is None:
        return tuple(columns)
    by_name = {column.name: column for column in columns}
    for name in wanted:
        if name not in by_name:
            raise UnknownColumn(
                f"Column {name!r} does not exist.",
                where=WHERE,
                remedy=suggest(name, by_name, otherwise=f"There are {', '.join(by_name)}."),
            )
    return tuple(by_name[name] for name in wanted)
