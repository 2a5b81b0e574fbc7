"""Mutants say a little else than the policy, and a suite notices exactly what it looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assay.errors import Span
from assay.evidence.measurement import Fact
from assay.policy.gate import Measure, Verdict
from assay.policy.mutation import moved, mutants
from assay.policy.policy import (
    Approver,
    Bar,
    Direction,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
)
from assay.policy.testing import Bounds, PolicyCase, Situation, coverage, notices, run_case
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors

AT = datetime(2026, 3, 1, tzinfo=UTC)
STEP = Decimal("0.1")
RANKS, CARD = RequirementId("ranks-well"), RequirementId("card")

RULE = Requirement(
    id=RANKS,
    check="performance.roc_auc",
    bar=Bar(
        direction=Direction.AT_LEAST,
        by_tier={Tier.LOW: Decimal("0.60"), Tier.HIGH: Decimal("0.70")},
        spans={Tier.HIGH: Span("policy.yaml", 7, 4)},
    ),
    span=Span("policy.yaml", 5, 3),
)
POLICY = Policy(
    name="lending",
    version="1",
    digest="0" * 64,
    requirements=(RULE, Requirement(id=CARD, check="documents.model_card")),
    approvals={Tier.HIGH: (Approver(role="validator"),)},
)


def situation(
    low: float, high: float, *, tier: Tier = Tier.HIGH, card: bool = True, **expected: Any
) -> Situation:
    """A version whose figure lies between two bounds."""
    bounds = Bounds(value=(low + high) / 2, low=low, high=high, n=1000)
    return Situation(
        case=PolicyCase(name="case", tier=tier, at=AT, **expected),
        measures={
            RANKS: Measure(at=bounds.at, statistical=True, taken_at=AT),
            CARD: Measure(at=lambda _: Fact(value=card), statistical=False, taken_at=AT),
        },
        applies={},
    )


@pytest.mark.parametrize(
    ("value", "below", "above"),
    [("0.70", "0.63", "0.77"), ("1000", "900", "1100"), ("3", "2", "4"), ("0", "-1", "1")],
)
def test_a_threshold_moves_by_a_share_of_itself(value, below, above):
    """A fraction by the share, a whole number by one at least."""
    assert moved(Decimal(value), step=STEP) == (Decimal(below), Decimal(above))


def test_every_threshold_moves_both_ways_and_every_field_is_loosened():
    """Each named tier of a bar, each field that could be laxer, each requirement, once."""
    rule = replace(
        RULE,
        insufficient={Tier.HIGH: Outcome.DENY, Tier.LOW: Outcome.ALLOW},
        max_age={Tier.HIGH: timedelta(days=90)},
        until=datetime(2027, 1, 1, tzinfo=UTC),
        when="tier >= HIGH",
    )
    changes = [
        item.change
        for item in mutants(replace(POLICY, requirements=(rule,)), step=STEP)
        if item.requirement == RANKS
    ]
    assert changes == [
        "the requirement left out",
        "`at_least` at tier low: 0.60 → 0.54",
        "`at_least` at tier low: 0.60 → 0.66",
        "`at_least` at tier low left out",
        "`at_least` at tier high: 0.70 → 0.63",
        "`at_least` at tier high: 0.70 → 0.77",
        "`at_least` at tier high left out",
        "`insufficient` at tier high: deny → hold",
        "`until`: 2026-12-30",
        "`until`: 2027-01-01",
        "`max_age` at tier high: 90d → 180d",
        "`when` left out",
    ]


def test_both_ends_of_a_range_move():
    """A bar between two limits has four neighbours."""
    bar = Bar(
        direction=Direction.BETWEEN, by_tier={Tier.LOW: Range(Decimal("0.8"), Decimal("1.2"))}
    )
    policy = replace(POLICY, requirements=(replace(RULE, bar=bar),))
    changes = [item.change for item in mutants(policy, step=STEP) if item.requirement == RANKS]
    assert changes[1:5] == [
        f"`between` at tier low: [0.8, 1.2] → {other}"
        for other in ("[0.72, 1.2]", "[0.88, 1.2]", "[0.8, 1.08]", "[0.8, 1.32]")
    ]


def test_a_mutant_knows_its_place():
    """The place of the bar that moved, or of the requirement."""
    places = {item.change: item.where for item in mutants(POLICY, step=STEP)}
    assert places["`at_least` at tier high: 0.70 → 0.63"] == Span("policy.yaml", 7, 4)
    assert places["`at_least` at tier low: 0.60 → 0.54"] == Span("policy.yaml", 5, 3)


def test_cases_close_to_a_bar_notice_that_it_moves():
    """A case just above and one just below a bar notice both moves; a case far away neither."""
    near = [
        situation(0.71, 0.75, verdicts={RANKS: Verdict.PASS}),
        situation(0.66, 0.69, verdicts={RANKS: Verdict.FAIL}),
    ]
    far = [situation(0.90, 0.95, verdicts={RANKS: Verdict.PASS})]
    assert all(run_case(POLICY, item).holds for item in near + far)
    moves = [item for item in mutants(POLICY, step=STEP) if "high: 0.70" in item.change]
    assert len(moves) == 2
    assert all(notices(item.policy, near) for item in moves)
    assert not any(notices(item.policy, far) for item in moves)


def test_a_requirement_left_out_is_noticed_by_whoever_expects_its_verdict():
    """A case that names a requirement fails where that is gone, even if it did not apply."""
    cases = [situation(0.9, 0.95, verdicts={CARD: Verdict.PASS})]
    gone = {
        item.requirement: item.policy
        for item in mutants(POLICY, step=STEP)
        if item.change == "the requirement left out"
    }
    assert notices(gone[CARD], cases)
    assert not notices(gone[RANKS], cases)


def test_an_approver_left_out_and_a_laxer_mode_are_noticed_by_decisions():
    """What only the decision shows, only an expected decision notices."""
    blind = [situation(0.9, 0.95, verdicts={RANKS: Verdict.PASS})]
    seeing = [
        situation(0.9, 0.95, decision=Outcome.HOLD),
        situation(0.5, 0.55, effective=Outcome.DENY),
    ]
    assert all(run_case(POLICY, item).holds for item in seeing)
    whole = [item for item in mutants(POLICY, step=STEP) if item.requirement is None]
    named = {item.change for item in whole if notices(item.policy, seeing)}
    assert {"`approvals` at tier high: validator left out", "`mode`: enforce → warn"} <= named
    assert not any(notices(item.policy, blind) for item in whole)


def test_a_looser_error_budget_is_noticed_by_cases_of_data():
    """A bound that depends on the error asked for shows a budget that was doubled."""

    def bound(errors: Errors):
        return Bounds(value=0.75, low=0.70 + errors.low - 0.06, high=0.9, n=1000).at(errors)

    case = situation(0, 1, verdicts={RANKS: Verdict.INSUFFICIENT})
    measures = {**case.measures, RANKS: Measure(at=bound, statistical=True, taken_at=AT)}
    data = [replace(case, measures=measures)]
    assert run_case(POLICY, data[0]).holds
    (looser,) = [item for item in mutants(POLICY, step=STEP) if "false_allow" in item.change]
    assert looser.change == "`errors.false_allow`: 0.05 → 0.10"
    assert notices(looser.policy, data)


def test_a_disappointed_case_says_what_it_got():
    """A mismatch names what was expected, what was found and why, at its place."""
    place = Span("tests.yaml", 12, 7)
    rule = replace(RULE, until=datetime(2026, 1, 1, tzinfo=UTC))
    policy = replace(POLICY, requirements=(rule, *POLICY.requirements[1:]))
    result = run_case(
        policy, situation(0.9, 0.95, verdicts={RANKS: Verdict.PASS}, places={RANKS: place})
    )
    (mismatch,) = result.mismatches
    assert (mismatch.expected, mismatch.found, mismatch.where) == ("pass", "not_applicable", place)
    assert mismatch.why == "It applied until 2025-12-31."


def test_coverage_counts_pairs_that_are_asked():
    """A pair is covered where a case at that tier expects a verdict of the requirement."""
    cases = [
        PolicyCase(name="a", tier=Tier.HIGH, at=AT, verdicts={RANKS: Verdict.PASS}),
        PolicyCase(name="b", tier=Tier.LOW, at=AT, decision=Outcome.ALLOW),
    ]
    covered = coverage(POLICY, cases)
    assert covered.pairs == (1, 8)
    assert dict(covered.uncovered())[RANKS] == (Tier.LOW, Tier.MEDIUM, Tier.CRITICAL)
