"""Waivers: a requirement excused for a while, by someone of the right rank, for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.policy.policy import RequirementId


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One requirement excused for a system, or for one of its versions, until an instant.

    Attributes:
        id: what it is called in the journal.
        version: the version's digest; None for every version of the system.
        requested_by: opaque id of who asked; they cannot grant it.
        granted_by: opaque id of who granted it.
        role: the role in which it was granted.
        granted_at: when it begins to hold.
        expires_at: when it ceases to hold.
        compensating: digest of the text on the control that takes the requirement's place.
        index: of its event in the journal.
    """

    id: str
    requirement: RequirementId
    system: str
    version: str | None
    requested_by: str
    granted_by: str
    role: str
    granted_at: datetime
    expires_at: datetime
    compensating: str
    index: int


def waiver_in_force(
    waivers: Sequence[Waiver], *, requirement: RequirementId, version: str, at: datetime
) -> Waiver | None:
    """The waiver that excuses a requirement for a version at an instant; the longest of several."""
    holding = [
        item
        for item in waivers
        if item.requirement == requirement
        and item.version in {None, version}
        and item.granted_at <= at < item.expires_at
    ]
    return max(holding, key=lambda item: (item.expires_at, item.id), default=None)
