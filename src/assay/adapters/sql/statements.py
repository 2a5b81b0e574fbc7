"""Core statements compiled once and run on the driver's own cursor.

An append is ten small statements in one transaction. SQLAlchemy's work for each execution
takes several times as long as SQLite's, and would outweigh the commit itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Table, insert
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

Values = Mapping[str, object]


class Statement:
    """A statement with named parameters: numbers, text and bytes, which drivers take as is.

    Args:
        core: the statement, with a bound parameter for each value.
        columns: of an insert, the columns that are given.
    """

    def __init__(self, core: CompilerElement, *, columns: Sequence[str] | None = None) -> None:
        self._core = core
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Run it in the connection's transaction; the rows as the driver gives them."""
        compiled = self._for(connection)
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(compiled.text, compiled.arranged(values))
            return list(cursor.fetchall())

    def run(self, connection: Connection, many: Sequence[Values]) -> None:
        """Run it in the connection's transaction, once for each set of values."""
        compiled = self._for(connection)
        with closing(connection.connection.cursor()) as cursor:
            cursor.executemany(compiled.text, [compiled.arranged(values) for values in many])

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled = cast(
                SQLCompiler, self._core.compile(dialect=dialect, column_keys=self._columns)
            )
            fixed = {name: value for name, value in compiled.params.items() if value is not None}
            names = compiled.positiontup if compiled.positional else None
            self._compiled[dialect.name] = _Compiled(str(compiled), fixed, names)
        return self._compiled[dialect.name]


@cache
def insertion(table: Table) -> Statement:
    """Inserts rows into a table, each with a value for each column."""
    return Statement(insert(table), columns=[column.name for column in table.columns])


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    fixed: Values
    """Parameters that SQLAlchemy made of constants, such as a limit."""
    names: Sequence[str] | None
    """The order of the parameters, in a dialect that knows them by position."""

    def arranged(self, values: Values) -> Any:
        if self.names is None:
            return {**self.fixed, **values}
        fixed = self.fixed
        return [values[name] if name in values else fixed[name] for name in self.names]
