"""What people have said of a version: approvals, waivers, reviews and findings, as recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, cast

from assay.app.people.people import person_behind
from assay.evidence.canonical import Json
from assay.evidence.instants import parse_instant
from assay.governance.fold import (
    APPROVAL,
    ATTESTATION,
    FINDING,
    INTAKE,
    REVIEW,
    SYSTEM,
    WAIVER,
    Record,
    version_key,
)
from assay.governance.records import Records
from assay.policy.approvals import Approval
from assay.policy.attestations import Attestation
from assay.policy.objections import Finding, Intake, Objection, Review, Severity
from assay.policy.policy import RequirementId
from assay.policy.tiers import Tier
from assay.policy.waivers import Waiver

Behind = Callable[[str], str]
"""The person whose account it is."""

OPEN: Final = "open"
GRANTED: Final = "granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that people have said which a decision must hear.

    `intake_known` tells that the system has no `intake` from that nothing is said of it.
    """

    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    reviews: tuple[Review, ...] = ()
    findings: tuple[Finding, ...] = ()
    intake: Intake | None = None
    intake_known: bool = False

    def and_then(self, later: Words) -> Words:
        """What was said first and what was said later; a person's last word on a basis counts."""
        objected = {(item.person, item.basis) for item in later.reviews}
        spoken = objected | {(item.person, item.basis) for item in later.approvals}
        approvals = (item for item in self.approvals if (item.person, item.basis) not in objected)
        reviews = (item for item in self.reviews if (item.person, item.basis) not in spoken)
        return Words(
            approvals=(*approvals, *later.approvals),
            waivers=self.waivers + later.waivers,
            attestations=self.attestations + later.attestations,
            reviews=(*reviews, *later.reviews),
            findings=self.findings + later.findings,
            intake=later.intake if later.intake_known else self.intake,
            intake_known=self.intake_known or later.intake_known,
        )


SILENCE: Final = Words()
"""Nobody has said anything."""


def words_on(records: Records, system: str, version: str, *, at: int | None = None) -> Words:
    """What was said of a version (its digest).

    Args:
        records: where it is read.
        system: the version's system.
        version: the version's digest.
        at: only what was said before the event of this index.
    """
    key = version_key(system, version)
    behind = partial(person_behind, records, at=at)
    spoken = _last_words(records, key, at, behind)
    return Words(
        approvals=tuple(_approval(record, behind) for record in spoken if record.kind == APPROVAL),
        waivers=tuple(recorded_waivers(records, system, at=at)),
        attestations=tuple(
            _attestation(record) for record in records.records(ATTESTATION, parent=key, at=at)
        ),
        reviews=tuple(_review(record, behind) for record in spoken if record.kind == REVIEW),
        findings=tuple(recorded_findings(records, system, version, at=at)),
        intake=recorded_intake(records, system, at=at),
        intake_known=True,
    )


def recorded_intake(records: Records, system: str, *, at: int | None = None) -> Intake | None:
    """The answers on which the system's tier rests, unless it is declared without any."""
    declared, answered = (
        records.record(SYSTEM, system, at=at),
        records.record(INTAKE, system, at=at),
    )
    if declared is None or answered is None:
        return None
    digests = cast(Mapping[str, str], declared.value["digests"])
    if digests.get("intake") != answered.value["intake"]:
        return None
    return Intake(
        reference=_text(answered.value, "intake"),
        tier=Tier[_text(answered.value, "tier").upper()],
        submitted_by=_text(answered.value, "actor"),
        reviewed=answered.value["reviewed_by"] is not None,
    )


def recorded_waivers(records: Records, system: str, *, at: int | None = None) -> list[Waiver]:
    """Every waiver of a system that was granted and not ended, whatever its dates.

    Args:
        records: where they are read.
        system: the system.
        at: only what stood before the event of this index.
    """
    return [
        _waiver(record)
        for record in records.records(WAIVER, parent=system, at=at)
        if record.value["state"] == GRANTED
    ]


def recorded_findings(
    records: Records, system: str, version: str, *, at: int | None = None
) -> list[Finding]:
    """The open findings about a version (its digest), or about every version of its system."""
    return [
        finding_of(record)
        for record in records.records(FINDING, parent=system, at=at)
        if record.value["state"] == OPEN and record.value["version"] in {"", version}
    ]


def finding_of(record: Record) -> Finding:
    """A finding's record as the finding."""
    value = record.value
    return Finding(
        id=record.key,
        version=_text(value, "version") or None,
        severity=Severity(_text(value, "severity")),
        raised_by=_text(value, "actor"),
        owner=_text(value, "owner"),
        due_at=instant_of(value, "due"),
    )


def instant_of(value: Mapping[str, Json], name: str) -> datetime:
    """An instant that a record holds."""
    return parse_instant(_text(value, name))


def _last_words(records: Records, key: str, at: int | None, behind: Behind) -> list[Record]:
    """The approvals and reviews of a version that nobody has taken back, in the order given.

    Of what one person says of one basis the last counts: an approval takes back a rejection.
    An approval in a second role takes nothing back.
    """
    spoken = [
        record for kind in (APPROVAL, REVIEW) for record in records.records(kind, parent=key, at=at)
    ]
    spoken.sort(key=lambda record: cast(int, record.value["index"]))

    def word(record: Record) -> tuple[str, str]:
        return behind(_speaker(record)), _text(record.value, "basis")

    last = {word(record): record.kind for record in spoken}
    reviews = {word(record): record.key for record in spoken if record.kind == REVIEW}
    return [
        record
        for record in spoken
        if last[word(record)] == record.kind
        and (record.kind == APPROVAL or reviews[word(record)] == record.key)
    ]


def _approval(record: Record, behind: Behind) -> Approval:
    return Approval(
        person=behind(_text(record.value, "approver")),
        role=_text(record.value, "role"),
        basis=_text(record.value, "basis"),
        given_at=instant_of(record.value, "time"),
    )


def _attestation(record: Record) -> Attestation:
    return Attestation(
        id=record.key,
        requirement=RequirementId(_text(record.value, "requirement")),
        version=_text(record.value, "version"),
        asked=_text(record.value, "asked"),
        role=_text(record.value, "role"),
        person=_text(record.value, "actor"),
        given_at=instant_of(record.value, "time"),
    )


def _review(record: Record, behind: Behind) -> Review:
    return Review(
        id=record.key,
        kind=Objection(_text(record.value, "kind")),
        person=behind(_text(record.value, "actor")),
        role=_text(record.value, "role"),
        basis=_text(record.value, "basis"),
    )


def _waiver(record: Record) -> Waiver:
    value = record.value
    digests = cast(Mapping[str, str], value["digests"])
    return Waiver(
        id=record.key,
        requirement=RequirementId(_text(value, "requirement")),
        system=record.parent,
        version=_text(value, "version") or None,
        requested_by=_text(value, "actor"),
        granted_by=_text(value, "granted_by"),
        role=_text(value, "role"),
        granted_at=instant_of(value, "granted_at"),
        expires_at=instant_of(value, "expires"),
        compensating=digests["compensating"],
        index=cast(int, value["granted_index"]),
    )


def _speaker(record: Record) -> str:
    return _text(record.value, "approver" if record.kind == APPROVAL else "actor")


def _text(value: Mapping[str, Json], name: str) -> str:
    return cast(str, value[name])
