"""Other tools' reports are read strictly: what they say, and where they are malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.elsewhere.junit import read_junit
from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.adapters.loaders.elsewhere.sarif import read_sarif
from assay.adapters.loaders.elsewhere.test_result import read_test_result
from assay.adapters.public_keys import UnusablePublicKey, public_key
from assay.errors import Span
from assay.evidence.envelopes import Envelope, EnvelopeSignature, pae, seal
from assay.evidence.statements import TEST_RESULT, Resource, Statement

JUNIT = """\
<?xml version="1.0"?>
<testsuites tests="99" failures="0">
  <testsuite name="a">
    <testcase classname="pkg.test_a" name="holds"/>
    <testcase classname="pkg.test_a" name="fails"><failure message="no">1 != 2</failure></testcase>
    <testcase name="breaks"><failure/><error>boom</error></testcase>
    <testcase name="waits"><skipped/></testcase>
    <testsuite name="inner"><testcase name="also"/></testsuite>
  </testsuite>
</testsuites>
"""


def junit(text: str) -> dict[str, Any]:
    return read_junit(text.encode(), file="junit.xml")


def test_a_junit_report_counts_its_cases():
    """Cases are counted wherever they stand, each once; totals that a suite claims are not read."""
    assert junit(JUNIT) == {
        "listed": 5,
        "skipped": 1,
        "failed": 1,
        "broken": 1,
        "named": ["pkg.test_a.fails", "breaks"],
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("<testsuites>\n  <testsuite>", 2),
        ("<html/>", 1),
        ("<testsuite>\n<testcase><testcase/></testcase></testsuite>", 2),
        ("<testsuite>" + "<a>" * 64, 1),
        ('<!DOCTYPE x [<!ENTITY a "b">]>\n<testsuite>&a;</testsuite>', 1),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">\n<testsuite/>', 1),
    ],
)
def test_what_is_no_junit_report_is_refused_at_its_place(text, line):
    """XML that is malformed, endless, or declares entities is refused before any is expanded."""
    with pytest.raises(MalformedReport) as caught:
        junit(text)
    assert isinstance(caught.value.where, Span)
    assert (caught.value.where.file, caught.value.where.line) == ("junit.xml", line)


def sarif(*results: dict[str, Any], **run: Any) -> dict[str, Any]:
    rules = [
        {"id": "quiet", "defaultConfiguration": {"level": "note"}},
        {"id": "loud", "defaultConfiguration": {"level": "error"}},
    ]
    whole = {"tool": {"driver": {"name": "t", "rules": rules}}, "results": list(results), **run}
    log = {"version": "2.1.0", "runs": [whole]}
    return read_sarif(json.dumps(log).encode(), file="scan.sarif")


@pytest.mark.parametrize(
    ("result", "level"),
    [
        ({}, "warning"),
        ({"level": "error"}, "error"),
        ({"ruleId": "quiet"}, "note"),
        ({"ruleIndex": 1}, "error"),
        ({"ruleId": "loud", "level": "note"}, "note"),
        ({"kind": "pass", "level": "error"}, "none"),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, "warning"),
    ],
)
def test_a_result_has_its_level_or_its_rules(result, level):
    """By the standard: its own level, or its rule's, or "warning"; what is no failure has none."""
    assert sarif(result)["levels"] == {
        name: int(name == level) for name in ("none", "note", "warning", "error")
    }


@pytest.mark.parametrize(
    ("result", "suppressed"),
    [
        ({"suppressions": [{"kind": "inSource"}]}, 1),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, 1),
        ({"baselineState": "absent"}, 0),
    ],
)
def test_what_is_suppressed_or_gone_does_not_count(result, suppressed):
    """An accepted suppression is counted apart; what is gone since the baseline not at all."""
    found = sarif(result)
    assert (sum(found["levels"].values()), found["suppressed"]) == (0, suppressed)


def test_a_scan_that_was_not_completed():
    """A run that failed, or came to no results, is not a scan without findings."""
    assert sarif()["complete"]
    assert not sarif(invocations=[{"executionSuccessful": False}])["complete"]
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}}]}
    assert not read_sarif(json.dumps(log).encode(), file="s")["complete"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{\n  nothing", "scan.sarif:2:3"),
        ("[]", "scan.sarif:1:1"),
        ('{"version": "2.0.0"}', "scan.sarif: version"),
        ('{"version": "2.1.0"}', "scan.sarif: runs"),
        ('{"version": "2.1.0", "runs": [{}]}', "scan.sarif: runs[0].tool"),
        ('{"version": "2.1.0", "runs": [1]}', "scan.sarif: runs[0]"),
        (
            json.dumps(
                {
                    "version": "2.1.0",
                    "runs": [{"tool": {"driver": {}}, "results": [{"level": "fatal"}]}],
                }
            ),
            "scan.sarif: runs[0].results[0].level",
        ),
        ('{"version": "2.1.0", "version": "2.1.0"}', "scan.sarif:1:1"),
        ("[" * 100_000, "scan.sarif:1:1"),
    ],
)
def test_what_is_no_sarif_log_is_refused_at_its_place(text, where):
    """JSON that is malformed, nests without end, or is another thing is refused, and where."""
    with pytest.raises(MalformedReport) as caught:
        read_sarif(text.encode(), file="scan.sarif")
    assert str(caught.value.where) == where


CI = Ed25519Signer.from_seed("ci.example", b"c" * 32)
OTHER = Ed25519Signer.from_seed("ci.example", b"o" * 32)
MODEL = "a" * 64


def statement(result: str = "PASSED", kind: str = TEST_RESULT) -> bytes:
    return Statement(
        subjects=(Resource.sha256(MODEL, name="model"), Resource(digest={"sha1": "b" * 40})),
        predicate_type=kind,
        predicate={"result": result, "configuration": [], "failedTests": ["one"]},
    ).payload()


def said(data: bytes, *signers: Ed25519Signer, threshold: int = 1) -> dict[str, Any]:
    keys = [str(signer.verifier.key) for signer in signers]
    return read_test_result(data, file="r.json", signers=keys, threshold=threshold)


def test_a_test_result_by_a_trusted_signer():
    """Its result, what failed, and which SHA-256 it is about."""
    assert said(seal(statement(), CI), CI) == {
        "trusted": True,
        "result": "PASSED",
        "named": ["one"],
        "subjects": [MODEL],
    }


def test_nothing_is_told_of_what_others_signed():
    """The wrong key, a changed payload or too few keys: not trusted, and why; never a result."""
    good = json.loads(seal(statement(), CI))
    changed = json.loads(seal(statement("FAILED"), CI)) | {"signatures": good["signatures"]}
    for found in (
        said(seal(statement(), OTHER), CI),
        said(json.dumps(changed).encode(), CI),
        said(seal(statement(), CI), CI, OTHER, threshold=2),
        said(seal(statement(), CI), CI, CI, threshold=2),
    ):
        assert found["trusted"] is False
        assert set(found) == {"trusted", "reason"}
    assert said(seal(statement(), CI, OTHER), CI, OTHER, threshold=2)["trusted"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        seal(statement(kind="https://example.com/other"), CI),
        seal(statement("MAYBE"), CI),
        seal(b"{}", CI),
        seal(statement(), CI, payload_type="text/plain"),
    ],
)
def test_what_is_no_test_result_is_refused(data):
    """A signed thing of another kind is malformed, wherever it came from."""
    with pytest.raises(MalformedReport):
        said(data, CI)


def test_a_pem_key_of_a_curve_signs_too():
    """ECDSA on P-256, as many CI systems sign, and Ed25519 as PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = "application/vnd.in-toto+json"
    signature = private.sign(pae(kind, statement()), ec.ECDSA(SHA256()))
    envelope = Envelope(
        payload=statement(),
        payload_type=kind,
        signatures=(EnvelopeSignature(signature=signature),),
    )
    found = read_test_result(
        envelope.to_bytes(), file="r.json", signers=[pem.decode()], threshold=1
    )
    assert found["trusted"]


@pytest.mark.parametrize("text", ["", "key", "-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_what_is_no_public_key(text):
    """A signer that is no key is misuse: it must not look like an unsigned statement."""
    with pytest.raises(UnusablePublicKey):
        public_key(text)
