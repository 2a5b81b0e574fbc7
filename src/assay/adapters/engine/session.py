"""A DuckDB connection that can read the files it was given, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.adapters.engine.arrow import Columns, column_batches
from assay.errors import NotEvaluated

if TYPE_CHECKING:
    import duckdb


_UNEVEN: Final = (
    "End every line alike, with LF or with CR LF, and close every quote. Lines that were "
    "appended by another program are the usual cause."
)


class UnreadableData(NotEvaluated):
    """A file is damaged, is not of the format that its name says, or has ragged rows."""

    code = "data.unreadable"


class OutOfMemory(NotEvaluated):
    """The data do not fit in the engine's memory limit, even with spilling to disk."""

    code = "data.out-of-memory"


class Session:
    """Queries on one in-memory database without access to anything but its files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, where: str) -> None:
        self._connection = connection
        self._where = where

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query with a small answer."""
        with self._translated():
            return self._connection.execute(sql).fetchall()

    def run(self, sql: str) -> None:
        """Run a statement without an answer."""
        with self._translated():
            self._connection.execute(sql)

    def register(self, name: str, data: object) -> None:
        """Let queries read an object of this program under a name."""
        with self._translated():
            self._connection.register(name, data)

    def unregister(self, name: str) -> None:
        """Let go of the object of that name."""
        with self._translated():
            self._connection.unregister(name)

    def batches(self, sql: str) -> Iterator[Columns]:
        """The columns of a query, a batch of rows at a time, in the order of the rows.

        Every column is UTINYINT or DOUBLE and without NULL. The arrays live until the next
        batch is asked for. Reading goes on in the engine's threads meanwhile, within a
        buffer of some megabytes.
        """
        with self._translated():
            yield from column_batches(self._connection.cursor().sql(sql))

    @contextmanager
    def _translated(self) -> Generator[None]:
        import duckdb

        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise OutOfMemory(
                "The data do not fit in the engine's memory.",
                where=self._where,
                remedy="Close other programs, or let the engine use more.",
            ) from error
        except duckdb.Error as error:
            raise UnreadableData(
                f"The file cannot be read: {_first_words(error)}",
                where=self._where,
                remedy=_UNEVEN
                if "state machine" in str(error)
                else "Write the file again, whole; the ending says its format.",
            ) from error


@contextmanager
def open_session(
    files: Sequence[Path], *, writable: Path | None = None, memory_limit: str, threads: int | None
) -> Generator[Session]:
    """A session on some files, with a private folder to spill to, removed afterwards.

    Args:
        files: the only files it can read.
        writable: a folder that it can also write to.
        memory_limit: as DuckDB spells it, such as "512MB".
        threads: how many; by default, one for each processor.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="assay-spill-") as spill:
        connection = duckdb.connect()
        try:
            allowed = ", ".join(quoted(str(file.absolute())) for file in files)
            folders = quoted(str(writable.absolute())) if writable else ""
            for setting in (
                f"memory_limit = {quoted(memory_limit)}",
                f"threads = {int(threads)}" if threads else "",
                f"temp_directory = {quoted(spill)}",
                "preserve_insertion_order = true",
                "autoinstall_known_extensions = false",
                "autoload_known_extensions = false",
                # A name in a query is never that of a variable of the program around.
                "python_enable_replacements = false",
                f"allowed_paths = [{allowed}]",
                f"allowed_directories = [{folders}]",
                # From here on nothing else can be reached, and nothing can be set back.
                "enable_external_access = false",
                "lock_configuration = true",
            ):
                if setting:
                    connection.execute(f"SET {setting}")
            yield Session(connection, where=str(files[0]) if files else "the data in memory")
        finally:
            connection.close()


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def select(*what: str, source: str, rest: str = "") -> str:
    """A query. Names and values in it come from files and people: quote them."""
    return f"SELECT {', '.join(what)} FROM {source} {rest}"  # noqa: S608 - quoted by the callers


def _first_words(error: Exception) -> str:
    """What is wrong, without the offending row: it may hold a person's data."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = lines[:1] + [line for line in lines[1:] if line.startswith(("Expected", "Invalid"))]
    return "; ".join(line.rstrip(".") for line in telling[:2] if line) + "."
