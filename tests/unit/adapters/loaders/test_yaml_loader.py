"""YAML text to plain values: 1.2 scalars, exact numbers, places, and hostile input."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml as pyyaml

from assay.adapters.loaders import yaml as loader
from assay.adapters.loaders.text import BYTES_MAX
from assay.adapters.loaders.yaml import DEPTH_MAX, VALUES_MAX, parse_yaml
from assay.errors import ConfigurationError, Span


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML with and without its C library must refuse and read the same."""
    monkeypatch.setattr(loader, "_LOADER", getattr(pyyaml, request.param))


pytestmark = pytest.mark.usefixtures("_either_loader")


def value_of(text: str) -> Any:
    return parse_yaml(f"x: {text}\n".encode(), file="f.yaml").value["x"]


def refusal(data: bytes | str) -> ConfigurationError:
    source = data.encode() if isinstance(data, str) else data
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml(source, file="f.yaml")
    return caught.value


@pytest.mark.parametrize(
    "text",
    ["NO", "yes", "on", "Off", "y", "1_000", "10:30", "2026-11-24", "0b11", "1e", "0o8", "-"],
)
def test_yaml_1_1_surprises_are_text(text: str) -> None:
    """What only YAML 1.1 would turn into a truth, a number or a date stays text."""
    quoted = f"[{text}]" if text != "-" else "['-']"
    assert value_of(quoted) == [text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("+12", 12),
        ("-0", 0),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("'12'", "12"),
        ('"true"', "true"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_core_schema_scalars(text: str, value: Any) -> None:
    """Plain scalars are what the core schema of YAML 1.2 says; quoted ones are text."""
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["0.10", "1.", ".5", "-2.50", "1e3", "1.5E-7", "123.4560000000001"]
)
def test_fractions_are_exact_decimals(text: str) -> None:
    """A number with a point or an exponent is a decimal with its digits as written."""
    value = value_of(text)
    assert isinstance(value, Decimal)
    assert str(value) == str(Decimal(text))


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", ".nan", "1e301", "1e-301", "9" * 35, "0." + "1" * 60, "1e99999999"]
)
def test_numbers_that_are_not_finite_or_too_long_are_refused(text: str) -> None:
    """No number is infinite, NaN, or longer than its exact spelling could be kept."""
    error = refusal(f"x: {text}\n")
    assert error.code == "yaml.number"
    assert error.where == Span("f.yaml", 1, 4)


def test_every_key_and_value_has_its_place() -> None:
    """Lines and columns count from 1, in characters, in block and in flow style."""
    parsed = parse_yaml("é: {b: [1, ü]}\nc:\n  d: 2\n".encode(), file="f.yaml")
    assert parsed.values["é.b.1"] == Span("f.yaml", 1, 12)
    assert parsed.keys["é.b"] == Span("f.yaml", 1, 5)
    assert parsed.keys["c.d"] == Span("f.yaml", 3, 3)
    assert parsed.values["c.d"] == Span("f.yaml", 3, 6)


def test_what_has_no_place_of_its_own_is_located_in_what_encloses_it() -> None:
    """A missing key is looked for where the mapping that lacks it stands."""
    parsed = parse_yaml(b"a:\n  b: 1\n", file="f.yaml")
    assert parsed.locate("a.missing.deep", key=True) == Span("f.yaml", 1, 1)
    assert parsed.locate("a.b") == Span("f.yaml", 2, 6)
    assert parsed.locate("nothing") == Span("f.yaml", 1, 1)


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ("a:\n\tb: 1\n", "yaml.tab", 2, 1),
        ("a: 1\nb: {c: 1, c: 2}\n", "yaml.duplicate-key", 2, 11),
        ("a: &x 1\n", "yaml.forbidden", 1, 4),
        ("a: *x\n", "yaml.forbidden", 1, 4),
        ("a: !!python/object/apply:os.system [true]\n", "yaml.forbidden", 1, 4),
        ("a: !local 1\n", "yaml.forbidden", 1, 4),
        ("a:\n  <<: {b: 1}\n", "yaml.forbidden", 2, 3),
        ("a: 1\n---\nb: 2\n", "yaml.forbidden", 2, 1),
        ("%YAML 1.1\n---\na: 1\n", "yaml.forbidden", 1, 1),
        ("1: a\n", "yaml.key", 1, 1),
        ("true: a\n", "yaml.key", 1, 1),
        ("'': a\n", "yaml.key", 1, 1),
        ("? [a]\n: 1\n", "yaml.key", 1, 3),
        ("a: [1, 2\nb: 3\n", "yaml.malformed", 2, 2),
        ("a: b: c\n", "yaml.malformed", 1, 5),
        ("a: @b\n", "yaml.malformed", 1, 4),
        ("- a\n", "yaml.empty", 1, 1),
        ("just text\n", "yaml.empty", 1, 1),
        ("", "yaml.empty", 1, 1),
        ("# nothing\n", "yaml.empty", 2, 1),
        ("a: x\x00\n", "text.encoding", 1, 5),
        ("a: x\u2028\n", "text.encoding", 1, 5),
        ('a: "\\0"\n', "text.encoding", 1, 4),
    ],
)
def test_each_refusal_has_a_code_and_a_place(
    source: str, code: str, line: int, column: int
) -> None:
    """Whatever is refused says what, where, and what to do."""
    error = refusal(source)
    assert (error.code, error.where) == (code, Span("f.yaml", line, column))
    assert error.remedy


def test_a_lone_surrogate_is_refused() -> None:
    """Text that has no UTF-8 form never enters (libyaml and PyYAML say so in their ways)."""
    assert refusal('a: "\\ud800"\n').code in {"text.encoding", "yaml.malformed"}


def test_bytes_that_are_not_utf_8_are_located() -> None:
    """A file saved in another encoding is refused at its first foreign byte."""
    error = refusal(b"a: 1\nb: caf\xe9\n")
    assert (error.code, error.where) == ("text.encoding", Span("f.yaml", 2, 7))


def test_a_byte_order_mark_is_no_text() -> None:
    """Editors on Windows start UTF-8 files with a mark."""
    assert parse_yaml(b"\xef\xbb\xbfa: 1\n", file="f.yaml").value == {"a": 1}


def test_an_anchor_bomb_ends_at_its_first_anchor() -> None:
    """Nothing is expanded, so a billion laughs cost one event."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    error = refusal(bomb)
    assert (error.code, error.where) == ("yaml.forbidden", Span("f.yaml", 1, 4))


def test_deep_nesting_ends_at_the_limit() -> None:
    """A text that nests without end is refused where it passes the limit."""
    error = refusal("a: " + "[" * 100_000)
    assert (error.code, error.where) == ("yaml.too-large", Span("f.yaml", 1, 3 + DEPTH_MAX))


def test_too_many_values_end_at_the_limit() -> None:
    """A text of a million small values is refused before they are built."""
    error = refusal("a: [" + "1," * (VALUES_MAX + 10) + "]")
    assert error.code == "yaml.too-large"


def test_too_many_bytes_are_not_parsed() -> None:
    """The size is checked before anything else."""
    error = refusal(b"a" * (BYTES_MAX + 1))
    assert (error.code, error.where) == ("text.too-large", Span("f.yaml", 1, 1))
