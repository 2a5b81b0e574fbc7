"""Access: every use case asks here whether the person may do what they are about to.

Until a first administrator is named, a workspace is one person's own: everybody may do
everything, and identities are asserted. From then on nobody may do what no role permits.
"""

from __future__ import annotations

from typing import cast

from assay.app.ports import Journal
from assay.app.services import Services
from assay.errors import Refused
from assay.governance.access import Permission, Role, permitted, roles_with
from assay.governance.events import PersonId
from assay.governance.fold import ROLE


class NotPermitted(Refused):
    """The person holds no role that permits this."""

    code = "access.not-permitted"


class RoleNotHeld(Refused):
    """The person acts in a role that they do not hold."""

    code = "access.role-not-held"


def require(services: Services, person: PersonId, permission: Permission) -> None:
    """Return if the person may do this.

    Raises:
        NotPermitted: they may not.
    """
    if services.bearer is not None and permission not in services.bearer.permissions:
        raise NotPermitted(
            f"The token is not for {permission}.",
            remedy="An administrator issues another with `assay access token`.",
        )
    if not enforced(services.journal) or permitted(roles_of(services.journal, person), permission):
        return
    raise NotPermitted(
        f"You hold no role that permits {permission}.",
        remedy=f"It is for: {', '.join(roles_with(permission))}. An administrator grants roles "
        "with `assay access grant`.",
    )


def require_bearer(services: Services, permission: Permission) -> None:
    """Return if a token that was given permits this; without a token, nobody acts but a reader.

    Whoever has the workspace's files can read them with any tool, so a command that only reads
    asks for no name. A token is for what it names, reading included.

    Raises:
        NotPermitted: the token, or its bearer's roles, do not permit it.
    """
    if services.bearer is not None:
        require(services, services.bearer.person, permission)


def require_role(services: Services, person: PersonId, role: str) -> None:
    """Return if the person may act in a role, where roles are kept.

    Raises:
        RoleNotHeld: they do not hold it.
    """
    if enforced(services.journal) and role not in roles_of(services.journal, person):
        raise RoleNotHeld(
            f"You do not hold the role {role!r}.",
            remedy="An administrator grants it with `assay access grant`.",
        )


def enforced(journal: Journal) -> bool:
    """Whether an administrator has ever been named here."""
    return any(record.value["role"] == Role.ADMINISTRATOR.value for record in journal.records(ROLE))


def roles_of(journal: Journal, person: PersonId) -> frozenset[str]:
    """The roles that a person holds now; a role of the organisation's own permits nothing."""
    return frozenset(
        cast(str, record.value["role"])
        for record in journal.records(ROLE, parent=person)
        if record.value["held"]
    )
