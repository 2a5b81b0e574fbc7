"""Columns of a DuckDB result as numpy arrays, through Arrow's C stream interface.

Rows come in batches while the engine goes on reading, and are never in memory all at once.
`nanoarrow` reads the interface's structs; it is a thousandth of pyarrow's size.

Source: Apache Arrow, "The Arrow C data interface" and "The Arrow C stream interface".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

Columns = list[npt.NDArray[Any]]

_DTYPES: Final[dict[str, np.dtype[Any]]] = {
    "uint8": np.dtype(np.uint8),
    "double": np.dtype(np.float64),
}
"""Of Arrow's types those that the engine's queries give."""

_VALUES: Final = 1
"""The buffer of a column's values; the one before it marks NULL."""


def column_batches(relation: duckdb.DuckDBPyRelation) -> Iterator[Columns]:
    """The columns of a relation, a batch of rows at a time, in the relation's order.

    Every column is UTINYINT or DOUBLE and without NULL. The arrays are views of the batch's
    memory and keep it alive.

    Raises:
        duckdb.Error: reading failed; the message is the engine's.
    """
    import duckdb
    from nanoarrow.c_array_stream import c_array_stream

    batches = iter(c_array_stream(relation))
    while True:
        try:
            batch = next(batches, None)
        except RuntimeError as error:  # what the engine met while reading
            raise duckdb.DatabaseError(str(error).partition(": ")[2] or str(error)) from error
        if batch is None:
            return
        if len(batch):
            view = batch.view()
            yield [_values(view.child(index)) for index in range(view.n_children)]


def _values(column: Any) -> npt.NDArray[Any]:
    if column.null_count != 0:
        raise TypeError("A column that must be without NULL has some.")
    dtype = _DTYPES[column.storage_type]
    every = np.frombuffer(column.buffer(_VALUES), dtype=dtype)
    return every[column.offset : column.offset + column.length]
