"""The fold: records of state, made of events alone, one event at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from assay.evidence.canonical import Json
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing's state after an event, kept with the range of indices for which it holds.

    Attributes:
        kind: one of the KIND constants of this module.
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

WORKSPACE: Final = "workspace"
PERSON: Final = "person"
SYSTEM: Final = "system"
VERSION: Final = "version"
EVIDENCE: Final = "evidence"
DECISION: Final = "decision"
APPROVAL: Final = "approval"


def fold(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    """The records that an event changes, given those that stand. Pure and total.

    Every store of records, and every proof that a store is right, calls this one function.
    An event type that changes nothing here folds to nothing.
    """
    step = _STEPS.get(event.type)
    return step(event, index, lookup) if step else ()


def version_key(system: str, version: str) -> str:
    """The key of a version's record: a system may not speak for another's version."""
    return f"{system}/{version}"


def _workspace(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=WORKSPACE, key="", value=_stamped(event, index)),)


def _person(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = _stamped(event, index)
    return (Record(kind=PERSON, key=_text(event, "person"), value=value),)


def _system(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=SYSTEM, key=_text(event, "system"), value=_stamped(event, index)),)


def _version(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    system, version = _text(event, "system"), _text(event, "version")
    value = {**_stamped(event, index), "stage": "development", "decision": None}
    return (Record(kind=VERSION, key=version_key(system, version), parent=system, value=value),)


def _evidence(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(EVIDENCE, event, index),)


def _approval(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(APPROVAL, event, index),)


def _decision(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    decision = _below_version(DECISION, event, index)
    return (decision, *_amend_version(event, lookup, decision=event.digests["statement"]))


def _promoted(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    return _amend_version(event, lookup, stage=_text(event, "stage"))


_STEPS: Final[Mapping[str, Callable[[Event, int, Lookup], tuple[Record, ...]]]] = {
    events.WORKSPACE_OPENED: _workspace,
    events.PERSON_REGISTERED: _person,
    events.SYSTEM_DECLARED: _system,
    events.VERSION_REGISTERED: _version,
    events.EVIDENCE_RECORDED: _evidence,
    events.DECISION_MADE: _decision,
    events.APPROVAL_GIVEN: _approval,
    events.VERSION_PROMOTED: _promoted,
}


def _below_version(kind: str, event: Event, index: int) -> Record:
    parent = version_key(_text(event, "system"), _text(event, "version"))
    value = _stamped(event, index)
    return Record(kind=kind, key=event.digests["statement"], parent=parent, value=value)


def _amend_version(event: Event, lookup: Lookup, **changes: Json) -> tuple[Record, ...]:
    key = version_key(_text(event, "system"), _text(event, "version"))
    standing = lookup(VERSION, key)
    if standing is None:
        return ()
    value = {**standing.value, **changes}
    return (Record(kind=VERSION, key=key, parent=standing.parent, value=value),)


def _stamped(event: Event, index: int) -> dict[str, Json]:
    """A body with who, when and where in the journal."""
    return {
        **event.body,
        "digests": dict(event.digests),
        "actor": event.actor,
        "time": instant_text(event.time),
        "index": index,
    }


def _text(event: Event, name: str) -> str:
    return cast(str, cast(Mapping[str, Any], event.body)[name])
