"""Checking: measure, record the evidence, judge nothing."""

from __future__ import annotations

from assay.app.judging.evaluation import Progress, bind
from assay.app.judging.preparing import prepare
from assay.app.log.recording import record
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.measurements import MeasurementReport
from assay.stats.estimate import READING
from assay.stats.tallies import Rows


def check_version(
    services: Services, project: Project, *, actor: str, progress: Progress | None = None
) -> MeasurementReport:
    """Run every check that the policy names on what the repository holds, and record it.

    The figures carry reading intervals (95 %); only the gate's bounds decide anything.

    Raises:
        ConfigurationError: the manifest or the policy cannot be used; nothing is recorded.
        NotEvaluated: the data or the model cannot be evaluated; nothing is recorded.
    """
    prepared = prepare(services, project, actor=actor, progress=progress)
    case = prepared.case
    if prepared.changes:
        record(
            services,
            prepared.changes,
            actor=prepared.person.id,
            at=services.clock.now(),
            expected={case.subject: prepared.revision},
        )
    weight = case.gathered.recipe.roles.weight
    bound = bind(case.policy, case.catalogue, case.gathered.evidence)
    return MeasurementReport(
        system=case.system,
        version=case.version.name,
        version_digest=case.version.digest,
        rows=case.gathered.evidence[Rows()],
        weight="" if weight is None else weight.words,
        dataset=case.gathered.dataset,
        evidence=case.evidence_id,
        measurements=tuple(
            (rule, bound[rule.id].at(READING)) for rule in case.policy.requirements if rule.by_check
        ),
    )
