"""Judging again: what is live, by recorded evidence, whenever time or people may have moved it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from assay.app.judging.deciding import Case, decide_case, decision_change
from assay.app.judging.replay import latest_decision, recorded_case
from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record
from assay.app.people.people import acting
from assay.app.ports import Project
from assay.app.services import Services
from assay.governance import events
from assay.governance.fold import BREACH, EMERGENCY, FINDING, VERSION, Record
from assay.governance.stages import Stage
from assay.policy.gate import Decision
from assay.policy.policy import Outcome

_USED: Final = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A live version, judged again.

    Attributes:
        before: the outcome that stood.
        decision: what follows now; recorded where it differs.
        emergency: whether it is live by an emergency whose follow-up is not yet due.
        breach: whether it is live though the gate does not allow it, and nothing excuses that.
        index: of the decision, where one was recorded; None otherwise.
    """

    system: str
    version: str
    stage: Stage
    before: Outcome
    decision: Decision
    emergency: bool
    breach: bool
    index: int | None


def judge_live(services: Services, project: Project, *, actor: str) -> Iterator[Rejudged]:
    """Judge every live version of the project's system again, and record what changed.

    A version that is live though the gate no longer allows it is a breach, recorded once for
    each decision that says so.

    Raises:
        VerificationFailed: what was recorded is not intact.
    """
    manifest, _ = project.manifest()
    for version in services.journal.records(VERSION, parent=manifest.system.id):
        if version.value["stage"] in services.stages.live and version.value["decision"]:
            yield _judged(services, project, version, actor=actor)


def _judged(services: Services, project: Project, version: Record, *, actor: str) -> Rejudged:
    at = services.clock.now()
    subject = f"version/{version.key}"
    revision = services.journal.revision(subject)
    case, seen = recorded_case(services, project, version), latest_decision(services, version)
    decision = decide_case(services, case, at=at)
    before = Outcome(cast(str, seen.value["outcome"]))
    stage = Stage(cast(str, version.value["stage"]))
    emergency = _in_emergency(services, version, at)
    breach = decision.effective is not Outcome.ALLOW and not emergency
    changes: list[Change] = []
    statement = seen.key
    if decision.outcome is not before or decision.basis != seen.value["basis"]:
        made = decision_change(services, case, decision)
        statement = made.digests["statement"]
        changes.append(made)
    if breach and not _known(services, version, statement):
        changes.append(_breached(case, decision, stage, statement))
    indices: tuple[int, ...] = ()
    if changes:
        person = acting(services, actor)
        indices = record(
            services,
            [*person.introduction, *changes],
            actor=person.id,
            at=at,
            expected={subject: revision},
        )[len(person.introduction) :]
    return Rejudged(
        system=case.system,
        version=case.version.name,
        stage=stage,
        before=before,
        decision=decision,
        emergency=emergency,
        breach=breach,
        index=indices[0] if indices else None,
    )


def _in_emergency(services: Services, version: Record, at: datetime) -> bool:
    """Whether an emergency brought the version here, and a follow-up of it is not yet due."""
    used = any(
        item.value["state"] == _USED
        for item in services.journal.records(EMERGENCY, parent=version.key)
    )
    return used and any(
        item.value["version"] == version.value["version"]
        and item.value["state"] == "open"
        and at < instant_of(item.value, "due")
        for item in services.journal.records(FINDING, parent=version.parent)
    )


def _known(services: Services, version: Record, decision: str) -> bool:
    return any(
        item.value["decision"] == decision
        for item in services.journal.records(BREACH, parent=version.key)
    )


def _breached(case: Case, decision: Decision, stage: Stage, statement: str) -> Change:
    return Change(
        type=events.VERSION_BREACHED,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "stage": stage,
            "outcome": decision.outcome.value,
            "decision": statement,
        },
    )
