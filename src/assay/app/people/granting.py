"""Granting: administrators give roles, issue tokens and join accounts; each is an event."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record
from assay.app.people.access import enforced, require, roles_of
from assay.app.people.people import acting, introductions, name_of, other_person, person_named
from assay.app.services import Services
from assay.errors import ConfigurationError, Refused, suggest
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.access import Bearer, Permission, Role
from assay.governance.events import PersonId
from assay.governance.fold import PERSON, ROLE, TOKEN

SECRET_BYTES: Final = 32
PREFIX: Final = "assay"
"""A token is "assay_<id>_<secret>": found by secret scanners, looked up by its id."""


class GrantRefused(Refused):
    """A role, token or account cannot be given, taken or joined so."""

    code = "access.refused"


class UnknownPermission(ConfigurationError):
    """A permission was named that does not exist."""

    code = "access.unknown-permission"


class TokenRefused(Refused):
    """A token is unknown, expired, revoked, or not for this."""

    code = "access.token-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person and the roles that they hold."""

    person: PersonId
    name: str
    roles: tuple[str, ...]


def grant_role(services: Services, *, actor: str, to: str, role: str) -> None:
    """Give a role. Whoever names the first administrator closes the workspace to all others.

    A role of the organisation's own, such as "risk-officer", permits nothing by itself: a
    policy may ask for approvals in it.

    Raises:
        NotPermitted: the actor is no administrator.
        GrantRefused: the first role of all is another than administrator.
    """
    person = acting(services, actor)
    other = other_person(services, to, than=person)
    require(services, person.id, Permission.ACCESS_MANAGE)
    if not enforced(services.journal) and role != Role.ADMINISTRATOR.value:
        raise GrantRefused(
            "Roles are kept from the first administrator on, and there is none yet.",
            remedy="Name one first: assay access grant NAME administrator.",
        )
    granted = Change(
        type=events.ROLE_GRANTED,
        subject=f"person/{other.id}",
        body={"person": other.id, "role": role},
    )
    record(
        services,
        [*introductions(person, other), granted],
        actor=person.id,
        at=services.clock.now(),
        expected={},
    )


def revoke_role(services: Services, *, actor: str, of: str, role: str) -> None:
    """Take a role away.

    Raises:
        NotPermitted: the actor is no administrator.
        GrantRefused: the person does not hold it, or is the last administrator.
    """
    person = acting(services, actor)
    other = other_person(services, of, than=person)
    require(services, person.id, Permission.ACCESS_MANAGE)
    if role not in roles_of(services.journal, other.id):
        raise GrantRefused(
            f"{of} does not hold the role {role!r}.", remedy="`assay access list` shows who does."
        )
    last = Role.ADMINISTRATOR.value
    if role == last and sum(last in item.roles for item in holders(services)) == 1:
        raise GrantRefused(
            "The last administrator cannot be taken away.", remedy="Name another one first."
        )
    revoked = Change(
        type=events.ROLE_REVOKED,
        subject=f"person/{other.id}",
        body={"person": other.id, "role": role},
    )
    record(services, [revoked], actor=person.id, at=services.clock.now(), expected={})


def link_people(services: Services, *, actor: str, account: str, same_as: str) -> None:
    """Say that two accounts are one person, so that neither approves what the other made.

    Raises:
        NotPermitted: the actor is no administrator.
        GrantRefused: they are one already, or one of them is not known.
    """
    person = acting(services, actor)
    require(services, person.id, Permission.ACCESS_MANAGE)
    one, other = person_named(services, account), person_named(services, same_as)
    for named, found in ((account, one), (same_as, other)):
        if found.introduction:
            raise GrantRefused(
                f"Nobody has acted here as {named!r}.", remedy="Name them as the log does."
            )
    if one.id == other.id:
        raise GrantRefused("They are one person already.", remedy="Nothing is to do.")
    linked = Change(
        type=events.PERSON_LINKED,
        subject=f"person/{one.id}",
        body={"person": one.id, "same_as": other.id},
    )
    record(
        services,
        [*person.introduction, linked],
        actor=person.id,
        at=services.clock.now(),
        expected={},
    )


def holders(services: Services) -> Iterator[Holder]:
    """Everyone who holds a role, by name."""
    people = {item.parent for item in services.journal.records(ROLE) if item.value["held"]}
    found = [
        Holder(
            person=PersonId(person),
            name=name_of(services, person),
            roles=tuple(sorted(roles_of(services.journal, PersonId(person)))),
        )
        for person in people
    ]
    yield from sorted(found, key=lambda item: (item.name, item.person))


def issue_token(
    services: Services,
    *,
    actor: str,
    to: str,
    permissions: Collection[Permission],
    expires: datetime,
) -> str:
    """Make a token for a service account, or for oneself; it is shown this once.

    Only a digest of its secret is kept. It can do no more than its bearer's roles permit.

    Raises:
        NotPermitted: the actor is no administrator.
        GrantRefused: it would have ended already, or be for nothing.
    """
    at = services.clock.now()
    person = acting(services, actor)
    other = other_person(services, to, than=person)
    require(services, person.id, Permission.ACCESS_MANAGE)
    if expires <= at or not permissions:
        raise GrantRefused(
            "A token is for something, and ends in a time to come.",
            remedy="Name permissions with --for, and an end with --until.",
        )
    token, secret = services.random_bytes(8).hex(), services.random_bytes(SECRET_BYTES).hex()
    issued = Change(
        type=events.TOKEN_ISSUED,
        subject=f"person/{other.id}",
        body={
            "token": token,
            "person": other.id,
            "secret": _digest(secret),
            "permissions": sorted(item.value for item in permissions),
            "expires": instant_text(expires),
        },
    )
    record(
        services,
        [*introductions(person, other), issued],
        actor=person.id,
        at=at,
        expected={},
    )
    return f"{PREFIX}_{token}_{secret}"


def revoke_token(services: Services, *, actor: str, token: str) -> None:
    """End a token before its time; its id is the part between the underscores.

    Raises:
        NotPermitted: the actor is no administrator.
        GrantRefused: there is none that stands.
    """
    person = acting(services, actor)
    require(services, person.id, Permission.ACCESS_MANAGE)
    standing = services.journal.record(TOKEN, token)
    if standing is None or standing.value["state"] != "issued":
        raise GrantRefused(
            f"There is no token {token!r} that stands.", remedy="`assay access list` shows them."
        )
    revoked = Change(
        type=events.TOKEN_REVOKED,
        subject=f"person/{standing.value['person']}",
        body={"token": token},
    )
    record(services, [revoked], actor=person.id, at=services.clock.now(), expected={})


def bearer_of(services: Services, token: str) -> Bearer:
    """Who a token speaks for.

    Raises:
        TokenRefused: it is malformed, unknown, expired, revoked, or its secret is wrong; the
            error does not say which, and never repeats it.
    """
    prefix, _, rest = token.partition("_")
    name, _, secret = rest.partition("_")
    standing = services.journal.record(TOKEN, name) if prefix == PREFIX else None
    if (
        standing is None
        or standing.value["state"] != "issued"
        or not hmac.compare_digest(cast(str, standing.value["secret"]), _digest(secret))
        or instant_of(standing.value, "expires") <= services.clock.now()
        or services.journal.record(PERSON, cast(str, standing.value["person"])) is None
    ):
        raise TokenRefused(
            "The token is not valid here.", remedy="Ask an administrator for a new one."
        )
    person = PersonId(cast(str, standing.value["person"]))
    return Bearer(
        person=person,
        name=name_of(services, person),
        permissions=frozenset(map(Permission, cast(list[str], standing.value["permissions"]))),
    )


def permission_named(name: str) -> Permission:
    """The permission of that name.

    Raises:
        UnknownPermission: there is none.
    """
    known = [item.value for item in Permission]
    if name not in known:
        raise UnknownPermission(
            f"There is no permission {name!r}.",
            remedy=suggest(name, known, otherwise=f"There are: {', '.join(known)}."),
        )
    return Permission(name)


def _digest(secret: str) -> str:
    """SHA-256 in hex: enough for 256 random bits, which nobody guesses."""
    return hashlib.sha256(secret.encode()).hexdigest()
