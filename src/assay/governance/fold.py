"""The fold: records of state, made of events alone, one event at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, cast

import msgspec
from msgspec.structs import replace

from assay.evidence.canonical import Json
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.events import Event
from assay.governance.upcasting import upcast


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing's state after an event, kept with the range of indices for which it holds.

    Attributes:
        kind: one of the KIND constants of this module.
        parent: the key it is listed under ("" for none), such as a version's system.
        key: unique within the kind, below the parent.
        value: canonical JSON content.
        plain: whether that is what one event tells and no more (`stamped`), so that a store
            need not keep it again.
    """

    kind: str
    parent: str = ""
    key: str
    value: Mapping[str, Json] = {}
    plain: bool = False

    @property
    def names(self) -> Names:
        """Which record it is."""
        return self.kind, self.parent, self.key


Names = tuple[str, str, str]
"""A record's kind, parent and key, by which it is found and ordered."""


class Lookup(Protocol):
    """The current record of a kind and key, below a parent."""

    def __call__(self, kind: str, key: str, parent: str = "", /) -> Record | None:
        """The record, if there is one."""
        ...


FOLD_VERSION: Final = 3
"""Raised when old events fold to other records than before: stored ones are then made anew.

A new type of event, which no journal holds yet, raises nothing.
"""

WORKSPACE: Final = "workspace"
LOG_KEY: Final = "log_key"
PERSON: Final = "person"
ERASURE: Final = "erasure"
SYSTEM: Final = "system"
PORTFOLIO: Final = "portfolio"
"""A system's line in the portfolio: what stands of its versions, so that many are read fast."""

ASSET: Final = "asset"
INTAKE: Final = "intake"
VERSION: Final = "version"
EVIDENCE: Final = "evidence"
RECEIVED: Final = "received"
PROVENANCE: Final = "provenance"
DECISION: Final = "decision"
APPROVAL: Final = "approval"
ATTESTATION: Final = "attestation"
REVIEW: Final = "review"
COMMENT: Final = "comment"
DELEGATION: Final = "delegation"
FINDING: Final = "finding"
WAIVER: Final = "waiver"
MOVE: Final = "move"
EMERGENCY: Final = "emergency"
ROLE: Final = "role"
TOKEN: Final = "token"  # noqa: S105 - a kind of record, not a secret
BREACH: Final = "breach"


def fold(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    """The records that an event changes, given those that stand. Pure and total.

    Every store of records, and every proof that a store is right, calls this one function.
    An event type that changes nothing here folds to nothing.
    """
    step = _STEPS.get(event.type)
    return step(upcast(event), index, lookup) if step else ()


def version_key(system: str, version: str) -> str:
    """The key of a version's record: a system may not speak for another's version."""
    return f"{system}/{version}"


def stamped(event: Event, index: int) -> dict[str, Json]:
    """An upcast event's body with who, when and where in the journal."""
    return {
        **event.body,
        "digests": dict(event.digests),
        "actor": event.actor,
        "time": instant_text(event.time),
        "index": index,
    }


def _workspace(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=WORKSPACE, key="", value=stamped(event, index)),)


def _log_key(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=LOG_KEY, key=_text(event, "new"), value=stamped(event, index)),)


def _erasure(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=ERASURE, key=_text(event, "content"), value=stamped(event, index)),)


def _person(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = stamped(event, index)
    return (Record(kind=PERSON, key=_text(event, "person"), value=value),)


def _system(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    key = _text(event, "system")
    standing = lookup(SYSTEM, key)
    kept = {
        name: standing.value[name]
        for name in ("status", "retain_until", "reviewed_at")
        if standing is not None and name in standing.value
    }
    return (Record(kind=SYSTEM, key=key, value={**stamped(event, index), **kept}),)


def _system_reviewed(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    standing = lookup(SYSTEM, _text(event, "system"))
    return () if standing is None else (_amended(standing, event, reviewed_at=_time(event)),)


def _asset(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (Record(kind=ASSET, key=_text(event, "asset"), value=stamped(event, index)),)


def _intake(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = {**stamped(event, index), "reviewed_by": None, "reviewed_at": None}
    return (Record(kind=INTAKE, key=_text(event, "system"), value=value),)


def _intake_reviewed(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    standing = lookup(INTAKE, _text(event, "system"))
    if standing is None or standing.value["intake"] != event.body["intake"]:
        return ()
    return (_amended(standing, event, reviewed_by=event.actor, reviewed_at=_time(event)),)


def _version(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    system, version = _text(event, "system"), _text(event, "version")
    value = {**stamped(event, index), "stage": "development", "decision": None}
    record = Record(kind=VERSION, key=version_key(system, version), parent=system, value=value)
    return (record, _line(event, lookup, record))


def _evidence(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(EVIDENCE, event, index),)


def _provenance(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(PROVENANCE, event, index),)


def _received(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    """Evidence of another log is evidence here; its decisions and approvals only are known."""
    told = event.body["event"]
    if not isinstance(told, Mapping) or not isinstance(told.get("body"), Mapping):
        return ()
    kind = EVIDENCE if told.get("type") == events.EVIDENCE_RECORDED else RECEIVED
    key = event.digests["statement"]
    parent = version_key(_text(event, "system"), _text(event, "version"))
    if lookup(kind, key, parent) is not None:
        return ()
    value: dict[str, Json] = {
        **cast(Mapping[str, Json], told["body"]),
        "digests": dict(event.digests),
        "actor": told.get("actor"),
        "time": told.get("time"),
        "index": index,
        "received": {
            name: event.body[name] for name in ("origin", "log_key", "signed_by", "index")
        },
        "kind": told.get("type"),
    }
    return (Record(kind=kind, parent=parent, key=key, value=value),)


def _approval(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(APPROVAL, event, index),)


def _attestation(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_below_version(ATTESTATION, event, index),)


def _decision(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    decision = _below_version(DECISION, event, index)
    version = _amend_version(event, lookup, decision=event.digests["statement"])
    return (decision, *version, *(_line(event, lookup, item) for item in version))


def _promoted(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    promoted = _amend_version(event, lookup, stage=_text(event, "stage"))
    parent = version_key(_text(event, "system"), _text(event, "version"))
    standing = lookup(EMERGENCY, _text(event, "emergency"), parent)
    used = () if standing is None else (_amended(standing, event, state="used"),)
    lines = tuple(_line(event, lookup, item) for item in promoted)
    moves = tuple(_move(event, index, _text(event, "stage")) for _ in promoted)
    if used:
        lines = tuple(_count(line, "emergencies") for line in lines)
    return (*promoted, *used, *lines, *moves)


def _retired(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    retired = _amend_version(
        event, lookup, stage="retired", retain_until=_text(event, "retain_until")
    )
    lines = tuple(_line(event, lookup, item) for item in retired)
    return (*retired, *lines, *(_move(event, index, "retired") for _ in retired))


def _system_retired(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    standing = lookup(SYSTEM, _text(event, "system"))
    if standing is None:
        return ()
    retain_until = _text(event, "retain_until")
    return (_amended(standing, event, status="retired", retain_until=retain_until),)


def _review(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_of_version(REVIEW, _text(event, "review"), event, index),)


def _comment(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    return (_of_version(COMMENT, f"{index:020d}", event, index),)


def _breach(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    record = _of_version(BREACH, f"{index:020d}", event, index)
    return (record, *_counted(lookup, _text(event, "system"), "breaches"))


def _emergency(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    record = _of_version(EMERGENCY, _text(event, "emergency"), event, index)
    return (replace(record, value={**record.value, "state": "requested"}),)


def _delegation(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = {**stamped(event, index), "state": "given"}
    return (Record(kind=DELEGATION, key=_text(event, "delegation"), value=value),)


def _delegation_ended(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    return _amend(DELEGATION, _text(event, "delegation"), event, lookup, state="ended")


def _finding(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = {**stamped(event, index), "state": "open"}
    key, parent = _text(event, "finding"), _text(event, "system")
    return (Record(kind=FINDING, key=key, parent=parent, value=value),)


def _finding_closed(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    state = _text(event, "how")
    closed = _amend(FINDING, _text(event, "finding"), event, lookup, state=state)
    if not closed or state != "overridden":
        return closed
    return (*closed, *_counted(lookup, _text(event, "system"), "overrides"))


def _role(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    person, role = _text(event, "person"), _text(event, "role")
    held = event.type == events.ROLE_GRANTED
    value = {**stamped(event, index), "held": held}
    return (Record(kind=ROLE, key=f"{person}/{role}", parent=person, value=value),)


def _token(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = {**stamped(event, index), "state": "issued"}
    return (Record(kind=TOKEN, key=_text(event, "token"), value=value),)


def _token_revoked(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    standing = lookup(TOKEN, _text(event, "token"))
    return () if standing is None else (_amended(standing, event, state="revoked"),)


def _linked(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    standing = lookup(PERSON, _text(event, "person"))
    if standing is None:
        return ()
    changes: dict[str, Json] = {"same_as": _text(event, "same_as"), "linked_index": index}
    return (_amended(standing, event, **changes),)


def _waiver(event: Event, index: int, _lookup: Lookup) -> tuple[Record, ...]:
    value = {**stamped(event, index), "state": "requested"}
    key, parent = _text(event, "waiver"), _text(event, "system")
    return (Record(kind=WAIVER, key=key, parent=parent, value=value),)


def _waiver_granted(event: Event, index: int, lookup: Lookup) -> tuple[Record, ...]:
    granted = _amend(
        WAIVER,
        _text(event, "waiver"),
        event,
        lookup,
        state="granted",
        granted_by=event.actor,
        granted_at=_time(event),
        granted_index=index,
        role=_text(event, "role"),
        expires=_text(event, "expires"),
    )
    if not granted:
        return ()
    return (*granted, *_counted(lookup, _text(event, "system"), "waivers"))


def _waiver_ended(event: Event, _index: int, lookup: Lookup) -> tuple[Record, ...]:
    return _amend(WAIVER, _text(event, "waiver"), event, lookup, state="ended")


_STEPS: Final[Mapping[str, Callable[[Event, int, Lookup], tuple[Record, ...]]]] = {
    events.WORKSPACE_OPENED: _workspace,
    events.KEY_ROTATED: _log_key,
    events.BLOB_ERASED: _erasure,
    events.PERSON_REGISTERED: _person,
    events.SYSTEM_DECLARED: _system,
    events.SYSTEM_REVIEWED: _system_reviewed,
    events.ASSET_DECLARED: _asset,
    events.INTAKE_SUBMITTED: _intake,
    events.INTAKE_REVIEWED: _intake_reviewed,
    events.VERSION_REGISTERED: _version,
    events.EVIDENCE_RECORDED: _evidence,
    events.PROVENANCE_STATED: _provenance,
    events.STATEMENT_RECEIVED: _received,
    events.DECISION_MADE: _decision,
    events.APPROVAL_GIVEN: _approval,
    events.ATTESTATION_GIVEN: _attestation,
    events.VERSION_PROMOTED: _promoted,
    events.VERSION_RETIRED: _retired,
    events.VERSION_BREACHED: _breach,
    events.SYSTEM_RETIRED: _system_retired,
    events.EMERGENCY_REQUESTED: _emergency,
    events.REVIEW_GIVEN: _review,
    events.COMMENT_ADDED: _comment,
    events.DELEGATION_GIVEN: _delegation,
    events.DELEGATION_ENDED: _delegation_ended,
    events.FINDING_RAISED: _finding,
    events.FINDING_CLOSED: _finding_closed,
    events.ROLE_GRANTED: _role,
    events.ROLE_REVOKED: _role,
    events.TOKEN_ISSUED: _token,
    events.TOKEN_REVOKED: _token_revoked,
    events.PERSON_LINKED: _linked,
    events.WAIVER_REQUESTED: _waiver,
    events.WAIVER_GRANTED: _waiver_granted,
    events.WAIVER_ENDED: _waiver_ended,
}


def _below_version(kind: str, event: Event, index: int) -> Record:
    parent = version_key(_text(event, "system"), _text(event, "version"))
    key, value = event.digests["statement"], stamped(event, index)
    return Record(kind=kind, parent=parent, key=key, value=value, plain=True)


def _line(event: Event, lookup: Lookup, version: Record) -> Record:
    """The portfolio's line of a system, after an event about one of its versions.

    `advanced` holds, by name, the versions that have left development and are not retired.
    """
    standing = lookup(PORTFOLIO, version.parent)
    value: dict[str, Json] = dict(standing.value) if standing else {"versions": 0, "advanced": {}}
    name, stage = cast(str, version.value["name"]), cast(str, version.value["stage"])
    if event.type == events.VERSION_REGISTERED:
        value["versions"] = cast(int, value["versions"]) + 1
    digest = cast(str, version.value["version"])
    advanced = dict(cast(Mapping[str, Json], value["advanced"]))
    advanced.pop(digest, None)
    if stage not in ("development", "retired"):  # In a hostile pack it may be anything.
        advanced[digest] = {"name": name, "stage": stage}
    value["advanced"] = advanced
    value["latest"] = name
    if event.type == events.DECISION_MADE:
        value["outcome"] = _text(event, "outcome")
    return Record(kind=PORTFOLIO, key=version.parent, value=value)


def _count(line: Record, name: str) -> Record:
    """A portfolio's line with one more of what is counted over a system's life."""
    return replace(line, value={**line.value, name: cast(int, line.value.get(name, 0)) + 1})


def _counted(lookup: Lookup, system: str, name: str) -> tuple[Record, ...]:
    line = lookup(PORTFOLIO, system)
    return () if line is None else (_count(line, name),)


def _move(event: Event, index: int, stage: str) -> Record:
    """A version's step to another stage, kept beside where it stands."""
    record = _of_version(MOVE, f"{index:020d}", event, index)
    return replace(record, value={**record.value, "stage": stage})


def _of_version(kind: str, key: str, event: Event, index: int) -> Record:
    """A record below the version that an event is about."""
    parent = version_key(_text(event, "system"), _text(event, "version"))
    return Record(kind=kind, key=key, parent=parent, value=stamped(event, index))


def _amend(
    kind: str, key: str, event: Event, lookup: Lookup, **changes: Json
) -> tuple[Record, ...]:
    """A standing record of the system that the event is about, changed; none stands: nothing."""
    parent = event.body.get("system", "")
    standing = lookup(kind, key, parent) if isinstance(parent, str) else None
    return () if standing is None else (_amended(standing, event, **changes),)


def _amended(standing: Record, event: Event, **changes: Json) -> Record:
    """A record with changes, who made the last, when, and the digests that came with it."""
    digests = {**cast(Mapping[str, str], standing.value["digests"]), **event.digests}
    latest: dict[str, Json] = {
        "changed_by": event.actor,
        "changed_at": _time(event),
        "digests": digests,
    }
    return replace(standing, value={**standing.value, **changes, **latest})


def _amend_version(event: Event, lookup: Lookup, **changes: Json) -> tuple[Record, ...]:
    system = _text(event, "system")
    key = version_key(system, _text(event, "version"))
    standing = lookup(VERSION, key, system)
    if standing is None:
        return ()
    value = {**standing.value, **changes}
    return (Record(kind=VERSION, parent=system, key=key, value=value),)


def _time(event: Event) -> str:
    return instant_text(event.time)


def _text(event: Event, name: str) -> str:
    body: Mapping[str, Any] = event.body
    text: str = body[name]
    return text
