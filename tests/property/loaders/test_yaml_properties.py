"""Any bytes give values or one located error; any value survives being written as YAML."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.yaml import parse_yaml
from assay.errors import ConfigurationError, Span

NOISE = st.text(alphabet=string.printable + "é\u2028\x00&*!%", max_size=200)
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS.filter(bool), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(NOISE | st.binary(max_size=100))
def test_any_bytes_give_values_or_a_located_error(source: str | bytes) -> None:
    """Nothing but a ConfigurationError with a place ever leaves the parser."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    try:
        parsed = parse_yaml(data, file="f.yaml")
    except ConfigurationError as error:
        place = error.where
    else:
        place = parsed.locate("nothing")
    assert isinstance(place, Span)
    assert min(place.line, place.column) >= 1


def quoted(value: Any) -> str:
    """A value as flow YAML in which every text is double-quoted."""
    if isinstance(value, str):
        return pyyaml.safe_dump(value, default_style='"', allow_unicode=False, width=10**6).strip()
    if isinstance(value, dict):
        return "{" + ", ".join(f"? {quoted(k)} : {quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(quoted(item) for item in value) + "]"
    return {None: "null", True: "true", False: "false"}.get(value, str(value))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.dictionaries(WORDS.filter(bool), VALUES, max_size=4))
def test_values_survive_being_written(value: dict[str, Any]) -> None:
    """What another writer of YAML spells is read back as it was, text as text."""
    assert parse_yaml(quoted(value).encode(), file="f.yaml").value == value


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_decimals_keep_their_value(number: Decimal) -> None:
    """No decimal passes through a float."""
    assert parse_yaml(f"x: {number:f}".encode(), file="f.yaml").value["x"] == number
