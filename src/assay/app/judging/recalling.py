"""Recalling: what a recorded evaluation or decision rests on, and whether it is all here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from assay.app.judging.deciding import Case
from assay.app.judging.evaluation import Gathered, bind
from assay.app.judging.replay import Recorded, case_of, digests_of
from assay.app.packs.rederiving import Recalled, RecomputedOtherwise
from assay.checks.external import EXTERNAL
from assay.errors import ConfigurationError
from assay.governance.fold import EVIDENCE, Record
from assay.policy.gate import Measure
from assay.policy.policy import ATTESTATION, EXPRESSION, RequirementId
from assay.policy.recorded import RecordedPolicy, UnknownPolicyForm, parse_recorded_policy

_NEEDED: Final = {"circumstances", "policy", "policy_source", "recipe", "tallies"}
_FOLLOWED: Final = ("document.", EXTERNAL)


class Recollection:
    """Reads what records rest on; decisions of a version mostly share it, so the last is kept.

    Attributes:
        other_code: checks whose installed code is not the recorded one.
    """

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._gathered: tuple[str, Gathered] | None = None
        self._bound: tuple[tuple[str, str], Mapping[RequirementId, Measure]] | None = None
        self.other_code: set[str] = set()

    def evidence(self, decision: Record) -> Record:
        """The record of the evaluation that a decision rests on.

        Raises:
            RecomputedOtherwise: it is not recorded.
        """
        key = cast(str, decision.value["evidence"])
        evidence = self._recorded.records.record(EVIDENCE, key, decision.parent)
        if evidence is None:
            raise RecomputedOtherwise(index_of(decision), "It names evidence that is not recorded.")
        return evidence

    def gathered(self, evidence: Record) -> Gathered:
        """What an evaluation gathered; raises ConfigurationError or VerificationFailed."""
        if self._gathered is None or self._gathered[0] != evidence.key:
            self._gathered = evidence.key, self._recorded.gathered(evidence)
        return self._gathered[1]

    def policy(self, record: Record) -> RecordedPolicy:
        """The policy of an evaluation or decision, by its canonical form."""
        return parse_recorded_policy(self._recorded.blobs.get(digests_of(record)["policy"]))

    def case(self, decision: Record, evidence: Record) -> Case:
        """The case of a decision, as it was then.

        Raises:
            ConfigurationError: the policy's text does not load here.
            RecomputedOtherwise: it does not spell the policy that was judged by.
        """
        case = case_of(
            self._recorded,
            decision,
            at=index_of(decision),
            gathered=self.gathered(evidence),
        )
        if case.policy.digest != digests_of(decision)["policy"]:
            raise RecomputedOtherwise(
                index_of(decision),
                "The policy's text does not spell the policy that was judged by.",
            )
        return case

    def measures(self, case: Case) -> Mapping[RequirementId, Measure]:
        """The case's checks, bound to its evidence."""
        key = case.policy.digest, case.evidence_id
        if self._bound is None or self._bound[0] != key:
            self._bound = key, bind(case.policy, case.catalogue, case.gathered.evidence)
        return self._bound[1]

    def lacking(self, record: Record, evidence: Record) -> str:
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
            self.policy(record)
            self.gathered(evidence)
        except UnknownPolicyForm:
            return "its policy was recorded in a form that is not known here"
        except ConfigurationError as error:
            return f"a document does not load here: {error.what}"
        return ""

    def unusable(self, item: Recalled) -> str:
        """Why a check's figure cannot be derived here, in words; "" where it can."""
        if item.check in {ATTESTATION, EXPRESSION}:
            return ""  # the decision derives what people and expressions said, as a whole
        try:
            check = self._recorded.catalogue.get(item.check)
        except ConfigurationError:
            return "the check is not installed here"
        revision = item.provenance.get("revision", check.revision)
        if revision != check.revision:
            return f"the check is of revision {check.revision} here, and was of {revision}"
        code = self._recorded.catalogue.provenance(item.check)["sha256"]
        if item.provenance.get("sha256", code) != code:
            self.other_code.add(item.check)
        return ""


def index_of(record: Record) -> int:
    """The index of the entry that made a record."""
    return cast(int, record.value["index"])


def _needed(name: str) -> bool:
    return name in _NEEDED or name.startswith(_FOLLOWED)
