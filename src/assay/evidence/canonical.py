"""One spelling for every value: RFC 8785 JSON, for values without floats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from assay.errors import InvalidArgument

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

LARGEST_INTEGER: Final = 2**53 - 1
"""Beyond it, JSON readers in other languages lose digits: write a decimal string."""


def canonical(value: Json) -> bytes:
    """RFC 8785 bytes of a value of strings, integers, booleans, null, lists and mappings.

    Without floats, sorted compact JSON is RFC 8785 but for the order of keys, which the RFC
    sorts by UTF-16 code units.

    Raises:
        InvalidArgument: the value holds a float, an integer beyond 2^53 - 1, a key that is
            not text, or a lone surrogate.
    """
    try:
        return _sorted_bytes(value) if _plain(value) else _bytes(_ordered(value))
    except UnicodeEncodeError as error:
        raise InvalidArgument("Text with a lone surrogate has no canonical form.") from error


def recomposed(value: Json) -> bytes:
    """RFC 8785 bytes of a value put together of parts that have a canonical form already.

    That there is no float in it, keys are text and integers small is not asked again, which
    halves the time.
    """
    data = _sorted_bytes(value)
    return data if data.isascii() else canonical(value)


def digest(data: bytes) -> str:
    """SHA-256 of bytes as 64 lowercase hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical_digest(value: Json) -> str:
    """SHA-256 of a value's canonical form."""
    return digest(canonical(value))


def parse_object(data: bytes) -> dict[str, Json]:
    """The mapping in JSON that others wrote: strict, but in any spelling.

    A number with a fraction or exponent reads as its text, so that no digit is lost.

    Raises:
        TypeError: it is not an object.
        ValueError: not UTF-8 JSON, a key twice in one object, NaN or an infinity, or nested
            too deeply.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply.") from error
    if not isinstance(value, dict):
        raise TypeError("it is not a JSON object.")
    return cast(dict[str, Json], value)


_bytes: Final = msgspec.json.Encoder().encode
_sorted_bytes: Final = msgspec.json.Encoder(order="deterministic").encode


def _plain(value: Any) -> bool:
    """Whether the encoder alone gives the canonical form, at three times the speed.

    So it does for exact types and ASCII keys, whose order is the same in every encoding.
    Most values are text, so that is looked at in place: a call for each would double the time.
    """
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                return False
            if type(item) is not str and not _plain(item):
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(item) is str or _plain(item) for item in value)
    if kind is int:
        return bool(abs(value) <= LARGEST_INTEGER)
    return kind is str or kind is bool or value is None


def _ordered(value: object) -> Json:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)  # An encoder knows no text with a type of its own.
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise InvalidArgument(f"{value} is beyond 2^53 - 1; write it as a decimal string.")
        return int(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise InvalidArgument("A canonical mapping has text as keys.")
        return {str.__str__(key): _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_ordered(item) for item in value]
    raise InvalidArgument(f"A {type(value).__name__} has no canonical form; use a decimal string.")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key stands twice in one object.")
    return mapping


def _refuse_constant(text: str) -> Json:
    raise ValueError(f"{text} is not a number.")
