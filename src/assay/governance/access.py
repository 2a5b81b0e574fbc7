"""Access: what people may do, by the roles they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assay.governance.events import PersonId


class Permission(StrEnum):
    """Everything that a person may be permitted to do, `thing:action`."""

    ACCESS_MANAGE = "access:manage"
    ATTESTATION_GIVE = "attestation:give"
    BLOB_ERASE = "blob:erase"
    COMMENT_ADD = "comment:add"
    DELEGATION_GIVE = "delegation:give"
    FINDING_CLOSE = "finding:close"
    FINDING_OVERRIDE = "finding:override"
    FINDING_RAISE = "finding:raise"
    INTAKE_REVIEW = "intake:review"
    INTAKE_SUBMIT = "intake:submit"
    INVENTORY_DECLARE = "inventory:declare"
    KEY_ROTATE = "key:rotate"
    LOG_PUBLISH = "log:publish"
    PACK_EXPORT = "pack:export"
    RECORD_READ = "record:read"
    VERSION_APPROVE = "version:approve"
    VERSION_GATE = "version:gate"
    VERSION_PROMOTE = "version:promote"
    VERSION_REJECT = "version:reject"
    VERSION_RETIRE = "version:retire"
    WAIVER_END = "waiver:end"
    WAIVER_GRANT = "waiver:grant"
    WAIVER_REQUEST = "waiver:request"


class Role(StrEnum):
    """The roles that are granted."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    VALIDATOR = "validator"
    APPROVER = "approver"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_VIEWS: Final = frozenset({Permission.RECORD_READ})
_TALKS: Final = _VIEWS | {Permission.COMMENT_ADD}

ROLES: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWS,
    Role.DEVELOPER: _TALKS
    | {
        Permission.INTAKE_SUBMIT,
        Permission.INVENTORY_DECLARE,
        Permission.PACK_EXPORT,
        Permission.VERSION_GATE,
        Permission.WAIVER_REQUEST,
    },
    Role.VALIDATOR: _TALKS
    | {
        Permission.ATTESTATION_GIVE,
        Permission.DELEGATION_GIVE,
        Permission.FINDING_CLOSE,
        Permission.FINDING_RAISE,
        Permission.INTAKE_REVIEW,
        Permission.VERSION_APPROVE,
        Permission.VERSION_REJECT,
    },
    Role.APPROVER: _TALKS
    | {
        Permission.ATTESTATION_GIVE,
        Permission.DELEGATION_GIVE,
        Permission.FINDING_OVERRIDE,
        Permission.INTAKE_REVIEW,
        Permission.VERSION_APPROVE,
        Permission.VERSION_REJECT,
        Permission.WAIVER_END,
        Permission.WAIVER_GRANT,
    },
    Role.OPERATOR: _TALKS
    | {
        Permission.LOG_PUBLISH,
        Permission.VERSION_PROMOTE,
        Permission.VERSION_RETIRE,
        Permission.WAIVER_REQUEST,
    },
    Role.AUDITOR: _TALKS | {Permission.FINDING_RAISE, Permission.PACK_EXPORT},
    Role.ADMINISTRATOR: _TALKS
    | {
        Permission.ACCESS_MANAGE,
        Permission.BLOB_ERASE,
        Permission.INVENTORY_DECLARE,
        Permission.KEY_ROTATE,
        Permission.LOG_PUBLISH,
    },
}
"""What each role may do. An administrator manages and decides nothing about a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who a token speaks for, and the permissions that it is limited to."""

    person: PersonId
    name: str
    permissions: frozenset[Permission]


def permitted(roles: Collection[str], permission: Permission) -> bool:
    """Whether someone with these roles may do something."""
    return any(role in roles and permission in may for role, may in ROLES.items())


def roles_with(permission: Permission) -> list[str]:
    """The roles that may do something, for telling people whom to ask."""
    return [role.value for role, permissions in ROLES.items() if permission in permissions]
