"""Columns of a DuckDB result as numpy arrays, through Arrow's C stream interface.

The interface is three C structs with callbacks, fixed for ever, made so that libraries can
exchange columns without depending on each other; so this needs no pyarrow (170 MB). Rows
come in batches while the engine goes on reading, and are never in memory all at once.

Source: Apache Arrow, "The Arrow C data interface" and "The Arrow C stream interface".
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

Columns = list[npt.NDArray[Any]]

_DTYPES: Final[dict[bytes, np.dtype[Any]]] = {b"C": np.dtype(np.uint8), b"g": np.dtype(np.float64)}
"""Of Arrow's formats those that the engine's queries give."""


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    (
        "get_schema",
        ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema)),
    ),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))),
    ("private_data", ctypes.c_void_p),
]

_capsule_pointer: Final = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def column_batches(relation: duckdb.DuckDBPyRelation) -> Iterator[Columns]:
    """The columns of a relation, a batch of rows at a time, in the relation's order.

    Every column is UTINYINT or DOUBLE and without NULL. The arrays are views of the engine's
    memory: they live until the next batch is asked for.

    Raises:
        duckdb.Error: reading failed; the message is the engine's.
    """
    # The capsule owns the stream and frees it; so it must stay in scope.
    capsule = relation.__arrow_c_stream__()
    address = _capsule_pointer(capsule, b"arrow_array_stream")
    stream = _Stream.from_address(address)
    dtypes = _dtypes(stream)
    while True:
        array = _Array()
        _check(stream, stream.get_next(ctypes.byref(stream), ctypes.byref(array)))
        if not array.release:  # the end of the stream
            return
        try:
            if array.length:
                yield [_view(array.children[i].contents, dtype) for i, dtype in enumerate(dtypes)]
        finally:
            array.release(ctypes.byref(array))


def _dtypes(stream: _Stream) -> list[np.dtype[Any]]:
    schema = _Schema()
    _check(stream, stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)))
    try:
        formats = [schema.children[i].contents.format for i in range(schema.n_children)]
        return [_DTYPES[name] for name in formats]
    finally:
        schema.release(ctypes.byref(schema))


def _view(column: _Array, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if column.null_count != 0:
        raise TypeError("A column that must be without NULL has some.")
    start = column.buffers[1] + column.offset * dtype.itemsize
    memory = (ctypes.c_char * (column.length * dtype.itemsize)).from_address(start)
    return np.frombuffer(memory, dtype=dtype)


def _check(stream: _Stream, error_number: int) -> None:
    if error_number:
        import duckdb

        message = stream.get_last_error(ctypes.byref(stream)) or b"reading failed"
        raise duckdb.DatabaseError(message.decode("utf-8", "replace"))
