"""An in-toto test result (`test-result/v0.1`) in a DSSE envelope, by signers that are trusted.

Source: in-toto attestation framework, predicate "test-result" v0.1; DSSE 1.0.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.adapters.public_keys import public_key
from assay.errors import Span, VerificationFailed
from assay.evidence.envelopes import (
    STATEMENT_TYPE,
    EnvelopeNotSigned,
    parse_envelope,
    verify_envelope,
)
from assay.evidence.statements import TEST_RESULT, Resource, Statement, parse_statement

RESULTS: Final = ("PASSED", "WARNED", "FAILED")
NAMED_MAX: Final = 5
NAME_LENGTH_MAX: Final = 200


def read_test_result(
    data: bytes, *, file: str, signers: Sequence[str], threshold: int
) -> dict[str, Any]:
    """What a statement says, of what, and whether enough trusted keys signed it.

    Of a statement that they did not sign nothing is told: anybody may have written it.

    Raises:
        MalformedReport: it is no envelope with a test result, and why.
        ConfigurationError: a signer is not a public key.
    """
    keys = [public_key(text) for text in signers]
    try:
        envelope = parse_envelope(data)
        if envelope.payload_type != STATEMENT_TYPE:
            raise _malformed(file, f"its payload is {envelope.payload_type[:100]!r}")
        payload = verify_envelope(envelope, keys, threshold=threshold)
        statement = parse_statement(payload)
    except EnvelopeNotSigned as error:
        return {"trusted": False, "reason": error.what}
    except VerificationFailed as error:
        raise _malformed(file, error.what) from error
    return {"trusted": True, **_told(statement, file)}


def _told(statement: Statement, file: str) -> dict[str, Any]:
    result = statement.predicate.get("result")
    if statement.predicate_type != TEST_RESULT or result not in RESULTS:
        raise _malformed(file, f"it is {statement.predicate_type} with result {str(result)[:40]!r}")
    failed = statement.predicate.get("failedTests")
    named = failed[:NAMED_MAX] if isinstance(failed, list) else []
    return {
        "result": result,
        "named": [str(name)[:NAME_LENGTH_MAX] for name in named],
        "subjects": sorted({item.digest["sha256"] for item in _known(statement)}),
    }


def _known(statement: Statement) -> list[Resource]:
    """The subjects that are told by the digest that versions and models are told by."""
    return [item for item in statement.subjects if "sha256" in item.digest]


def _malformed(file: str, why: str) -> MalformedReport:
    return MalformedReport(
        f"The file is not a DSSE envelope with an in-toto test result: {why}",
        where=Span(file, 1, 1),
        remedy=f"Sign a statement of type {TEST_RESULT}.",
    )
