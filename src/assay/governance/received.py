"""Statements received from another log: what happened there, told here with its proof."""

from __future__ import annotations

from assay.errors import VerificationFailed
from assay.evidence.canonical import canonical
from assay.governance.events import STATEMENT_RECEIVED, Event, parse_entry
from assay.tlog.keys import VerifierKey, parse_verifier_key


class ReceivedMalformed(VerificationFailed):
    """An entry of a statement that was received contradicts itself."""

    code = "received.malformed"


def original(event: Event) -> Event:
    """The event of the other log, whose entry a `statement.received` carries.

    Raises:
        VerificationFailed: it is no event, or names other content than this one.
    """
    told = parse_entry(canonical(event.body["event"]))
    if not told.digests.items() <= event.digests.items():
        raise ReceivedMalformed("It names other content than the entry that was received.")
    said = (event.body["system"], event.body["version"])
    if (told.body.get("system"), told.body.get("version")) != said:
        raise ReceivedMalformed("It is about another version than the entry that was received.")
    if told.type == STATEMENT_RECEIVED or "statement" not in told.digests:
        raise ReceivedMalformed("What was received is no statement of the other log's own.")
    return told


def received_key(event: Event, name: str) -> VerifierKey:
    """A key of the other log, by its name in the body: "log_key" or "signed_by".

    Raises:
        VerificationFailed, ConfigurationError: it is none, or not of that log.
    """
    key = parse_verifier_key(str(event.body[name]))
    if key.name != event.body["origin"]:
        raise ReceivedMalformed(f"The key {key} is not of the log that it is said to sign.")
    return key
