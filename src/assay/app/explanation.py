"""Explaining: one requirement's verdict, from what was recorded."""

from __future__ import annotations

from typing import cast

from assay.app.deciding import decide_case
from assay.app.planning import plan_sample
from assay.app.ports import Project
from assay.app.replay import latest_decision, recorded_case
from assay.app.reporting import gate_report
from assay.app.services import Services
from assay.documents.explanation import Explanation
from assay.errors import ConfigurationError, suggest
from assay.evidence.inputs import Absent, Evidence
from assay.governance.fold import Record
from assay.stats.tallies import ScoreCounts, Scores


class UnknownRequirement(ConfigurationError):
    """The policy has no requirement of that name."""

    code = "policy.unknown-requirement"


def explain_requirement(
    services: Services,
    project: Project,
    version: Record,
    requirement: str,
    *,
    sample_size: bool = False,
    truth: float | None = None,
) -> Explanation:
    """One verdict of a version's latest decision, judged again from the recorded tallies.

    Args:
        services: the workspace.
        project: where the policy's checks are found.
        version: which was decided on.
        requirement: its name in the policy.
        sample_size: whether to say how many units would show a pass.
        truth: what to assume for that; by default, what was observed.

    Raises:
        UnusableTruth: the figure cannot be what is assumed.
        UnknownRequirement: the deciding policy has no such requirement.
    """
    case = recorded_case(services, project, version)
    recorded = latest_decision(services, version)
    decision = decide_case(services, case, at=services.clock.now())
    known = {str(item.requirement.id): item for item in decision.judgements}
    if requirement not in known:
        raise UnknownRequirement(
            f"Policy {case.policy.name!r} has no requirement {requirement!r}.",
            where=case.policy_text.file,
            remedy=suggest(requirement, known, otherwise=f"It has: {', '.join(known)}."),
        )
    judgement = known[requirement]
    report = gate_report(
        services,
        case,
        decision,
        index=cast(int, recorded.value["index"]),
        statement=recorded.key,
    )
    rule = judgement.requirement
    check = case.catalogue.get(rule.check) if rule.by_check else None
    scores, buckets = _scores(case.gathered.evidence)
    return Explanation(
        report=report,
        judgement=judgement,
        check=check,
        provenance=case.catalogue.provenance(check.name) if check else {},
        scores=scores,
        score_buckets=buckets,
        sample_size=plan_sample(judgement, report, truth=truth) if sample_size else None,
    )


def _scores(evidence: Evidence) -> tuple[ScoreCounts | None, list[ScoreCounts]]:
    """Label counts by score, and the same by bucket of units; none if none were collected."""
    try:
        return evidence[Scores()], evidence.buckets(Scores())
    except Absent:
        return None, []
