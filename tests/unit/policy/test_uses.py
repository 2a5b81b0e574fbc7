"""A policy may divide its false_allow among the versions that one evaluation set judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.golden.situations import report
from tests.unit.policy.test_gate import rate, rule

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.documents.gate import cautions
from assay.errors import ConfigurationError
from assay.policy.canonical import canonical_policy, policy_bytes
from assay.policy.gate import Verdict, assess
from assay.policy.policy import ErrorBudget, Policy
from assay.policy.recorded import MalformedPolicyForm, parse_recorded_policy
from assay.policy.tiers import Tier

TEXT = """policy: lending
version: 1.0.0
errors: {false_allow: 0.05, uses: %s}
requirements:
  ranks: {check: performance.roc_auc, at_least: 0.6}
"""


def parsed(uses: object) -> Policy:
    written = Written(file="policy.yaml", source=(TEXT % uses).encode())
    return parse_policy(written, find_checks())


def verdict(uses: int) -> Verdict:
    """Of 100 people 5 are events, and at most 0.11 is asked: 0.1022 at 0.05, 0.1260 at 0.01."""
    policy = Policy(
        name="p",
        version="1",
        digest="",
        requirements=(rule("few", at_most="0.11"),),
        errors=ErrorBudget(uses=uses),
    )
    measures = {item.id: rate(5, 100) for item in policy.requirements}
    [judgement], *_ = assess(
        policy, tier=Tier.LOW, measures=measures, at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return judgement.verdict


def test_each_version_has_its_share_of_the_error():
    """What one use shows, five uses of the same rows do not."""
    assert verdict(1) is Verdict.PASS
    assert verdict(5) is Verdict.INSUFFICIENT


def test_the_number_of_uses_is_read_and_pinned():
    """It is part of the policy's meaning, and left out where it is 1, as before it existed."""
    policy = parsed(20)
    assert policy.errors.allow_error == pytest.approx(0.0025)
    assert canonical_policy(policy)["errors"] == {
        "false_allow": "0.05",
        "false_deny": "0.05",
        "uses": 20,
    }
    assert "uses" not in str(canonical_policy(parsed(1)))
    assert parsed(1).digest != policy.digest
    assert parse_recorded_policy(policy_bytes(policy)).false_allow == policy.errors.allow_error


@pytest.mark.parametrize("uses", [0, -1, 1.5, 10_001, "many"])
def test_a_number_of_uses_that_is_none_is_refused(uses: object):
    """It is a whole number from 1."""
    with pytest.raises(ConfigurationError):
        parsed(uses)


@pytest.mark.parametrize("uses", ["0", '"2"', "true"])
def test_a_recorded_number_of_uses_is_not_trusted(uses: str):
    """Whoever reads another's policy form refuses what loading would have refused."""
    form = policy_bytes(parsed(20)).replace(b'"uses":20', f'"uses":{uses}'.encode())
    with pytest.raises(MalformedPolicyForm):
        parse_recorded_policy(form)


@pytest.mark.parametrize(
    ("judged", "uses", "words"),
    [
        (1, 1, None),
        (3, 1, "has now judged 3 versions; each"),
        (3, 5, "one of the 5 uses"),
        (6, 5, "judged 6 versions, and the policy divides false_allow among 5"),
    ],
)
def test_the_report_says_how_worn_the_data_are(judged: int, uses: int, words: str | None):
    """The caution comes once the data are used for more than the errors were divided for."""
    said = " ".join(cautions(replace(report("allowed"), dataset_versions=judged, uses=uses)))
    assert (words or "") in said
    assert ("wears it out" in said) == (judged > max(uses, 1))


def test_more_uses_are_stricter():
    """Each version's error is smaller."""
    assert ErrorBudget(uses=2).allow_error < ErrorBudget().allow_error == float(Decimal("0.05"))
