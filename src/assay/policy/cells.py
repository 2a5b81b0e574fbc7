"""A policy taken apart into cells: every value at every tier, with where it comes from.

Each cell has an order of strictness, so that two policies can be compared and joined cell by
cell. Tiers are spelled out: a bar named at medium alone is a cell at medium, high and critical.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from assay.errors import Span
from assay.policy.canonical import TIERS
from assay.policy.policy import (
    ATTESTATION,
    EXPRESSION,
    Bar,
    Policy,
    Range,
    Requirement,
    WaiverRules,
)
from assay.policy.tiers import Tier, at_tier

Path = tuple[str, ...]
"""Where a value stands in a policy: ("requirements", "gap", "at_most", "high")."""

REQUIREMENTS: Final = "requirements"
APPROVALS: Final = "approvals"
WAIVERS: Final = "waivers"
BAR: Final = "bar"
"""The cell of a requirement that says which direction its bar has."""

NO_WAIVER: Final = timedelta(0)
"""How long a waiver may last at a tier that has none."""

ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)

WHAT_IS_ASKED: Final = ("check", EXPRESSION, "attest")
"""The keys of which a requirement writes one, unless it takes over an inherited one."""


class Source(IntEnum):
    """How a value came about; in order of how much a text says it."""

    DEFAULT = 0
    IMPLIED = 1
    WRITTEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value of a policy.

    Attributes:
        value: what it is; its type depends on the path.
        where: the text that says it: the value's own place, or what it follows from.
        source: whether a text says just this, or it follows from a lower tier's value, or it is
            a default and `where` is what encloses it.
    """

    value: Any
    where: Span
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a text wrote: where each value stands, and whether it builds on other policies."""

    places: Mapping[str, Span]
    file: str
    overlay: bool

    def says(self, path: str) -> bool:
        """Whether the text has that dotted path."""
        return path in self.places

    def locate(self, path: str) -> Span:
        """Where the value at a dotted path stands, or else what encloses it."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, Span(self.file, 1, 1))


def cells_of(policy: Policy, written: Written) -> dict[Path, Cell]:
    """Every value of a policy that its text says or, unless it is an overlay, implies."""
    found: dict[Path, Cell] = {}
    for path, value in (
        (("mode",), policy.mode),
        (("errors", "false_allow"), policy.errors.false_allow),
        (("errors", "false_deny"), policy.errors.false_deny),
        (("errors", "uses"), policy.errors.uses),
        (("max_excluded",), policy.max_excluded),
        ((WAIVERS, "renewals"), policy.waivers.renewals),
    ):
        dotted = ".".join(path)
        if written.says(dotted) or not written.overlay:
            source = Source.WRITTEN if written.says(dotted) else Source.DEFAULT
            found[path] = Cell(value=value, where=written.locate(dotted), source=source)
    found.update(_tiers(("max_age",), policy.max_age, written))
    found.update(_waivers(policy.waivers, written))
    found.update(_approvals(policy, written))
    for rule in policy.requirements:
        found.update(_requirement(rule, written))
    return found


def _tiers(path: Path, values: Mapping[Tier, Any], written: Written) -> Iterator[tuple[Path, Cell]]:
    """A cell for each tier that has a value, its own or a lower one's."""
    for tier in TIERS:
        named = max((item for item in values if item <= tier), default=None)
        if named is not None:
            where = written.locate(".".join((*path, str(named))))
            source = Source.WRITTEN if named is tier else Source.IMPLIED
            yield (*path, str(tier)), Cell(value=values[named], where=where, source=source)


def _approvals(policy: Policy, written: Written) -> Iterator[tuple[Path, Cell]]:
    """A cell for each approval: the second approver of a tier is another than the first."""
    for path, cell in _tiers((APPROVALS,), policy.approvals, written):
        roles = [item.role for item in cell.value]
        for index, role in enumerate(roles):
            number = str(roles[:index].count(role) + 1)
            yield (*path, role, number), Cell(value=role, where=cell.where, source=cell.source)


def _waivers(rules: WaiverRules, written: Written) -> Iterator[tuple[Path, Cell]]:
    """A cell for each tier: how long a waiver may last, none at all included, and who grants it."""
    for key, values, none in (
        ("longest", rules.longest, NO_WAIVER),
        ("granted_by", rules.granted_by, None),
    ):
        path = (WAIVERS, key)
        said = written.says(".".join(path))
        if not said and written.overlay:
            continue
        found = dict(_tiers(path, values, written))
        for tier in TIERS:
            inner = (*path, str(tier))
            if inner in found:
                cell = found[inner]
                yield inner, cell if said else replace(cell, source=Source.DEFAULT)
            elif none is not None and not written.overlay:
                yield (
                    inner,
                    Cell(value=none, where=written.locate(".".join(path)), source=Source.IMPLIED),
                )


def _requirement(rule: Requirement, written: Written) -> Iterator[tuple[Path, Cell]]:
    """A requirement that says what it asks is taken in full; else just what it writes."""
    path: Path = (REQUIREMENTS, rule.id)
    dotted = ".".join(path)
    full = any(written.says(f"{dotted}.{key}") for key in WHAT_IS_ASKED)
    home = rule.span or written.locate(dotted)
    yield path, Cell(value=rule.id, where=home, source=Source.WRITTEN)
    for inner, value in _single(rule):
        key = f"{dotted}.{_key(rule, inner)}"
        if written.says(key):
            yield (
                (*path, *inner),
                Cell(value=value, where=written.locate(key), source=Source.WRITTEN),
            )
        elif full:
            yield (*path, *inner), Cell(value=value, where=home, source=Source.DEFAULT)
    yield from _bar(path, rule.bar, written)
    yield from _tiers((*path, "max_age"), rule.max_age, written)
    yield from _insufficient(path, rule, written, full=full)
    for index, reference in enumerate(rule.satisfies):
        where = written.locate(f"{dotted}.satisfies.{index}")
        yield (
            (*path, "satisfies", reference),
            Cell(value=reference, where=where, source=Source.WRITTEN),
        )


def _single(rule: Requirement) -> Iterator[tuple[Path, Any]]:
    """The values of a requirement that are the same at every tier."""
    yield ("check",), rule.check
    for name, value in rule.parameters.items():
        yield ("with", name), value
    yield ("when",), rule.when
    yield (BAR,), None if rule.bar is None else rule.bar.direction
    yield ("required_from",), rule.required_from
    yield ("effective_from",), rule.effective_from or ALWAYS
    yield ("until",), rule.until or FOREVER
    for name in ("owner", "rationale", "basis", "laxer_because"):
        if (said := getattr(rule, name)) is not None:
            yield (name,), said


def _bar(path: Path, bar: Bar | None, written: Written) -> Iterator[tuple[Path, Cell]]:
    if bar is None or not written.says(".".join((*path, bar.direction.value))):
        return
    for inner, cell in _tiers((*path, bar.direction.value), bar.by_tier, written):
        where = bar.spans.get(Tier[inner[-1].upper()], cell.where)
        if isinstance(cell.value, Range):
            for end, value in (("low", cell.value.low), ("high", cell.value.high)):
                yield (*inner, end), Cell(value=value, where=where, source=cell.source)
        else:
            yield inner, Cell(value=cell.value, where=where, source=cell.source)


def _insufficient(
    path: Path, rule: Requirement, written: Written, *, full: bool
) -> Iterator[tuple[Path, Cell]]:
    """What `insufficient` does: in full with its defaults, or from the lowest tier named up."""
    dotted = ".".join((*path, "insufficient"))
    for tier in TIERS:
        value = rule.insufficient_at(tier) if full else at_tier(rule.insufficient, tier)
        if value is not None:
            named = tier in rule.insufficient and written.says(dotted)
            yield (
                (*path, "insufficient", str(tier)),
                Cell(
                    value=value,
                    where=written.locate(f"{dotted}.{tier}"),
                    source=Source.WRITTEN if named else Source.DEFAULT,
                ),
            )


def _key(rule: Requirement, inner: Path) -> str:
    """The key under which a text writes a value, by its path below the requirement."""
    keys: dict[Path, str] = {
        (BAR,): rule.bar.direction.value if rule.bar else BAR,
        ("required_from",): "requires",
    }
    if rule.check == EXPRESSION:
        keys.update({("check",): EXPRESSION, ("with", EXPRESSION): EXPRESSION})
    elif rule.check == ATTESTATION:
        keys.update({("check",): "attest", ("with", "asks"): "attest", ("with", "by"): "by"})
    return keys.get(inner, ".".join(inner))
