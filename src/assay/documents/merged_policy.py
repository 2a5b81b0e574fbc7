"""A merged policy as one text that loads, with the origin of every value, and as JSON."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from assay.policy.canonical import canonical_policy
from assay.policy.cells import (
    ALWAYS,
    APPROVALS,
    BAR,
    FOREVER,
    NO_WAIVER,
    REQUIREMENTS,
    WAIVERS,
    Cell,
    Path,
    Source,
)
from assay.policy.merging import Merged
from assay.policy.policy import ATTESTATION, EXPRESSION
from assay.policy.spelling import value_text
from assay.policy.tiers import Tier

SCHEMA: Final = "assay.merged-policy/1"
WIDTH: Final = 96

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _./+-]*[A-Za-z0-9]|[A-Za-z]")
_NOT_TEXT: Final = frozenset({"true", "false", "null"})


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the text.

    Attributes:
        cell: the cell that it shows; None for what only groups.
        aside: whether it shows a default that need not be written, as a comment among origins.
    """

    text: str
    cell: Cell | None = None
    aside: bool = False


def render_merged(merged: Merged, layers: Sequence[str], *, origins: bool) -> str:
    """The merged policy as YAML that loads to the same policy.

    Args:
        merged: the policy with its cells.
        layers: the names of what it was merged from, the most general first.
        origins: whether each line ends in the place that its value comes from.
    """
    policy = merged.policy
    lines = [
        _Line(f"# Merged from {' < '.join(layers)}; digest {policy.digest[:12]}."),
        _Line(f"policy: {policy.name}"),
        _Line(f"version: {_scalar(policy.version)}"),
        *_top(merged.cells),
        _Line(f"{REQUIREMENTS}:"),
        *(line for rule in policy.requirements for line in _rule(rule.id, merged.cells)),
    ]
    return "".join(f"{text}\n" for text in _written(lines, origins=origins))


def merged_json(merged: Merged, layers: Sequence[str]) -> str:
    """The merged policy's canonical form and every value with its origin."""
    policy = merged.policy
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "digest": policy.digest,
        "layers": list(layers),
        "policy": canonical_policy(policy),
        "values": [
            {"path": list(path), "value": value_text(cell.value), "origin": _origin_json(cell)}
            for path, cell in merged.cells.items()
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _origin_json(cell: Cell) -> dict[str, Any]:
    return {
        "source": cell.source.name.lower(),
        "file": cell.where.file,
        "line": cell.where.line,
        "column": cell.where.column,
    }


def _written(lines: Iterable[_Line], *, origins: bool) -> Iterator[str]:
    for line in lines:
        text = f"# {line.text[2:]}" if line.aside else line.text
        if line.aside and not origins:
            continue
        if origins and line.cell is not None:
            text = f"{text.ljust(44)}  # {_origin(line.cell)}"
        yield text


def _origin(cell: Cell) -> str:
    return f"default, at {cell.where}" if cell.source is Source.DEFAULT else str(cell.where)


def _top(cells: Mapping[Path, Cell]) -> Iterator[_Line]:
    for key in ("mode", "max_excluded"):
        yield _Line(f"{key}: {value_text(cells[(key,)].value)}", cells[(key,)])
    yield _Line("errors:")
    for key in ("false_allow", "false_deny"):
        cell = cells["errors", key]
        yield _Line(f"  {key}: {value_text(cell.value)}", cell)
    uses = cells["errors", "uses"]
    if uses.value > 1:
        yield _Line(f"  uses: {uses.value}", uses)
    yield from _by_tier(_below(cells, ("max_age",)), "max_age", indent=0)
    yield from _waivers(_below(cells, (WAIVERS,)))
    approvals = _below(cells, (APPROVALS,))
    if approvals:
        yield _Line(f"{APPROVALS}:")
    for tier in dict.fromkeys(path[0] for path in approvals):
        yield _Line(f"  {tier}:")
        for path, cell in approvals.items():
            if path[0] == tier:
                yield _Line(f"  - role: {cell.value}", cell)


def _waivers(cells: Mapping[Path, Cell]) -> Iterator[_Line]:
    """What the policy allows of waivers, where it says any of it."""
    if all(cell.source is Source.DEFAULT for cell in cells.values()):
        return
    yield _Line(f"{WAIVERS}:")
    for key in ("longest", "granted_by"):
        said = {path: cell for path, cell in cells.items() if cell.value != NO_WAIVER}
        yield from _by_tier(_below(said, (key,)), key, indent=2)
    yield _Line(f"  renewals: {cells[('renewals',)].value}", cells[("renewals",)])


def _rule(name: str, cells: Mapping[Path, Cell]) -> Iterator[_Line]:
    inner = _below(cells, (REQUIREMENTS, name))
    yield _Line(f"  {name}:")
    yield from _asked(inner)
    yield from _conditions(inner)
    bar = inner[(BAR,)].value
    if bar is not None:
        yield from _by_tier(_below(inner, (bar.value,)), bar.value, indent=4)
    yield from _by_tier(_below(inner, ("max_age",)), "max_age", indent=4)
    insufficient = _below(inner, ("insufficient",))
    defaults = all(cell.source is Source.DEFAULT for cell in insufficient.values())
    for line in _by_tier(insufficient, "insufficient", indent=4):
        yield replace(line, aside=defaults)
    references = _below(inner, ("satisfies",))
    if references:
        yield _Line("    satisfies:")
        yield from (_Line(f"    - {_quoted(cell.value)}", cell) for cell in references.values())
    for key in ("owner", "basis", "laxer_because", "rationale"):
        if (key,) in inner:
            yield from _text(key, inner[(key,)])


def _asked(inner: Mapping[Path, Cell]) -> Iterator[_Line]:
    """What shows the requirement: a check with its parameters, an expression, or a person."""
    check = inner[("check",)]
    parameters = _below(inner, ("with",))
    if check.value == EXPRESSION:
        yield from _text(EXPRESSION, parameters[(EXPRESSION,)])
        return
    if check.value == ATTESTATION:
        yield from _text("attest", parameters[("asks",)])
        yield _Line(f"    by: {parameters[('by',)].value}", parameters[("by",)])
        return
    yield _Line(f"    check: {check.value}", check)
    written = any(cell.source is Source.WRITTEN for cell in parameters.values())
    if parameters:
        yield _Line("    with:", aside=not written)
    for path, cell in parameters.items():
        aside = cell.source is not Source.WRITTEN
        yield _Line(f"      {path[0]}: {_parameter(cell.value)}", cell, aside)


def _conditions(inner: Mapping[Path, Cell]) -> Iterator[_Line]:
    when, first = inner[("when",)], inner[("required_from",)]
    if when.value is not None:
        yield from _text("when", when)
    if first.value > Tier.LOW:
        yield _Line(f"    requires: {{{first.value}: true}}", first)
    begins, ends = inner[("effective_from",)], inner[("until",)]
    if begins.value != ALWAYS:
        yield _Line(f"    effective_from: {_instant(begins.value)}", begins)
    if ends.value != FOREVER:
        yield _Line(f"    until: {_instant(ends.value, lasts=True)}", ends)


def _by_tier(cells: Mapping[Path, Cell], key: str, *, indent: int) -> Iterator[_Line]:
    """A value at each tier where it is another than at the tier below, or from elsewhere."""
    if not cells:
        return
    yield _Line(f"{' ' * indent}{key}:")
    before: Cell | None = None
    for path, cell in cells.items():
        if path[1:] == ("high",):
            continue  # shown with the lower end
        if path[1:] == ("low",):
            high = value_text(cells[path[0], "high"].value)
            yield _Line(f"{' ' * indent}  {path[0]}: [{value_text(cell.value)}, {high}]", cell)
        elif before is None or (cell.value, cell.where) != (before.value, before.where):
            yield _Line(f"{' ' * indent}  {path[0]}: {value_text(cell.value)}", cell)
        before = cell


def _text(key: str, cell: Cell) -> Iterator[_Line]:
    """A text: on its own lines where it is long, which read as one."""
    text = str(cell.value)
    one = f"    {key}: {_scalar(text)}"
    if len(one) <= WIDTH or text != " ".join(text.split()):
        yield _Line(one, cell)
        return
    yield _Line(f"    {key}: >-", cell)
    yield from (
        _Line(line)
        for line in textwrap.wrap(
            text,
            width=WIDTH,
            initial_indent=" " * 6,
            subsequent_indent=" " * 6,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _scalar(text: str) -> str:
    """A text as a scalar that reads as text: plain where that is safe, else quoted."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT else _quoted(text)


def _quoted(text: str) -> str:
    """Single quotes where double ones alone would need escapes; those are JSON's."""
    quoted = json.dumps(text, ensure_ascii=False)
    plain = "'" not in text and quoted.replace('\\"', '"') == f'"{text}"'
    return f"'{text}'" if plain and '"' in text else quoted


def _parameter(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_scalar(str(item)) for item in value)}]"
    return _scalar(value) if isinstance(value, str) else value_text(value)


def _instant(instant: datetime, *, lasts: bool = False) -> str:
    """A whole day where it is one, which as an end lasts to its last instant."""
    if instant.time() == time(0):
        return (instant - timedelta(days=lasts)).strftime("%Y-%m-%d")
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _below(cells: Mapping[Path, Cell], path: Path) -> dict[Path, Cell]:
    """The cells below a path, by the rest of theirs."""
    size = len(path)
    return {
        key[size:]: cell for key, cell in cells.items() if key[:size] == path and len(key) > size
    }
