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
from assay.policy.spelling import dotted, said_at
from assay.policy.strictness import FIXED, FREE, GRANTED_BY, as_strict, field_of


class LoosenedPolicy(ConfigurationError):
    """A policy asks for less than one that it builds on."""

    code = "policy.loosened"


class ChangedPolicy(ConfigurationError):
    """A policy changes what has no order: what a requirement measures, or who grants waivers."""

    code = "policy.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One policy among those that are merged.

    Attributes:
        name: what people call it: a file's path as written, or a ready policy's name.
        policy: as loaded, with what it takes over of inherited requirements filled in.
        places: where each value that it writes stands, by dotted path ("errors.false_allow").
        overlay: whether what it leaves out is for those beneath it to say; a policy that stands
            alone says it by its defaults.
        beneath: the names of the layers that it builds on, which it must not loosen. Layers of
            which neither builds on the other are merged without complaint.
    """

    name: str
    policy: Policy
    places: Mapping[str, Span] = field(default_factory=dict[str, Span])
    overlay: bool = False
    beneath: frozenset[str] = frozenset()

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
    taken: dict[str, dict[Path, Cell]] = {}
    for layer in layers:
        cells = taken[layer.name] = layer.cells()
        inherited: dict[Path, Cell] = {}
        for name, below in taken.items():
            if name in layer.beneath:
                inherited = joined(inherited, below)
        problems += _changes(merged, inherited, cells)
        problems += _loosenings(layer, inherited, cells)
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
    if field_of(path) in FREE:
        return True
    if later.value == earlier.value:
        return later.source > earlier.source
    return not as_strict(path, earlier.value, later.value)


def _changes(
    merged: Mapping[Path, Cell], inherited: Mapping[Path, Cell], cells: Mapping[Path, Cell]
) -> Iterator[ChangedPolicy]:
    """Where two layers, in whatever order, mean two things by one requirement.

    Of two of which neither builds on the other, one may ask always what the other asks under a
    condition; then it is asked always.
    """
    for path, cell in cells.items():
        before = inherited.get(path) or merged.get(path)
        if before is None or before.value == cell.value:
            continue
        name = field_of(path)
        if name == "when" and path not in inherited and None in {before.value, cell.value}:
            continue
        if name in FIXED or (name == GRANTED_BY and cell.source is Source.WRITTEN):
            yield _changed(path, cell, before)


def _loosenings(
    layer: Layer, inherited: Mapping[Path, Cell], cells: Mapping[Path, Cell]
) -> Iterator[LoosenedPolicy]:
    for path, cell in cells.items():
        before = inherited.get(path)
        if before is None or cell.source is not Source.WRITTEN or field_of(path) in {*FREE, *FIXED}:
            continue
        if not as_strict(path, cell.value, before.value):
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
    exception = f" Where a version cannot meet it, ask for a waiver of {name!r}." if name else ""
    return LoosenedPolicy(
        f"`{dotted(path)}` is {said_at(path, cell.value)} here, which is laxer than "
        f"{said_at(path, before.value)}, {said}at {before.where}.",
        where=cell.where,
        remedy="Delete it, or make it at least as strict: a policy only tightens what it builds on."
        f"{exception}",
    )


def _changed(path: Path, cell: Cell, before: Cell) -> ChangedPolicy:
    return ChangedPolicy(
        f"`{dotted(path)}` is {said_at(path, cell.value)} here, and "
        f"{said_at(path, before.value)} at {before.where}.",
        where=cell.where,
        remedy="Delete it: an inherited requirement keeps `check`, `with` and `when`, and a policy "
        "writes just what it tightens. Or give a requirement of your own another id."
        if path[0] == REQUIREMENTS
        else "Delete it: the policy that others build on decides.",
    )
