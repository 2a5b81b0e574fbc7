"""Attestations: what people have confirmed of a version, in answer to exactly what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assay.evidence.canonical import canonical_digest
from assay.evidence.measurement import Fact, Measurement, NotCollected
from assay.policy.judging import Measure
from assay.policy.policy import Requirement, RequirementId


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """One person's word, in a role, that what a requirement asks is so for a version.

    Attributes:
        id: of the statement that carries it.
        version: the version's digest.
        asked: the digest of what was asked; a requirement that asks otherwise is unanswered.
        person: the opaque id of who gave it.
    """

    id: str
    requirement: RequirementId
    version: str
    asked: str
    role: str
    person: str
    given_at: datetime


def asked_digest(rule: Requirement) -> str:
    """The digest of what a requirement asks a person to confirm: the words, and of whom."""
    return canonical_digest(
        {"assay": "asked/1", "requirement": rule.id, "asks": asks(rule), "by": role_asked(rule)}
    )


def asks(rule: Requirement) -> str:
    """What a requirement asks a person to confirm, in words."""
    return str(rule.parameters["asks"])


def role_asked(rule: Requirement) -> str:
    """The role in which a requirement asks it."""
    return str(rule.parameters["by"])


def attestation_measure(
    rule: Requirement, attestations: Iterable[Attestation], *, version: str
) -> Measure:
    """What people have said to a requirement that asks them: the last word counts.

    Args:
        rule: the requirement.
        attestations: those of the version, of whatever requirement.
        version: the version's digest.
    """
    wanted = (rule.id, version, asked_digest(rule), role_asked(rule))
    given = [
        item
        for item in attestations
        if (item.requirement, item.version, item.asked, item.role) == wanted
    ]
    last = max(given, key=lambda item: (item.given_at, item.id), default=None)
    if last is None:
        return Measure(at=lambda _: _unsaid(rule), statistical=False)
    said: Measurement = Fact(
        value=True,
        detail=f"Attested as {last.role} on {last.given_at:%Y-%m-%d}, statement {last.id[:12]}",
    )
    return Measure(at=lambda _: said, statistical=False, taken_at=last.given_at)


def _unsaid(rule: Requirement) -> NotCollected:
    return NotCollected(
        reason=f"Nobody has attested as {role_asked(rule)}: {asks(rule)}",
        remedy=f'Whoever can: assay attest VERSION {rule.id} --as NAME --reason "…"',
    )
