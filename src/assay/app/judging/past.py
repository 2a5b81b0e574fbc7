"""Judging as of an instant: what would have been decided then, from what was recorded by then.

Nothing is read but records, and nothing is recorded: it is a what-if. An instant that is still
to come is judged by what is recorded now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from assay.app.judging.deciding import Case, decide_measured
from assay.app.judging.evaluation import bind
from assay.app.judging.replay import NeverDecided, Recorded, case_of
from assay.app.judging.reporting import gate_report
from assay.app.judging.standing import words_on
from assay.app.ports import Journal, Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.governance.events import parse_entry
from assay.governance.fold import Record
from assay.governance.records import last_decision, read_version
from assay.policy.gate import Decision
from assay.policy.periods import start_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A version judged as of an instant, and the decision that was the latest by then."""

    case: Case
    decision: Decision
    seen: Record


def gate_as_of(
    services: Services, project: Project, version: Record, *, at: datetime
) -> GateReport:
    """The report of what would have been decided on a version at an instant.

    Raises:
        NeverDecided: the version had no decision by then.
        VerificationFailed: what was recorded is not intact.
    """
    judged = judge_as_of(services, project, version, at=at)
    return gate_report(
        services,
        judged.case,
        judged.decision,
        index=cast(int, judged.seen.value["index"]),
        statement=judged.seen.key,
        as_of=True,
    )


def judge_as_of(services: Services, project: Project, version: Record, *, at: datetime) -> Judged:
    """Judge a version by what was recorded until an instant, at that instant.

    The policy and the evidence are those of the latest decision by then; approvals, waivers,
    attestations and whatever else people had said are those that stood.

    Raises:
        NeverDecided: the version had no decision by then.
        VerificationFailed: what was recorded is not intact.
    """
    size = entries_until(services.journal, at)
    seen = _latest(services.journal, version, size=size, at=at)
    manifest, _ = project.manifest()
    recorded = Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=project,
        catalogue=project.checks(manifest),
    )
    case = case_of(recorded, seen, at=size)
    decision = decide_measured(
        case,
        bind(case.policy, case.catalogue, case.gathered.evidence),
        words=words_on(services.journal, case.system, case.version.digest, at=size),
        at=at,
    )
    return Judged(case=case, decision=decision, seen=seen)


def entries_until(journal: Journal, at: datetime) -> int:
    """How many entries a journal had at an instant; their times never run backwards."""
    low, high = 0, journal.head().size
    while low < high:
        middle = (low + high) // 2
        entry = next(iter(journal.entries(middle)))
        if parse_entry(entry.data).time <= at:
            low = middle + 1
        else:
            high = middle
    return low


def _latest(journal: Journal, version: Record, *, size: int, at: datetime) -> Record:
    """A version's latest decision among the first entries of a journal."""
    standing = read_version(journal, version.key, at=size)
    decision = last_decision(journal, standing, at=size) if standing else None
    if decision is None:
        raise NeverDecided(
            f"Version {version.value['name']} had no decision by {start_words(at)}.",
            remedy="Name a later time; `assay gate` decides now.",
        )
    return decision
