"""The fold: records of state, made of events alone, one event at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assay.evidence.canonical import Json
from assay.governance.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing's state after an event, keyed by kind and key; a journal's store keeps it
    with the range of indices for which it holds.

    Attributes:
        kind: "workspace", "person", "system", "version", "decision", "approval".
        key: unique within the kind.
        parent: the key it is listed under ("" for none), such as a version's system.
        value: canonical JSON content.
    """

    kind: str
    key: str
    parent: str = ""
    value: Mapping[str, Json] = field(default_factory=dict[str, Json])


Lookup = Callable[[str, str], Record | None]
"""The current record of a kind and key."""


def fold(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    """The records that an event changes, given those that stand. Pure and total.

    Every store of records, and every proof that a store is right, calls this one function.
    """
