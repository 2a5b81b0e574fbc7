"""Reports of other tools: whatever their bytes, they are read or refused, and never raise else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.elsewhere.junit import read_junit
from assay.adapters.loaders.elsewhere.problems import MalformedReport
from assay.adapters.loaders.elsewhere.sarif import read_sarif
from assay.adapters.loaders.elsewhere.test_result import read_test_result
from assay.evidence.envelopes import seal

KEY = Ed25519Signer.from_seed("ci.example", b"c" * 32)

NAMES = st.sampled_from(["testsuites", "testsuite", "testcase", "failure", "skipped", "x"])
XML = st.recursive(
    st.text(alphabet="ab <&\"'", max_size=5),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=3)).map(
        lambda pair: f"<{pair[0]} name='n'>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("version", "runs", "tool", "driver", "rules", "results", "level", "kind", "id"),
        *("suppressions", "ruleIndex", "ruleId", "defaultConfiguration", "invocations"),
        "baselineState",
    ]
)
LEAVES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1e9, "2.1.0", "error", "fail", "absent", [], {}]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def reads(read: Callable[..., dict[str, Any]], data: bytes, **more: Any) -> dict[str, Any] | None:
    """What a reader made of some bytes; None where it refused them and said where and why."""
    with contextlib.suppress(Refused):
        return _read(read, data, more)
    return None


class Refused(Exception):
    """A report was refused as it should be."""


def _read(read: Callable[..., dict[str, Any]], data: bytes, more: dict[str, Any]) -> dict[str, Any]:
    try:
        return read(data, file="report", **more)
    except MalformedReport as error:
        if not (error.where and error.what and error.remedy):
            raise
        raise Refused from error


@settings(max_examples=150)
@given(st.one_of(XML.map(str.encode), st.binary(max_size=200)))
def test_any_xml(data: bytes):
    """Counts are whole and fit together, or the report is refused."""
    said = reads(read_junit, data)
    if said is not None:
        assert 0 <= said["skipped"] + said["failed"] + said["broken"] <= said["listed"]


@settings(max_examples=150)
@given(st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=200)))
def test_any_json(data: bytes):
    """Results are counted once, or the log is refused."""
    said = reads(read_sarif, data)
    if said is not None:
        assert all(count >= 0 for count in said["levels"].values())


@settings(max_examples=100)
@given(JSON.map(lambda run: json.dumps({"version": "2.1.0", "runs": [run]}).encode()))
def test_any_run(data: bytes):
    """So it is close to what a log should be."""
    reads(read_sarif, data)


@pytest.mark.parametrize("signed", [True, False])
@settings(max_examples=60)
@given(
    payload=st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=99))
)
def test_any_statement(signed: bool, payload: bytes):
    """A signed thing of whatever content is a test result or refused; the rest is untrusted."""
    data = seal(payload, KEY) if signed else payload
    said = reads(read_test_result, data, signers=[str(KEY.verifier.key)], threshold=1)
    assert said is None or "result" in said or said["trusted"] is False
