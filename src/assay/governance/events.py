"""Events: every change of state, as the journal keeps it for ever.

An event is canonical JSON of at most 64 KiB, without floats and without personal data:
people are opaque ids, free text and names are erasable blobs under salted digests.
An old schema version always loads; `governance.fold` makes state of events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NewType

import msgspec

from assay.errors import InvalidArgument, VerificationFailed
from assay.evidence.canonical import Json, canonical
from assay.evidence.instants import instant_text

PersonId = NewType("PersonId", str)

KEY_SUBJECT: Final = "workspace/key"
"""The subject of the events that hand the log on to another key."""

EVENT_BYTES_MAX: Final = 64 * 1024 - 1
"""A tile's entry bundle gives an entry's length in 16 bits."""

WORKSPACE_OPENED: Final = "workspace.opened"
KEY_ROTATED: Final = "key.rotated"
PERSON_REGISTERED: Final = "person.registered"
BLOB_ERASED: Final = "blob.erased"
CLOCK_SET_BACK: Final = "clock.set_back"
SYSTEM_DECLARED: Final = "system.declared"
SYSTEM_REVIEWED: Final = "system.reviewed"
ASSET_DECLARED: Final = "asset.declared"
INTAKE_SUBMITTED: Final = "intake.submitted"
INTAKE_REVIEWED: Final = "intake.reviewed"
VERSION_REGISTERED: Final = "version.registered"
EVIDENCE_RECORDED: Final = "evidence.recorded"
PROVENANCE_STATED: Final = "provenance.stated"
STATEMENT_RECEIVED: Final = "statement.received"
DECISION_MADE: Final = "decision.made"
APPROVAL_GIVEN: Final = "approval.given"
VERSION_PROMOTED: Final = "version.promoted"
VERSION_RETIRED: Final = "version.retired"
VERSION_BREACHED: Final = "version.breached"
SYSTEM_RETIRED: Final = "system.retired"
EMERGENCY_REQUESTED: Final = "emergency.requested"
REVIEW_GIVEN: Final = "review.given"
COMMENT_ADDED: Final = "comment.added"
DELEGATION_GIVEN: Final = "delegation.given"
DELEGATION_ENDED: Final = "delegation.ended"
FINDING_RAISED: Final = "finding.raised"
FINDING_CLOSED: Final = "finding.closed"
ROLE_GRANTED: Final = "role.granted"
ROLE_REVOKED: Final = "role.revoked"
ATTESTATION_GIVEN: Final = "attestation.given"
TOKEN_ISSUED: Final = "token.issued"  # noqa: S105 - a type of event, not a secret
TOKEN_REVOKED: Final = "token.revoked"  # noqa: S105
PERSON_LINKED: Final = "person.linked"
WAIVER_REQUESTED: Final = "waiver.requested"
WAIVER_GRANTED: Final = "waiver.granted"
WAIVER_ENDED: Final = "waiver.ended"

SHAPES: Final[Mapping[tuple[str, int], tuple[frozenset[str], frozenset[str]]]] = {
    (WORKSPACE_OPENED, 1): (frozenset({"origin", "key"}), frozenset()),
    (KEY_ROTATED, 1): (frozenset({"old", "new", "by_old", "by_new"}), frozenset()),
    (PERSON_REGISTERED, 1): (frozenset({"person", "asserted"}), frozenset({"profile"})),
    (BLOB_ERASED, 1): (frozenset({"content", "name", "ground"}), frozenset()),
    (CLOCK_SET_BACK, 1): (frozenset({"observed", "held"}), frozenset()),
    (SYSTEM_DECLARED, 1): (frozenset({"system", "tier", "tier_source"}), frozenset({"manifest"})),
    (SYSTEM_DECLARED, 2): (
        frozenset({"system", "tier", "tier_source", "uses", "review_days"}),
        frozenset({"manifest", "profile"}),
    ),
    (SYSTEM_REVIEWED, 1): (frozenset({"system"}), frozenset({"reason"})),
    (ASSET_DECLARED, 1): (
        frozenset({"asset", "kind", "uses", "exposures"}),
        frozenset({"profile"}),
    ),
    (INTAKE_SUBMITTED, 1): (
        frozenset({"system", "intake", "tier", "exposures", "questionnaire"}),
        frozenset({"intake"}),
    ),
    (INTAKE_REVIEWED, 1): (frozenset({"system", "intake"}), frozenset({"reason"})),
    (VERSION_REGISTERED, 1): (
        frozenset({"system", "version", "name", "author", "components"}),
        frozenset({"manifest"}),
    ),
    (EVIDENCE_RECORDED, 1): (
        frozenset({"system", "version", "dataset", "produced", "documents"}),
        frozenset({"statement", "envelope", "recipe", "tallies"}),
    ),
    (PROVENANCE_STATED, 1): (
        frozenset({"system", "version", "builder"}),
        frozenset({"statement", "envelope"}),
    ),
    (STATEMENT_RECEIVED, 1): (
        frozenset({"system", "version", "origin", "log_key", "signed_by", "index", "event"}),
        frozenset({"statement", "envelope", "proof"}),
    ),
    (DECISION_MADE, 1): (
        frozenset({"system", "version", "outcome", "mode", "tier", "policy", "basis", "evidence"}),
        frozenset({"statement", "envelope", "policy", "policy_source"}),
    ),
    (APPROVAL_GIVEN, 1): (
        frozenset({"system", "version", "role", "approver", "basis", "decision"}),
        frozenset({"statement", "envelope", "reason"}),
    ),
    (VERSION_PROMOTED, 1): (frozenset({"system", "version", "stage", "decision"}), frozenset()),
    (VERSION_PROMOTED, 2): (
        frozenset({"system", "version", "before", "stage", "needs", "decision", "emergency"}),
        frozenset(),
    ),
    (VERSION_RETIRED, 1): (
        frozenset({"system", "version", "before", "retain_until"}),
        frozenset({"reason"}),
    ),
    (VERSION_BREACHED, 1): (
        frozenset({"system", "version", "stage", "outcome", "decision"}),
        frozenset(),
    ),
    (SYSTEM_RETIRED, 1): (frozenset({"system", "retain_until"}), frozenset({"reason"})),
    (EMERGENCY_REQUESTED, 1): (
        frozenset({"emergency", "system", "version", "stage", "basis"}),
        frozenset({"reason"}),
    ),
    (REVIEW_GIVEN, 1): (
        frozenset({"review", "system", "version", "kind", "role", "basis", "decision"}),
        frozenset({"reason"}),
    ),
    (COMMENT_ADDED, 1): (frozenset({"system", "version"}), frozenset({"text"})),
    (DELEGATION_GIVEN, 1): (frozenset({"delegation", "delegate", "role", "until"}), frozenset()),
    (DELEGATION_ENDED, 1): (frozenset({"delegation"}), frozenset()),
    (APPROVAL_GIVEN, 2): (
        frozenset({"system", "version", "role", "approver", "delegate", "basis", "decision"}),
        frozenset({"statement", "envelope", "reason"}),
    ),
    (FINDING_RAISED, 1): (
        frozenset({"finding", "system", "version", "severity", "owner", "due"}),
        frozenset({"text"}),
    ),
    (FINDING_CLOSED, 1): (frozenset({"finding", "system", "how"}), frozenset({"reason"})),
    (ROLE_GRANTED, 1): (frozenset({"person", "role"}), frozenset()),
    (ROLE_REVOKED, 1): (frozenset({"person", "role"}), frozenset()),
    (ATTESTATION_GIVEN, 1): (
        frozenset({"system", "version", "requirement", "role", "asked"}),
        frozenset({"statement", "envelope", "reason"}),
    ),
    (TOKEN_ISSUED, 1): (
        frozenset({"token", "person", "secret", "permissions", "expires"}),
        frozenset(),
    ),
    (TOKEN_REVOKED, 1): (frozenset({"token"}), frozenset()),
    (PERSON_LINKED, 1): (frozenset({"person", "same_as"}), frozenset()),
    (WAIVER_REQUESTED, 1): (
        frozenset({"waiver", "system", "version", "requirement", "tier", "expires"}),
        frozenset({"reason", "compensating"}),
    ),
    (WAIVER_GRANTED, 1): (
        frozenset({"waiver", "system", "role", "expires"}),
        frozenset({"statement", "envelope"}),
    ),
    (WAIVER_ENDED, 1): (frozenset({"waiver", "system"}), frozenset({"reason"})),
}
"""By type and schema: the fields of the body, exactly, and the digests that must be there.

A shape never changes: a new need is a new schema, and the fold reads both for ever.
"statement" is a statement's id, the SHA-256 of its payload; "envelope" is the blob that holds
the signed payload. Every other digest names a blob.
"""

_NESTED: Final = frozenset(
    {"components", "documents", "event", "evidence", "exposures", "permissions", "uses"}
)
"""The fields of bodies that hold lists or mappings; in every other stands one plain value."""

_PLAIN: Final = {known: fields - _NESTED for known, (fields, _) in SHAPES.items()}

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of the journal.

    Attributes:
        type: what happened, one of the constants above.
        schema: version of that type's body, from 1.
        time: an aware UTC instant, to the microsecond.
        actor: the opaque id of who did it.
        subject: what changed: "workspace", "person/<id>", "asset/<id>", "system/<id>",
            "version/<system>/<digest>"; what concerns several versions is the system's.
            Concurrency is checked per subject.
        body: the change.
        digests: SHA-256 in hex of larger content in the blob store, by name.
    """

    type: str
    schema: int = 1
    time: datetime
    actor: PersonId
    subject: str
    body: Mapping[str, Json] = {}
    digests: Mapping[str, str] = {}

    def entry(self) -> bytes:
        """The canonical bytes that the log commits to.

        Raises:
            InvalidArgument: too large, of an unknown type or shape, or without canonical form.
        """
        self._check_shape()
        data = canonical(
            {
                "type": self.type,
                "schema": self.schema,
                "time": instant_text(self.time),
                "actor": self.actor,
                "subject": self.subject,
                "body": self.body,
                "digests": self.digests,
            }
        )
        if len(data) > EVENT_BYTES_MAX:
            raise InvalidArgument(
                f"A {self.type} event of {len(data):,} bytes exceeds {EVENT_BYTES_MAX:,}; "
                "larger content belongs in the blob store."
            )
        return data

    def _check_shape(self) -> None:
        shape = SHAPES.get((self.type, self.schema))
        if shape is None:
            raise InvalidArgument(f"{self.type!r} (schema {self.schema}) is not an event type.")
        fields, digests = shape
        told = self.body.keys()
        if len(told) != len(fields) or not told >= fields or not self.digests.keys() >= digests:
            raise InvalidArgument(
                f"A {self.type} event (schema {self.schema}) has the fields "
                f"{', '.join(sorted(fields))} and the digests {', '.join(sorted(digests))}."
            )
        for name in _PLAIN[self.type, self.schema]:
            value = self.body[name]
            if type(value) is not str and isinstance(value, list | tuple | Mapping):
                raise InvalidArgument(f"The field {name!r} of a {self.type} event is one value.")


def parse_entry(data: bytes) -> Event:
    """The event that canonical bytes spell; anything but its one spelling is refused.

    Raises:
        VerificationFailed: the bytes are not the canonical form of a known event.
    """
    if len(data) > EVENT_BYTES_MAX:
        raise VerificationFailed(f"An entry of {len(data):,} bytes exceeds {EVENT_BYTES_MAX:,}.")
    event = read_entry(data)
    if not all(map(_DIGEST.fullmatch, event.digests.values())):
        raise VerificationFailed("A digest is not 64 lowercase hexadecimal digits.")
    try:
        same = event.entry() == data
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise VerificationFailed(f"The entry is not an event: {error}") from error
    if not same:
        raise VerificationFailed("The entry is not in canonical form.")
    return event


def read_entry(data: bytes) -> Event:
    """The event in bytes whose leaf hash was compared, in half the time of `parse_entry`.

    Whether they are its one spelling, of a known shape, with digests that are some, is not asked
    again: it was when the event was appended, and is when the log is verified.

    Raises:
        VerificationFailed: the bytes are not an event.
    """
    try:
        raw = _decode(data)
    except (ValueError, RecursionError) as error:
        raise VerificationFailed(f"The entry is not an event: {error}") from error
    return Event(
        type=raw.type,
        schema=raw.schema,
        time=raw.time,
        actor=PersonId(raw.actor),
        subject=raw.subject,
        body=raw.body,
        digests=raw.digests,
    )


class _Entry(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What JSON must be to be an event, as the decoder checks it."""

    type: str
    schema: int
    time: datetime
    actor: str
    subject: str
    body: dict[str, Any]
    digests: dict[str, str]


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is a float")


_decode: Final = msgspec.json.Decoder(_Entry, float_hook=_refuse).decode
