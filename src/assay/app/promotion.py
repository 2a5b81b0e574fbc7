"""Promoting: a version moves to a later stage while the gate allows exactly it."""

from __future__ import annotations

from dataclasses import dataclass

from assay.app.deciding import Case, decide_case
from assay.app.people import person_named
from assay.app.ports import Project
from assay.app.recording import Change, record
from assay.app.replay import latest_decision, recorded_case
from assay.app.services import Services
from assay.errors import Refused
from assay.governance import events
from assay.governance.fold import Record
from assay.governance.stages import Stage, check_promotion
from assay.policy.gate import Decision
from assay.policy.policy import Outcome


class PromotionRefused(Refused):
    """The version may not move to that stage now."""

    code = "promotion.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What was promoted, from where to where, and its index in the journal."""

    system: str
    version: str
    before: Stage
    stage: Stage
    index: int


def promote_version(
    services: Services, project: Project, version: Record, *, actor: str, stage: Stage
) -> Promotion:
    """Move a version to a stage, if its recorded evidence is still allowed now.

    Raises:
        Refused: the gate does not allow the version, the policy has changed since, or the
            stage does not come after the version's own.
    """
    at = services.clock.now()
    revision = services.journal.revision(f"version/{version.key}")
    case = recorded_case(services, project, version)
    seen = latest_decision(services, version)
    before = Stage(str(version.value["stage"]))
    check_promotion(before, stage)
    _check_policy(project, case)
    _check_decision(case, decide_case(services, case, at=at))
    person = person_named(services, actor)
    promoted = Change(
        type=events.VERSION_PROMOTED,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "stage": stage.value,
            "decision": seen.key,
        },
    )
    indices = record(
        services,
        [*person.introduction, promoted],
        actor=person.id,
        at=at,
        expected={case.subject: revision},
    )
    return Promotion(
        system=case.system,
        version=case.version.name,
        before=before,
        stage=stage,
        index=indices[-1],
    )


def _check_policy(project: Project, case: Case) -> None:
    manifest, _ = project.manifest()
    policy, _ = project.policy(manifest, case.catalogue)
    if policy.digest != case.policy.digest:
        raise PromotionRefused(
            f"The policy has changed since it judged version {case.version.name}.",
            remedy="Run `assay gate` under the policy of today.",
        )


def _check_decision(case: Case, decision: Decision) -> None:
    if decision.effective is not Outcome.ALLOW:
        waiting = ", ".join(item.role for item in decision.awaiting)
        raise PromotionRefused(
            f"The gate does not allow version {case.version.name}: its decision is "
            f"{decision.outcome.value}"
            + (
                f", waiting for {waiting}." if waiting and decision.outcome is Outcome.HOLD else "."
            ),
            remedy="Run `assay gate` to see what blocks it.",
        )
