"""A version's figures under a candidate policy: recorded ones where they serve, else derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from assay.app.judging.replay import Recorded, digests_of
from assay.checks.measure import measure
from assay.evidence.inputs import Evidence
from assay.evidence.instants import parse_instant
from assay.evidence.measurement import Measurement
from assay.evidence.recipe import ColumnRoles, Recipe
from assay.governance.fold import Record
from assay.policy.backtest import PastJudgement, serves
from assay.policy.judging import Measure, limit_at
from assay.policy.policy import Policy, Requirement
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A version with the evaluation that it is judged on, and the decision that last did so."""

    version: Record
    evidence: Record
    decision: Record | None
    tier: Tier

    @property
    def digest(self) -> str:
        """The version's digest."""
        return cast(str, self.version.value["version"])

    @property
    def taken_at(self) -> datetime:
        """When the evaluation was recorded."""
        return parse_instant(cast(str, self.evidence.value["time"]))


class Figures:
    """The figures of one version; its tallies are read when first one of them is needed."""

    def __init__(self, recorded: Recorded, policy: Policy, subject: Subject) -> None:
        self._recorded = recorded
        self._policy = policy
        self._subject = subject
        self._taken_at = subject.taken_at
        self._evidence: Evidence | None = None

    @property
    def read(self) -> bool:
        """Whether the tallies had to be read."""
        return self._evidence is not None

    def measure(self, rule: Requirement, past: PastJudgement | None) -> Measure:
        """A requirement's figure at whatever errors, given what was recorded of it."""
        check = self._recorded.catalogue.get(rule.check)
        limit = limit_at(rule, self._subject.tier)

        @cache
        def at(errors: Errors) -> Measurement:
            if (
                past is not None
                and past.measurement is not None
                and serves(rule, past, limit, errors=errors)
            ):
                return past.measurement
            return measure(
                check,
                self.tallies(),
                rule.parameters,
                errors=errors,
                max_excluded=self._policy.max_excluded,
            )

        return Measure(at=at, statistical=check.statistical, taken_at=self._taken_at)

    def roles(self) -> ColumnRoles:
        """The columns of the data, and what they are; raises VerificationFailed."""
        digest = digests_of(self._subject.evidence)["recipe"]
        return Recipe.from_bytes(self._recorded.blobs.get(digest)).roles

    def tallies(self) -> Evidence:
        """What was counted, and the documents; raises VerificationFailed."""
        if self._evidence is None:
            self._evidence = self._recorded.gathered(self._subject.evidence).evidence
        return self._evidence
