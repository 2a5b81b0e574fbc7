"""Approvals: which people a tier asks for, and which of those have yet to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.policy.policy import Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval, in a role, of exactly one basis.

    `basis` is the digest of what was decided on (version, policy, evidence, verdicts): an
    approval of another basis says nothing about this one.
    """

    person: str
    role: str
    basis: str
    given_at: datetime


def in_force(approvals: Sequence[Approval], *, basis: str, author: str) -> tuple[Approval, ...]:
    """The approvals that count for a basis: on exactly it, and not by the version's author."""
    return tuple(item for item in approvals if item.basis == basis and item.person != author)


def outstanding(
    required: Sequence[Approver], approvals: Sequence[Approval]
) -> tuple[Approver, ...]:
    """The approvals still to be given, when each must come from a different person.

    One person may have approved in several roles but can fill only one of them, so this is
    a maximum matching of required roles to people; what it leaves unfilled is outstanding.
    """
    filled: dict[str, int] = {}

    def fill(slot: int, tried: set[str]) -> bool:
        for approval in approvals:
            person = approval.person
            if approval.role != required[slot].role or person in tried:
                continue
            tried.add(person)
            if person not in filled or fill(filled[person], tried):
                filled[person] = slot
                return True
        return False

    for slot in range(len(required)):
        fill(slot, set())
    taken = set(filled.values())
    return tuple(need for slot, need in enumerate(required) if slot not in taken)
