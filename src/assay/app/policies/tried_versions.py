"""One version as a candidate policy meets it: its conditions, its figures, and its whole case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from assay.app.judging.circumstances import (
    COUNTED,
    Circumstances,
    counted_data,
    uncounted_data,
)
from assay.app.judging.deciding import Case
from assay.app.judging.production import comparing, with_production
from assay.app.judging.replay import Recorded, digests_of
from assay.app.policies.derived_figures import Figures, Subject
from assay.app.ports import Written
from assay.evidence.measurement import Measurement
from assay.governance.events import PersonId
from assay.governance.versions import Version, VersionDigest
from assay.policy.backtest import PastJudgement
from assay.policy.expressions import Programs, evaluated
from assay.policy.judging import Measure
from assay.policy.policy import Policy, RequirementId


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A policy that is tried, with its text and its compiled expressions."""

    policy: Policy
    text: Written
    programs: Programs


class TriedVersion:
    """What a version's records say to a candidate, each read when it is first needed.

    Args:
        recorded: the records and content of a workspace or of a pack.
        candidate: the policy that is tried.
        subject: the version.
        tier_source: where its tier comes from.
        at: the instant of which it is judged.
    """

    def __init__(
        self,
        recorded: Recorded,
        candidate: Candidate,
        subject: Subject,
        *,
        tier_source: str,
        at: datetime,
    ) -> None:
        self.subject = subject
        self._recorded = recorded
        self._candidate = candidate
        self._tier_source = tier_source
        self._at = at
        self._figures = Figures(recorded, candidate.policy, subject)

    @property
    def read(self) -> bool:
        """Whether the tallies had to be read."""
        return self._figures.read

    @cached_property
    def applies(self) -> dict[RequirementId, Measurement]:
        """What becomes of the conditions; the tallies are read only where one asks for rows."""
        programs, version = self._candidate.programs.conditions, self.subject.version
        if not programs:
            return {}
        data = uncounted_data(
            self._circumstances,
            system=version.parent,
            tier=self.subject.tier,
            tier_source=self._tier_source,
            components=cast(Mapping[str, Any], version.value["components"]),
            produced=cast(str, self.subject.evidence.value["produced"]),
            age=self._at - self.subject.taken_at,
        )
        if any(program.reads & COUNTED for program in programs.values()):
            data |= counted_data(self._figures.tallies())
        return {name: evaluated(program, data) for name, program in programs.items()}

    def figures(self, known: Mapping[RequirementId, PastJudgement]) -> dict[RequirementId, Measure]:
        """The figure of each requirement that a check measures, as the gate would have it.

        Args:
            known: what was said of some of them on the very same evidence.
        """
        policy = self._candidate.policy
        measures = {
            rule.id: self._figures.measure(rule, known.get(rule.id))
            for rule in policy.requirements
            if rule.by_check
        }
        named = self._circumstances.in_production
        if named:
            compared = comparing(policy, self._recorded.catalogue, self._figures.roles())
            measures = with_production(measures, compared, name=named)
        return measures

    def case(self) -> Case:
        """All of it, the tallies included, as the gate would judge it."""
        version, evidence = self.subject.version, self.subject.evidence
        return Case(
            system=version.parent,
            tier=self.subject.tier,
            tier_source=self._tier_source,
            version=Version(
                name=cast(str, version.value["name"]),
                digest=VersionDigest(self.subject.digest),
                components=cast(Mapping[str, Any], version.value["components"]),
            ),
            author=PersonId(cast(str, version.value["author"])),
            policy=self._candidate.policy,
            policy_text=self._candidate.text,
            catalogue=self._recorded.catalogue,
            gathered=self._recorded.gathered(evidence),
            evidence_id=evidence.key,
            evidence_time=self.subject.taken_at,
            programs=self._candidate.programs,
            circumstances=self._circumstances,
        )

    @cached_property
    def _circumstances(self) -> Circumstances:
        decision = self.subject.decision
        digest = digests_of(decision).get("circumstances") if decision else None
        if digest is None:
            return Circumstances()
        return Circumstances.from_bytes(self._recorded.blobs.get(digest))
