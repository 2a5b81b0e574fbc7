"""Canonical JSON against another implementation of RFC 8785."""

from __future__ import annotations

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from assay.evidence.canonical import LARGEST_INTEGER, canonical, recomposed

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(value=values)
def test_bytes_are_those_of_the_rfc(value: Any) -> None:
    """Any value has the bytes that the reference library gives, and reads back."""
    data = canonical(value)
    assert data == rfc8785.dumps(value)
    assert json.loads(data) == value


@given(value=values)
def test_what_was_canonical_is_spelled_the_same_again(value: Any) -> None:
    """Put together of parts that have a canonical form, a value needs no second look."""
    data = canonical(value)
    assert recomposed(json.loads(data)) == data
    assert recomposed([value, (value, value)]) == canonical([value, [value, value]])
