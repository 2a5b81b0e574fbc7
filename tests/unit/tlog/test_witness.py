"""Requests to witnesses, and policies about which witnesses suffice."""

from __future__ import annotations

import pytest

from assay.adapters.keys import Ed25519Verifier
from assay.tlog.keys import (
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    MalformedKey,
    VerifierKey,
    parse_verifier_key,
)
from assay.tlog.text import encode_base64
from assay.tlog.trust_policy import MalformedTrustPolicy, Party, QuorumMissed, parse_trust_policy
from assay.tlog.witness import CosignRequest, MalformedRequest, parse_request

HASH = encode_base64(bytes(32))
LOG = VerifierKey(name="example.org/log", public_key=b"l" * 32)
WITNESS = VerifierKey(
    name="example.org/witness", public_key=b"w" * 32, algorithm=ED25519_COSIGNATURE
)
QUANTUM = VerifierKey(
    name="example.org/quantum", public_key=b"q" * 1312, algorithm=ML_DSA_44_COSIGNATURE
)


@pytest.mark.parametrize("proof", [(), (bytes(32),), (bytes(32),) * 63])
def test_requests_survive_their_bytes(proof: tuple[bytes, ...]) -> None:
    """Parsing a rendered request gives it back."""
    request = CosignRequest(old_size=7, proof=proof, checkpoint=b"log\n8\n\n\nlines\n")
    assert parse_request(request.to_bytes()) == request


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 7\n",
        b"old 07\n\nnote",
        b"old -7\n\nnote",
        b"new 7\n\nnote",
        b"old  7\n\nnote",
        b"old 7\nAA==\n\nnote",
        b"old 7\n!\n\nnote",
        b"old 7\n\xff\n\nnote",
        f"old 7\n{HASH}".encode() + f"\n{HASH}".encode() * 63 + b"\n\nnote",
        f"old 7\n{HASH}".encode() + f"\n{HASH}".encode() * 1000 + b"\n\nnote",
    ],
    ids=range(11),
)
def test_malformed_requests_are_refused(data: bytes) -> None:
    """A request has one spelling and bounds."""
    with pytest.raises(MalformedRequest):
        parse_request(data)


@pytest.mark.parametrize("key", [LOG, WITNESS, QUANTUM])
def test_keys_of_witnesses_have_types_of_their_own(key: VerifierKey) -> None:
    """The signature type is part of a key's text and id, and no other type's key fits."""
    assert parse_verifier_key(str(key)) == key
    if key is not LOG:
        with pytest.raises(MalformedKey):
            Ed25519Verifier(key)


def test_policy_names_keys_groups_and_urls() -> None:
    """Comments, tabs and addresses are read; the order of parties does not matter."""
    policy = parse_trust_policy(
        f"# ours\n log\t{LOG} https://example.org/log \n\nwitness W {WITNESS}\n"
        f"witness Q {QUANTUM} https://example.org/q\ngroup G all W Q\nquorum G\n".encode()
    )
    assert policy.logs == (Party(key=LOG, url="https://example.org/log"),)
    assert policy.members["Q"] == Party(key=QUANTUM, url="https://example.org/q")
    policy.check({WITNESS, QUANTUM})
    with pytest.raises(QuorumMissed):
        policy.check({WITNESS})


def test_policy_may_ask_for_nobody() -> None:
    """`quorum none` is satisfied by a log's signature alone."""
    parse_trust_policy(b"quorum none\n").check([])


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "quorum W",
        "witness W {w}\nquorum W\nquorum W",
        "quorum W\nwitness W {w}",
        "witness none {w}\nquorum none",
        "witness W {w}\nwitness W {q}\nquorum W",
        "witness W {w}\nwitness V {w}\nquorum W",
        "log {l}\nlog {l}\nquorum none",
        "log {l} a b\nquorum none",
        "log\nquorum none",
        "group G any\nquorum none",
        "witness W {w}\ngroup G 2 W\nquorum G",
        "witness W {w}\ngroup G 0 W\nquorum G",
        "witness W {w}\ngroup G some W\nquorum G",
        "witness W {w}\ngroup G any W none\nquorum G",
        "witness W {w}\ngroup G any W W\nquorum G",
        "witness W {w}\ngroup G any W\ngroup H any W\nquorum H",
        "group G any G\nquorum G",
        "witness W {w}\r\nquorum W",
        "witness W name+00000000+AA==\nquorum W",
        "oracle W\nquorum none",
    ],
)
def test_malformed_policies_are_refused(lines: str) -> None:
    """Each name is defined once, before it is used, and each key counts once."""
    text = lines.format(w=WITNESS, q=QUANTUM, l=LOG)
    with pytest.raises(MalformedTrustPolicy):
        parse_trust_policy(text.encode())
