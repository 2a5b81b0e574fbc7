"""A file of policy tests is read strictly, and its data measure as data do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assay.adapters.loaders.policy_tests import check_names, parse_suite
from assay.app.ports import Written
from assay.errors import ConfigurationError, Span
from assay.evidence.measurement import Fact, NotCollected
from assay.policy.policy import Policy, Requirement, RequirementId
from assay.policy.testing import Bounds, Suite
from assay.policy.tiers import Tier
from assay.stats.tallies import BinaryCounts, Confusion

HEAD = "given: {tier: high, at: 2026-03-01}\ncases:\n"


def suite(text: str) -> Suite:
    return parse_suite(Written(file="tests.yaml", source=text.encode()))


def case(given: str) -> str:
    """A file with one case of that `given`."""
    return f"{HEAD}  c: {{given: {{{given}}}, expect: {{}}}}"


def one(given: str) -> object:
    """The evidence of a case with that `given`."""
    text = f"{HEAD}  c:\n    given: {given}\n    expect: {{decision: allow}}\n"
    return suite(text).cases[0][1]


def test_a_case_starts_from_the_files_given():
    """What a case leaves out it takes from the file; what both say is joined key by key."""
    text = """\
given: {tier: high, at: 2026-03-01, measurements: {a: 1, b: 2}}
cases:
  own: {given: {tier: low, measurements: {b: 3}}, expect: {decision: allow}}
  taken: {expect: {decision: deny}}
"""
    (own, given), (taken, _) = suite(text).cases
    assert (own.tier, taken.tier, taken.at) == (
        Tier.LOW,
        Tier.HIGH,
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert given.measurements == {"a": Fact(value=1), "b": Fact(value=3)}


def test_measurements_are_facts_bounds_or_words():
    """A number or truth is a fact, a mapping has bounds, a word says why there is none."""
    given = one(
        "{measurements: {a: true, b: 0.5, c: {value: 0.5, low: 0.4, high: 0.6, n: 9}, d: missing}}"
    )
    measured = given.measurements  # type: ignore[attr-defined]
    assert measured["a"] == Fact(value=True)
    assert measured["b"] == Fact(value=Decimal("0.5"))
    assert measured["c"] == Bounds(value=0.5, low=0.4, high=0.6, n=9)
    assert isinstance(measured["d"], NotCollected)


def test_counts_are_the_data_that_they_tell():
    """Confusion tables by group add up to the tallies that one pass would have given."""
    given = one(
        "{counts: {confusion: [{groups: {sex: female}, true_positives: 3, false_negatives: 1}, "
        "{groups: {sex: male}, true_negatives: 5}], "
        "scores: [{groups: {sex: male}, positive: false, score: 0.7, count: 2}]}}"
    )
    evidence = given.evidence  # type: ignore[attr-defined]
    assert evidence[Confusion(by=("sex",))].groups() == {
        "female": BinaryCounts(true_positives=3, false_negatives=1),
        "male": BinaryCounts(true_negatives=5, false_positives=2),
    }
    assert evidence.protected == ("sex",)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (
            "given: {at: 2026-03-01}\ncases: {c: {expect: {decision: allow}}}",
            "configuration.missing-key",
            (2, 9),
        ),
        ("cases: {}", "configuration.empty", (1, 1)),
        (f"{HEAD}  c: {{expect: {{decision: alow}}}}", "configuration.invalid-value", (3, 26)),
        (
            f"{HEAD}  c: {{given: {{measurments: {{}}}}, expect: {{decision: allow}}}}",
            "configuration.unknown-key",
            (3, 15),
        ),
        (case("measurements: {a: {value: 1}}"), "policy-test.unusable-evidence", (3, 30)),
        (
            case("measurements: {a: {value: 1, low: 2, high: 0}}"),
            "policy-test.unusable-evidence",
            (3, 30),
        ),
        (
            case("counts: {confusion: [{groups: {a: x}}, {}]}"),
            "policy-test.unusable-evidence",
            (3, 15),
        ),
        (
            case("counts: {confusion: [{true_positives: -1}]}"),
            "configuration.invalid-value",
            (3, 53),
        ),
    ],
)
def test_what_is_wrong_has_a_code_and_a_place(text, code, place):
    """No case runs on evidence that cannot be."""
    with pytest.raises(ConfigurationError) as caught:
        suite(text)
    assert (caught.value.code, caught.value.where) == (code, Span("tests.yaml", *place))


def test_requirements_that_the_policy_does_not_have():
    """A misspelt requirement would expect nothing, so it is refused wherever it stands."""
    text = (
        f"{HEAD}  c:\n    given: {{measurements: {{ranks-wel: 1}}, attestations: [ranks-wel]}}\n"
        "    expect: {requirements: {ranks-well: pass}}\n"
    )
    policy = Policy(
        name="lending",
        version="1",
        digest="0" * 64,
        requirements=(Requirement(id=RequirementId("ranks-well"), check="documents.model_card"),),
    )
    with pytest.raises(ConfigurationError) as caught:
        check_names(suite(text), policy)
    problems = caught.value.problems  # type: ignore[attr-defined]
    assert [str(item.where) for item in problems] == ["tests.yaml:4:28", "tests.yaml:4:58"]
    assert all(item.remedy.startswith("Did you mean 'ranks-well'?") for item in problems)
