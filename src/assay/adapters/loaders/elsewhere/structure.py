"""JSON that other tools wrote: strict, and with the place of what is not as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.errors import Span
from assay.evidence.canonical import parse_object


def read_json(data: bytes, *, file: str, what: str) -> Mapping[str, Any]:
    """The object in a JSON text.

    Raises:
        MalformedReport: it is none, has a key twice, or nests too deeply; and where.
    """
    try:
        return parse_object(data)
    except json.JSONDecodeError as error:
        raise MalformedReport(
            f"The {what} is not JSON: {error.msg}.",
            where=Span(file, error.lineno, error.colno),
            remedy="Have the tool write it again.",
        ) from error
    except (TypeError, ValueError) as error:
        raise MalformedReport(
            f"The {what} cannot be read: {error}",
            where=Span(file, 1, 1),
            remedy="Have the tool write it again.",
        ) from error


def items(
    holder: Mapping[str, Any], key: str, *, file: str, path: str, optional: bool = False
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects in a list of an object, each with its path.

    Raises:
        MalformedReport: there is no such list, or something else is in it.
    """
    where = f"{path}.{key}".lstrip(".")
    found = holder.get(key, [] if optional else None)
    if found is None and optional:
        return
    if not isinstance(found, list):
        raise _unlike(file, where, "a list")
    for place, item in enumerate(found):
        if not isinstance(item, Mapping):
            raise _unlike(file, f"{where}[{place}]", "an object")
        yield f"{where}[{place}]", cast(Mapping[str, Any], item)


def mapping(holder: Mapping[str, Any], key: str, *, file: str, path: str) -> Mapping[str, Any]:
    """An object in an object.

    Raises:
        MalformedReport: there is none.
    """
    found = holder.get(key)
    if not isinstance(found, Mapping):
        raise _unlike(file, f"{path}.{key}".lstrip("."), "an object")
    return cast(Mapping[str, Any], found)


def _unlike(file: str, path: str, wanted: str) -> MalformedReport:
    return MalformedReport(
        f"`{path}` is not {wanted}.",
        where=f"{file}: {path}",
        remedy="Have the tool write the report again.",
    )
