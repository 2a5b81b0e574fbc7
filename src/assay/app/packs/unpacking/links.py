"""How a pack hangs together: decisions on policy and evidence, approvals on decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from assay.app.packs.unpacking.entries import About
from assay.app.packs.unpacking.problems import PackLinkBroken
from assay.documents.packs.layout import ENVELOPE, STATEMENT, PackedEvent, entry_file
from assay.evidence.canonical import Json
from assay.evidence.instants import parse_instant
from assay.evidence.statements import (
    APPROVAL,
    ATTESTATION,
    GATE_PASSED,
    PROVENANCE,
    TEST_RESULT,
    VERIFICATION_SUMMARY,
    WAIVER,
    Resource,
    Statement,
    subjects,
)
from assay.governance import events
from assay.governance.events import Event
from assay.governance.received import original
from assay.governance.stages import Needs
from assay.policy.policy import Mode, Outcome
from assay.policy.tiers import Tier

Claim = tuple[str, Json | object, Json | object]
"""What is compared, as the entry has it, and as the statement or an earlier entry has it."""

_OUTCOMES: Final = {item.value for item in Outcome}
_FIRST_STAGES: Final = {"development", "validation", "staging", "production"}
"""Of promotions without a stage before them, from a time when an organisation had no others."""

_TIERS: Final = {str(item) for item in Tier}


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known when an entry comes: its log and system, and earlier entries by statement."""

    origin: str
    system: str
    evidence: Mapping[str, Event]
    decisions: Mapping[str, Event]
    emergencies: Mapping[str, Event]
    waivers: Mapping[str, Event]


def check_links(
    entries: Sequence[PackedEvent],
    statement_of: Callable[[PackedEvent], Statement | None],
    *,
    about: About,
    origin: str,
) -> None:
    """Check that each entry says what its statement says, and rests on what came before.

    Args:
        entries: the entries, by index.
        statement_of: the checked statement of an entry, if it has one.
        about: the version that they are about.
        origin: the log's name.

    Raises:
        PackLinkBroken: the first entry that does not.
    """
    evidence: dict[str, Event] = {}
    decisions: dict[str, Event] = {}
    emergencies: dict[str, Event] = {}
    waivers: dict[str, Event] = {}
    before = _Before(origin, about.system, evidence, decisions, emergencies, waivers)
    # Decisions of other logs are not those of this one, and nothing here may rest on them.
    decided_elsewhere: dict[str, Event] = {}
    elsewhere = replace(before, decisions=decided_elsewhere)
    wanted = subjects(about.version, about.model)
    for item in entries:
        event, statement = item.event, statement_of(item)
        # What is about every version of a system has a statement about one of them.
        own = event.subject.startswith("version/")
        if statement is not None and own and not _same_subjects(statement.subjects, wanted):
            raise PackLinkBroken(
                "Its statement is about another version or model.", file=entry_file(item.index)
            )
        for what, stated, found in _claims(event, statement, before, elsewhere):
            if stated != found:
                raise PackLinkBroken(
                    f"Its {what} is not that of its statement, or of what it rests on.",
                    file=entry_file(item.index),
                )
        if event.type == events.STATEMENT_RECEIVED:
            event, decisions_known = original(event), decided_elsewhere
        else:
            decisions_known = decisions
        if event.type == events.EVIDENCE_RECORDED:
            evidence[event.digests[STATEMENT]] = event
        if event.type == events.DECISION_MADE:
            decisions_known[event.digests[STATEMENT]] = event
        if event.type == events.EMERGENCY_REQUESTED:
            emergencies[str(event.body["emergency"])] = event
        if event.type == events.WAIVER_REQUESTED:
            waivers[str(event.body["waiver"])] = event


def _same_subjects(found: Sequence[Resource], wanted: Sequence[Resource]) -> bool:
    """Whether the digests are those wanted: what admission matches by, and nothing besides."""
    return [dict(item.digest) for item in found] == [dict(item.digest) for item in wanted]


def _claims(
    event: Event, statement: Statement | None, before: _Before, elsewhere: _Before
) -> Iterator[Claim]:
    """What an entry claims; of another log's, its evaluations and decisions are looked at."""
    if event.type != events.STATEMENT_RECEIVED:
        return _CLAIMS.get(event.type, _nothing)(event, statement, before)
    told = original(event)
    if told.type not in {events.EVIDENCE_RECORDED, events.DECISION_MADE}:
        return _nothing(told, statement, elsewhere)
    there = replace(elsewhere, origin=str(event.body["origin"]))
    return _CLAIMS[told.type](told, statement, there)


def _nothing(_event: Event, _statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    return iter(())


def _evaluation(event: Event, statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    predicate = _predicate(statement)
    content = {name: value for name, value in event.digests.items() if name not in _ENVELOPED}
    yield "kind", TEST_RESULT, _kind(statement)
    yield "time", True, _by(event, predicate.get("assay_time"))
    yield "scores' origin", event.body["produced"], predicate.get("assay_produced")
    yield (
        "configuration",
        {"dataset": event.body["dataset"], **content},
        _digests(predicate.get("configuration")),
    )


def _decision(event: Event, statement: Statement | None, before: _Before) -> Iterator[Claim]:
    predicate, body = _predicate(statement), event.body
    details = _mapping(predicate.get("assay_details"))
    yield "kind", VERIFICATION_SUMMARY, _kind(statement)
    yield "outcome", True, _among(body["outcome"], _OUTCOMES)
    yield "outcome", body["outcome"], predicate.get("assay_decision")
    allowed = body["outcome"] == Outcome.ALLOW.value
    yield "result", "PASSED" if allowed else "FAILED", predicate.get("verificationResult")
    yield "result", [GATE_PASSED if allowed else "FAILED"], predicate.get("verifiedLevels")
    yield "time", True, _by(event, predicate.get("timeVerified"))
    yield "verifier", before.origin, _mapping(predicate.get("verifier")).get("id")
    # The same components may be gated again under another name, which is only a label.
    yield "system", True, str(predicate.get("resourceUri")).startswith(f"assay:{before.system}/")
    yield "policy", f"assay:policy/{body['policy']}", _mapping(predicate.get("policy")).get("uri")
    yield "policy", event.digests["policy"], _sha256(predicate.get("policy"))
    yield "evidence", [body["evidence"]], _all_sha256(predicate.get("inputAttestations"))
    yield "evidence", True, _among(body["evidence"], before.evidence)
    yield "tier", True, _among(body["tier"], _TIERS)
    for name in ("outcome", "mode", "tier", "basis", "system"):
        yield name, body[name], details.get(name)


def _provenance(event: Event, statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    run = _mapping(_predicate(statement).get("runDetails"))
    yield "kind", PROVENANCE, _kind(statement)
    yield "builder", event.body["builder"], _mapping(run.get("builder")).get("id")


def _approval(event: Event, statement: Statement | None, before: _Before) -> Iterator[Claim]:
    predicate, body = _predicate(statement), event.body
    seen = before.decisions.get(str(body["decision"]))
    yield "kind", APPROVAL, _kind(statement)
    yield "time", True, _by(event, predicate.get("timeApproved"))
    yield "decision", "approved", predicate.get("decision")
    for name in ("approver", "role", "basis"):
        yield name, body[name], predicate.get(name)
    yield "reason", event.digests["reason"], _sha256(predicate.get("reason"))
    yield "decision", [body["decision"]], _all_sha256(predicate.get("references"))
    yield "decision", True, seen is not None
    if seen is not None:
        yield "basis", body["basis"], seen.body["basis"]
        yield "policy", seen.digests["policy"], _sha256(predicate.get("policy"))


def _attestation(event: Event, statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    predicate, body = _predicate(statement), event.body
    yield "kind", ATTESTATION, _kind(statement)
    yield "time", True, _by(event, predicate.get("timeAttested"))
    yield "person", event.actor, predicate.get("attester")
    for name in ("role", "requirement", "asked"):
        yield name, body[name], predicate.get(name)
    yield "reason", event.digests["reason"], _sha256(predicate.get("reason"))


def _promotion(event: Event, _statement: Statement | None, before: _Before) -> Iterator[Claim]:
    decision = event.body["decision"]
    yield "decision", True, _among(decision, before.decisions)
    yield "stage", True, isinstance(event.body["stage"], str)
    if event.schema == 1:
        yield "stage", True, _among(event.body["stage"], _FIRST_STAGES)
    emergency = event.body.get("emergency", "")
    if emergency:
        yield "emergency", True, _among(emergency, before.emergencies)
        asked = before.emergencies[str(emergency)]
        same = [
            item
            for item in before.emergencies.values()
            if item.body["stage"] == event.body["stage"]
        ]
        yield "emergency", event.body["stage"], asked.body["stage"]
        yield "emergency", True, len({item.actor for item in same}) > 1
        return
    seen = before.decisions[str(decision)].body
    enforced = seen["mode"] == Mode.ENFORCE.value
    undenied = event.body.get("needs") == Needs.DECISION.value
    enough = {Outcome.ALLOW.value, Outcome.HOLD.value} if undenied else {Outcome.ALLOW.value}
    yield "decision", True, seen["outcome"] in enough or not enforced


def _waiver(event: Event, statement: Statement | None, before: _Before) -> Iterator[Claim]:
    predicate, waiver = _predicate(statement), str(event.body["waiver"])
    yield "kind", WAIVER, _kind(statement)
    yield "waiver", True, waiver in before.waivers
    asked = before.waivers[waiver]
    yield "time", True, _by(event, predicate.get("timeGranted"))
    yield "person", event.actor, predicate.get("approver")
    yield "person", True, event.actor != asked.actor
    yield "role", event.body["role"], predicate.get("role")
    yield "end", event.body["expires"], predicate.get("notAfter")
    yield "requirement", asked.body["requirement"], predicate.get("check")
    yield "scope", "version" if asked.body["version"] else "system", predicate.get("scope")
    for name in ("reason", "compensating"):
        yield name, asked.digests[name], _sha256(predicate.get(name))


_ENVELOPED: Final = {STATEMENT, ENVELOPE}

_CLAIMS: Final[Mapping[str, Callable[[Event, Statement | None, _Before], Iterator[Claim]]]] = {
    events.EVIDENCE_RECORDED: _evaluation,
    events.PROVENANCE_STATED: _provenance,
    events.DECISION_MADE: _decision,
    events.APPROVAL_GIVEN: _approval,
    events.ATTESTATION_GIVEN: _attestation,
    events.VERSION_PROMOTED: _promotion,
    events.WAIVER_GRANTED: _waiver,
}


def _by(event: Event, time: Json) -> bool:
    """Whether a statement is no younger than its event, which a clock set back can delay."""
    try:
        return isinstance(time, str) and parse_instant(time) <= event.time
    except ValueError:
        return False


def _among(value: Json, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


def _kind(statement: Statement | None) -> str | None:
    return statement.predicate_type if statement else None


def _predicate(statement: Statement | None) -> Mapping[str, Json]:
    return statement.predicate if statement else {}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _sha256(resource: Json) -> Json:
    """The SHA-256 of a resource descriptor, or None where it has none."""
    return _mapping(_mapping(resource).get("digest")).get("sha256")


def _all_sha256(resources: Json) -> list[Json] | None:
    return [_sha256(item) for item in resources] if isinstance(resources, list) else None


def _digests(resources: Json) -> dict[str, Json] | None:
    """The digests of named resources by their names; None if they are not such a list."""
    if not isinstance(resources, list):
        return None
    return {str(_mapping(item).get("name")): _sha256(item) for item in resources}
