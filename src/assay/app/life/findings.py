"""Findings: what validators found wrong, who must answer it by when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, cast

from assay.app.judging.standing import OPEN, finding_of
from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require, require_bearer
from assay.app.people.people import acting, introductions, name_of, other_person, private_text
from assay.app.services import Services
from assay.documents.standing import FindingLine
from assay.errors import Refused, suggest
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import FINDING, VERSION, Record
from assay.policy.objections import Severity

Closing = Literal["resolved", "overridden"]
"""How a finding ends: what was wrong is mended, or someone with the right to answers for it."""


class FindingRefused(Refused):
    """This finding cannot be raised or closed so."""

    code = "finding.refused"


def raise_finding(
    services: Services,
    version: Record,
    *,
    actor: str,
    severity: Severity,
    owner: str,
    due: datetime,
    text: str,
    whole_system: bool = False,
) -> str:
    """Record what is wrong with a version, or with every version of its system.

    A finding of severity high or critical holds the release until it is closed, any other
    from the day on which it was due.

    Args:
        services: the workspace.
        version: the version's record.
        actor: the name of who found it.
        severity: how grave it is.
        owner: the name of who must answer it.
        due: by when.
        text: what is wrong, in their own words; kept as an erasable text.
        whole_system: whether it is about every version of the system.

    Returns:
        The finding's id.

    Raises:
        FindingRefused: the day on which it is due has passed.
    """
    at = services.clock.now()
    if due <= at:
        raise FindingRefused(
            f"The finding would be due at {instant_text(due)}, which has passed.",
            remedy="Name a time to come.",
        )
    person = acting(services, actor)
    require(services, person.id, Permission.FINDING_RAISE)
    answering = other_person(services, owner, than=person)
    finding = services.random_bytes(8).hex()
    raised = Change(
        type=events.FINDING_RAISED,
        subject=f"system/{version.parent}" if whole_system else f"version/{version.key}",
        body={
            "finding": finding,
            "system": version.parent,
            "version": "" if whole_system else version.value["version"],
            "severity": severity.value,
            "owner": answering.id,
            "due": instant_text(due),
        },
        digests={"text": store_private_text(services, text)},
    )
    record(
        services,
        [*introductions(person, answering), raised],
        actor=person.id,
        at=at,
        expected={},
    )
    return finding


def close_finding(
    services: Services, finding: str | None, *, actor: str, how: Closing, reason: str
) -> Record:
    """Close a finding; the author of the version it is about cannot.

    Overriding one, which mends nothing, is for other roles than resolving it, and is counted.

    Args:
        services: the workspace.
        finding: its id, or how that begins; None for the only one that is open.
        actor: the name of who closes it.
        how: whether what was wrong is mended.
        reason: why, in their own words; kept as an erasable text.

    Raises:
        FindingRefused: there is none, it is closed, or this person may not close it.
    """
    standing = find_finding(services, finding)
    if standing.value["state"] != OPEN:
        raise FindingRefused(
            f"Finding {standing.key} is {standing.value['state']} already.",
            remedy="`assay finding list` lists those that are open.",
        )
    person = acting(services, actor)
    wanted = Permission.FINDING_CLOSE if how == "resolved" else Permission.FINDING_OVERRIDE
    require(services, person.id, wanted)
    if person.id in _authors(services, standing):
        raise FindingRefused(
            "Whoever made the version cannot close a finding about it.",
            remedy="Ask whoever raised it, or another validator.",
        )
    version = cast(str, standing.value["version"])
    subject = f"version/{standing.parent}/{version}" if version else f"system/{standing.parent}"
    closed = Change(
        type=events.FINDING_CLOSED,
        subject=subject,
        body={"finding": standing.key, "system": standing.parent, "how": how},
        digests={"reason": store_private_text(services, reason)},
    )
    record(
        services,
        [*person.introduction, closed],
        actor=person.id,
        at=services.clock.now(),
        expected={subject: services.journal.revision(subject)},
    )
    return standing


def findings(services: Services, *, at: datetime) -> Iterator[FindingLine]:
    """Every finding as of an instant, those that are due first before the others."""
    require_bearer(services, Permission.RECORD_READ)
    found = sorted(
        services.journal.records(FINDING, at=services.journal.index_at(at)),
        key=lambda item: (str(item.value["due"]), item.key),
    )
    for item in found:
        finding = finding_of(item)
        state = cast(str, item.value["state"])
        yield FindingLine(
            finding=item.key,
            system=item.parent,
            version=finding.version or "",
            severity=finding.severity.value,
            state="overdue" if state == OPEN and at >= finding.due_at else state,
            owner=name_of(services, finding.owner),
            raised_by=name_of(services, finding.raised_by),
            due=finding.due_at,
            text=private_text(services, cast(dict[str, str], item.value["digests"])["text"]),
        )


def find_finding(services: Services, wanted: str | None) -> Record:
    """The finding whose id is, or starts with, what was written; or the only one that is open.

    Raises:
        FindingRefused: none, or more than one, fits.
    """
    known = list(services.journal.records(FINDING))
    if wanted is None:
        still = [item for item in known if item.value["state"] == OPEN]
        if len(still) == 1:
            return still[0]
        raise FindingRefused(
            f"{len(still)} findings are open.", remedy="Name one; `assay finding list` shows them."
        )
    found = [item for item in known if item.key == wanted] or [
        item for item in known if len(wanted) >= 4 and item.key.startswith(wanted)
    ]
    if len(found) != 1:
        raise FindingRefused(
            f"There is no finding {wanted!r}.",
            remedy=suggest(
                wanted, [item.key for item in known], otherwise="`assay finding list` lists them."
            ),
        )
    return found[0]


def _authors(services: Services, finding: Record) -> set[str]:
    """Who made the versions that a finding is about."""
    return {
        cast(str, version.value["author"])
        for version in services.journal.records(VERSION, parent=finding.parent)
        if finding.value["version"] in ("", version.value["version"])
    }
