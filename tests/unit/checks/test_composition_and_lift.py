"""Whom the data represent, how balanced labels are, how much the top of a ranking holds."""

from decimal import Decimal

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.data import label_balance, representation
from assay.checks.performance import f1, gini, lift_at_k, roc_auc
from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.proportions import exact_lower_bound, exact_upper_bound
from assay.stats.tallies import Confusion

ERRORS = Errors(low=0.01, high=0.04)


def estimate(measured: object) -> Estimate:
    assert isinstance(measured, Estimate), measured
    return measured


def by_sex(*, female: int, male: int, unknown: int = 0) -> Evidence:
    rows = [
        Row(label=1, score=0.5, groups={"sex": sex}, count=count)
        for sex, count in (("female", female), ("male", male), (None, unknown))
        if count
    ]
    return evidence_of(rows, protected=("sex",), specs=[Confusion(by=("sex",))])


def women(held: Evidence, **options: object) -> object:
    given = {"column": "sex", "group": "female", "reference": Decimal("0.5"), **options}
    return representation(held, errors=ERRORS, **given)


def test_representation_is_a_share_beside_a_share():
    """Thirty of a hundred where half of the population are women."""
    measured = estimate(women(by_sex(female=30, male=70, unknown=9)))
    assert measured.value == pytest.approx(0.6)
    low = exact_lower_bound(events=30, trials=100, error=0.01)
    assert measured.low == pytest.approx(low / 0.5, abs=1e-11)


def test_a_group_that_does_not_occur_is_represented_by_nobody():
    """Zero of a hundred, with an upper bound."""
    measured = estimate(women(by_sex(female=0, male=100)))
    assert measured.value == 0.0
    assert measured.high == pytest.approx(
        exact_upper_bound(events=0, trials=100, error=0.04) / 0.5, abs=1e-11
    )


def test_a_group_that_does_not_occur_is_bounded_by_people_and_not_by_their_rows():
    """Fifty people with ten rows each show no more than fifty people."""
    spec = Confusion(by=("sex",))
    rows = [
        Row(label=1, score=0.5, groups={"sex": "male"}, unit=f"p{i}", count=10) for i in range(50)
    ]
    held = evidence_of(rows, protected=("sex",), specs=[spec], unit=True)
    measured = estimate(women(held))
    assert measured.n < 64
    at_least = exact_upper_bound(events=0, trials=64, error=0.04) / 0.5
    assert measured.high > at_least


def test_representation_needs_rows_and_a_reference():
    """No data is undefined; a reference outside (0, 1] is a mistake."""
    assert isinstance(women(by_sex(female=0, male=0, unknown=5)), Undefined)
    with pytest.raises(InvalidArgument, match="reference"):
        women(by_sex(female=1, male=1), reference=Decimal("1.5"))


def test_label_balance_is_the_share_of_the_rarer_label():
    """Whichever it is; the claim covers both."""
    rows = [Row(label=1, score=0.5, count=80), Row(label=0, score=0.5, count=20)]
    measured = estimate(label_balance(evidence_of(rows), errors=ERRORS))
    assert measured.value == 0.2
    assert measured.low == exact_lower_bound(events=20, trials=100, error=0.01)
    assert measured.high == exact_upper_bound(events=20, trials=100, error=0.02)


def ranked(*cells: tuple[float, int, int]) -> Evidence:
    """(score, negatives, positives) of each score."""
    rows = [
        Row(label=label, score=score, count=count)
        for score, *counts in cells
        for label, count in enumerate(counts)
        if count
    ]
    return evidence_of(rows)


def test_lift_is_the_share_of_positives_captured_over_k():
    """The top tenth holds forty of fifty positives: eight times a random tenth."""
    held = ranked((0.9, 60, 40), (0.5, 200, 5), (0.1, 690, 5))
    measured = estimate(lift_at_k(held, errors=ERRORS, k=Decimal("0.1")))
    assert measured.value == pytest.approx(8.0)
    assert measured.low < exact_lower_bound(events=40, trials=50, error=0.01) / 0.1


def test_lift_has_bounds_where_rows_share_units():
    """Copies of the same people add nothing; the buckets tell."""
    people = [
        Row(
            label=i % 4 == 0,
            score=round(0.2 + 0.5 * (i % 4 == 0) + (i * 37 % 100) / 400, 4),
            unit=f"p{i}",
            count=3,
        )
        for i in range(200)
    ]
    alone = estimate(lift_at_k(evidence_of(people), errors=ERRORS, k=Decimal("0.1")))
    grouped = estimate(lift_at_k(evidence_of(people, unit=True), errors=ERRORS, k=Decimal("0.1")))
    assert grouped.value == alone.value
    assert grouped.low < alone.low
    assert grouped.n < alone.n == 600


def test_lift_needs_positives_and_a_fraction():
    """No positive is undefined; k outside (0, 1) is a mistake."""
    assert isinstance(lift_at_k(ranked((0.5, 9, 0)), errors=ERRORS, k=Decimal("0.1")), Undefined)
    with pytest.raises(InvalidArgument, match="fraction"):
        lift_at_k(ranked((0.5, 9, 9)), errors=ERRORS, k=Decimal(10))


def test_gini_and_f1_are_increasing_functions_of_what_they_are_made_of():
    """Value and bounds move together, at the same errors."""
    held = ranked((0.9, 10, 40), (0.2, 60, 20))
    area, coefficient = (estimate(check(held, errors=ERRORS)) for check in (roc_auc, gini))
    assert coefficient.value == pytest.approx(2 * area.value - 1)
    assert coefficient.low == pytest.approx(2 * area.low - 1)
    harmonic = estimate(f1(held, errors=READING))
    assert harmonic.value == pytest.approx(2 * 40 / (2 * 40 + 10 + 20))
    assert harmonic.low < harmonic.value < harmonic.high
    assert harmonic.events is None
