"""Gaps between groups speak of the favourable outcome, over all slices that a policy names."""

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.fairness import (
    equal_opportunity_difference,
    equalized_odds_difference,
    selection_rate_difference,
    selection_rate_ratio,
)
from assay.evidence.inputs import Absent, Evidence
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.gaps import largest_difference
from assay.stats.proportions import Proportion
from assay.stats.tallies import Confusion

SLICES = (Confusion(by=("sex",)), Confusion(by=("age",)), Confusion(by=("sex", "age")))


def people(sex: str, age: str, *, tp: int, fp: int, fn: int, tn: int) -> list[Row]:
    """Rows whose favourable outcome and decision are the positive ones."""
    groups = {"sex": sex, "age": age}
    cells = [(1, 0.9, tp), (0, 0.8, fp), (1, 0.2, fn), (0, 0.1, tn)]
    return [
        Row(label=label, score=score, groups=groups)
        for label, score, count in cells
        for _ in range(count)
    ]


ROWS = [
    *people("female", "young", tp=10, fp=5, fn=20, tn=65),
    *people("female", "old", tp=30, fp=10, fn=10, tn=50),
    *people("male", "young", tp=40, fp=10, fn=10, tn=40),
    *people("male", "old", tp=50, fp=20, fn=10, tn=20),
]


def evidence(rows: list[Row] | None = None, **options: object) -> Evidence:
    return evidence_of(
        ROWS if rows is None else rows,
        protected=("sex", "age"),
        specs=SLICES,
        **options,  # type: ignore[arg-type]
    )


def estimate(measured: object) -> Estimate:
    assert isinstance(measured, Estimate), measured
    return measured


def test_selection_rates_by_one_column():
    """Women are selected at 55 of 200, men at 120 of 200."""
    gap = estimate(selection_rate_difference(evidence(), errors=READING, by=("sex",)))
    assert gap.value == pytest.approx(0.6 - 0.275)
    assert gap.n == 400
    assert gap.low_binding is not None
    assert gap.low_binding.groups == ("sex: male", "sex: female")


def test_several_columns_are_one_claim():
    """The value is the largest of each column's, and pairs of both share the error of `low`."""
    errors = Errors(low=0.04, high=0.05)
    both = estimate(selection_rate_difference(evidence(), errors=errors, by=("sex", "age")))
    sex = {"a": Proportion(events=55, trials=200), "b": Proportion(events=120, trials=200)}
    age = {"a": Proportion(events=65, trials=200), "b": Proportion(events=110, trials=200)}
    expected = estimate(
        largest_difference([sex, age], errors=errors, min_group_size=30, small_groups="report")
    )
    assert both.value == pytest.approx(0.325)
    assert (both.low, both.high) == (expected.low, expected.high)


def test_no_column_named_means_all_that_are_declared():
    """A policy that names none covers every protected column."""
    named = selection_rate_difference(evidence(), errors=READING, by=("sex", "age"))
    assert selection_rate_difference(evidence(), errors=READING) == named


def test_intersections_are_in_the_claim_beside_single_columns():
    """Young women (15 %) and old men (70 %) lie further apart than any single column shows."""
    gap = estimate(
        selection_rate_difference(evidence(), errors=READING, by=("sex", "age"), intersections=True)
    )
    assert gap.value == pytest.approx(0.7 - 0.15)
    assert len(gap.groups) == 8
    assert gap.low_binding is not None
    assert gap.low_binding.groups == ("sex × age: male × old", "sex × age: female × young")


def test_the_smallest_ratio_spans_columns_too():
    """By sex 0.275 / 0.6; by age 0.325 / 0.55; the smaller is the claim."""
    ratio = estimate(selection_rate_ratio(evidence(), errors=READING))
    assert ratio.value == pytest.approx(0.275 / 0.6)
    assert ratio.low < ratio.value < ratio.high <= 1.0


def test_a_ratio_where_nobody_is_selected_is_undefined():
    """Zero over zero is no parity."""
    rows = people("female", "old", tp=0, fp=0, fn=40, tn=40)
    rows += people("male", "old", tp=0, fp=0, fn=40, tn=40)
    assert isinstance(selection_rate_ratio(evidence(rows), errors=READING, by=("sex",)), Undefined)


def test_equal_opportunity_is_about_those_with_the_favourable_outcome():
    """Of people who would repay, 40 of 70 women and 90 of 110 men are selected."""
    gap = estimate(equal_opportunity_difference(evidence(), errors=READING, by=("sex",)))
    assert gap.value == pytest.approx(90 / 110 - 40 / 70)


def test_equalized_odds_are_the_larger_of_both_gaps():
    """False positive rates: women 15 of 130, men 30 of 90; true positive rates lie further."""
    gap = estimate(equalized_odds_difference(evidence(), errors=READING, by=("sex",)))
    assert gap.value == pytest.approx(max(90 / 110 - 40 / 70, 30 / 90 - 15 / 130))
    assert {reading.rate for reading in gap.groups} == {
        "true positive rate",
        "false positive rate",
    }


def test_the_favourable_decision_may_be_the_negative_one():
    """A score that predicts default, and a loan granted below the threshold: same people, same gap.

    Flipping label and score describes the same decisions, so nothing may change.
    """
    flipped = [
        Row(label=1 - (row.label or 0), score=1.0 - (row.score or 0.0), groups=row.groups)
        for row in ROWS
    ]
    mirrored = evidence(flipped, favourable_when="<")
    for check in (
        selection_rate_difference,
        selection_rate_ratio,
        equal_opportunity_difference,
        equalized_odds_difference,
    ):
        assert check(mirrored, errors=READING) == check(evidence(), errors=READING)


def test_a_small_group_makes_the_claim_undefined_unless_it_is_reported():
    """Twelve people show nothing; leaving them out is the policy's choice, and is said."""
    rows = ROWS + people("other", "old", tp=6, fp=0, fn=6, tn=0)
    thin = selection_rate_difference(evidence(rows), errors=READING, by=("sex",))
    assert isinstance(thin, Undefined)
    assert "sex: other" in thin.reason
    assert dict(thin.units_lacking) == {"sex: other": 18}
    left_out = estimate(
        selection_rate_difference(
            evidence(rows), errors=READING, by=("sex",), small_groups="report"
        )
    )
    assert left_out.value == pytest.approx(0.325)
    assert any("left out" in reading.note for reading in left_out.groups)


def test_one_group_alone_is_undefined():
    """A gap needs two."""
    rows = people("female", "old", tp=40, fp=10, fn=10, tn=40)
    assert isinstance(
        selection_rate_difference(evidence(rows), errors=READING, by=("sex",)), Undefined
    )


def test_without_protected_columns_there_is_no_gap():
    """Nothing declared is undefined, and never a pass."""
    gap = selection_rate_difference(evidence_of(ROWS), errors=READING)
    assert isinstance(gap, Undefined)
    assert "No protected column" in gap.reason


def test_a_slice_that_was_not_collected_is_absent():
    """A gap by a column that was not counted is missing, not zero."""
    with pytest.raises(Absent):
        selection_rate_difference(evidence_of(ROWS), errors=READING, by=("sex",))


def test_rows_of_one_person_are_not_independent():
    """The same decisions, eight rows of each person, say less and count fewer."""
    rows = [
        Row(label=row.label, score=row.score, groups=row.groups, unit=str(index // 8))
        for index, row in enumerate(ROWS)
    ]
    apart = estimate(selection_rate_difference(evidence(rows), errors=READING, by=("sex",)))
    together = estimate(
        selection_rate_difference(evidence(rows, unit=True), errors=READING, by=("sex",))
    )
    assert together.value == apart.value
    assert together.n < apart.n
    assert together.high - together.low > apart.high - apart.low
