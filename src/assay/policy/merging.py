"""Merging policies: of each value the stricter one stands, and its origin is kept.

A ready policy, a hub's, a space's and a system's are layers, in that order. Merging compares
them cell by cell (`cells`), so it is associative and idempotent, and its result is at least as
strict as every layer. Text that is laxer than what it builds on is a problem, and so is text
that changes what an inherited requirement measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assay.errors import ConfigurationError, Span
from assay.policy.assembling import policy_of
from assay.policy.canonical import policy_digest
from assay.policy.cells import APPROVALS, REQUIREMENTS, Cell, Path, Source, Written, cells_of
from assay.policy.policy import Policy
from assay.policy.spelling import dotted, value_text
from assay.policy.strictness import FIXED, FREE, as_strict, field_of


class LoosenedPolicy(ConfigurationError):
    """A policy asks for less than one that it builds on."""

    code = "policy.loosened"


class ChangedRequirement(ConfigurationError):
    """A policy changes what an inherited requirement measures."""

    code = "policy.changed-requirement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One policy among those that are merged.

    Attributes:
        name: what people call it: a file's path as written, or a ready policy's name.
        policy: as loaded, with what it takes over of inherited requirements filled in.
        places: where each value that it writes stands, by dotted path ("errors.false_allow").
        overlay: whether it builds on others, so that what it leaves out is theirs to say; a
            policy that stands alone says it by its defaults.
    """

    name: str
    policy: Policy
    places: Mapping[str, Span] = field(default_factory=dict[str, Span])
    overlay: bool = False

    def cells(self) -> dict[Path, Cell]:
        """What it says, cell by cell."""
        written = Written(places=self.places, file=self.name, overlay=self.overlay)
        return cells_of(self.policy, written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What layers come to.

    Attributes:
        policy: the merged policy, with the name and version of the last layer.
        cells: every value that it consists of, with its origin, by path.
        problems: texts that would loosen or change what they build on. Where there is one, the
            policy must not be used.
    """

    policy: Policy
    cells: Mapping[Path, Cell]
    problems: tuple[ConfigurationError, ...]


def merge(layers: Sequence[Layer]) -> Merged:
    """Merge layers, the most general first; at least one."""
    merged: dict[Path, Cell] = {}
    problems: list[ConfigurationError] = []
    for layer in layers:
        cells = layer.cells()
        problems += _problems(layer, merged, cells)
        merged = joined(merged, cells)
    last = layers[-1].policy
    policy = policy_of(merged, name=last.name, version=last.version)
    return Merged(
        policy=replace(policy, digest=policy_digest(policy)),
        cells=merged,
        problems=tuple(problems),
    )


def joined(first: Mapping[Path, Cell], second: Mapping[Path, Cell]) -> dict[Path, Cell]:
    """The stricter cell at every path; of equal ones that which a text says, then the first."""
    found = dict(first)
    for path, cell in second.items():
        if path not in found or _prevails(path, cell, found[path]):
            found[path] = cell
    return found


def _prevails(path: Path, later: Cell, earlier: Cell) -> bool:
    if later.value == earlier.value:
        return later.source > earlier.source
    return not as_strict(path, earlier.value, later.value)


def _problems(
    layer: Layer, inherited: Mapping[Path, Cell], cells: Mapping[Path, Cell]
) -> Iterator[ConfigurationError]:
    for path, cell in cells.items():
        if path not in inherited or field_of(path) in FREE:
            continue
        before = inherited[path]
        if field_of(path) in FIXED and cell.value != before.value:
            yield _changed(path, cell, before)
        elif cell.source is Source.WRITTEN and not as_strict(path, cell.value, before.value):
            yield _loosened(path, cell, before)
    yield from _dropped_approvals(layer, inherited, cells)


def _dropped_approvals(
    layer: Layer, inherited: Mapping[Path, Cell], cells: Mapping[Path, Cell]
) -> Iterator[LoosenedPolicy]:
    """A tier's approvals that a layer writes anew without one that it inherits."""
    for tier in layer.policy.approvals:
        for path, before in inherited.items():
            if path[:2] == (APPROVALS, str(tier)) and path not in cells:
                where = layer.places.get(f"{APPROVALS}.{tier}")
                yield LoosenedPolicy(
                    f"`{APPROVALS}.{tier}` leaves out an approval by {before.value!r}, which "
                    f"{before.where} asks for.",
                    where=where,
                    remedy=f"Add {{role: {before.value}}}: approvals can be added, not left out.",
                )


def _loosened(path: Path, cell: Cell, before: Cell) -> LoosenedPolicy:
    said = "by default " if before.source is Source.DEFAULT else ""
    name = path[1] if path[0] == REQUIREMENTS else None
    exception = f" for {name!r}" if name else ""
    return LoosenedPolicy(
        f"`{dotted(path)}` is {value_text(cell.value)} here, which is laxer than "
        f"{value_text(before.value)}, {said}at {before.where}.",
        where=cell.where,
        remedy=f"Delete it, or make it at least as strict: a policy only tightens what it builds "
        f"on. Where a version cannot meet it, ask for a waiver{exception}.",
    )


def _changed(path: Path, cell: Cell, before: Cell) -> ChangedRequirement:
    what = dotted(path[:3]) if path[2] == "equals" else dotted(path)
    return ChangedRequirement(
        f"`{what}` is {value_text(cell.value)} here, and {value_text(before.value)} at "
        f"{before.where}.",
        where=cell.where,
        remedy="Delete `check`, `with` and `when`: an inherited requirement keeps them, and a "
        "policy writes just what it tightens. Or give a requirement of your own another id.",
    )
