"""Canonical JSON: one spelling, and no value without one."""

from __future__ import annotations

from collections import OrderedDict
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from assay.errors import InvalidArgument
from assay.evidence.canonical import (
    LARGEST_INTEGER,
    canonical,
    canonical_digest,
    digest,
    parse_object,
)


class Stage(StrEnum):
    """A text with a type of its own."""

    PRODUCTION = "production"


class Tier(IntEnum):
    """A number with a type of its own."""

    HIGH = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-7, "-7"),
        ('é"\\\n\x7f\u2028/', '"é\\"\\\\\\n\x7f\u2028/"'),
        ([], "[]"),
        ((1, [2]), "[1,[2]]"),
        ({"b": 1, "a": {"d": None, "c": False}}, '{"a":{"c":false,"d":null},"b":1}'),
        (MappingProxyType({"b": (1,), "a": Tier.HIGH}), '{"a":3,"b":[1]}'),
        (OrderedDict(b=Stage.PRODUCTION, a=0), '{"a":0,"b":"production"}'),
        ({Stage.PRODUCTION: 1}, '{"production":1}'),
        # By UTF-16 code units, U+1F600 (D83D DE00) comes before U+FB01, by code points after.
        ({"\ufb01": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb01":1}'),
        (LARGEST_INTEGER, "9007199254740991"),
    ],
)
def test_values_have_one_spelling(value: Any, text: str) -> None:
    """Sorted, compact, with the escapes of RFC 8785 and no others."""
    assert canonical(value) == text.encode()
    assert canonical_digest(value) == digest(text.encode())


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        [1.0],
        {"a": float("nan")},
        LARGEST_INTEGER + 1,
        -LARGEST_INTEGER - 1,
        {1: "a"},
        {"a": b"bytes"},
        {"a": {1, 2}},
        "\ud800",
        {"\ud800": 1},
    ],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    """Floats, giants, keys that are no text and lone surrogates are defects of the caller."""
    with pytest.raises(InvalidArgument):
        canonical(value)


def test_objects_of_others_keep_every_digit() -> None:
    """Numbers with a fraction or exponent read as their text."""
    assert parse_object(b' {"a": 1.50, "b": [1e400, 7]} ') == {"a": "1.50", "b": ["1e400", 7]}


@pytest.mark.parametrize(
    "data", [b"", b"[1]", b"7", b"\xff", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":' * 100_000]
)
def test_other_bytes_are_no_object(data: bytes) -> None:
    """A list, a double key, NaN or a bottomless nest is refused."""
    with pytest.raises((TypeError, ValueError)):
        parse_object(data)
