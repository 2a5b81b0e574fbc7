"""What changed between two policies: field by field and tier by tier, and which way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from assay.errors import Span
from assay.policy.cells import APPROVALS, BAR, REQUIREMENTS, Cell, Path, Written, cells_of
from assay.policy.policy import Direction, Policy, Requirement, RequirementId
from assay.policy.spelling import value_text
from assay.policy.strictness import FIXED, FREE, as_strict, field_of
from assay.policy.tiers import Tier

_BY_TIER: Final = frozenset({*Direction, "insufficient", "max_age"})
"""The keys of a requirement whose values are by tier."""

_ALL: Final = "*"
"""In a path, in place of the tier: changes that are the same at several tiers are one."""


class Way(StrEnum):
    """Whether more is asked than before, or less, or something else."""

    STRICTER = "stricter"
    LAXER = "laxer"
    ADDED = "added"
    REMOVED = "removed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change.

    Attributes:
        way: what it does to the policy.
        requirement: whose it is; None where it is the policy's as a whole.
        field: the key that changed, such as "at_most" or "errors.false_allow"; "" where a
            whole requirement comes or goes.
        tiers: at which it changed; empty where the field does not depend on the tier.
        old, new: the values as a policy spells them; "not given" where there is none.
        where: the place in the new text, or in the old one of what is gone.
    """

    way: Way
    requirement: str | None
    field: str
    tiers: tuple[Tier, ...]
    old: str
    new: str
    where: Span | None


class _Effective(Written):
    """What a policy means rather than what its text says: every value counts as written."""

    def says(self, path: str) -> bool:  # noqa: ARG002 - every path is said
        return True


def difference(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Every change of meaning from one policy to another, the policy's own before requirements'.

    Requirements are told apart by id: a renamed one goes and comes. Owners and rationales are
    told too, since they say who answers for a bar. The policy's version is not.
    """
    before, after = _cells(old), _cells(new)
    rules = {rule.id: rule for rule in (*old.requirements, *new.requirements)}
    added = {rule.id for rule in new.requirements} - {rule.id for rule in old.requirements}
    removed = {rule.id for rule in old.requirements} - {rule.id for rule in new.requirements}
    changes = _changes(before, after, gone=added | removed)
    told = [
        _told(path, tiers, old=value, new=other, rules=rules)
        for (path, value, other), tiers in changes.items()
    ]
    whole = [
        *(_whole(Way.ADDED, rules[name]) for name in rules if name in added),
        *(_whole(Way.REMOVED, rules[name]) for name in rules if name in removed),
    ]
    return (*(item for item in told if item.requirement is None), *_by_rule(told, whole, rules))


def asked(rule: Requirement) -> str:
    """What a requirement asks, in a few words: its check, and its bar where that begins."""
    if rule.bar is None:
        return f"{rule.check} from tier {rule.required_from}"
    by_limit = groupby(sorted(rule.bar.by_tier.items()), key=itemgetter(1))
    limits = ", ".join(f"{_limit(limit)} from tier {next(own)[0]}" for limit, own in by_limit)
    return f"{rule.check} {rule.bar.direction} {limits}"


def _limit(limit: Any) -> str:
    pair = (getattr(limit, "low", limit), getattr(limit, "high", limit))
    return value_text(limit) if pair[0] is pair[1] else value_text(pair)


def _by_rule(
    told: list[Difference], whole: list[Difference], rules: Mapping[RequirementId, Requirement]
) -> Iterator[Difference]:
    for name in rules:
        yield from (item for item in (*whole, *told) if item.requirement == name)


def _cells(policy: Policy) -> dict[Path, Cell]:
    return cells_of(policy, _Effective(places={}, file=policy.name, overlay=False))


def _changes(
    before: Mapping[Path, Cell], after: Mapping[Path, Cell], *, gone: set[RequirementId]
) -> dict[tuple[Path, Any, Any], list[Tier]]:
    """The tiers of each change, by its path without the tier, its old and its new value."""
    found: dict[tuple[Path, Any, Any], list[Tier]] = {}
    for path in dict.fromkeys((*before, *after)):
        if path[0] == REQUIREMENTS and (path[1] in gone or len(path) == 2):
            continue
        old, new = _value(before.get(path)), _value(after.get(path))
        if old == new:
            continue
        place = _tier_place(path)
        if place is None:
            found[path, old, new] = []
        else:
            shared = (*path[:place], _ALL, *path[place + 1 :])
            found.setdefault((shared, old, new), []).append(Tier[path[place].upper()])
    return found


def _tier_place(path: Path) -> int | None:
    """Which part of a path is a tier."""
    if path[0] == REQUIREMENTS:
        return 3 if path[2] in _BY_TIER else None
    return 1 if path[0] in {APPROVALS, "max_age"} else None


def _value(cell: Cell | None) -> Any:
    return cell.value if cell else None


def _told(
    path: Path,
    tiers: list[Tier],
    *,
    old: Any,
    new: Any,
    rules: Mapping[RequirementId, Requirement],
) -> Difference:
    own = path[0] == REQUIREMENTS
    rule = rules[RequirementId(path[1])] if own else None
    fields = [part for part in (path[2:] if own else path) if part != _ALL]
    return Difference(
        way=_way(path, old, new),
        requirement=rule.id if rule else None,
        field=".".join(fields[:1] if fields[0] == APPROVALS else fields),
        tiers=tuple(tiers),
        old=value_text(old),
        new=value_text(new),
        where=_place(rule, tiers) if rule else None,
    )


def _place(rule: Requirement, tiers: list[Tier]) -> Span | None:
    spans = rule.bar.spans if rule.bar else {}
    return next((spans[tier] for tier in tiers if tier in spans), rule.span)


def _way(path: Path, old: Any, new: Any) -> Way:
    name = field_of(path)
    if name in FIXED or name in FREE or name in {BAR, "satisfies"}:
        return Way.OTHER
    if old is None or new is None:
        return Way.STRICTER if old is None else Way.LAXER
    return Way.STRICTER if as_strict(path, new, old) else Way.LAXER


def _whole(way: Way, rule: Requirement) -> Difference:
    words = asked(rule)
    return Difference(
        way=way,
        requirement=rule.id,
        field="",
        tiers=(),
        old=words if way is Way.REMOVED else "not given",
        new=words if way is Way.ADDED else "not given",
        where=rule.span,
    )
