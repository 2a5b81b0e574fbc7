"""The main job: check, judge, record, explain."""

from __future__ import annotations

from assay.app.judging.deciding import decide_case, decision_change
from assay.app.judging.evaluation import Progress
from assay.app.judging.preparing import prepare
from assay.app.judging.reporting import gate_report
from assay.app.log.recording import record
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport


def gate_version(
    services: Services, project: Project, *, actor: str, progress: Progress | None = None
) -> GateReport:
    """Decide whether the version that the repository holds may ship, and record why.

    Args:
        services: the workspace.
        project: the model's repository.
        actor: the name of who runs the gate; the first to run it on a version is its author.
        progress: told the fraction of the data read.

    Raises:
        ConfigurationError: the manifest or the policy cannot be used; nothing is recorded.
        NotEvaluated: the data or the model cannot be evaluated; nothing is recorded.
    """
    prepared = prepare(services, project, actor=actor, progress=progress)
    case = prepared.case
    now = services.clock.now()
    decision = decide_case(services, case, at=now, more=prepared.words)
    made = decision_change(services, case, decision)
    indices = record(
        services,
        [*prepared.changes, made],
        actor=prepared.person.id,
        at=now,
        expected={case.subject: prepared.revision},
    )
    return gate_report(
        services, case, decision, index=indices[-1], statement=made.digests["statement"]
    )
