"""The proofs of transparency-dev/merkle: each is accepted or rejected as published."""

from __future__ import annotations

import base64
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from assay.errors import VerificationFailed
from assay.tlog.proofs import verify_consistency, verify_inclusion

DATA = Path(__file__).parent / "data" / "merkle-proofs"


def _cases(name: str) -> list[Any]:
    lines = (DATA / name).read_text().splitlines()
    return [pytest.param(case, id=case["file"]) for case in map(json.loads, lines)]


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(item) for item in case["proof"] or []]


def _verdict(case: dict[str, Any]) -> Any:
    return pytest.raises(VerificationFailed) if case["wantErr"] else nullcontext()


@pytest.mark.parametrize("case", _cases("inclusion.jsonl"))
def test_inclusion(case: dict[str, Any]) -> None:
    """Exactly the inclusion proofs that are right verify."""
    with _verdict(case):
        verify_inclusion(
            index=case["leafIdx"],
            size=case["treeSize"],
            leaf_hash=base64.b64decode(case["leafHash"]),
            proof=_proof(case),
            root=base64.b64decode(case["root"]),
        )


@pytest.mark.parametrize("case", _cases("consistency.jsonl"))
def test_consistency(case: dict[str, Any]) -> None:
    """Exactly the consistency proofs that are right verify."""
    with _verdict(case):
        verify_consistency(
            old_size=case["size1"],
            old_root=base64.b64decode(case["root1"]),
            new_size=case["size2"],
            new_root=base64.b64decode(case["root2"]),
            proof=_proof(case),
        )


@pytest.mark.parametrize("name", ["inclusion.jsonl", "consistency.jsonl"])
def test_both_verdicts_are_there(name: str) -> None:
    """The files hold proofs to accept and proofs to reject."""
    verdicts = [json.loads(line)["wantErr"] for line in (DATA / name).read_text().splitlines()]
    assert (verdicts.count(False), verdicts.count(True)) == (6, 92)
