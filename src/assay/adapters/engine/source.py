"""A file of rows as DuckDB sees it: its format, its columns, how to read it."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay.adapters.engine.session import Session, UnreadableData, quoted, select
from assay.errors import NotEvaluated, suggest

PARQUET: Final = (".parquet", ".pq")
DELIMITED: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz")

UNTYPED: Final = '"NULL"'
"""The type of a column that never held a value, so that nothing says what it would be."""

_HEAD_BYTES: Final = 1 << 20
_DELIMITERS: Final = ",;\t|"
_PATTERN: Final = re.compile(r"[*?\[]")


class UnknownFormat(NotEvaluated):
    """A file's name does not say a format that the engine reads."""

    code = "data.unknown-format"


class EmptyData(NotEvaluated):
    """A file has no rows."""

    code = "data.empty"


class UnknownColumn(NotEvaluated):
    """A column that the manifest names is not in the file, or is there twice."""

    code = "data.unknown-column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its name as the file has it, its SQL identifier, its SQL type."""

    name: str
    sql: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read.

    Attributes:
        where: the file, for messages.
        table: the SQL table function that reads it.
        columns: in the file's order. In a delimited file each is VARCHAR: what is a number
            is said by the column's role, and "007" stays "007".
        expected_rows: how many rows it has, about that many in a delimited file; None if
            only reading tells.
    """

    where: str
    table: str
    columns: tuple[Column, ...]
    expected_rows: int | None

    @property
    def delimited(self) -> bool:
        """Whether the file is text, so that columns have no types of their own."""
        return self.table.startswith("read_csv")

    def column(self, name: str) -> Column:
        """The column of that name, in that very spelling.

        Raises:
            UnknownColumn: there is none, or there are two.
        """
        found = [column for column in self.columns if column.name == name]
        if len(found) == 1:
            return found[0]
        names = [column.name for column in self.columns]
        problem = "is there more than once" if found else "does not exist"
        raise UnknownColumn(
            f"Column {name!r} {problem}.",
            where=self.where,
            remedy=suggest(name, names, otherwise=f"The file has {_listed(names)}."),
        )


def open_source(session: Session, path: Path) -> Source:
    """What a file holds, without reading its rows.

    Raises:
        NotEvaluated: its format is not known, or it is damaged, or it is empty.
    """
    name = path.name.lower()
    if _PATTERN.search(str(path.absolute())):
        raise UnknownFormat(
            "The path holds one of * ? [, which the engine takes for a pattern of names.",
            where=str(path),
            remedy="Rename the file or its folder.",
        )
    if name.endswith(PARQUET):
        return _parquet(session, path)
    if name.endswith(DELIMITED):
        return _delimited(path)
    raise UnknownFormat(
        f"The name {path.name!r} does not say how to read the file.",
        where=str(path),
        remedy=f"Name it with one of {', '.join(PARQUET + DELIMITED)}.",
    )


def _parquet(session: Session, path: Path) -> Source:
    if path.stat().st_size == 0:
        raise _empty(path)
    file = quoted(str(path.absolute()))
    table = f"read_parquet({file})"
    described = session.rows("DESCRIBE " + select("*", source=table))
    [[rows]] = session.rows(select("num_rows", source=f"parquet_file_metadata({file})"))
    if rows == 0:
        raise _empty(path)
    columns = [_column(name, kind) for name, kind, *_ in described]
    return Source(where=str(path), table=table, columns=tuple(columns), expected_rows=rows)


def _column(name: str, kind: str) -> Column:
    """A column; one without a type holds only missing values, of whatever type is wanted."""
    identifier = '"' + name.replace('"', '""') + '"'
    if kind == UNTYPED:
        return Column(name=name, sql=f"CAST({identifier} AS DOUBLE)", type="DOUBLE")
    return Column(name=name, sql=identifier, type=kind)


def _delimited(path: Path) -> Source:
    head, zipped = _head(path)
    names, delimiter = _header(path, head)
    columns = [
        Column(name=name, sql=f"c{position}", type="VARCHAR") for position, name in enumerate(names)
    ]
    # Nothing is guessed from the first rows: what is in row 1,000,000 cannot change it.
    options: Mapping[str, str] = {
        "auto_detect": "false",
        "header": "true",
        "delim": quoted(delimiter),
        "quote": quoted('"'),
        "escape": quoted('"'),
        "strict_mode": "true",
        "compression": quoted("gzip" if zipped else "none"),
        "columns": "{" + ", ".join(f"'{column.sql}': 'VARCHAR'" for column in columns) + "}",
    }
    listed = ", ".join(f"{name} = {value}" for name, value in options.items())
    table = f"read_csv({quoted(str(path.absolute()))}, {listed})"
    lines = max(1, head.count(b"\n") - 1)
    rows = None if zipped else path.stat().st_size * lines // len(head)
    return Source(where=str(path), table=table, columns=tuple(columns), expected_rows=rows)


def _head(path: Path) -> tuple[bytes, bool]:
    """The first bytes of the text, and whether the file is compressed."""
    zipped = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            return file.read(_HEAD_BYTES), zipped
    except (OSError, EOFError, zlib.error) as error:
        raise _no_header(path, error) from error


def _header(path: Path, head: bytes) -> tuple[list[str], str]:
    """The names in the first line, and what divides them."""
    try:
        # The head may end within a character, or within a row.
        text = head.decode("utf-8-sig", "strict" if len(head) < _HEAD_BYTES else "ignore")
    except UnicodeDecodeError as error:
        raise _no_header(path, error) from error
    first = text.partition("\n")[0]
    if not first.strip():
        raise _empty(path)
    delimiter = _delimiter(path, first)
    try:
        return next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)), delimiter
    except csv.Error as error:
        raise _no_header(path, error) from error


def _delimiter(path: Path, header: str) -> str:
    if ".tsv" in path.name.lower():
        return "\t"
    return max(_DELIMITERS, key=header.count)  # the first of them where none occurs


def _no_header(path: Path, error: Exception) -> UnreadableData:
    return UnreadableData(
        f"The file has no line of column names that can be read: {error}.",
        where=str(path),
        remedy="Write it as UTF-8 text with the names of the columns in the first line.",
    )


def _empty(path: Path) -> EmptyData:
    return EmptyData(
        "The file has no rows.", where=str(path), remedy="Write the evaluation data to it."
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:30])
    return shown if len(names) <= 30 else f"{shown} and {len(names) - 30} more columns"
