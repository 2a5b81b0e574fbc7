"""Recomputing: every recorded measurement, verdict and decision again, from tallies and policy.

A decision is derived as a whole where all its checks are installed, in the revision that was
recorded: then its document, bounds and basis included, must be the recorded one. Otherwise the
measurements of those checks that are here are derived one by one, and the others are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast

from assay.app.judging.deciding import DETAILS_SCHEMA, decide_measured, decision_details
from assay.app.judging.recalling import Recollection, index_of
from assay.app.judging.replay import Recorded, digests_of
from assay.app.judging.standing import words_on
from assay.app.packs.rederiving import (
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
from assay.checks.check import Check
from assay.documents.recomputation import Recomputation, Skipped
from assay.errors import ConfigurationError
from assay.evidence.canonical import Json
from assay.evidence.envelopes import open_envelope
from assay.evidence.instants import parse_instant
from assay.evidence.statements import Statement, parse_statement
from assay.governance.fold import DECISION, EVIDENCE, SYSTEM, VERSION, Record
from assay.policy.policy import ATTESTATION, EXPRESSION
from assay.policy.recorded import RecordedPolicy
from assay.stats.estimate import READING, Errors
from assay.tlog.keys import NoteVerifier, parse_verifier_key

StatementOf = Callable[[Record], Statement]
"""The signed statement of a record, verified."""


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
            for record in sorted(records.records(EVIDENCE, parent=version.key), key=index_of):
                recomputer.evaluation(record)
            for record in sorted(records.records(DECISION, parent=version.key), key=index_of):
                recomputer.decision(record)
    return recomputer.found()


def recompute_journal(recorded: Recorded, *, verifiers: Sequence[NoteVerifier]) -> Recomputation:
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
        received = record.value.get("received")
        if isinstance(received, Mapping):
            # The entry that names this key was verified, as one of this log.
            key = parse_verifier_key(str(received["signed_by"]))
            return parse_statement(open_envelope(envelope, [verifiers[0].another(key)]))
        return parse_statement(open_envelope(envelope, verifiers))

    return recompute_all(recorded, statement_of)


class _Recomputer:
    """Derives one record after another again, and keeps count."""

    def __init__(self, recorded: Recorded, statement_of: StatementOf) -> None:
        self._recorded = recorded
        self._statement_of = statement_of
        self._recollection = Recollection(recorded)
        self._decisions = 0
        self._measurements = 0
        self._skipped: list[Skipped] = []

    def found(self) -> Recomputation:
        """What was derived so far, and what was not."""
        return Recomputation(
            decisions=self._decisions,
            measurements=self._measurements,
            skipped=tuple(sorted(self._skipped, key=lambda item: (item.index, item.what))),
            other_code=tuple(sorted(self._recollection.other_code)),
        )

    def evaluation(self, record: Record) -> None:
        """Derive an evaluation's measurements again."""
        lacking = self._recollection.lacking(record, record)
        if lacking:
            self._skip(record, "the evaluation", lacking)
            return
        policy = self._recollection.policy(record)
        recalled = recalled_measurements(self._statement_of(record).predicate)
        _check_rules(record, recalled, policy)
        for item in recalled:
            self._measure(record, record, item, policy, lambda _: READING)

    def decision(self, record: Record) -> None:
        """Derive a decision again as a whole if that can be done, else what can be."""
        evidence = self._recollection.evidence(record)
        lacking = self._recollection.lacking(record, evidence)
        details = decision_details_of(self._statement_of(record).predicate)
        if details.get("schema") != DETAILS_SCHEMA:
            lacking = "it was recorded in a form that is not known here"
        if lacking:
            self._skip(record, "the decision", lacking)
            return
        policy = self._recollection.policy(record)
        recalled = recalled_judgements(details)
        _check_rules(record, recalled, policy)
        why = self._whole(record, evidence, recalled, details)
        if not why:
            return
        self._skip(record, "the decision as a whole", why)
        for item in recalled:
            if item.check not in {ATTESTATION, EXPRESSION}:
                errors = partial(_errors_of, policy, details, item.requirement)
                self._measure(record, evidence, item, policy, errors)

    def _whole(
        self,
        record: Record,
        evidence: Record,
        recalled: Sequence[Recalled],
        details: Mapping[str, Json],
    ) -> str:
        """Derive a whole decision again; why that cannot be done, or "" where it was done."""
        if any(map(self._recollection.unusable, recalled)):
            return "it rests on what is named beside it"
        try:
            case = self._recollection.case(record, evidence)
        except ConfigurationError as error:
            return f"its policy's text: {error.what}"
        said = words_on(
            self._recorded.records, case.system, case.version.digest, at=index_of(record)
        )
        decision = decide_measured(
            case,
            self._recollection.measures(case),
            words=said,
            at=_decided_at(self._statement_of(record)),
        )
        derived = plain(decision_details(case, decision))
        _compare(record, {name: details.get(name) for name in derived}, derived, "")
        self._decisions += 1
        self._measurements += len(recalled)
        return ""

    def _measure(
        self,
        record: Record,
        evidence: Record,
        item: Recalled,
        policy: RecordedPolicy,
        errors: Callable[[Check], Errors],
    ) -> None:
        """Derive one measurement again, and compare."""
        why = self._recollection.unusable(item)
        if why:
            self._skip(record, _name(item), why)
            return
        check = self._recorded.catalogue.get(item.check)
        gathered = self._recollection.gathered(evidence)
        try:
            derived = derived_measurement(
                check,
                policy.rules[item.requirement],
                gathered.evidence,
                policy,
                errors=errors(check),
            )
        except ConfigurationError as error:
            self._skip(record, _name(item), f"the check is another here: {error.what}")
            return
        _compare(record, item.document, derived, item.requirement)
        self._measurements += 1

    def _skip(self, record: Record, what: str, why: str) -> None:
        self._skipped.append(Skipped(index=index_of(record), what=what, why=why))


def _errors_of(
    policy: RecordedPolicy, details: Mapping[str, Json], requirement: str, check: Check
) -> Errors:
    rule = policy.rules[requirement]
    return errors_of(check, rule, policy, details, requirement=requirement)


def _decided_at(statement: Statement) -> datetime:
    """When a decision was made: its event may be later, where a clock was behind the journal."""
    return parse_instant(cast(str, statement.predicate["timeVerified"]))


def _check_rules(record: Record, recalled: Sequence[Recalled], policy: RecordedPolicy) -> None:
    """Check that what was measured is what the policy asks for."""
    name = record.value.get("policy", policy.name)
    if name != policy.name:
        raise RecomputedOtherwise(
            index_of(record), f"Its policy is recorded as {name}, and is {policy.name}."
        )
    for item in recalled:
        rule = policy.rules.get(item.requirement)
        if rule is None or rule.check != item.check:
            raise RecomputedOtherwise(
                index_of(record), f"The policy has no requirement {_name(item)}."
            )


def _compare(
    record: Record, stated: Mapping[str, Json], derived: Mapping[str, Json], path: str
) -> None:
    difference = first_mismatch(stated, derived, path)
    if difference is not None:
        raise RecomputedOtherwise(index_of(record), f"{difference}.")


def _name(item: Recalled) -> str:
    return f"{item.requirement} ({item.check})"
