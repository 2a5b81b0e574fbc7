"""Core statements compiled once and run on the driver's own cursor.

An append is ten small statements in one transaction. SQLAlchemy's work for each execution
takes several times as long as SQLite's, and would outweigh the commit itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Final, cast

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

_CURSOR: Final = "assay.cursor"

Values = Mapping[str, object]
Rows = Sequence[Sequence[object]]
"""Each with a value for each column of a table, in their order."""


class Statement:
    """A statement with named parameters: numbers, text and bytes, which drivers take as is.

    Args:
        core: the statement, with a bound parameter for each value.
    """

    def __init__(self, core: CompilerElement) -> None:
        self._core = core
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Run it in the connection's transaction; the rows as the driver gives them."""
        compiled = self._for(connection)
        cursor = driver_cursor(connection)
        cursor.execute(compiled.text, compiled.arranged(values))
        return list(cursor.fetchall())

    def each(self, connection: Connection, many: Sequence[Values]) -> list[list[Any]]:
        """Run it for each set of values; the rows of each, in their order."""
        compiled = self._for(connection)
        text, asked = compiled.text, [compiled.arranged(values) for values in many]
        cursor = driver_cursor(connection)
        if connection.dialect.name != "postgresql":
            return [cursor.execute(text, values).fetchall() for values in asked]
        # A server is asked all at once, instead of waiting for each answer.
        cursor.executemany(text, asked, returning=True)
        return [result.fetchall() for result in cursor.results()] if asked else []

    def run(self, connection: Connection, many: Sequence[Values]) -> None:
        """Run it in the connection's transaction, once for each set of values."""
        compiled = self._for(connection)
        text, rows = compiled.text, [compiled.arranged(values) for values in many]
        driver_cursor(connection).executemany(text, rows)

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._core, dialect)
        return self._compiled[dialect.name]


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, each with a value for each column, in the columns' order."""
    driver_cursor(connection).executemany(_insertion(table, connection.dialect.paramstyle), rows)


def target(table: Table) -> str:
    """A table with its columns, as an insertion names it."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f"{table.name} ({names})"


@cache
def _insertion(table: Table, paramstyle: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(table.columns))
    return f"INSERT INTO {target(table)} VALUES ({marks})"  # noqa: S608 - our own names


def driver_cursor(connection: Connection) -> Any:
    """The connection's one cursor for these: making one takes as long as a small statement."""
    known = connection.info.get(_CURSOR)
    if known is None:
        # A server's rows come as numbers and bytes, not as text that spells them.
        how = {"binary": True} if connection.dialect.name == "postgresql" else {}
        known = connection.info[_CURSOR] = connection.connection.cursor(**how)
    return known


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    fixed: Values
    """Parameters that SQLAlchemy made of constants, such as a limit."""
    arrange: Callable[[Values], Any] | None
    """What orders the parameters, in a dialect that knows them by position."""

    def arranged(self, values: Values) -> Any:
        every = {**self.fixed, **values} if self.fixed else values
        return self.arrange(every) if self.arrange else every


def _compile(core: CompilerElement, dialect: Dialect) -> _Compiled:
    compiled = cast(SQLCompiler, core.compile(dialect=dialect))
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    names = compiled.positiontup if compiled.positional else None
    arrange = None if names is None else itemgetter(*names) if len(names) > 1 else _only(names[0])
    return _Compiled(str(compiled), fixed, arrange)


def _only(name: str) -> Callable[[Values], tuple[object]]:
    return lambda values: (values[name],)
