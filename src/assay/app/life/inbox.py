"""The inbox: what waits for people, since when, and by when they should have answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, cast

from assay.app.judging.standing import OPEN, finding_of, instant_of
from assay.app.life.inventory import review_due
from assay.app.people.access import require_bearer
from assay.app.services import Services
from assay.documents.inbox import Waiting
from assay.governance.access import Permission
from assay.governance.fold import (
    BREACH,
    EMERGENCY,
    FINDING,
    INTAKE,
    SYSTEM,
    VERSION,
    WAIVER,
    Record,
)
from assay.governance.records import last_decision
from assay.governance.stages import RETIRED
from assay.policy.objections import INTAKE_REVIEWED_FROM
from assay.policy.policy import Outcome
from assay.policy.tiers import Tier, at_tier

ENDING: Final = timedelta(days=14)
"""How long before its end a waiver is shown, so that what it excuses is mended in time."""


def inbox(services: Services, *, at: datetime) -> list[Waiting]:
    """Everything that waits, by when it is due."""
    require_bearer(services, Permission.RECORD_READ)
    found = [
        *_decisions(services),
        *_waivers(services, at),
        *_findings(services),
        *_intakes(services),
        *_emergencies(services),
        *_reviews(services, at),
        *_breaches(services),
    ]
    return sorted(found, key=lambda item: (item.due, item.kind, item.system, item.what))


def _within(services: Services, tier: str) -> timedelta:
    return at_tier(services.stages.decide_within, Tier[tier.upper()]) or timedelta(0)


def _decisions(services: Services) -> Iterator[Waiting]:
    """Each system's latest version, if it is on hold."""
    latest: dict[str, Record] = {}
    for version in services.journal.records(VERSION):
        known = latest.get(version.parent)
        if known is None or _index(version) > _index(known):
            latest[version.parent] = version
    for version in latest.values():
        decision = last_decision(services.journal, version)
        if decision is None or decision.value["outcome"] != Outcome.HOLD.value:
            continue
        if version.value["stage"] == RETIRED:
            continue
        since = instant_of(decision.value, "time")
        yield Waiting(
            kind="decision",
            system=version.parent,
            what=f"version {version.value['name']} is on hold",
            since=since,
            due=since + _within(services, cast(str, decision.value["tier"])),
            command=f"assay explain, or assay approve {version.value['name']} --role ROLE "
            '--reason "…"',
        )


def _waivers(services: Services, at: datetime) -> Iterator[Waiting]:
    for item in services.journal.records(WAIVER):
        expires = instant_of(item.value, "expires")
        what = f"waiver of {item.value['requirement']}"
        if item.value["state"] == "requested" and expires > at:
            since = instant_of(item.value, "time")
            yield Waiting(
                kind="waiver",
                system=item.parent,
                what=f"{what} is asked for",
                since=since,
                due=since + _within(services, cast(str, item.value["tier"])),
                command=f"assay waive grant {item.key} --role ROLE",
            )
        elif item.value["state"] == "granted" and at < expires <= at + ENDING:
            yield Waiting(
                kind="waiver",
                system=item.parent,
                what=f"{what} ends soon",
                since=instant_of(item.value, "granted_at"),
                due=expires,
                command="Mend what it excuses, and gate the new version.",
            )


def _findings(services: Services) -> Iterator[Waiting]:
    for item in services.journal.records(FINDING):
        if item.value["state"] == OPEN:
            finding = finding_of(item)
            yield Waiting(
                kind="finding",
                system=item.parent,
                what=f"{item.key}, {finding.severity}, is open",
                since=instant_of(item.value, "time"),
                due=finding.due_at,
                command=f'assay finding close {item.key} --reason "…"',
            )


def _intakes(services: Services) -> Iterator[Waiting]:
    for item in services.journal.records(INTAKE):
        tier = cast(str, item.value["tier"])
        if item.value["reviewed_by"] is None and Tier[tier.upper()] >= INTAKE_REVIEWED_FROM:
            since = instant_of(item.value, "time")
            yield Waiting(
                kind="intake",
                system=item.key,
                what=f"answers that lead to tier {tier} are not reviewed",
                since=since,
                due=since + _within(services, tier),
                command='assay intake review --reason "…"',
            )


def _emergencies(services: Services) -> Iterator[Waiting]:
    for version in services.journal.records(VERSION):
        for item in services.journal.records(EMERGENCY, parent=version.key):
            if item.value["state"] == "requested" and version.value["stage"] not in (
                *services.stages.live,
                RETIRED,
            ):
                since = instant_of(item.value, "time")
                yield Waiting(
                    kind="emergency",
                    system=version.parent,
                    what=f"version {version.value['name']} to {item.value['stage']}",
                    since=since,
                    due=since,
                    command=f"assay promote {version.value['name']} --to {item.value['stage']} "
                    '--emergency --reason "…"',
                )


def _reviews(services: Services, at: datetime) -> Iterator[Waiting]:
    for item in services.journal.records(SYSTEM):
        due = review_due(item)
        if due is not None and due <= at and item.value.get("status") != RETIRED:
            yield Waiting(
                kind="review",
                system=item.key,
                what="the system is to be reviewed",
                since=due,
                due=due,
                command=f'assay inventory review {item.key} --reason "…"',
            )


def _breaches(services: Services) -> Iterator[Waiting]:
    """Versions that are live now though their last decision does not allow it."""
    for version in services.journal.records(VERSION):
        if version.value["stage"] not in services.stages.live:
            continue
        for item in services.journal.records(BREACH, parent=version.key):
            if item.value["decision"] == version.value["decision"]:
                since = instant_of(item.value, "time")
                yield Waiting(
                    kind="breach",
                    system=version.parent,
                    what=f"version {version.value['name']} is live and not allowed",
                    since=since,
                    due=since,
                    command=f'assay retire {version.value["name"]} --reason "…", or a new version',
                )


def _index(record: Record) -> int:
    return cast(int, record.value["index"])
