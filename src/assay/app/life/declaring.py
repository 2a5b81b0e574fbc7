"""Declaring: what a manifest says of a system becomes events, once and whenever it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from assay.app.judging.standing import Words
from assay.app.log.recording import Change
from assay.app.people.people import Person
from assay.app.ports import Written
from assay.app.services import Services
from assay.errors import ConfigurationError, VerificationFailed
from assay.evidence.canonical import Json, canonical, digest
from assay.governance import events
from assay.governance.fold import ASSET, INTAKE, SYSTEM, Record
from assay.governance.manifest import IntakeFile, System
from assay.governance.records import Records
from assay.policy.objections import Intake


class DependencyCycle(ConfigurationError):
    """A system would depend on itself."""

    code = "system.dependency-cycle"


def declarations(
    services: Services, system: System, written: Written, person: Person
) -> tuple[list[Change], Words]:
    """What the journal does not know of a system yet, and what it will then say of its intake.

    Args:
        services: the workspace.
        system: as the manifest declares it.
        written: the manifest's text.
        person: who declares it, and so submits the answers.

    Raises:
        DependencyCycle: it uses something that uses it.
    """
    _check_cycle(services.journal, system)
    answers = system.intake
    changes = [*_declared(services, system, written), *_submitted(services, system)]
    if answers is None:
        return changes, Words(intake_known=True)
    known = services.journal.record(INTAKE, system.id)
    return changes, Words(intake=_intake(answers, known, person), intake_known=True)


def profile(services: Services, texts: Mapping[str, str | None]) -> str:
    """Keep names and purposes as an erasable blob; its salted digest tells nothing about them."""
    salt = services.random_bytes(16).hex()
    known = {name: text for name, text in texts.items() if text is not None}
    return services.blobs.put(canonical({"salt": salt, **known}))


def profile_of(services: Services, record: Record) -> Mapping[str, str]:
    """What a profile holds; nothing, once it is erased or where there never was one."""
    kept = cast(Mapping[str, str], record.value["digests"]).get("profile")
    if kept is None:
        return {}
    try:
        content = json.loads(services.blobs.get(kept))
    except VerificationFailed:
        return {}
    return {name: text for name, text in content.items() if name != "salt"}


def uses_of(record: Record | None) -> tuple[str, ...]:
    """What a system or an asset uses, by id."""
    uses = record.value.get("uses", ()) if record else ()
    return tuple(cast(list[str], uses))


def _declared(services: Services, system: System, written: Written) -> Iterator[Change]:
    body: dict[str, Json] = {
        "system": system.id,
        "tier": str(system.tier),
        "tier_source": system.tier_source,
        "uses": list(system.uses),
        "review_days": system.review_days,
    }
    people = {
        "purpose": system.purpose,
        "owner": system.owner,
        "responsible": system.responsible,
        "on_call": system.on_call,
    }
    # Other answers are another basis of the tier, even where they lead to the same one.
    answers = {} if system.intake is None else {"intake": digest(system.intake.source)}
    known = services.journal.record(SYSTEM, system.id)
    if known is not None and _stands(services, known, body, people, answers):
        return
    if system.intake is not None:
        services.blobs.put(system.intake.source)
    yield Change(
        type=events.SYSTEM_DECLARED,
        schema=2,
        subject=f"system/{system.id}",
        body=body,
        digests={
            "manifest": services.blobs.put(written.source),
            "profile": profile(services, people),
            **answers,
        },
    )


def _stands(
    services: Services,
    known: Record,
    body: Mapping[str, Json],
    people: Mapping[str, str | None],
    answers: Mapping[str, str],
) -> bool:
    """Whether the journal knows the system as declared, by the same answers."""
    if any(known.value.get(name) != value for name, value in body.items()):
        return False
    named = {name: text for name, text in people.items() if text is not None}
    recorded = cast(Mapping[str, str], known.value["digests"])
    return recorded.get("intake") == answers.get("intake") and (
        profile_of(services, known) in (named, {})  # What was erased is not written again.
    )


def _submitted(services: Services, system: System) -> Iterator[Change]:
    answers = system.intake
    if answers is None:
        return
    reference = digest(answers.source)
    known = services.journal.record(INTAKE, system.id)
    if known is not None and known.value["intake"] == reference:
        return
    yield Change(
        type=events.INTAKE_SUBMITTED,
        subject=f"system/{system.id}",
        body={
            "system": system.id,
            "intake": reference,
            "tier": str(answers.tier),
            "exposures": list(answers.exposures),
            "questionnaire": answers.questionnaire,
        },
        digests={"intake": services.blobs.put(answers.source)},
    )


def _intake(answers: IntakeFile, known: Record | None, person: Person) -> Intake:
    reference = digest(answers.source)
    same = known is not None and known.value["intake"] == reference
    return Intake(
        reference=reference,
        tier=answers.tier,
        submitted_by=cast(str, known.value["actor"]) if known and same else person.id,
        reviewed=bool(known and same and known.value["reviewed_by"]),
    )


def _check_cycle(records: Records, system: System) -> None:
    paths: list[tuple[str, ...]] = [(system.id, used) for used in system.uses]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        if path[-1] == system.id:
            raise DependencyCycle(
                f"System {system.id!r} would depend on itself: {' → '.join(path)}.",
                remedy="Take one of them out of `system.uses`.",
            )
        if path[-1] in seen:
            continue
        seen.add(path[-1])
        found = records.record(SYSTEM, path[-1]) or records.record(ASSET, path[-1])
        paths += [(*path, used) for used in uses_of(found)]
