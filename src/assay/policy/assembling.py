"""A policy put together again from its cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.errors import Span
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
)
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    ErrorBudget,
    Limit,
    Policy,
    Range,
    Requirement,
    RequirementId,
    WaiverRules,
)
from assay.policy.tiers import Tier

Cells = Mapping[Path, Cell]


def policy_of(cells: Cells, *, name: str, version: str) -> Policy:
    """The policy that some cells make, without its digest.

    Args:
        cells: of at least one policy that stands alone.
        name: its name.
        version: its version.
    """
    approvals: dict[Tier, tuple[Approver, ...]] = {}
    for path, cell in cells.items():
        if path[0] == APPROVALS:
            tier = _tier(path[1])
            approvals[tier] = (*approvals.get(tier, ()), Approver(role=cell.value))
    rules: dict[str, dict[Path, Cell]] = {}
    for path, cell in cells.items():
        if path[0] == REQUIREMENTS:
            rules.setdefault(path[1], {})[path[2:]] = cell
    return Policy(
        name=name,
        version=version,
        digest="",
        requirements=tuple(_requirement(identifier, inner) for identifier, inner in rules.items()),
        errors=ErrorBudget(
            false_allow=cells["errors", "false_allow"].value,
            false_deny=cells["errors", "false_deny"].value,
            uses=cells["errors", "uses"].value,
        ),
        approvals=dict(sorted(approvals.items())),
        mode=cells[("mode",)].value,
        max_age=_by_tier(cells, "max_age"),
        max_excluded=cells[("max_excluded",)].value,
        waivers=_waiver_rules(cells),
    )


def _waiver_rules(cells: Cells) -> WaiverRules:
    below = {path[1:]: cell for path, cell in cells.items() if path[0] == WAIVERS}
    longest = _by_tier(below, "longest")
    return WaiverRules(
        longest=_named({tier: value for tier, value in longest.items() if value != NO_WAIVER}),
        granted_by=_named(_by_tier(below, "granted_by")),
        renewals=below[("renewals",)].value,
    )


def _named(values: Mapping[Tier, Any]) -> dict[Tier, Any]:
    """Values by tier without those that repeat the next lower tier's."""
    return {
        tier: value
        for tier, value in values.items()
        if tier is Tier.LOW or value != values.get(Tier(tier - 1))
    }


def _requirement(identifier: str, cells: Cells) -> Requirement:
    def one(key: str) -> Any:
        found = cells.get((key,))
        return found.value if found else None

    effective_from, until = one("effective_from"), one("until")
    direction = one(BAR)
    return Requirement(
        id=RequirementId(identifier),
        check=one("check"),
        parameters={path[1]: cell.value for path, cell in cells.items() if path[:1] == ("with",)},
        bar=None if direction is None else _bar(cells, direction),
        required_from=one("required_from"),
        when=one("when"),
        effective_from=None if effective_from == ALWAYS else effective_from,
        until=None if until == FOREVER else until,
        max_age=_by_tier(cells, "max_age"),
        insufficient=_by_tier(cells, "insufficient"),
        satisfies=tuple(path[1] for path in cells if path[:1] == ("satisfies",)),
        owner=one("owner"),
        rationale=one("rationale"),
        laxer_because=one("laxer_because"),
        basis=one("basis"),
        span=cells[()].where,
    )


def _bar(cells: Cells, direction: Direction) -> Bar:
    below = {path[1:]: cell for path, cell in cells.items() if path[:1] == (direction.value,)}
    limits: dict[Tier, Limit] = {}
    spans: dict[Tier, Span] = {}
    for path, cell in below.items():
        tier = _tier(path[0])
        if path[1:] == ("high",):
            continue  # told with the lower end
        ends = path[1:] == ("low",)
        limits[tier] = (
            Range(low=cell.value, high=below[path[0], "high"].value) if ends else cell.value
        )
        spans[tier] = cell.where
    return Bar(direction=direction, by_tier=dict(sorted(limits.items())), spans=spans)


def _by_tier(cells: Cells, key: str) -> dict[Tier, Any]:
    found = {_tier(path[1]): cell.value for path, cell in cells.items() if path[:1] == (key,)}
    return dict(sorted(found.items()))


def _tier(name: str) -> Tier:
    return Tier[name.upper()]
