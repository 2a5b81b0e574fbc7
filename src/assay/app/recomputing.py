"""Recomputing: every recorded measurement, verdict and decision again, from tallies and policy.

A decision is derived as a whole where all its checks are installed, in the revision that was
recorded: then its document, bounds and basis included, must be the recorded one. Otherwise the
measurements of those checks that are here are derived one by one, and the others are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from assay.app.deciding import Case, decide_measured, decision_details, recorded_approvals
from assay.app.evaluation import Gathered, bind
from assay.app.rederiving import (
    Recalled,
    RecomputedOtherwise,
    decision_details_of,
    derived_measurement,
    errors_of,
    first_mismatch,
    plain,
    recalled_judgements,
    recalled_measurements,
)
from assay.app.replay import Recorded, case_of, digests_of
from assay.checks.check import Check
from assay.documents.recomputation import Recomputation, Skipped
from assay.errors import ConfigurationError
from assay.evidence.canonical import Json
from assay.evidence.envelopes import open_envelope
from assay.evidence.instants import parse_instant
from assay.evidence.statements import Statement, parse_statement
from assay.governance.fold import DECISION, EVIDENCE, SYSTEM, VERSION, Record
from assay.policy.gate import Measure
from assay.policy.policy import RequirementId
from assay.policy.recorded import RecordedPolicy, parse_recorded_policy
from assay.stats.estimate import READING, Errors
from assay.tlog.keys import Verifier

StatementOf = Callable[[Record], Statement]
"""The signed statement of a record, verified."""

_DOCUMENT: Final = "document."
_NEEDED: Final = {"policy", "policy_source", "recipe", "tallies"}


def recompute_all(recorded: Recorded, statement_of: StatementOf) -> Recomputation:
    """Derive again whatever the records hold, version by version.

    Args:
        recorded: where everything is read, itself verified before.
        statement_of: the statement of an evaluation or a decision.

    Raises:
        RecomputedOtherwise: a figure, verdict or decision comes out otherwise; the first.
        VerificationFailed: what was recorded cannot be read.
    """
    recomputer = _Recomputer(recorded, statement_of)
    records = recorded.records
    for system in records.records(SYSTEM):
        for version in records.records(VERSION, parent=system.key):
            for record in sorted(records.records(EVIDENCE, parent=version.key), key=_index):
                recomputer.evaluation(record)
            for record in sorted(records.records(DECISION, parent=version.key), key=_index):
                recomputer.decision(record)
    return recomputer.found()


def recompute_journal(recorded: Recorded, *, verifiers: Sequence[Verifier]) -> Recomputation:
    """Derive again every evaluation and decision in a workspace.

    Args:
        recorded: its journal and blobs. The records must have been shown to follow from the
            entries, since this reads them.
        verifiers: the keys that may sign statements.

    Raises:
        VerificationFailed: as `recompute_all` says.
    """

    def statement_of(record: Record) -> Statement:
        envelope = recorded.blobs.get(digests_of(record)["envelope"])
        return parse_statement(open_envelope(envelope, verifiers))

    return recompute_all(recorded, statement_of)


class _Recomputer:
    """Derives one record after another again, and keeps count."""

    def __init__(self, recorded: Recorded, statement_of: StatementOf) -> None:
        self._recorded = recorded
        self._statement_of = statement_of
        # Decisions of a version mostly share policy and evidence, so the latest are kept.
        self._gathered: tuple[str, Gathered] | None = None
        self._bound: tuple[tuple[str, str], Mapping[RequirementId, Measure]] | None = None
        self._decisions = 0
        self._measurements = 0
        self._skipped: list[Skipped] = []
        self._other_code: set[str] = set()

    def found(self) -> Recomputation:
        """What was derived so far, and what was not."""
        return Recomputation(
            decisions=self._decisions,
            measurements=self._measurements,
            skipped=tuple(sorted(self._skipped, key=lambda item: (item.index, item.what))),
            other_code=tuple(sorted(self._other_code)),
        )

    def evaluation(self, record: Record) -> None:
        """Derive an evaluation's measurements again."""
        lacking = self._lacking(record, record)
        if lacking:
            self._skip(record, "the evaluation", lacking)
            return
        policy = self._policy(record)
        recalled_ones = recalled_measurements(self._statement_of(record).predicate)
        self._check_rules(record, recalled_ones, policy)
        for recalled in recalled_ones:
            why = self._unusable(recalled)
            if why:
                self._skip(record, _name(recalled), why)
            else:
                self._measure(record, record, recalled, policy, lambda _: READING)

    def decision(self, record: Record) -> None:
        """Derive a decision again as a whole if that can be done, else what can be."""
        evidence = self._evidence(record)
        lacking = self._lacking(record, evidence)
        if lacking:
            self._skip(record, "the decision", lacking)
            return
        details = decision_details_of(self._statement_of(record).predicate)
        recalled = recalled_judgements(details)
        self._check_rules(record, recalled, self._policy(record))
        unusable = {item.requirement: why for item in recalled if (why := self._unusable(item))}
        case = None if unusable else self._case(record, evidence)
        if case is not None:
            self._whole(record, case, details)
            self._measurements += len(recalled)
            return
        for item in recalled:
            if item.requirement in unusable:
                self._skip(record, _name(item), unusable[item.requirement])
            else:
                self._judged(record, evidence, item, details)
        if unusable:
            self._skip(record, "the decision as a whole", "it rests on what is named beside it")

    def _whole(self, record: Record, case: Case, details: Mapping[str, Json]) -> None:
        key = case.policy.digest, case.evidence_id
        if self._bound is None or self._bound[0] != key:
            self._bound = key, bind(case.policy, case.catalogue, case.gathered.evidence)
        approvals = recorded_approvals(self._recorded.records, case.key, at=_index(record))
        at = parse_instant(cast(str, record.value["time"]))
        decision = decide_measured(case, self._bound[1], approvals=approvals, at=at)
        derived = plain(decision_details(case, decision))
        stated = {name: details.get(name) for name in derived}
        self._compare(record, stated, derived, "")
        self._decisions += 1

    def _judged(
        self, record: Record, evidence: Record, item: Recalled, details: Mapping[str, Json]
    ) -> None:
        policy = self._policy(record)
        rule = policy.rules[item.requirement]

        def errors(check: Check) -> Errors:
            return errors_of(check, rule, policy, details)

        self._measure(record, evidence, item, policy, errors)

    def _measure(
        self,
        record: Record,
        evidence: Record,
        item: Recalled,
        policy: RecordedPolicy,
        errors: Callable[[Check], Errors],
    ) -> None:
        """Derive one measurement again, and compare."""
        rule = policy.rules[item.requirement]
        check = self._recorded.catalogue.get(item.check)
        try:
            derived = derived_measurement(
                check, rule, self._evidence_of(evidence).evidence, policy, errors=errors(check)
            )
        except ConfigurationError as error:
            self._skip(record, _name(item), f"the check is another here: {error.what}")
            return
        self._compare(record, item.document, derived, item.requirement)
        self._measurements += 1

    def _check_rules(
        self, record: Record, recalled: Sequence[Recalled], policy: RecordedPolicy
    ) -> None:
        """Check that what was measured is what the policy asks for."""
        name = record.value.get("policy", policy.name)
        if name != policy.name:
            raise RecomputedOtherwise(
                _index(record), f"Its policy is recorded as {name}, and is {policy.name}."
            )
        for item in recalled:
            rule = policy.rules.get(item.requirement)
            if rule is None or rule.check != item.check:
                raise RecomputedOtherwise(
                    _index(record), f"The policy has no requirement {_name(item)}."
                )

    def _compare(
        self, record: Record, stated: Mapping[str, Json], derived: Mapping[str, Json], path: str
    ) -> None:
        difference = first_mismatch(stated, derived, path)
        if difference is not None:
            raise RecomputedOtherwise(_index(record), f"{difference}.")

    def _case(self, record: Record, evidence: Record) -> Case | None:
        """The decision's case; None where its policy's text does not load here."""
        gathered = self._evidence_of(evidence)
        try:
            case = case_of(self._recorded, record, at=_index(record), gathered=gathered)
        except ConfigurationError as error:
            self._skip(record, "the decision as a whole", f"its policy's text: {error.what}")
            return None
        if case.policy.digest != digests_of(record)["policy"]:
            raise RecomputedOtherwise(
                _index(record), "The policy's text does not spell the policy that was judged by."
            )
        return case

    def _unusable(self, item: Recalled) -> str | None:
        """Why a check's figure cannot be derived here; None where it can."""
        try:
            check = self._recorded.catalogue.get(item.check)
        except ConfigurationError:
            return "the check is not installed here"
        revision = item.provenance.get("revision", check.revision)
        if revision != check.revision:
            return f"the check is of revision {check.revision} here, and was of {revision}"
        code = self._recorded.catalogue.provenance(item.check)["sha256"]
        if item.provenance.get("sha256", code) != code:
            self._other_code.add(item.check)
        return None

    def _lacking(self, record: Record, evidence: Record) -> str:
        """Why nothing of a record can be derived, in words; "" where something can."""
        digests = {**digests_of(evidence), **digests_of(record)}
        names = [
            name
            for name, digest in sorted(digests.items())
            if _needed(name) and not self._recorded.blobs.has(digest)
        ]
        if names:
            return f"without its {', '.join(names)}"
        if "policy" not in digests:
            return "its policy was not recorded"
        try:
            self._evidence_of(evidence)
        except ConfigurationError as error:
            return f"a document does not load here: {error.what}"
        return ""

    def _evidence(self, decision: Record) -> Record:
        evidence = self._recorded.records.record(EVIDENCE, cast(str, decision.value["evidence"]))
        if evidence is None:
            raise RecomputedOtherwise(_index(decision), "It names evidence that is not recorded.")
        return evidence

    def _evidence_of(self, evidence: Record) -> Gathered:
        if self._gathered is None or self._gathered[0] != evidence.key:
            self._gathered = evidence.key, self._recorded.gathered(evidence)
        return self._gathered[1]

    def _policy(self, record: Record) -> RecordedPolicy:
        return parse_recorded_policy(self._recorded.blobs.get(digests_of(record)["policy"]))

    def _skip(self, record: Record, what: str, why: str) -> None:
        self._skipped.append(Skipped(index=_index(record), what=what, why=why))


def _needed(name: str) -> bool:
    return name in _NEEDED or name.startswith(_DOCUMENT)


def _name(item: Recalled) -> str:
    return f"{item.requirement} ({item.check})"


def _index(record: Record) -> int:
    return cast(int, record.value["index"])
