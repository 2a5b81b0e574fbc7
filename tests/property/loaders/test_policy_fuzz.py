"""Malformed policies: whatever a text holds, it loads or is refused at a place in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.schema import policy_schema
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.policy.policy import Policy

CHECKS = find_checks()
FILE = "fuzzed.yaml"
SECONDS_MAX = 5.0
"""No text of a few kilobytes takes this long to refuse, however busy the machine."""

POLICY = """\
policy: lending
version: 3.1.0
errors: {false_allow: 0.05, false_deny: 0.05}
max_age: {high: 90d}
requirements:
  ranks-well:
    check: performance.roc_auc
    at_least: {low: 0.60, medium: 0.65, high: 0.70}
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex, age], intersections: true, min_group_size: 30}
    at_most: {medium: 0.15, high: 0.10, critical: 0.05}
    insufficient: {low: allow, medium: hold, high: hold, critical: deny}
    owner: team:fair-lending
  slope:
    check: calibration.slope
    at_most: 0.2
    effective_from: 2026-08-02
    until: 2027-08-02
  watched: {check: monitoring.plan, when: tier >= HIGH}
  sensible: {expression: measurement.ranks_well.low > 0.5 && tier < CRITICAL}
  oversight: {attest: A person can stop it, by: validator}
approvals:
  high: [{role: validator}, {role: approver}]
mode: enforce
"""

FRAGMENTS = [
    "{", "}", "[", "]", ":", ": ", "- ", "#", "'", '"', "&a ", "*a", "!!python/object:os.system ",
    "<<: ", "%YAML 1.1\n", "---\n", "...\n", "\t", "\x00", "\u2028", "\ufeff", "|\n", ">\n", "? ",
    "null", "~", "yes", ".inf", ".nan", "-0", "1e999", "0x1F", "9" * 60, "2026-13-45", "1_000",
    "critical", "prohibited", "at_least", "at_mots", "between: {low: 2, high: 1}", "when: tier >",
    "expression: 1 / 0 > 1", "with: {by: nothing}", "extends: [baseline]", "requirements:",
    "check: performance.rocauc", "\n", "\n  ", "\n    ", "é", "\U0001f600", "a" * 300,
]  # fmt: skip


@cache
def texts() -> list[str]:
    """Texts that load: one of every key, and the ready policies."""
    home = files("assay.catalogues") / "policies"
    shipped = [item for item in home.iterdir() if item.name.endswith(".yaml")]
    return [POLICY, *(item.read_text(encoding="utf-8")[:4000] for item in shipped)]


def outcome(text: str) -> Policy | ConfigurationError:
    """What becomes of a text; anything but a policy or a located error fails the test."""
    source = text.encode("utf-8", errors="surrogatepass")
    started = time.monotonic()
    try:
        return parse_policy(Written(file=FILE, source=source), CHECKS)
    except ConfigurationError as error:
        problems = error.problems if isinstance(error, Problems) else (error,)
        lines = source.count(b"\n") + source.count(b"\r") + 2
        for problem in problems:
            assert isinstance(problem.where, Span), (problem.code, problem.what)
            assert problem.where.file == FILE
            assert 1 <= problem.where.line <= lines
            assert problem.where.column >= 1
            assert problem.what
            assert problem.remedy, problem.code
        return error
    finally:
        assert time.monotonic() - started < SECONDS_MAX


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A text that loads, with a few pieces taken out, doubled, exchanged or put in."""
    text = draw(st.sampled_from(texts()))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 40))
        piece = text[place : place + length]
        put = draw(st.sampled_from(["", piece * 2, piece[::-1], piece.swapcase(), *FRAGMENTS]))
        text = text[:place] + put + text[place + length :]
    return text


@st.composite
def relined(draw: st.DrawFn) -> str:
    """A text that loads, with its lines in another order, indented otherwise, or repeated."""
    lines = draw(st.sampled_from(texts())).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        first, second = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        action = draw(st.sampled_from(["swap", "repeat", "indent", "drop"]))
        if action == "swap":
            lines[first], lines[second] = lines[second], lines[first]
        elif action == "repeat":
            lines.insert(second, lines[first])
        elif action == "indent":
            lines[first] = " " * draw(st.integers(0, 9)) + lines[first].strip()
        elif len(lines) > 1:
            del lines[first]
    return "\n".join(lines) + "\n"


@cache
def schema() -> dict[str, Any]:
    """The published schema with a few checks, without the rules between fields.

    What it allows is mostly what the loader must refuse by itself.
    """
    named = ("performance.roc_auc", "fairness.selection_rate_difference", "monitoring.plan")
    found = policy_schema({name: CHECKS.get(name) for name in named})
    found["$defs"]["Requirement"].pop("allOf", None)
    found.pop("$schema", None)
    return found


def allowed(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a part of the schema allows, as far as its keywords are those read here."""
    if "$ref" in part:
        return allowed(schema()["$defs"][part["$ref"].rpartition("/")[2]])
    for several in ("anyOf", "oneOf"):
        if several in part:
            return st.one_of([allowed(item) for item in part[several]])
    if "const" in part or "enum" in part:
        return st.sampled_from(part.get("enum", [part.get("const")]))
    kinds = part.get("type", ["object", "array", "string", "number", "boolean"])
    return st.one_of(
        [_OF_TYPE[kind](part) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    )


def _object(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    known = {key: allowed(item) for key, item in part.get("properties", {}).items()}
    required = {key: known.pop(key) for key in part.get("required", ()) if key in known}
    fixed = st.fixed_dictionaries(required, optional=known)
    further = part.get("additionalProperties", False)
    if not isinstance(further, dict):
        return fixed
    names = st.from_regex(r"\A[a-z][a-z0-9-]{0,8}\Z")
    more = st.dictionaries(
        names, allowed(further), min_size=part.get("minProperties", 0), max_size=4
    )
    return st.tuples(more, fixed).map(lambda pair: {**pair[0], **pair[1]})


def _string(part: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in part:
        return st.from_regex(part["pattern"].replace("$", r"\Z"))
    return st.text(min_size=part.get("minLength", 0), max_size=20)


def _number(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    low, high = part.get("minimum", -1000), part.get("maximum", 1000)
    return st.integers(int(low), int(high)) | st.floats(float(low), float(high))


_OF_TYPE: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "object": _object,
    "array": lambda part: st.lists(allowed(part.get("items", {"type": "string"})), max_size=3),
    "string": _string,
    "number": _number,
    "integer": lambda part: st.integers(part.get("minimum", -10), part.get("maximum", 1000)),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}


def by_schema() -> st.SearchStrategy[str]:
    """Values that the schema allows, and those with one part exchanged for something else."""
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=4,
    )
    return st.tuples(allowed(schema()), anything, st.randoms(use_true_random=False)).map(
        lambda drawn: json.dumps(_exchanged(*drawn), ensure_ascii=False, indent=1)
    )


def _exchanged(value: Any, other: Any, random: Any) -> Any:
    """A value in which something else stands in place of one part, near the top or deep down."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(sorted(value))
        return {**value, key: _exchanged(value[key], other, random)}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [*value[:place], _exchanged(value[place], other, random), *value[place + 1 :]]
    return other if random.random() < 0.7 else value


SOURCES: dict[str, Callable[[], st.SearchStrategy[str]]] = {
    "mutated": mutated,
    "relined": relined,
    "by-schema": by_schema,
    "any-text": lambda: st.text(max_size=400),
}
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def fuzz(source: str, examples: int) -> int:
    """How many of so many texts were refused; each loaded or was refused at its place."""
    refused = 0

    @settings(
        max_examples=examples,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=QUIET,
        database=None,
    )
    @given(SOURCES[source]())
    def run(text: str) -> None:
        nonlocal refused
        refused += isinstance(outcome(text), ConfigurationError)

    run()
    return refused


def test_the_texts_to_be_mutated_load():
    """The fuzz starts from what is right, so that it comes near what is nearly right."""
    assert isinstance(outcome(POLICY), Policy)


@pytest.mark.parametrize(
    ("source", "examples"), [("mutated", 60), ("relined", 40), ("by-schema", 40), ("any-text", 40)]
)
def test_a_malformed_policy_is_refused_at_its_place(source, examples):
    """No traceback, no hang, and every error has a code, a place and a remedy."""
    assert fuzz(source, examples) > examples // 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "examples"),
    [("mutated", 1500), ("relined", 600), ("by-schema", 300), ("any-text", 300)],
)
def test_a_thousand_malformed_policies(source, examples):
    """The same at length: together they refuse far more than a thousand texts."""
    refused = fuzz(source, examples)
    assert refused > examples // 2
