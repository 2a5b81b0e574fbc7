"""Past decisions as a candidate policy sees them: what was said, and which bounds still serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast

from assay.app.judging.replay import Contents, Recorded, digests_of
from assay.app.packs.recomputing import StatementOf
from assay.app.packs.rederiving import decision_details_of
from assay.evidence.canonical import parse_object
from assay.evidence.envelopes import parse_envelope
from assay.evidence.measurement import Measurement
from assay.evidence.statements import Statement, parse_statement
from assay.governance.fold import Record
from assay.policy.backtest import PastDecision, PastJudgement, usable
from assay.policy.canonical import canonical_policy
from assay.policy.judging import Measure
from assay.policy.policy import Direction, Policy, RequirementId
from assay.policy.recorded import parse_recorded_policy
from assay.policy.recorded_decision import parse_past_decision
from assay.stats.estimate import Errors
from assay.stats.holm import holm_error

_POLICIES_KEPT: Final = 256
"""Recorded policies of which what is read here is remembered."""

_ASKED: Final = frozenset({"check", "with", *Direction}) - {Direction.BETWEEN}


class NotRecorded(LookupError):
    """A figure is asked for that no recorded measurement stands for."""


@dataclass(frozen=True, slots=True)
class _PolicySeen:
    """Of a recorded policy: its error, and which of the candidate's figures it asks.

    Attributes:
        same_budget: whether its error rates are the candidate's.
        figures: the requirements of both that judge the same figure of as many rows.
    """

    false_deny: float
    same_budget: bool
    figures: frozenset[str]


def stored_statements(blobs: Contents) -> StatementOf:
    """The statements of a workspace's decisions; signatures are `assay verify`'s to check."""

    def statement_of(decision: Record) -> Statement:
        envelope = parse_envelope(blobs.get(digests_of(decision)["envelope"]))
        return parse_statement(envelope.payload)

    return statement_of


class PastDecisions:
    """Reads decisions for one candidate.

    Args:
        recorded: where they are read.
        statement_of: the statement of a decision.
        policy: the candidate.
    """

    def __init__(self, recorded: Recorded, statement_of: StatementOf, policy: Policy) -> None:
        self._recorded = recorded
        self._statement_of = statement_of
        self._policy = policy
        self._form = cast(Mapping[str, Any], canonical_policy(policy))
        self._checks = [
            (rule, recorded.catalogue.get(rule.check))
            for rule in policy.requirements
            if rule.by_check
        ]
        self._seen = lru_cache(_POLICIES_KEPT)(self._read_policy)

    def read(self, decision: Record) -> PastDecision:
        """What a decision said.

        Raises:
            VerificationFailed: its statement or its policy is absent, or not in a known form.
        """
        details = decision_details_of(self._statement_of(decision).predicate)
        false_deny = self._seen(digests_of(decision)["policy"]).false_deny
        return parse_past_decision(details, false_deny=false_deny)

    def measures(
        self, decision: Record, seen: PastDecision, taken_at: datetime
    ) -> dict[RequirementId, Measure] | None:
        """The recorded measurements in place of the checks'; None where the budget is another.

        One can stand for a check where the policy then asked for the same figure, by a check of
        the same revision, and it was measured. What is asked of another raises NotRecorded: a
        requirement that does not apply may well have none.

        Args:
            decision: the record.
            seen: what it said.
            taken_at: when the evidence that it was made on was taken.
        """
        policy = self._seen(digests_of(decision)["policy"])
        known = self.known(decision, seen)
        if not policy.same_budget:
            return None
        allow = self._policy.errors.allow_error
        deny = holm_error(
            false_deny=float(self._policy.errors.false_deny),
            tests=max(seen.tests, 1),
            rejected=seen.rejected,
        )
        found: dict[RequirementId, Measure] = {}
        for rule, check in self._checks:
            past = known.get(rule.id)
            stands = past is not None and usable(rule, past, allow=allow, deny=deny)
            at = _constant(past.measurement if past and stands else None)
            found[rule.id] = Measure(at=at, statistical=check.statistical, taken_at=taken_at)
        return found

    def known(self, decision: Record, seen: PastDecision) -> dict[RequirementId, PastJudgement]:
        """What was said of the candidate's figures, by checks of the revision that is here."""
        figures = self._seen(digests_of(decision)["policy"]).figures
        return {
            rule.id: seen.judgements[rule.id]
            for rule, check in self._checks
            if rule.id in figures
            and rule.id in seen.judgements
            and seen.revisions.get(rule.check) == check.revision
        }

    def _read_policy(self, digest: str) -> _PolicySeen:
        data = self._recorded.blobs.get(digest)
        false_deny = parse_recorded_policy(data).false_deny  # which checks the form
        form = cast(Mapping[str, Any], parse_object(data))
        mine, theirs = self._form["requirements"], form["requirements"]
        figures = {
            name
            for name, item in mine.items()
            if name in theirs and _figure(item) == _figure(theirs[name])
        }
        same_rows = self._form["max_excluded"] == form["max_excluded"]
        return _PolicySeen(
            false_deny=false_deny,
            same_budget=self._form["errors"] == form["errors"],
            figures=frozenset(figures if same_rows else ()),
        )


def _figure(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which figure a requirement judges, and on which side of its bar; not where the bar is."""
    return {
        name: value if name in {"check", "with"} else None
        for name, value in form.items()
        if name in _ASKED
    }


def _constant(measurement: Measurement | None) -> Callable[[Errors], Measurement]:
    def at(_: Errors) -> Measurement:
        if measurement is None:
            raise NotRecorded
        return measurement

    return at
