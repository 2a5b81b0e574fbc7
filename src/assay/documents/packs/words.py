"""Events in a sentence each, for people who read a pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assay.documents.visible import visible
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.erasure import GROUND_WORDS
from assay.governance.events import Event

Body = Mapping[str, Json]


def told(event: Event) -> str:
    """What an event says, in plain words; a kind without a sentence here says its name."""
    sentence = _SENTENCES.get(event.type)
    return visible(sentence(event.body) if sentence else event.type)


def _person(body: Body) -> str:
    known = "taken at their word" if body["asserted"] else "known by a login"
    return f"Person {body['person']} is introduced, {known}"


def _erasure(body: Body) -> str:
    grounds = {item.value: words for item, words in GROUND_WORDS.items()}
    why = grounds.get(str(body["ground"]), "for no known reason")
    return f"The {body['name']} {str(body['content'])[:12]}… is erased: {why}"


def _system(body: Body) -> str:
    return f"The system is declared, tier {body['tier']} ({body['tier_source']})"


def _version(body: Body) -> str:
    return f"Version {body['name']} is registered; its author is person {body['author']}"


def _evidence(body: Body) -> str:
    return (
        f"An evaluation is recorded, on the data with SHA-256 {str(body['dataset'])[:12]}…; "
        f"scores {body['produced']}"
    )


def _received(body: Body) -> str:
    told = body["event"]
    kind = told.get("type") if isinstance(told, Mapping) else ""
    return f"A statement ({kind}) is taken in from the log {body['origin']}, entry {body['index']}"


def _decision(body: Body) -> str:
    said = {"allow": "allowed", "hold": "put on hold", "deny": "denied"}
    outcome = said.get(str(body["outcome"]), str(body["outcome"]))
    return f"The version is {outcome}, at tier {body['tier']}, by policy {body['policy']}"


def _approval(body: Body) -> str:
    return f"Person {body['approver']} approves as {body['role']}"


def _attestation(body: Body) -> str:
    return f"Someone attests {body['requirement']} as {body['role']}"


def _promotion(body: Body) -> str:
    return f"The version is promoted to {body['stage']}"


_SENTENCES: Final[Mapping[str, Callable[[Body], str]]] = {
    events.WORKSPACE_OPENED: lambda _: "The log is opened under its key",
    events.KEY_ROTATED: lambda _: "The log is handed on to another key",
    events.BLOB_ERASED: _erasure,
    events.PERSON_REGISTERED: _person,
    events.SYSTEM_DECLARED: _system,
    events.VERSION_REGISTERED: _version,
    events.EVIDENCE_RECORDED: _evidence,
    events.PROVENANCE_STATED: lambda body: f"The version is said to come from {body['builder']}",
    events.STATEMENT_RECEIVED: _received,
    events.DECISION_MADE: _decision,
    events.APPROVAL_GIVEN: _approval,
    events.ATTESTATION_GIVEN: _attestation,
    events.VERSION_PROMOTED: _promotion,
}
