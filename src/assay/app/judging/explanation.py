"""Explaining: one requirement's verdict, from what was recorded."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from assay.app.judging.deciding import decide_case
from assay.app.judging.past import Judged, judge_as_of
from assay.app.judging.planning import plan_sample
from assay.app.judging.replay import latest_decision, recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.ports import Project
from assay.app.services import Services
from assay.checks.groups import ScoredGroup, group_tables
from assay.documents.charts.choice import CALIBRATION
from assay.documents.explanation import Explanation
from assay.errors import ConfigurationError, suggest
from assay.evidence.inputs import Absent, Evidence
from assay.governance.fold import Record
from assay.policy.judging import Judgement
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
    at: datetime | None = None,
) -> Explanation:
    """One verdict of a version's latest decision, judged again from the recorded tallies.

    Args:
        services: the workspace.
        project: where the policy's checks are found.
        version: which was decided on.
        requirement: its name in the policy.
        sample_size: whether to say how many units would show a pass.
        truth: what to assume for that; by default, what was observed.
        at: the instant of which to judge, by what was recorded until then; None for now.

    Raises:
        UnusableTruth: the figure cannot be what is assumed.
        UnknownRequirement: the deciding policy has no such requirement.
    """
    judged = (
        _now(services, project, version)
        if at is None
        else judge_as_of(services, project, version, at=at)
    )
    case, decision = judged.case, judged.decision
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
        index=cast(int, judged.seen.value["index"]),
        statement=judged.seen.key,
        as_of=at is not None,
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
        group_scores=_group_scores(case.gathered.evidence, judgement),
        sample_size=plan_sample(judgement, report, truth=truth) if sample_size else None,
    )


def _now(services: Services, project: Project, version: Record) -> Judged:
    case = recorded_case(services, project, version)
    return Judged(
        case=case,
        decision=decide_case(services, case, at=services.clock.now()),
        seen=latest_decision(services, version),
    )


def _group_scores(evidence: Evidence, judgement: Judgement) -> dict[str, ScoredGroup]:
    """The scores of the groups of a claim about calibration; none of any other claim."""
    parameters = judgement.requirement.parameters
    by = parameters.get("by", ())
    if not judgement.requirement.check.startswith(CALIBRATION) or not isinstance(by, tuple):
        return {}
    if not getattr(judgement.measurement, "groups", ()):
        return {}
    slices = group_tables(
        evidence,
        tuple(str(column) for column in by),
        intersections=parameters.get("intersections") is True,
    )
    return {name: group for groups in slices for name, group in groups.items()}


def _scores(evidence: Evidence) -> tuple[ScoreCounts | None, list[ScoreCounts]]:
    """Label counts by score, and the same by bucket of units; none if none were collected."""
    try:
        return evidence[Scores()], evidence.buckets(Scores())
    except Absent:
        return None, []
