"""in-toto Statements (v1): what is claimed, about which digests, in payload bytes.

A statement's id is the SHA-256 of its payload. Whoever ignores a statement must never see a
denial become an allowance; so what takes a permission back is an expiry or an event, not a
statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from assay.errors import InvalidArgument, VerificationFailed
from assay.evidence.canonical import Json, canonical, digest, parse_object
from assay.evidence.instants import instant_text

STATEMENT: Final = "https://in-toto.io/Statement/v1"

AUTHORITY: Final = "https://assay-governance.dev"
"""Under it stand the predicate types that nobody else has defined."""

TEST_RESULT: Final = "https://in-toto.io/attestation/test-result/v0.1"
VERIFICATION_SUMMARY: Final = "https://slsa.dev/verification_summary/v1"
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
APPROVAL: Final = f"{AUTHORITY}/attestation/approval/v0.1"
ATTESTATION: Final = f"{AUTHORITY}/attestation/attestation/v0.1"
WAIVER: Final = f"{AUTHORITY}/attestation/waiver/v0.1"

TRAINING: Final = f"{AUTHORITY}/build-type/training/v0.1"
"""How a model is built: by a run that is declared, out of the components of its version."""

GATE_PASSED: Final = "ASSAY_GATE_PASSED"
"""The level that a verification summary of an allowed version states."""

STATEMENT_BYTES_MAX: Final = 32 << 20
SUBJECTS_MAX: Final = 10_000

Outcome = Literal["allow", "hold", "deny"]

_DIGEST_PATTERNS: Final = {
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "sha384": re.compile(r"[0-9a-f]{96}"),
    "sha512": re.compile(r"[0-9a-f]{128}"),
    "sha1": re.compile(r"[0-9a-f]{40}"),
    "gitCommit": re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?"),
}
_TYPE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")


class MalformedStatement(VerificationFailed):
    """Bytes are not an in-toto Statement."""

    code = "statement.malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a statement speaks of. Only the digests identify it; name and URI are labels.

    Attributes:
        digest: lowercase hexadecimal by algorithm ("sha256"); a subject has at least one.
    """

    name: str = ""
    uri: str = ""
    digest: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for algorithm, value in self.digest.items():
            pattern = _DIGEST_PATTERNS.get(algorithm)
            if not value or (pattern is not None and not pattern.fullmatch(value)):
                raise InvalidArgument(f"{value[:140]!r} is not a {algorithm} digest.")

    @classmethod
    def sha256(cls, value: str, *, name: str = "") -> Resource:
        """The content with a SHA-256 (hex)."""
        return cls(name=name, digest={"sha256": value})

    def document(self) -> dict[str, Json]:
        """The resource as the mapping that statements hold, without what it lacks."""
        full: dict[str, Json] = {
            "name": self.name,
            "uri": self.uri,
            "digest": dict(self.digest),
        }
        return {key: value for key, value in full.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim (predicate) of a type about subjects."""

    subjects: tuple[Resource, ...]
    predicate_type: str
    predicate: Mapping[str, Json]

    def __post_init__(self) -> None:
        if not 0 < len(self.subjects) <= SUBJECTS_MAX or not all(s.digest for s in self.subjects):
            raise InvalidArgument("A statement has subjects, and each subject has a digest.")
        if not _TYPE_URI.fullmatch(self.predicate_type):
            raise InvalidArgument(f"{self.predicate_type[:200]!r} is not a type URI.")

    def payload(self) -> bytes:
        """The canonical bytes to sign."""
        return canonical(
            {
                "_type": STATEMENT,
                "subject": [subject.document() for subject in self.subjects],
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )


def statement_id(payload: bytes) -> str:
    """The id of a statement everywhere: SHA-256 (hex) of its payload."""
    return digest(payload)


def parse_statement(payload: bytes) -> Statement:
    """A statement as anyone may write it.

    Unknown fields are ignored, as in-toto asks, so a statement that was read is never
    written again: its id and its signatures belong to the bytes that came.

    Raises:
        MalformedStatement: the bytes are not a Statement v1, or exceed its bounds.
    """
    if len(payload) > STATEMENT_BYTES_MAX:
        raise MalformedStatement(f"A statement of {len(payload):,} bytes is too large.")
    try:
        return _parse(payload)
    except (TypeError, ValueError) as error:
        raise MalformedStatement(f"The bytes are not an in-toto Statement: {error}") from error


def subjects(version: str, model: str | None) -> tuple[Resource, ...]:
    """The subjects of every statement about a version: its digest, then its model's.

    Admission to production sees only the model, and matches by the second.

    Args:
        version: the version digest (hex).
        model: the SHA-256 of the model file, or the OMS root of its folder (hex); None for a
            hosted model that has no digest.
    """
    subject = Resource.sha256(version, name="version")
    return (subject,) if model is None else (subject, Resource.sha256(model, name="model"))


def evaluation_payload(
    *,
    subjects: Sequence[Resource],
    time: datetime,
    configuration: Mapping[str, str],
    passed: Sequence[str],
    warned: Sequence[str],
    failed: Sequence[str],
    produced: str,
    measurements: Sequence[Json],
) -> bytes:
    """A statement of what was measured; it judges nothing.

    Args:
        subjects: as `subjects` gives them.
        time: when.
        configuration: SHA-256 (hex) by name of all that the figures rest on: dataset,
            recipe, tallies, documents.
        passed: names of what could be measured.
        warned: names of what the data do not suffice for.
        failed: names of what raised. The result is the worst of the three.
        produced: whether predictions were "supplied" or "computed".
        measurements: canonical JSON of each.
    """
    result = "FAILED" if failed else "WARNED" if warned else "PASSED"
    return Statement(
        subjects=tuple(subjects),
        predicate_type=TEST_RESULT,
        predicate={
            "result": result,
            "configuration": [
                Resource.sha256(value, name=name).document()
                for name, value in sorted(configuration.items())
            ],
            "passedTests": list(passed),
            "warnedTests": list(warned),
            "failedTests": list(failed),
            "assay_time": instant_text(time),
            "assay_produced": produced,
            "assay_measurements": list(measurements),
        },
    ).payload()


def decision_payload(
    *,
    subjects: Sequence[Resource],
    verifier: str,
    time: datetime,
    resource: str,
    policy_uri: str,
    policy_digest: str,
    inputs: Sequence[str],
    outcome: Outcome,
    decision: Mapping[str, Json],
) -> bytes:
    """A gate decision as a SLSA verification summary, which admission controllers read.

    Args:
        subjects: as `subjects` gives them.
        verifier: who decided, by the name of the workspace's key.
        time: when.
        resource: URI of the version.
        policy_uri: which policy, for people.
        policy_digest: which policy, SHA-256 (hex) of its canonical form.
        inputs: ids of ALL statements that the decision used.
        outcome: only "allow" is PASSED; "hold" and "deny" both fail an admission.
        decision: the decision in full, canonical JSON.
    """
    allowed = outcome == "allow"
    return Statement(
        subjects=tuple(subjects),
        predicate_type=VERIFICATION_SUMMARY,
        predicate={
            "verifier": {"id": verifier},
            "timeVerified": instant_text(time),
            "resourceUri": resource,
            "policy": Resource(uri=policy_uri, digest={"sha256": policy_digest}).document(),
            "inputAttestations": [Resource.sha256(item).document() for item in inputs],
            "verificationResult": "PASSED" if allowed else "FAILED",
            "verifiedLevels": [GATE_PASSED if allowed else "FAILED"],
            "assay_decision": outcome,
            "assay_details": decision,
        },
    ).payload()


def approval_payload(
    *,
    subjects: Sequence[Resource],
    time: datetime,
    approver: str,
    role: str,
    reason: str,
    policy_uri: str,
    policy_digest: str,
    references: Sequence[str],
    identity: Mapping[str, Json],
    basis: str,
) -> bytes:
    """A person's approval, vouched for by the workspace or hub whose key signs it.

    Args:
        subjects: as `subjects` gives them.
        time: when.
        approver: the person's opaque id.
        role: the role in which they approve.
        reason: SHA-256 (hex) of the salted blob with their words, which can be erased.
        policy_uri: which policy asked for it, for people.
        policy_digest: SHA-256 (hex) of that policy's canonical form.
        references: ids of the statements they saw, such as the decision on hold.
        identity: how the person was known: issuer, subject and time of login, or that the
            identity was asserted.
        basis: digest of what they approved; an approval of another basis does not count.
    """
    return Statement(
        subjects=tuple(subjects),
        predicate_type=APPROVAL,
        predicate={
            "approver": approver,
            "role": role,
            "decision": "approved",
            "reason": Resource.sha256(reason).document(),
            "policy": Resource(uri=policy_uri, digest={"sha256": policy_digest}).document(),
            "references": [Resource.sha256(item).document() for item in references],
            "timeApproved": instant_text(time),
            "identity": identity,
            "basis": basis,
        },
    ).payload()


def attestation_payload(
    *,
    subjects: Sequence[Resource],
    time: datetime,
    person: str,
    role: str,
    reason: str,
    requirement: str,
    asked: str,
    policy_uri: str,
    policy_digest: str,
    identity: Mapping[str, Json],
) -> bytes:
    """A person's word that what a requirement asks is so, vouched for by the signing key.

    Args:
        subjects: as `subjects` gives them.
        time: when.
        person: the opaque id of who attests.
        role: the role in which they do.
        reason: SHA-256 (hex) of the salted blob with their words, which can be erased.
        requirement: its id in the policy.
        asked: digest of what it asks; where it asks otherwise, this answers nothing.
        policy_uri: which policy asks, for people.
        policy_digest: SHA-256 (hex) of that policy's canonical form.
        identity: how the person was known, as for approvals.
    """
    return Statement(
        subjects=tuple(subjects),
        predicate_type=ATTESTATION,
        predicate={
            "attester": person,
            "role": role,
            "requirement": requirement,
            "asked": asked,
            "reason": Resource.sha256(reason).document(),
            "policy": Resource(uri=policy_uri, digest={"sha256": policy_digest}).document(),
            "timeAttested": instant_text(time),
            "identity": identity,
        },
    ).payload()


def waiver_payload(
    *,
    subjects: Sequence[Resource],
    time: datetime,
    approver: str,
    role: str,
    reason: str,
    compensating: str,
    requirement: str,
    scope: Literal["version", "system"],
    policy_uri: str,
    policy_digest: str,
    not_after: datetime,
    identity: Mapping[str, Json],
) -> bytes:
    """A waiver as granted, vouched for by the workspace or hub whose key signs it.

    Args:
        subjects: as `subjects` gives them; of a system's waiver, the version it was asked for.
        time: when.
        approver: the opaque id of who grants it.
        role: the role in which they do.
        reason: SHA-256 (hex) of the salted blob that says why.
        compensating: SHA-256 (hex) of the one that says what takes the requirement's place.
        requirement: its id in the policy.
        scope: whether it holds for the version alone, or for every version of the system.
        policy_uri: which policy asks for what is waived, for people.
        policy_digest: SHA-256 (hex) of that policy's canonical form.
        not_after: when the waiver ends; nothing but a later statement outlives it.
        identity: how the person was known, as for an approval.
    """
    return Statement(
        subjects=tuple(subjects),
        predicate_type=WAIVER,
        predicate={
            "approver": approver,
            "role": role,
            "decision": "waived",
            "check": requirement,
            "scope": scope,
            "reason": Resource.sha256(reason).document(),
            "compensating": Resource.sha256(compensating).document(),
            "policy": Resource(uri=policy_uri, digest={"sha256": policy_digest}).document(),
            "timeGranted": instant_text(time),
            "notAfter": instant_text(not_after),
            "identity": identity,
        },
    ).payload()


def provenance_payload(
    *,
    subjects: Sequence[Resource],
    parameters: Mapping[str, str],
    dependencies: Sequence[Resource],
    builder: str,
    invocation: str = "",
    started: datetime | None = None,
    finished: datetime | None = None,
) -> bytes:
    """Where a version comes from, as SLSA provenance; what it says is declared, not observed.

    Args:
        subjects: as `subjects` gives them.
        parameters: what the training run was started with.
        dependencies: what it was made out of: data, code, environment, each by digest.
        builder: URI of what ran it.
        invocation: which run of it, if it has a name.
        started: when it began, if that is told.
        finished: when it ended, if that is told.

    Source: SLSA v1.1, "Build: Provenance".
    """
    metadata: dict[str, Json] = {
        "invocationId": invocation,
        "startedOn": "" if started is None else instant_text(started),
        "finishedOn": "" if finished is None else instant_text(finished),
    }
    return Statement(
        subjects=tuple(subjects),
        predicate_type=PROVENANCE,
        predicate={
            "buildDefinition": {
                "buildType": TRAINING,
                "externalParameters": dict(parameters),
                "internalParameters": {},
                "resolvedDependencies": [item.document() for item in dependencies],
            },
            "runDetails": {
                "builder": {"id": builder},
                "metadata": {name: value for name, value in metadata.items() if value},
            },
        },
    ).payload()


def _parse(payload: bytes) -> Statement:
    raw = parse_object(payload)
    if raw.get("_type") != STATEMENT:
        raise ValueError(f"_type is not {STATEMENT}.")
    listed, predicate_type = raw.get("subject"), raw.get("predicateType")
    predicate = raw.get("predicate", {})
    if not isinstance(listed, list) or len(listed) > SUBJECTS_MAX:
        raise ValueError(f"subject is not a list of at most {SUBJECTS_MAX:,}.")
    if not isinstance(predicate_type, str) or not isinstance(predicate, dict):
        raise TypeError("predicateType is not text, or predicate not an object.")
    return Statement(
        subjects=tuple(map(_resource, listed)),
        predicate_type=predicate_type,
        predicate=predicate,
    )


def _resource(raw: Json) -> Resource:
    if not isinstance(raw, dict):
        raise TypeError("a subject is not an object.")
    name, uri, digests = raw.get("name", ""), raw.get("uri", ""), raw.get("digest")
    if not isinstance(name, str) or not isinstance(uri, str):
        raise TypeError("a subject's name or uri is not text.")
    if not isinstance(digests, dict):
        raise TypeError("a subject has no digest.")
    texts = {key: value for key, value in digests.items() if isinstance(value, str)}
    if len(texts) != len(digests):
        raise TypeError("a digest is not text.")
    return Resource(name=name, uri=uri, digest=texts)
