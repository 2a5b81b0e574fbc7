"""Statements: subjects, ids, and what a decision says to those who know only SLSA."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from assay.errors import InvalidArgument
from assay.evidence.canonical import digest
from assay.evidence.statements import (
    MalformedStatement,
    Outcome,
    Resource,
    Statement,
    approval_payload,
    decision_payload,
    evaluation_payload,
    parse_statement,
    statement_id,
    subjects,
)

TIME = datetime(2026, 11, 24, 8, 46, 50, 123456, tzinfo=UTC)
VERSION, MODEL = "a" * 64, "b" * 64
VALID = Statement(
    subjects=subjects(VERSION, MODEL), predicate_type="https://example.org/t/v1", predicate={}
).payload()


def _decision(outcome: Outcome) -> dict[str, Any]:
    payload = decision_payload(
        subjects=subjects(VERSION, MODEL),
        verifier="example.org/workspace",
        time=TIME,
        resource="assay:credit/4.2.0",
        policy_uri="assay:policy/lending@3.1.0",
        policy_digest="c" * 64,
        inputs=["d" * 64, "e" * 64],
        outcome=outcome,
        decision={"tier": "high"},
    )
    return cast(dict[str, Any], parse_statement(payload).predicate)


def test_subjects_name_the_version_before_the_model() -> None:
    """A version's own digest comes first; admission matches by the second."""
    statement = parse_statement(VALID)
    assert [subject.digest["sha256"] for subject in statement.subjects] == [VERSION, MODEL]


def test_id_is_the_digest_of_the_payload() -> None:
    """A statement is called by the SHA-256 of the bytes that are signed."""
    assert statement_id(VALID) == digest(VALID)


@pytest.mark.parametrize(
    ("outcome", "result", "levels"),
    [
        ("allow", "PASSED", ["ASSAY_GATE_PASSED"]),
        ("hold", "FAILED", ["FAILED"]),
        ("deny", "FAILED", ["FAILED"]),
    ],
)
def test_only_allow_passes(outcome: Outcome, result: str, levels: list[str]) -> None:
    """Who reads only the SLSA fields lets nothing through that is held or denied."""
    predicate = _decision(outcome)
    assert predicate["verificationResult"] == result
    assert predicate["verifiedLevels"] == levels
    assert predicate["assay_decision"] == outcome


def test_decision_lists_every_statement_it_used() -> None:
    """Inputs are given by id, the policy by digest, the time in UTC."""
    predicate = _decision("deny")
    assert predicate["inputAttestations"] == [
        {"digest": {"sha256": "d" * 64}},
        {"digest": {"sha256": "e" * 64}},
    ]
    assert predicate["policy"] == {
        "uri": "assay:policy/lending@3.1.0",
        "digest": {"sha256": "c" * 64},
    }
    assert predicate["timeVerified"] == "2026-11-24T08:46:50.123456Z"
    assert predicate["assay_details"] == {"tier": "high"}


@pytest.mark.parametrize(
    ("warned", "failed", "result"),
    [([], [], "PASSED"), (["w"], [], "WARNED"), (["w"], ["f"], "FAILED"), ([], ["f"], "FAILED")],
)
def test_evaluation_result_is_the_worst(warned: list[str], failed: list[str], result: str) -> None:
    """One check that raised makes the evaluation failed, one that lacks data makes it warned."""
    payload = evaluation_payload(
        subjects=subjects(VERSION, MODEL),
        time=TIME,
        configuration={"tallies": "d" * 64, "dataset": "c" * 64},
        passed=["p"],
        warned=warned,
        failed=failed,
        produced="computed",
        measurements=[],
    )
    predicate = parse_statement(payload).predicate
    assert predicate["result"] == result
    assert predicate["configuration"] == [
        {"name": "dataset", "digest": {"sha256": "c" * 64}},
        {"name": "tallies", "digest": {"sha256": "d" * 64}},
    ]


def test_approval_names_person_role_and_what_was_seen() -> None:
    """An approval binds a person in a role to the statements they saw."""
    payload = approval_payload(
        subjects=subjects(VERSION, MODEL),
        time=TIME,
        approver="p-1",
        role="validator",
        reason="c" * 64,
        policy_uri="assay:policy/lending@3.1.0",
        policy_digest="c" * 64,
        references=["d" * 64],
        identity={"method": "asserted"},
        basis="e" * 64,
    )
    predicate = parse_statement(payload).predicate
    assert (predicate["approver"], predicate["role"]) == ("p-1", "validator")
    assert predicate["references"] == [{"digest": {"sha256": "d" * 64}}]


def test_floats_have_no_place_in_a_statement() -> None:
    """A float has no canonical form, so it cannot be signed."""
    statement = Statement(
        subjects=subjects(VERSION, MODEL),
        predicate_type="https://example.org/t/v1",
        predicate={"value": cast(int, 0.1)},
    )
    with pytest.raises(InvalidArgument):
        statement.payload()


def test_numbers_of_others_read_as_text() -> None:
    """A fraction in a foreign statement keeps every digit."""
    raw = json.loads(VALID) | {"predicate": {"value": 0.1}, "unknown": True}
    statement = parse_statement(json.dumps(raw).encode())
    assert statement.predicate == {"value": "0.1"}


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"_type": None},
        {"subject": []},
        {"subject": {}},
        {"subject": [1]},
        {"subject": [{"name": "model"}]},
        {"subject": [{"digest": {}}]},
        {"subject": [{"digest": {"sha256": "A" * 64}}]},
        {"subject": [{"digest": {"sha256": "a" * 63}}]},
        {"subject": [{"digest": {"sha256": 1}}]},
        {"subject": [{"digest": {"sha256": "a" * 64}, "name": 1}]},
        {"subject": [{"digest": {"sha256": "a" * 64}}] * 10_001},
        {"predicateType": "no uri"},
        {"predicateType": None},
        {"predicate": []},
    ],
    ids=str,
)
def test_malformed_statements_are_refused(changes: dict[str, Any]) -> None:
    """Types, digests and counts are checked before anything is believed."""
    raw = json.loads(VALID) | changes
    with pytest.raises(MalformedStatement):
        parse_statement(json.dumps(raw).encode())


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"_type":1,"_type":1}'])
def test_other_bytes_are_refused(payload: bytes) -> None:
    """What is not one JSON object without double keys is no statement."""
    with pytest.raises(MalformedStatement):
        parse_statement(payload)


def test_resource_refuses_a_digest_of_the_wrong_length() -> None:
    """A digest that no content can have is a defect of the caller."""
    with pytest.raises(InvalidArgument):
        Resource.sha256("abc")
