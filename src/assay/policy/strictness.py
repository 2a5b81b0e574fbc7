"""How strict the values of a policy are: each field has an order, and the stricter value stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import ge, le
from typing import Any, Final

from assay.policy.cells import BAR, REQUIREMENTS, WAIVERS, Path
from assay.policy.policy import Mode, Outcome

# Whether the first value is at least as strict as the second, by the name of the field.
_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "at_least": ge,
    "at_most": le,
    "effective_from": le,
    "false_allow": le,
    "false_deny": ge,
    "high": le,
    "insufficient": lambda first, second: _rank(Outcome, first) >= _rank(Outcome, second),
    "longest": le,
    "low": ge,
    "max_age": le,
    "max_excluded": le,
    "mode": lambda first, second: _rank(Mode, first) <= _rank(Mode, second),
    "renewals": le,
    "required_from": le,
    "until": ge,
    "uses": ge,
    # What always applies asks for more than what has a condition; two conditions have no order.
    "when": lambda first, second: first is None or first == second,
}

FIXED: Final = frozenset({"check", "with", "when", BAR, "equals"})
"""What says which figure is judged: a layer that builds on it may repeat it, no more."""

GRANTED_BY: Final = "granted_by"
"""Who grants waivers: roles have no order, so the first layer that says so decides."""

FREE: Final = frozenset({"owner", "rationale", "basis", "laxer_because"})
"""What says who and why: the last layer that says so is heard."""


def field_of(path: Path) -> str:
    """The name of the field that a path leads to, which has the order."""
    if path[0] == REQUIREMENTS:
        return "between" if "between" in path[2:] else (path[2] if len(path) > 2 else REQUIREMENTS)
    return path[1] if path[0] in {"errors", WAIVERS} else path[0]


def as_strict(path: Path, first: Any, second: Any) -> bool:
    """Whether the first value at a path is at least as strict as the second."""
    name = field_of(path)
    order = _ORDERS.get(path[-1] if name == "between" else name)
    if order is not None:
        return order(first, second)
    # What is fixed or merely present is equal, or a problem that is told; of what is free the
    # last is heard.
    return name not in FREE or bool(first == second)


def _rank(order: type[Mode] | type[Outcome], value: Any) -> int:
    return list(order).index(value)
