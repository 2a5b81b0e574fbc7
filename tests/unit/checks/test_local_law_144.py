"""The three tables of a bias audit follow the rule's own words, in exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.fairness import (
    local_law_144_impact_ratio,
    local_law_144_scoring_impact_ratio,
)
from assay.checks.fairness.bias_audit import scoring_tables, tables
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Fact
from assay.stats.estimate import Undefined
from assay.stats.tallies import Confusion, Scores

SLICES = (("sex",), ("race",), ("sex", "race"))


def applicants(sex: str | None, race: str | None, *, selected: int, refused: int) -> list[Row]:
    groups = {"sex": sex, "race": race}
    rows = [
        Row(label=1, score=0.9, groups=groups, count=selected),
        Row(label=0, score=0.1, groups=groups, count=refused),
    ]
    return [row for row in rows if row.count]


def evidence(rows: list[Row], **options: str) -> Evidence:
    return evidence_of(
        rows,
        protected=("sex", "race"),
        specs=[spec(by=by) for by in SLICES for spec in (Confusion, Scores)],
        **options,  # type: ignore[arg-type]
    )


WORKED = [
    *applicants("Male", "White", selected=120, refused=280),
    *applicants("Female", "White", selected=84, refused=266),
]


def scored(race: str, *scores: int) -> list[Row]:
    return [Row(label=1, score=score / 100, groups={"sex": "F", "race": race}) for score in scores]


def fact(measured: Fact | Undefined) -> Fact:
    assert isinstance(measured, Fact), measured
    return measured


def test_selection_rates_and_impact_ratios():
    """120 of 400 men and 84 of 350 women selected: 0.30 and 0.24, so 1 and exactly 4/5."""
    by_sex, by_race, by_both = tables(evidence(WORKED), sex="sex", race="race")
    women, men = by_sex.categories
    assert (women.rate, men.rate) == (Fraction(24, 100), Fraction(3, 10))
    assert (women.impact_ratio, men.impact_ratio) == (Fraction(4, 5), Fraction(1))
    assert [item.name for item in by_both.categories] == ["Female × White", "Male × White"]
    assert by_race.title == "race"


def test_four_fifths_exactly_clears_a_bar_of_four_fifths():
    """84/350 over 120/400 is 0.8 as a fraction of counts, without binary rounding."""
    measured = fact(local_law_144_impact_ratio(evidence(WORKED), sex="sex", race="race"))
    assert measured.value == Decimal("0.8")
    assert measured.detail.startswith("sex: Female")


def test_scoring_rates_are_above_the_median_of_everyone():
    """Scores of two categories with a median of 63.5: three of five above it, and two of five."""
    rows = scored("A", 52, 61, 70, 88, 90) + scored("B", 40, 55, 61, 66, 95)
    audited = scoring_tables(evidence(rows), sex="sex", race="race")
    assert not isinstance(audited, Undefined)
    rates = {item.name: item.rate for item in audited[1].categories}
    assert rates == {"A": Fraction(3, 5), "B": Fraction(2, 5)}
    measured = fact(local_law_144_scoring_impact_ratio(evidence(rows), sex="sex", race="race"))
    assert measured.value == Decimal("0.666666666666")


def test_a_score_equal_to_the_median_is_not_above_it():
    """Of three scores the middle one is the median."""
    rows = scored("A", 10, 50, 90)
    audited = scoring_tables(evidence(rows), sex="sex", race="race")
    assert not isinstance(audited, Undefined)
    assert audited[1].categories[0].counted == 1


def test_above_the_median_is_on_the_favourable_side():
    """A risk score is better when lower."""
    rows = scored("A", 10, 20, 30) + scored("B", 25, 26, 60)
    audited = scoring_tables(evidence(rows, favourable_when="<"), sex="sex", race="race")
    assert not isinstance(audited, Undefined)
    assert {item.name: item.counted for item in audited[1].categories} == {"A": 2, "B": 1}


def test_people_of_unknown_category_are_counted_and_in_no_category():
    """Each table says how many it leaves out because their category is unknown."""
    rows = [*WORKED, *applicants(None, "White", selected=5, refused=2)]
    by_sex, by_race, by_both = tables(evidence(rows), sex="sex", race="race")
    assert (by_sex.unknown, by_race.unknown, by_both.unknown) == (7, 0, 7)


def test_a_category_below_two_per_cent_may_be_left_out():
    """It is named with its people, has no ratio, and is no candidate for the highest rate."""
    rows = [*WORKED, *applicants("X", "White", selected=10, refused=0)]
    by_sex = tables(evidence(rows), sex="sex", race="race")[0]
    small = {item.name: item for item in by_sex.categories}["X"]
    assert small.left_out
    assert small.impact_ratio is None
    measured = fact(local_law_144_impact_ratio(evidence(rows), sex="sex", race="race"))
    assert measured.value == Decimal("0.8")
    assert "sex: X (10, selection rate 1.000)" in measured.detail
    kept = fact(
        local_law_144_impact_ratio(evidence(rows), sex="sex", race="race", min_share=Decimal(0))
    )
    assert kept.value == Decimal("0.24")


def test_exactly_two_per_cent_is_not_below_it():
    """Fifteen of 750 stay in; each table has its own shares, of people whose category is known."""
    rows = [
        *applicants("Male", "White", selected=120, refused=265),
        *applicants("Female", "Black", selected=84, refused=266),
        *applicants("X", "White", selected=3, refused=12),
        *applicants(None, "White", selected=40, refused=60),
    ]
    by_sex, by_race, by_both = tables(evidence(rows), sex="sex", race="race")
    small = {item.name: item for item in by_sex.categories}["X"]
    assert (small.people, small.left_out) == (15, False)
    assert small.impact_ratio == Fraction(3, 15) / Fraction(120, 385)
    assert [item.left_out for item in by_race.categories] == [False, False]
    # The highest rate of the intersections is that of their own table.
    ratios = {item.name: item.impact_ratio for item in by_both.categories}
    assert ratios["Male × White"] == 1
    assert ratios["Female × Black"] == Fraction(84, 350) / Fraction(120, 385)


def test_where_nobody_is_selected_no_ratio_exists():
    """All rates zero: not available, and not 1."""
    rows = applicants("Male", "White", selected=0, refused=50)
    measured = local_law_144_impact_ratio(evidence(rows), sex="sex", race="race")
    assert isinstance(measured, Undefined)


@pytest.mark.parametrize("rows", [[], scored("A", 10)])
def test_nobody_above_the_median_is_undefined(rows):
    """One person, or none, has no one above the median."""
    measured = local_law_144_scoring_impact_ratio(evidence(rows), sex="sex", race="race")
    assert isinstance(measured, Undefined)
