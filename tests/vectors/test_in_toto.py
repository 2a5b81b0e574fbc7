"""Statements of the in-toto specification, and ours against the specification's shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assay.evidence.statements import (
    MalformedStatement,
    approval_payload,
    decision_payload,
    evaluation_payload,
    parse_statement,
    subjects,
)

DATA = Path(__file__).parent / "data" / "in-toto"
SCHEMA: dict[str, Any] = json.loads((DATA / "statement-v1.schema.json").read_text())
EXAMPLES = sorted((DATA / "examples").glob("*.json"))

TIME = datetime(2026, 11, 24, 8, 46, 50, 123456, tzinfo=UTC)
SUBJECTS = subjects("a" * 64, "b" * 64)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_parse_exactly_where_the_schema_allows(path: Path) -> None:
    """The published examples parse, but for those whose digests are shortened for print."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    raw = json.loads(path.read_text())
    if validator.is_valid(raw):
        statement = parse_statement(path.read_bytes())
        assert statement.predicate_type == raw["predicateType"]
        assert [dict(s.digest) for s in statement.subjects] == [s["digest"] for s in raw["subject"]]
    else:
        with pytest.raises(MalformedStatement):
            parse_statement(path.read_bytes())


def test_examples_of_both_kinds_are_there() -> None:
    """Some published examples are whole, others have shortened digests."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    valid = [validator.is_valid(json.loads(path.read_text())) for path in EXAMPLES]
    assert 0 < sum(valid) < len(valid)


@pytest.mark.parametrize(
    "payload",
    [
        evaluation_payload(
            subjects=SUBJECTS,
            time=TIME,
            configuration={"dataset": "c" * 64, "tallies": "d" * 64},
            passed=["ranks-well"],
            warned=[],
            failed=["watched"],
            produced="supplied",
            measurements=[{"requirement": "ranks-well", "value": "0.71"}],
        ),
        decision_payload(
            subjects=SUBJECTS,
            verifier="example.org/workspace",
            time=TIME,
            resource="assay:credit/4.2.0",
            policy_uri="assay:policy/lending@3.1.0",
            policy_digest="c" * 64,
            inputs=["d" * 64],
            outcome="hold",
            decision={"requirements": []},
        ),
        approval_payload(
            subjects=SUBJECTS,
            time=TIME,
            approver="p-1",
            role="validator",
            reason="c" * 64,
            policy_uri="assay:policy/lending@3.1.0",
            policy_digest="c" * 64,
            references=["d" * 64],
            identity={"method": "asserted"},
            basis="e" * 64,
        ),
    ],
    ids=["evaluation", "decision", "approval"],
)
def test_ours_have_the_published_shape(payload: bytes) -> None:
    """Every statement that Assay writes is a Statement v1."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(payload))
    assert parse_statement(payload).payload() == payload
