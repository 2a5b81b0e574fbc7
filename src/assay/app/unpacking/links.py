"""How a pack hangs together: decisions on policy and evidence, approvals on decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assay.app.unpacking.problems import PackLinkBroken
from assay.documents.packs.layout import ENVELOPE, STATEMENT, PackedEvent, entry_file
from assay.evidence.canonical import Json
from assay.evidence.statements import APPROVAL, TEST_RESULT, VERIFICATION_SUMMARY, Statement
from assay.governance import events
from assay.governance.events import Event
from assay.policy.policy import Outcome
from assay.policy.tiers import Tier

Claim = tuple[str, Json | object, Json | object]
"""What is compared, as the entry has it, and as the statement or an earlier entry has it."""

_OUTCOMES: Final = {item.value for item in Outcome}
_TIERS: Final = {str(item) for item in Tier}


@dataclass(frozen=True, slots=True)
class _Before:
    """The entries with a statement that came before one, by the statement's id."""

    evidence: Mapping[str, Event]
    decisions: Mapping[str, Event]


def check_links(
    entries: Sequence[PackedEvent], statement_of: Callable[[PackedEvent], Statement | None]
) -> None:
    """Check that each entry says what its statement says, and rests on what came before.

    Args:
        entries: the entries, by index.
        statement_of: the checked statement of an entry, if it has one.

    Raises:
        PackLinkBroken: the first entry that does not.
    """
    evidence: dict[str, Event] = {}
    decisions: dict[str, Event] = {}
    for item in entries:
        event, statement = item.event, statement_of(item)
        claims = _CLAIMS.get(event.type, _nothing)
        for what, stated, found in claims(event, statement, _Before(evidence, decisions)):
            if stated != found:
                raise PackLinkBroken(
                    f"Its {what} is not that of its statement, or of what it rests on.",
                    file=entry_file(item.index),
                )
        if event.type == events.EVIDENCE_RECORDED:
            evidence[event.digests[STATEMENT]] = event
        if event.type == events.DECISION_MADE:
            decisions[event.digests[STATEMENT]] = event


def _nothing(_event: Event, _statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    return iter(())


def _evaluation(event: Event, statement: Statement | None, _before: _Before) -> Iterator[Claim]:
    predicate = _predicate(statement)
    content = {name: value for name, value in event.digests.items() if name not in _ENVELOPED}
    yield "kind", TEST_RESULT, _kind(statement)
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
    result = "PASSED" if body["outcome"] == Outcome.ALLOW.value else "FAILED"
    yield "result", result, predicate.get("verificationResult")
    yield "policy", event.digests["policy"], _sha256(predicate.get("policy"))
    yield "evidence", [body["evidence"]], _all_sha256(predicate.get("inputAttestations"))
    yield "evidence", True, _among(body["evidence"], before.evidence)
    yield "tier", True, _among(body["tier"], _TIERS)
    for name in ("outcome", "mode", "tier", "basis", "system"):
        yield name, body[name], details.get(name)


def _approval(event: Event, statement: Statement | None, before: _Before) -> Iterator[Claim]:
    predicate, body = _predicate(statement), event.body
    seen = before.decisions.get(str(body["decision"]))
    yield "kind", APPROVAL, _kind(statement)
    for name in ("approver", "role", "basis"):
        yield name, body[name], predicate.get(name)
    yield "reason", event.digests["reason"], _sha256(predicate.get("reason"))
    yield "decision", [body["decision"]], _all_sha256(predicate.get("references"))
    yield "decision", True, seen is not None
    if seen is not None:
        yield "basis", body["basis"], seen.body["basis"]
        yield "policy", seen.digests["policy"], _sha256(predicate.get("policy"))


def _promotion(event: Event, _statement: Statement | None, before: _Before) -> Iterator[Claim]:
    yield "decision", True, _among(event.body["decision"], before.decisions)


_ENVELOPED: Final = {STATEMENT, ENVELOPE}

_CLAIMS: Final[Mapping[str, Callable[[Event, Statement | None, _Before], Iterator[Claim]]]] = {
    events.EVIDENCE_RECORDED: _evaluation,
    events.DECISION_MADE: _decision,
    events.APPROVAL_GIVEN: _approval,
    events.VERSION_PROMOTED: _promotion,
}


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
