"""Retiring: the end of a version or of a system, once nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require
from assay.app.people.people import acting
from assay.app.services import Services
from assay.errors import Refused
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import SYSTEM, VERSION, Record
from assay.governance.stages import RETIRED, Stage


class RetirementRefused(Refused):
    """Something still depends on what was to be retired."""

    code = "retirement.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """What was retired, and how long its evidence is kept."""

    system: str
    version: str
    retain_until: datetime
    index: int


def retire_version(services: Services, version: Record, *, actor: str, reason: str) -> Retirement:
    """Retire a version: nothing leads on from there, and its evidence is kept.

    Raises:
        RetirementRefused: it is retired already, or it is the last live version of a system
            on which another depends.
    """
    at = services.clock.now()
    name, before = cast(str, version.value["name"]), Stage(cast(str, version.value["stage"]))
    if before == RETIRED:
        raise RetirementRefused(f"Version {name} is retired already.", remedy="Nothing is to do.")
    if before in services.stages.live and not _others_live(services, version):
        _check_dependents(services, version.parent)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_RETIRE)
    retain_until = at + services.stages.retention
    subject = f"version/{version.key}"
    retired = Change(
        type=events.VERSION_RETIRED,
        subject=subject,
        body={
            "system": version.parent,
            "version": version.value["version"],
            "before": before,
            "retain_until": instant_text(retain_until),
        },
        digests={"reason": store_private_text(services, reason)},
    )
    indices = record(
        services,
        [*person.introduction, retired],
        actor=person.id,
        at=at,
        expected={subject: services.journal.revision(subject)},
    )
    return Retirement(
        system=version.parent, version=name, retain_until=retain_until, index=indices[-1]
    )


def retire_system(services: Services, system: str, *, actor: str, reason: str) -> Retirement:
    """Retire a system, once no version of it is live and no other system uses it.

    Raises:
        RetirementRefused: there is none, it is retired, a version is live, or one uses it.
    """
    at = services.clock.now()
    standing = services.journal.record(SYSTEM, system)
    if standing is None or standing.value.get("status") == RETIRED:
        raise RetirementRefused(
            f"There is no system {system!r} to retire.", remedy="`assay inventory` lists them."
        )
    live = [
        cast(str, item.value["name"])
        for item in services.journal.records(VERSION, parent=system)
        if item.value["stage"] in services.stages.live
    ]
    if live:
        raise RetirementRefused(
            f"System {system!r} has live versions: {', '.join(live)}.",
            remedy="Retire them first with `assay retire VERSION`.",
        )
    _check_dependents(services, system)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_RETIRE)
    retain_until = at + services.stages.retention
    subject = f"system/{system}"
    retired = Change(
        type=events.SYSTEM_RETIRED,
        subject=subject,
        body={"system": system, "retain_until": instant_text(retain_until)},
        digests={"reason": store_private_text(services, reason)},
    )
    indices = record(
        services,
        [*person.introduction, retired],
        actor=person.id,
        at=at,
        expected={subject: services.journal.revision(subject)},
    )
    return Retirement(system=system, version="", retain_until=retain_until, index=indices[-1])


def dependents(services: Services, system: str) -> Iterator[str]:
    """The systems that use a system and are not retired themselves."""
    for item in services.journal.records(SYSTEM):
        uses = item.value.get("uses")
        if (
            isinstance(uses, list | tuple)
            and system in uses
            and item.value.get("status") != RETIRED
        ):
            yield item.key


def _others_live(services: Services, version: Record) -> bool:
    return any(
        item.key != version.key and item.value["stage"] in services.stages.live
        for item in services.journal.records(VERSION, parent=version.parent)
    )


def _check_dependents(services: Services, system: str) -> None:
    using = sorted(dependents(services, system))
    if using:
        raise RetirementRefused(
            f"System {system!r} is used by: {', '.join(using)}.",
            remedy="Move them to something else, or retire them first.",
        )
