"""Promoting: a version moves to another stage while the gate says of exactly it what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.app.judging.deciding import Case, decide_case
from assay.app.judging.replay import latest_decision, recorded_case
from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require
from assay.app.people.people import Person, acting
from assay.app.ports import Project
from assay.app.services import Services
from assay.errors import Refused
from assay.evidence.instants import instant_text
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import EMERGENCY, Record
from assay.governance.stages import Needs, Stage, StageMachine, Step
from assay.policy.gate import Decision
from assay.policy.objections import Severity
from assay.policy.policy import Outcome
from assay.policy.tiers import Tier


class PromotionRefused(Refused):
    """The version may not move to that stage now."""

    code = "promotion.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What was promoted, from where to where, and its index in the journal.

    Attributes:
        follow_up: the finding that an emergency opened, and when it is due; None otherwise.
    """

    system: str
    version: str
    before: Stage
    stage: Stage
    index: int
    follow_up: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """An emergency promotion that further people must ask for too.

    Attributes:
        lacking: how many.
    """

    system: str
    version: str
    stage: Stage
    lacking: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A version as it stands when someone wants to move it."""

    case: Case
    seen: Record
    before: Stage
    revision: int
    at: datetime

    def expected(self) -> dict[str, int]:
        return {self.case.subject: self.revision}


def promote_version(
    services: Services, project: Project, version: Record, *, actor: str, stage: Stage
) -> Promotion:
    """Move a version to a stage, if its recorded evidence is what the step asks for now.

    Raises:
        Refused: the gate does not say what the step asks for, its decision is too old, the
            policy has changed since, or no step leads there.
    """
    standing = _standing(services, project, version)
    step = services.stages.step(standing.before, stage)
    _check_policy(project, standing.case)
    _check_decision(standing, decide_case(services, standing.case, at=standing.at), step)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_PROMOTE)
    promoted = _promoted(standing, step)
    indices = record(
        services,
        [*person.introduction, promoted],
        actor=person.id,
        at=standing.at,
        expected=standing.expected(),
    )
    return _promotion(standing, stage, indices[-1])


def promote_in_emergency(
    services: Services, project: Project, version: Record, *, actor: str, stage: Stage, reason: str
) -> Promotion | Requested:
    """Move a version to a stage that the gate does not allow, once enough people ask for it.

    The last of them moves it. What was passed over becomes a finding that they own, with a
    deadline; from then on the gate holds the version until it is closed.

    Raises:
        Refused: the gate allows the version anyway, it is prohibited, its stages know no such
            emergency, or this person is its author or has asked already.
    """
    standing = _standing(services, project, version)
    decision = decide_case(services, standing.case, at=standing.at)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_PROMOTE)
    step = services.stages.step(standing.before, stage)
    _check_emergency(services.stages, standing, decision, person, stage)
    earlier = _requests(services, standing, stage, decision.basis)
    if any(item.value["actor"] == person.id for item in earlier):
        raise PromotionRefused(
            "You have asked for this already; the others must be other people.",
            remedy=f"Wanted: {services.stages.emergency.people} people in all.",
        )
    lacking = services.stages.emergency.people - len(earlier) - 1
    asked = _request(services, standing, stage, decision.basis, reason)
    if lacking > 0:
        indices = record(
            services,
            [*person.introduction, asked],
            actor=person.id,
            at=standing.at,
            expected=standing.expected(),
        )
        return Requested(
            system=standing.case.system,
            version=standing.case.version.name,
            stage=stage,
            lacking=lacking,
            index=indices[-1],
        )
    due = standing.at + services.stages.emergency.follow_up
    follow_up = _follow_up(services, standing, person, due, reason)
    indices = record(
        services,
        [
            *person.introduction,
            asked,
            _promoted(standing, step, emergency=str(asked.body["emergency"])),
            follow_up,
        ],
        actor=person.id,
        at=standing.at,
        expected=standing.expected(),
    )
    promotion = _promotion(standing, stage, indices[-2])
    return Promotion(
        system=promotion.system,
        version=promotion.version,
        before=promotion.before,
        stage=stage,
        index=promotion.index,
        follow_up=(str(follow_up.body["finding"]), due),
    )


def _standing(services: Services, project: Project, version: Record) -> _Standing:
    at = services.clock.now()
    revision = services.journal.revision(f"version/{version.key}")
    return _Standing(
        case=recorded_case(services, project, version),
        seen=latest_decision(services, version),
        before=Stage(str(version.value["stage"])),
        revision=revision,
        at=at,
    )


def _check_policy(project: Project, case: Case) -> None:
    manifest, _ = project.manifest()
    policy, _ = project.policy(manifest, case.catalogue)
    if policy.digest != case.policy.digest:
        raise PromotionRefused(
            f"The policy has changed since it judged version {case.version.name}.",
            remedy="Run `assay gate` under the policy of today.",
        )


def _check_decision(standing: _Standing, decision: Decision, step: Step) -> None:
    name = standing.case.version.name
    outcome = decision.effective
    if outcome is Outcome.DENY or (outcome is Outcome.HOLD and step.needs is Needs.ALLOW):
        waiting = ", ".join(item.role for item in decision.awaiting)
        raise PromotionRefused(
            f"The gate does not allow version {name}: its decision is {decision.outcome.value}"
            + (
                f", waiting for {waiting}." if waiting and decision.outcome is Outcome.HOLD else "."
            ),
            remedy="Run `assay gate` to see what blocks it.",
        )
    decided_at = instant_of(standing.seen.value, "time")
    if step.stale(decided_at, standing.at):
        age = (standing.at - decided_at).days
        raise PromotionRefused(
            f"The decision on version {name} is {age} days old, too old for {step.target}.",
            remedy="Run `assay gate` to decide anew.",
        )


def _check_emergency(
    machine: StageMachine, standing: _Standing, decision: Decision, person: Person, stage: Stage
) -> None:
    name = standing.case.version.name
    if stage not in machine.emergency.targets:
        raise PromotionRefused(
            f"The stages know no emergency promotion to {stage}.",
            remedy=f"They know one to: {', '.join(sorted(machine.emergency.targets)) or 'none'}.",
        )
    if decision.tier is Tier.PROHIBITED:
        raise PromotionRefused(
            "A prohibited system is never released.", remedy="No emergency changes that."
        )
    if decision.effective is Outcome.ALLOW:
        raise PromotionRefused(
            f"The gate allows version {name}, so there is no emergency.",
            remedy=f"Run `assay promote --to {stage}`.",
        )
    if person.id == standing.case.author:
        raise PromotionRefused(
            f"The author of version {name} cannot ask for its emergency promotion.",
            remedy=f"It takes {machine.emergency.people} other people.",
        )


def _requests(services: Services, standing: _Standing, stage: Stage, basis: str) -> list[Record]:
    """Who has asked for the same before: the same stage, on the same verdicts."""
    return [
        item
        for item in services.journal.records(EMERGENCY, parent=standing.case.key)
        if (item.value["state"], item.value["stage"], item.value["basis"])
        == ("requested", stage, basis)
    ]


def _request(
    services: Services, standing: _Standing, stage: Stage, basis: str, reason: str
) -> Change:
    return Change(
        type=events.EMERGENCY_REQUESTED,
        subject=standing.case.subject,
        body={
            "emergency": services.random_bytes(8).hex(),
            "system": standing.case.system,
            "version": standing.case.version.digest,
            "stage": stage,
            "basis": basis,
        },
        digests={"reason": store_private_text(services, reason)},
    )


def _promoted(standing: _Standing, step: Step, *, emergency: str = "") -> Change:
    return Change(
        type=events.VERSION_PROMOTED,
        schema=2,
        subject=standing.case.subject,
        body={
            "system": standing.case.system,
            "version": standing.case.version.digest,
            "before": standing.before,
            "stage": step.target,
            "needs": step.needs.value,
            "decision": standing.seen.key,
            "emergency": emergency,
        },
    )


def _follow_up(
    services: Services, standing: _Standing, person: Person, due: datetime, reason: str
) -> Change:
    return Change(
        type=events.FINDING_RAISED,
        subject=standing.case.subject,
        body={
            "finding": services.random_bytes(8).hex(),
            "system": standing.case.system,
            "version": standing.case.version.digest,
            "severity": Severity.HIGH.value,
            "owner": person.id,
            "due": instant_text(due),
        },
        digests={"text": store_private_text(services, f"Promoted in an emergency: {reason}")},
    )


def _promotion(standing: _Standing, stage: Stage, index: int) -> Promotion:
    return Promotion(
        system=standing.case.system,
        version=standing.case.version.name,
        before=standing.before,
        stage=stage,
        index=index,
    )
